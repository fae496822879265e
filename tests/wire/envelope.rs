//! The encrypted message (SPEC ENV-1 to ENV-4): what is sealed opens, and nothing else does.

use proptest::prelude::*;
use rand_core::Rng;
use recordings::Scripted;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{self, DirectionKey, HEADER_LEN, Layout, MAX_BODY_LEN, MAX_SEALED_LEN, SealError};
use secretchat::hazmat::ige::{self, Block};
use secretchat::hazmat::kdf::{ChatKey, MsgKey, Offset};
use secretchat::{KeyFingerprint, PeerFault};

use crate::support::rng::{Constant, Seeded};
use crate::support::sealing::seal_raw;

const FINGERPRINT: KeyFingerprint = KeyFingerprint::from_bytes(*b"finger 1");
const OFFSETS: [Offset; 3] = [Offset::INITIATOR, Offset::TELEGRAM_RESPONDER, Offset::X25519_RESPONDER];

fn chat_key() -> ChatKey {
    Secret::random(&mut Seeded::new(1))
}

fn key(chat_key: &ChatKey, x: Offset) -> DirectionKey<'_> {
    DirectionKey { chat_key, fingerprint: FINGERPRINT, x }
}

fn body(len: usize) -> Vec<u8> {
    let mut body = vec![0; len];
    Seeded::new(2).fill_bytes(&mut body);
    body
}

fn seal(key: &DirectionKey<'_>, layout: Layout, body: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; layout.sealed_len()];
    envelope::seal(key, layout, &mut Seeded::new(3), &mut buffer, |to| to.copy_from_slice(body)).unwrap();
    buffer
}

fn padding_len(layout: Layout, body_len: usize) -> usize {
    layout.sealed_len() - HEADER_LEN - 4 - body_len
}

/// `bytes` do not open, for that reason, and what is left in the buffer is no plaintext.
fn assert_refused(key: &DirectionKey<'_>, bytes: &[u8], fault: PeerFault, what: &str) {
    let mut buffer = bytes.to_vec();
    assert_eq!(envelope::open(key, &mut buffer).unwrap_err(), fault, "{what}");
    let cipher_len = bytes.len().saturating_sub(HEADER_LEN);
    let worth_decrypting = cipher_len >= 32 && cipher_len.is_multiple_of(16) && bytes.len() <= MAX_SEALED_LEN;
    if fault == PeerFault::NotAuthentic && worth_decrypting {
        assert_eq!(buffer[..HEADER_LEN], bytes[..HEADER_LEN], "{what}");
        assert!(buffer[HEADER_LEN..].iter().all(|byte| *byte == 0), "{what}: the buffer is wiped");
    } else {
        assert_eq!(buffer, bytes, "{what}: never decrypted");
    }
}

fn assert_opens(key: &DirectionKey<'_>, sealed: &[u8], body: &[u8]) {
    assert_eq!(envelope::open(key, &mut sealed.to_vec()).unwrap(), body);
}

/// A message of five blocks and one of some size.
fn samples(key: &DirectionKey<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let of = |layout: Layout, len| (body(len), seal(key, layout, &body(len)));
    vec![of(Layout::with_padding(60, 16).unwrap(), 60), of(Layout::size_class(200).unwrap(), 200)]
}

// What fits.

fn body_len() -> impl Strategy<Value = usize> {
    const WORDS: usize = MAX_BODY_LEN / 4;
    prop_oneof![6 => 1..=350_usize, 2 => 350..=WORDS, 1 => WORDS - 4..=WORDS].prop_map(|words| words * 4)
}

#[derive(Clone, Copy, Debug)]
enum Padding {
    SizeClass,
    Random,
    Exactly(usize),
}

fn padding() -> impl Strategy<Value = Padding> {
    prop_oneof![Just(Padding::SizeClass), Just(Padding::Random), (0..=63_usize).prop_map(Padding::Exactly)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn sealed_messages_open(
        len in body_len(),
        padding in padding(),
        seed in any::<u64>(),
        x in prop::sample::select(&OFFSETS[..]),
        spare in 0..40_usize,
    ) {
        let chat_key = chat_key();
        let key = key(&chat_key, x);
        let mut rng = Seeded::new(seed);
        let layout = match padding {
            Padding::SizeClass => Layout::size_class(len),
            Padding::Random => Layout::random(len, &mut rng),
            Padding::Exactly(n) => {
                let least = 12 + (16 - (len + 4 + 12) % 16) % 16;
                Layout::with_padding(len, (least + 16 * n).min(1024 - (1024 + 4 + len) % 16))
            }
        }
        .unwrap();
        prop_assert!((12..=1024).contains(&padding_len(layout, len)));
        prop_assert!(layout.sealed_len() <= MAX_SEALED_LEN);
        prop_assert_eq!((layout.sealed_len() - HEADER_LEN) % 16, 0);

        let body = body(len);
        let mut buffer = vec![0xee; layout.sealed_len() + spare];
        let sealed = envelope::seal(&key, layout, &mut rng, &mut buffer, |to| to.copy_from_slice(&body)).unwrap();
        prop_assert_eq!(sealed.len(), layout.sealed_len());
        prop_assert_eq!(envelope::fingerprint(sealed), Some(FINGERPRINT));
        prop_assert_eq!(envelope::open(&key, sealed).unwrap(), &body[..]);
        prop_assert!(buffer[layout.sealed_len()..].iter().all(|byte| *byte == 0xee), "no byte beyond is touched");
    }

    /// A right `msg_key` does not help a wrong length.
    #[test]
    fn at_05_any_length_field_is_checked(blocks in 2..140_usize, field in any::<u32>()) {
        let chat_key = chat_key();
        let key = key(&chat_key, Offset::INITIATOR);
        let mut plain = body(blocks * 16);
        plain[..4].copy_from_slice(&field.to_le_bytes());
        let within = |len: usize| len > 0 && len.is_multiple_of(4)
            && plain.len().checked_sub(4 + len).is_some_and(|padding| (12..=1024).contains(&padding));
        let opened = envelope::open(&key, &mut seal_raw(&key, &plain)).map(|body| body.len());
        let expected = usize::try_from(field).ok().filter(|len| within(*len)).ok_or(PeerFault::NotAuthentic);
        prop_assert_eq!(opened, expected);
    }
}

// SPEC ENV-4: every length field near the bounds, under a right `msg_key`, for every size up to 70 blocks.
#[test]
fn at_02_and_br_10_length_and_padding_bounds_are_exact() {
    let chat_key = chat_key();
    let key = key(&chat_key, Offset::X25519_RESPONDER);
    let (mut opened, mut refused) = (0, 0);
    for blocks in 1..=70 {
        let mut plain = body(blocks * 16);
        for len in 0..=plain.len() + 20 {
            plain[..4].copy_from_slice(&u32::try_from(len).unwrap().to_le_bytes());
            let sealed = seal_raw(&key, &plain);
            let padding = plain.len().checked_sub(4 + len);
            if len > 0 && len % 4 == 0 && padding.is_some_and(|padding| (12..=1024).contains(&padding)) {
                assert_opens(&key, &sealed, &plain[4..4 + len]);
                opened += 1;
            } else {
                assert_refused(&key, &sealed, PeerFault::NotAuthentic, &format!("{len} of {} bytes", plain.len()));
                refused += 1;
            }
        }
    }
    assert!(opened > 5_000 && refused > 20_000, "{opened} {refused}");
}

// Layouts.

// SPEC ENV-2: TDLib's table, in its own words: whole blocks first, then the next size.
#[test]
fn at_61_size_classes_are_those_of_tdlib() {
    let sizes = [64, 128, 192, 256, 384, 512, 768, 1024, 1280].into_iter().chain((1..).map(|k| 1280 + 448 * k));
    let sizes: Vec<usize> = sizes.take_while(|size| *size < MAX_BODY_LEN + 2048).collect();
    let mut class = 0;
    for len in (4..=MAX_BODY_LEN).step_by(4) {
        let mut whole_blocks = 4 + len + 12;
        while whole_blocks % 16 != 0 {
            whole_blocks += 1;
        }
        while sizes[class] < whole_blocks {
            class += 1;
        }
        let layout = Layout::size_class(len).unwrap();
        assert_eq!(layout.sealed_len(), HEADER_LEN + sizes[class], "{len}");
        assert!((12..=1024).contains(&padding_len(layout, len)), "{len}");
    }
    for (len, plain) in [(4, 64), (48, 64), (52, 128), (1264, 1280), (1268, 1728), (1712, 1728), (1716, 2176)] {
        assert_eq!(Layout::size_class(len).unwrap().sealed_len() - HEADER_LEN, plain, "{len}");
    }
}

// SPEC ENV-6.
#[test]
fn the_least_padding_fills_the_first_block_that_it_can() {
    for len in (4..=MAX_BODY_LEN).step_by(4) {
        let layout = Layout::least(len).unwrap();
        let fewest = (12..28).find(|padding| (4 + len + padding) % 16 == 0).unwrap();
        assert_eq!(padding_len(layout, len), fewest, "{len}");
    }
}

/// Lengths that leave 64, 64, 63 and 63 choices of padding.
const FOUR_LENGTHS: [(usize, usize); 4] = [(16, 64), (12, 64), (8, 63), (4, 63)];

#[test]
fn random_padding_takes_each_allowed_amount_equally_often() {
    for (len, choices) in FOUR_LENGTHS {
        let mut seen = vec![0; 2048];
        let mut drawn_again = 0;
        for draw in 0..=255 {
            match Layout::random(len, &mut Constant(draw)) {
                Ok(layout) => seen[padding_len(layout, len)] += 1,
                Err(error) => {
                    assert_eq!(error, SealError::UnusableRng);
                    drawn_again += 1;
                }
            }
        }
        for (padding, times) in seen.iter().enumerate() {
            let allowed = (12..=1024).contains(&padding) && (4 + len + padding).is_multiple_of(16);
            assert_eq!(*times, if allowed { 4 } else { 0 }, "{padding} bytes after {len}");
        }
        assert_eq!(drawn_again, 4 * (64 - choices), "{len}");
    }
}

// SPEC RNG-4.
#[test]
fn eight_unusable_draws_are_the_limit() {
    for (len, choices) in FOUR_LENGTHS {
        let unusable = |n: usize| vec![vec![0xff]; n];
        let layout = Layout::random(len, &mut Constant(0xff));
        if choices == 64 {
            assert!(padding_len(layout.unwrap(), len) > 1024 - 16, "the last choice is one");
            continue;
        }
        assert_eq!(layout, Err(SealError::UnusableRng));
        let mut rng = Scripted::new(unusable(7).into_iter().chain([vec![0]]));
        assert_eq!(padding_len(Layout::random(len, &mut rng).unwrap(), len), 12 + (16 - len % 16) % 16);
        let mut rng = Scripted::new(unusable(9));
        assert_eq!(Layout::random(len, &mut rng), Err(SealError::UnusableRng));
        assert_eq!(rng.left().len(), 1, "eight draws, not nine");
    }
}

#[test]
fn bodies_have_bounds() {
    for len in
        [0, 1, 2, 3, 5, 6, 7, 4097, MAX_BODY_LEN - 1, MAX_BODY_LEN + 1, MAX_BODY_LEN + 4, usize::MAX - 3, usize::MAX]
    {
        let error = Err(SealError::BodyLength);
        assert_eq!(Layout::size_class(len), error, "{len}");
        assert_eq!(Layout::least(len), error, "{len}");
        assert_eq!(Layout::random(len, &mut Seeded::new(0)), error, "{len}");
        assert_eq!(Layout::with_padding(len, 12), error, "{len}");
    }
    assert!(Layout::size_class(4).is_ok() && Layout::size_class(MAX_BODY_LEN).is_ok());
}

#[test]
fn padding_has_bounds() {
    for (len, _) in FOUR_LENGTHS.into_iter().chain([(MAX_BODY_LEN, 64)]) {
        for padding in (0..=2100).chain([usize::MAX - 3, usize::MAX]) {
            let allowed = (12..=1024).contains(&padding) && (4 + len + padding).is_multiple_of(16);
            let layout = Layout::with_padding(len, padding);
            assert_eq!(layout.is_ok(), allowed, "{padding} bytes after {len}");
            assert!(allowed || layout == Err(SealError::PaddingLength), "{padding} bytes after {len}");
        }
    }
}

#[test]
fn short_buffers_are_refused_untouched() {
    let chat_key = chat_key();
    let layout = Layout::size_class(40).unwrap();
    for len in 0..layout.sealed_len() {
        let mut buffer = vec![0xee; len];
        let never = |_: &mut [u8]| panic!("no body is asked for");
        let sealed =
            envelope::seal(&key(&chat_key, Offset::INITIATOR), layout, &mut Seeded::new(0), &mut buffer, never);
        assert_eq!(sealed.unwrap_err(), SealError::BufferTooSmall);
        assert!(buffer.iter().all(|byte| *byte == 0xee));
    }
}

// What does not open.

#[test]
fn at_01_no_changed_bit_is_accepted() {
    let chat_key = chat_key();
    for x in OFFSETS {
        let key = key(&chat_key, x);
        for (body, sealed) in samples(&key) {
            for i in 0..sealed.len() {
                for bit in 0..8 {
                    let mut flipped = sealed.clone();
                    flipped[i] ^= 1 << bit;
                    let fault = if i < 8 { PeerFault::UnknownKey } else { PeerFault::NotAuthentic };
                    assert_refused(&key, &flipped, fault, &format!("bit {bit} of byte {i}"));
                }
            }
            assert_opens(&key, &sealed, &body);
        }
    }
}

#[test]
fn no_truncation_is_accepted() {
    let chat_key = chat_key();
    let key = key(&chat_key, Offset::INITIATOR);
    for (body, sealed) in samples(&key) {
        for len in 0..sealed.len() {
            assert_refused(&key, &sealed[..len], PeerFault::NotAuthentic, &format!("{len} bytes left"));
            if len >= HEADER_LEN {
                let tail = [&sealed[..HEADER_LEN], &sealed[HEADER_LEN + sealed.len() - len..]].concat();
                assert_refused(&key, &tail, PeerFault::NotAuthentic, &format!("{len} bytes left, cut at the front"));
            }
        }
        assert_opens(&key, &sealed, &body);
    }
}

#[test]
fn at_01_nothing_is_accepted_behind_the_message() {
    let chat_key = chat_key();
    let key = key(&chat_key, Offset::INITIATOR);
    for (body, sealed) in samples(&key) {
        let last_block = &sealed[sealed.len() - 16..];
        let random = self::body(64);
        for len in 1..=64 {
            for more in [&random[..len], &vec![0; len], &last_block.repeat(4)[..len], &sealed[sealed.len() - len..]] {
                let longer = [&sealed[..], more].concat();
                assert_refused(&key, &longer, PeerFault::NotAuthentic, &format!("{len} bytes appended"));
            }
        }
        assert_opens(&key, &sealed, &body);
    }
}

#[test]
fn sizes_beyond_the_bounds_are_refused() {
    let chat_key = chat_key();
    let key = key(&chat_key, Offset::INITIATOR);
    for len in [0, 7, 8, 23, 24, 39, 40, 41, 55] {
        let bytes = [&FINGERPRINT.to_bytes()[..], &[0; 64]].concat();
        assert_refused(&key, &bytes[..len], PeerFault::NotAuthentic, &format!("{len} bytes"));
    }
    // Nothing but the size is wrong with this one.
    let plain_len = MAX_SEALED_LEN - HEADER_LEN + 16;
    let mut plain = body(plain_len);
    plain[..4].copy_from_slice(&u32::try_from(plain_len - 4 - 1024).unwrap().to_le_bytes());
    assert_refused(&key, &seal_raw(&key, &plain), PeerFault::NotAuthentic, "one block too long");
}

#[test]
fn at_16_other_keys_are_told_apart() {
    let chat_key = chat_key();
    let key = key(&chat_key, Offset::INITIATOR);
    let (_, sealed) = samples(&key).remove(0);
    let other_chat_key = Secret::random(&mut Seeded::new(99));
    assert_refused(&DirectionKey { chat_key: &other_chat_key, ..key }, &sealed, PeerFault::NotAuthentic, "another key");
    for fingerprint in [KeyFingerprint::from_long(0), KeyFingerprint::from_long(-1)] {
        assert_refused(&DirectionKey { fingerprint, ..key }, &sealed, PeerFault::UnknownKey, "another name");
    }
}

// One's own message comes back.
#[test]
fn at_08_reflected_messages_are_refused() {
    let chat_key = chat_key();
    for sender in OFFSETS {
        let sealed = samples(&key(&chat_key, sender)).remove(0).1;
        for receiver in OFFSETS.into_iter().filter(|x| *x != sender) {
            assert_refused(&key(&chat_key, receiver), &sealed, PeerFault::NotAuthentic, "reflected");
        }
    }
}

fn blocks(sealed: &[u8]) -> Vec<Block> {
    sealed[HEADER_LEN..].as_chunks().0.to_vec()
}

fn with_blocks(sealed: &[u8], blocks: &[Block]) -> Vec<u8> {
    [&sealed[..HEADER_LEN], blocks.as_flattened()].concat()
}

#[test]
fn no_two_blocks_may_change_places() {
    let chat_key = chat_key();
    let key = key(&chat_key, Offset::X25519_RESPONDER);
    for (body, sealed) in samples(&key) {
        let blocks = blocks(&sealed);
        for i in 0..blocks.len() {
            for j in 0..i {
                let mut swapped = blocks.clone();
                swapped.swap(i, j);
                let what = format!("blocks {j} and {i}");
                assert_refused(&key, &with_blocks(&sealed, &swapped), PeerFault::NotAuthentic, &what);
            }
        }
        assert_opens(&key, &sealed, &body);
    }
}

fn xor(a: Block, b: Block) -> Block {
    core::array::from_fn(|i| a[i] ^ b[i])
}

/// IGE alone lets this through: four blocks change places, corrected with known plaintext, and everything behind them
/// decrypts as before. Returns the new ciphertext and the plaintext that it decrypts to.
fn splice(cipher: &[Block], plain: &[Block], at: usize) -> (Vec<Block>, Vec<Block>) {
    let (mut new_cipher, mut new_plain) = (cipher.to_vec(), plain.to_vec());
    let (mut c, mut p) = (cipher[at - 1], plain[at - 1]);
    for (i, j) in (at..).zip([at + 2, at + 3, at, at + 1]) {
        (c, p) = (xor(xor(cipher[j], plain[j - 1]), p), xor(xor(plain[j], cipher[j - 1]), c));
        new_cipher[i] = c;
        new_plain[i] = p;
    }
    (new_cipher, new_plain)
}

#[test]
fn at_14_four_block_splice_is_refused() {
    let chat_key = chat_key();
    let key = key(&chat_key, Offset::INITIATOR);
    let body = body(200);
    let sealed = seal(&key, Layout::with_padding(200, 20).unwrap(), &body);
    let msg_key = MsgKey::from_bytes(sealed[8..HEADER_LEN].try_into().unwrap());
    let (aes_key, aes_iv) = msg_key.aes_key_iv(&chat_key, key.x);
    let decrypted = |cipher: &[Block]| {
        let mut blocks = cipher.to_vec();
        ige::decrypt(aes_key.expose(), aes_iv.expose(), &mut blocks);
        blocks
    };
    let cipher = blocks(&sealed);
    let plain = decrypted(&cipher);
    for at in 1..=cipher.len() - 4 {
        let (new_cipher, new_plain) = splice(&cipher, &plain, at);
        assert_ne!(new_cipher, cipher);
        assert_eq!(decrypted(&new_cipher), new_plain, "the attack is the real one");
        assert_eq!(new_plain[at + 3..], plain[at + 3..], "it heals: only three blocks change");
        assert_eq!(new_plain[..at], plain[..at]);
        let what = format!("spliced at block {at}");
        assert_refused(&key, &with_blocks(&sealed, &new_cipher), PeerFault::NotAuthentic, &what);
    }
    assert_opens(&key, &sealed, &body);
}

/// MTProto 1.0, which exists only here (SPEC ENV-3).
#[cfg(feature = "telegram")]
mod version_1 {
    use sha1::{Digest, Sha1};

    use super::*;

    fn sha1(parts: &[&[u8]]) -> [u8; 20] {
        parts.iter().fold(Sha1::new(), Digest::chain_update).finalize().into()
    }

    fn seal(key: &DirectionKey<'_>, x: usize, plain: &[u8], authenticated: usize) -> Vec<u8> {
        let k = key.chat_key.expose();
        let m = &sha1(&[&plain[..authenticated]])[4..20];
        let a = sha1(&[m, &k[x..x + 32]]);
        let b = sha1(&[&k[x + 32..x + 48], m, &k[x + 48..x + 64]]);
        let c = sha1(&[&k[x + 64..x + 96], m]);
        let d = sha1(&[m, &k[x + 96..x + 128]]);
        let aes_key = [&a[..8], &b[8..20], &c[4..16]].concat().try_into().unwrap();
        let aes_iv = [&a[8..20], &b[..8], &c[16..20], &d[..8]].concat().try_into().unwrap();
        let mut cipher = plain.to_vec();
        ige::encrypt(&aes_key, &aes_iv, cipher.as_chunks_mut().0);
        [&key.fingerprint.to_bytes()[..], m, &cipher].concat()
    }

    #[test]
    fn at_03_version_1_messages_are_refused() {
        let chat_key = chat_key();
        // Their padding was of 0 to 15 bytes; the last two would do for version 2, too.
        for (len, padding) in [(60, 0), (56, 4), (52, 8), (48, 12), (44, 16)] {
            let plain = [&u32::try_from(len).unwrap().to_le_bytes()[..], &body(len), &vec![0x5a; padding]].concat();
            for offset in OFFSETS {
                let key = key(&chat_key, offset);
                // The same plaintext under version 2 opens where its padding is long enough.
                let version_2 = envelope::open(&key, &mut seal_raw(&key, &plain)).is_ok();
                assert_eq!(version_2, padding >= 12);
                for x in [0, 8] {
                    // With and without the padding in the hash.
                    for authenticated in [4 + len, plain.len()] {
                        let sealed = seal(&key, x, &plain, authenticated);
                        assert_refused(&key, &sealed, PeerFault::NotAuthentic, &format!("{padding} bytes of padding"));
                    }
                }
            }
        }
    }
}

#[test]
fn a_body_over_the_bound_is_refused_although_its_msg_key_is_right() {
    let chat_key = chat_key();
    let key = key(&chat_key, Offset::INITIATOR);
    for (len, opens) in [(MAX_BODY_LEN, true), (MAX_BODY_LEN + 4, false), (MAX_BODY_LEN + 12, false)] {
        let plain_len = (4 + len + 12).next_multiple_of(16);
        let mut plain = u32::try_from(len).unwrap().to_le_bytes().to_vec();
        plain.resize(plain_len, 7);
        let mut sealed = seal_raw(&key, &plain);
        assert_eq!(envelope::open(&key, &mut sealed).is_ok(), opens, "{len}");
    }
}
