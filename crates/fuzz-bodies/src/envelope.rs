//! Sealed bytes, and plaintexts that are sealed properly and hold anything.

use recordings::Seeded;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{self, DirectionKey, HEADER_LEN, MAX_BODY_LEN};
use secretchat::hazmat::kdf::{ChatKey, Offset};
use secretchat::{KeyFingerprint, PeerFault};

use crate::support::sealing::seal_raw;

const FINGERPRINT: KeyFingerprint = KeyFingerprint::from_bytes(*b"a finger");
const OFFSETS: [Offset; 3] = [Offset::INITIATOR, Offset::TELEGRAM_RESPONDER, Offset::X25519_RESPONDER];

/// Checks that a plaintext under a right `msg_key` opens exactly if SPEC ENV-4 lets it, that the same bytes in the other
/// direction, with a bit flipped or as they are do not open, and that a refused message leaves no plaintext behind.
///
/// The input: the direction, the place of the bit, and the plaintext, which is cut to whole blocks.
pub fn envelope(data: &[u8]) {
    check(data, envelope::open);
}

/// With the opener.
fn check(data: &[u8], open: for<'b> fn(&DirectionKey<'_>, &'b mut [u8]) -> Result<&'b mut [u8], PeerFault>) {
    let Some((&[direction, place, place_high], plain)) = data.split_first_chunk() else { return };
    let chat_key: ChatKey = Secret::random(&mut Seeded::new(1));
    let key = |direction: usize| DirectionKey {
        chat_key: &chat_key,
        fingerprint: FINGERPRINT,
        x: OFFSETS[direction % OFFSETS.len()],
    };
    let direction = usize::from(direction);
    let plain = &plain[..plain.len() / 16 * 16];
    let sealed = seal_raw(&key(direction), plain);

    let body = plain.get(body_of(plain));
    assert_eq!(open(&key(direction), &mut sealed.clone()).map(|body| &*body), body.ok_or(PeerFault::NotAuthentic));
    let refused = |bytes: &[u8], direction: usize| {
        let mut buffer = bytes.to_vec();
        let opened = open(&key(direction), &mut buffer).map(|body| body.to_vec());
        assert!(opened.is_err(), "nobody sealed this");
        assert_eq!(buffer.len(), bytes.len());
        if plain.iter().any(|byte| *byte != 0) && !plain.is_empty() {
            assert_ne!(&buffer[HEADER_LEN..], plain, "what was refused stays behind");
        }
    };
    refused(&sealed, direction + 1);
    let mut flipped = sealed;
    let place = usize::from(u16::from_le_bytes([place, place_high]));
    let byte = place / 8 % flipped.len();
    flipped[byte] ^= 1 << (place % 8);
    refused(&flipped, direction);
    let as_they_are = [&FINGERPRINT.to_bytes()[..], plain].concat();
    if as_they_are.len() >= HEADER_LEN + 32 {
        assert!(open(&key(direction), &mut as_they_are.clone()).is_err());
    }
}

/// Returns where the body lies, or a range that no plaintext has if it is refused (SPEC ENV-1, ENV-2, ENV-4).
fn body_of(plain: &[u8]) -> std::ops::Range<usize> {
    const NONE: std::ops::Range<usize> = usize::MAX - 1..usize::MAX;
    let Some((length, rest)) = plain.split_first_chunk() else { return NONE };
    let Ok(length) = usize::try_from(u32::from_le_bytes(*length)) else { return NONE };
    let fits = length > 0 && length.is_multiple_of(4) && length <= MAX_BODY_LEN && length <= rest.len();
    if plain.len() >= 32 && fits && (12..=1_024).contains(&(rest.len() - length)) { 4..4 + length } else { NONE }
}

#[cfg(test)]
mod tests {
    use secretchat::hazmat::ige;
    use secretchat::hazmat::kdf::MsgKey;

    use super::*;

    /// As `envelope::open`, but without the bound on padding.
    fn without_the_bound<'b>(key: &DirectionKey<'_>, sealed: &'b mut [u8]) -> Result<&'b mut [u8], PeerFault> {
        if !sealed.len().is_multiple_of(16) && sealed.len() > 1_300 {
            let (header, plain) = sealed.split_at_mut(HEADER_LEN);
            let msg_key = MsgKey::from_bytes(*header.last_chunk().unwrap());
            let (aes_key, iv) = msg_key.aes_key_iv(key.chat_key, key.x);
            ige::decrypt(aes_key.expose(), iv.expose(), plain.as_chunks_mut().0);
            let length = u32::from_le_bytes(*plain.first_chunk().unwrap()) as usize;
            return plain.get_mut(4..4 + length).ok_or(PeerFault::NotAuthentic);
        }
        envelope::open(key, sealed)
    }

    #[test]
    fn an_opener_that_forgets_a_bound_is_found() {
        let mut data = vec![0; 3 + 1_600];
        data[3] = 4;
        envelope(&data);
        assert!(crate::fails(|| check(&data, without_the_bound)));
    }
}
