//! Chunks of any length give the same bytes.

use proptest::prelude::*;
use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{
    HEADER_LEN, Padding, Progress, SEGMENT_LEN, SegmentDecryptor, SegmentEncryptor, SegmentKey, SegmentLayout,
    SegmentSealer, SegmentSize, TAG_LEN,
};
use subtle::ConstantTimeEq;

use super::case::{Case, base, bytes, cases, sha256, stream};
use super::hostile::hostile;
use super::opening::open_each;
use super::sealing::seal;
use crate::support::rng::Seeded;

/// Feeds chunks of the lengths of `plan`, over and over.
fn in_chunks<'a>(data: &'a [u8], plan: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let (mut rest, mut lengths) = (data, plan.iter().chain([&1]).cycle());
    std::iter::from_fn(move || {
        let (chunk, behind) = rest.split_at(rest.len().min(*lengths.next()?));
        let more = !rest.is_empty();
        rest = behind;
        more.then_some(chunk)
    })
}

fn encryptor(case: &Case) -> SegmentEncryptor {
    let encryptor = SegmentEncryptor::with_layout(case.layout(), &mut case.rng());
    assert!(bool::from(encryptor.key().ct_eq(&case.key())));
    encryptor
}

fn encrypt(mut encryptor: SegmentEncryptor, content: &[u8], plan: &[usize]) -> Vec<u8> {
    let mut stored = Vec::new();
    for mut chunk in in_chunks(content, plan) {
        while let part @ [_, ..] = encryptor.update(&mut chunk).unwrap() {
            stored.extend_from_slice(part);
        }
        assert!(chunk.is_empty());
    }
    assert_eq!(encryptor.progress(), Progress { done: content.len() as u64, total: content.len() as u64 });
    encryptor.finish().unwrap();
    stored
}

fn decrypt(key: &SegmentKey, size: u64, stored: &[u8], plan: &[usize]) -> (Vec<u8>, Result<(), MediaError>) {
    let mut decryptor = SegmentDecryptor::new(key, size).unwrap();
    let mut content = Vec::new();
    for mut chunk in in_chunks(stored, plan) {
        loop {
            match decryptor.update(&mut chunk) {
                Ok([]) => break,
                Ok(part) => content.extend_from_slice(part),
                Err(error) => {
                    assert_eq!(decryptor.update(&mut chunk), Err(error), "the error stays");
                    assert_eq!(decryptor.update(&mut &[][..]), Err(error));
                    assert_eq!(decryptor.progress(), Progress { done: content.len() as u64, total: size });
                    assert_eq!(decryptor.finish(), Err(error));
                    return (content, Err(error));
                }
            }
        }
        assert!(chunk.is_empty());
    }
    (content, decryptor.finish())
}

/// Few bytes at a time where it is short, up to several windows.
fn plan() -> impl Strategy<Value = Vec<usize>> {
    let near = (0..=9_usize, 0..=80_usize).prop_map(|(segments, by)| (segments * (SEGMENT_LEN + TAG_LEN) + by).max(1));
    let len = prop_oneof![Just(0), 1..=40_usize, 1..=200_000_usize, near, Just(1 << 20)];
    prop::collection::vec(len, 1..6).prop_map(|mut plan| {
        // Else the shortest would take too long.
        plan.push(300_000);
        plan
    })
}

/// At the borders of segments and windows too.
pub(super) fn size() -> impl Strategy<Value = usize> {
    let near = (1..=19_usize, -2..=2_isize).prop_map(|(n, by)| (n * SEGMENT_LEN).saturating_add_signed(by));
    prop_oneof![1..=200_usize, 1..=1_200_000_usize, near]
}

pub(super) fn padding() -> impl Strategy<Value = Padding> {
    prop::sample::select(&[Padding::None, Padding::Padme][..])
}

pub(super) fn segment_size() -> impl Strategy<Value = SegmentSize> {
    prop::sample::select(&[SegmentSize::Kib4, SegmentSize::Kib64][..])
}

/// A case is a file of up to 20 segments: fewer cases than elsewhere.
pub(super) fn config() -> ProptestConfig {
    let all = ProptestConfig::default();
    ProptestConfig { failure_persistence: None, cases: all.cases / 6, ..all }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_chunks_give_the_same_bytes(
        size in size(),
        padding in padding(),
        segments in segment_size(),
        up in plan(),
        down in plan(),
    ) {
        let content = stream("any chunks", size);
        let layout = SegmentLayout::new(size as u64, padding).unwrap().with_segment_size(segments);
        let sealer = SegmentSealer::with_layout(layout, &mut Seeded::new(9));
        let key = sealer.key().duplicate();
        let whole = seal(sealer, &content, 1);
        let encryptor = SegmentEncryptor::with_layout(layout, &mut Seeded::new(9));
        prop_assert_eq!(whole.len() as u64, encryptor.layout().encrypted_len());
        prop_assert!(encrypt(encryptor, &content, &up) == whole);
        prop_assert!(decrypt(&key, size as u64, &whole, &down) == (content.clone(), Ok(())));
        prop_assert!(open_each(&key, size as u64, &whole) == (content, Ok(())));
    }

    #[test]
    fn at_52_any_changed_byte_is_found(size in 1..=200_000_usize, padding in padding(), at: u64, bit in 0..8_u8, down in plan()) {
        let content = stream("any byte", size);
        let sealer = SegmentSealer::new(size as u64, padding, &mut Seeded::new(10)).unwrap();
        let key = sealer.key().duplicate();
        let mut stored = seal(sealer, &content, 8);
        let at = usize::try_from(at % stored.len() as u64).unwrap();
        stored[at] ^= 1 << bit;
        let (released, result) = decrypt(&key, size as u64, &stored, &down);
        prop_assert!(result.is_err());
        // Exactly the segments before it, in any chunks.
        let before = at.saturating_sub(HEADER_LEN) / (SEGMENT_LEN + TAG_LEN) * SEGMENT_LEN;
        prop_assert!(released == content[..before], "{} of {}", released.len(), before);
    }
}

#[test]
fn files_of_the_vectors_seal_and_open_in_any_chunks() {
    for case in cases("file") {
        for plan in [&[1 << 23][..], &[65_536], &[65_568, 1, 3], &[40, 200_000, 0, 7], &[600_000]] {
            let stored = encrypt(encryptor(&case), &case.content, plan);
            assert_eq!(case.value["stored_sha256"], sha256(&stored), "{} in {plan:?}", case.value["name"]);
            let opened = decrypt(&case.key(), case.size(), &stored, plan);
            assert!(opened == (case.content.clone(), Ok(())), "{} in {plan:?}", case.value["name"]);
        }
    }
    let small = &cases("file")[3];
    assert_eq!(hex::encode(encrypt(encryptor(small), &small.content, &[1])), small.value["stored"]);
    let stored = bytes(&small.value["stored"]);
    assert_eq!(decrypt(&small.key(), 17, &stored, &[1]), (small.content.clone(), Ok(())));
}

/// What came out before does not depend on the chunks either.
#[test]
fn hostile_segments_do_not_open_in_any_chunks() {
    for case in hostile() {
        for plan in [&[1 << 20][..], &[65_568], &[100_000, 1, 48], &[39, 1, 65_567, 1]] {
            let (released, result) = decrypt(&case.key, case.size, &case.stored, plan);
            assert_eq!(result, Err(case.error), "{} in {plan:?}", case.what);
            assert!(released == case.released, "{} in {plan:?}: {}", case.what, released.len());
        }
    }
}

#[test]
fn what_is_whole_comes_at_once() {
    let case = base();
    let stored = case.stored(8);
    let mut decryptor = SegmentDecryptor::new(&case.key(), case.size()).unwrap();
    let mut chunk = &stored[..HEADER_LEN + SEGMENT_LEN + TAG_LEN - 1];
    assert_eq!(decryptor.update(&mut chunk), Ok(&[][..]));
    let mut chunk = &stored[HEADER_LEN + SEGMENT_LEN + TAG_LEN - 1..][..1];
    assert!(decryptor.update(&mut chunk).unwrap() == &case.content[..SEGMENT_LEN]);
    assert_eq!(decryptor.finish(), Err(MediaError::Truncated));
    // Whole, and not taken.
    let mut decryptor = SegmentDecryptor::new(&case.key(), case.size()).unwrap();
    decryptor.update(&mut &stored[..]).unwrap();
    assert_eq!(decryptor.finish(), Err(MediaError::Truncated));
}

#[test]
fn sizes_are_kept_to_the_byte() {
    let case = base();
    let mut encryptor = SegmentEncryptor::with_layout(case.layout(), &mut case.rng());
    let longer = [&case.content[..], &[0]].concat();
    let mut chunk = &longer[..];
    assert_eq!(encryptor.update(&mut chunk), Err(MediaError::TooLong));
    assert_eq!((chunk.len(), encryptor.progress().done), (longer.len(), 0));
    let (mut stored, mut chunk) = (Vec::new(), &case.content[..case.content.len() - 1]);
    while let part @ [_, ..] = encryptor.update(&mut chunk).unwrap() {
        stored.extend_from_slice(part);
    }
    assert_eq!(stored.len(), HEADER_LEN + 3 * (SEGMENT_LEN + TAG_LEN));
    assert_eq!(encryptor.update(&mut &[0; 2][..]), Err(MediaError::TooLong));
    let mut end = &case.content[case.content.len() - 1..];
    stored.extend_from_slice(encryptor.update(&mut end).unwrap());
    assert!(stored == case.stored(1));
    encryptor.finish().unwrap();
    let short = SegmentEncryptor::new(1, Padding::None, &mut case.rng()).unwrap();
    assert_eq!(short.finish(), Err(MediaError::Truncated));
    assert_eq!(SegmentEncryptor::new(0, Padding::None, &mut case.rng()).unwrap_err(), MediaError::Empty);
    assert_eq!(SegmentDecryptor::new(&case.key(), 0).unwrap_err(), MediaError::Empty);
    assert_eq!(SegmentDecryptor::new(&case.key(), (1 << 40) + 1).unwrap_err(), MediaError::TooLarge);
    // A claimed size alone takes no memory: the window is made for a header that fits the message.
    assert!(SegmentDecryptor::new(&case.key(), 1 << 40).is_ok());
}

#[test]
fn debug_shows_how_far_and_nothing_else() {
    let mut rng = Scripted::new([vec![0xa7; 32], vec![0xa7; 32]]);
    let mut encryptor = SegmentEncryptor::new(30, Padding::None, &mut rng).unwrap();
    encryptor.update(&mut &[0xa7; 20][..]).unwrap();
    assert_eq!(format!("{encryptor:?}"), "SegmentEncryptor { progress: Progress { done: 20, total: 30 }, .. }");
    let decryptor = SegmentDecryptor::new(encryptor.key(), 30).unwrap();
    let shown = "SegmentDecryptor { progress: Progress { done: 0, total: 30 }, failed: None, .. }";
    assert_eq!(format!("{decryptor:?}"), shown);
}
