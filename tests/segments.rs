//! Media in segments (SPEC SEG-1 to SEG-9): the vectors, any chunks, every hostile change and what came out before it showed.

#[path = "support/rng.rs"]
mod rng;

use rng::{Scripted, Seeded};
use secretchat::MediaError;
use secretchat::media::{
    HEADER_LEN, Padding, SEGMENT_LEN, SegmentKey, SegmentLayout, SegmentOpener, SegmentSealer, TAG_LEN,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// As `segments.py` makes its bytes.
fn stream(label: &str, len: usize) -> Vec<u8> {
    (0..=len / 32).flat_map(|i| Sha256::digest(format!("{label} {i}"))).take(len).collect()
}

fn vectors(name: &str) -> Value {
    let text = include_str!("../test-vectors/segments.json");
    serde_json::from_str::<Value>(text).unwrap()[name].take()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn half(value: &Value) -> [u8; 32] {
    bytes(value).try_into().unwrap()
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap().try_into().unwrap()
}

fn sha256(data: &[u8]) -> String {
    hex::encode(Sha256::digest(data))
}

struct Case {
    value: Value,
    content: Vec<u8>,
    padding: Padding,
}

impl Case {
    fn new(value: &Value) -> Self {
        let content = stream(&format!("{} content", value["name"].as_str().unwrap()), number(&value["size"]));
        let padding = if value["padding"] == 1 { Padding::Padme } else { Padding::None };
        Self { value: value.clone(), content, padding }
    }

    /// The secret, then the salt.
    fn rng(&self) -> Scripted {
        Scripted::new([bytes(&self.value["secret"]), bytes(&self.value["salt"])])
    }

    fn size(&self) -> u64 {
        self.content.len() as u64
    }

    fn key(&self) -> SegmentKey {
        key(&self.value)
    }

    fn sealer(&self) -> SegmentSealer {
        SegmentSealer::new(self.size(), self.padding, &mut self.rng()).unwrap()
    }

    /// Sealed `at_once` segments a call.
    fn stored(&self, at_once: usize) -> Vec<u8> {
        let mut sealer = self.sealer();
        let mut stored = sealer.header().to_vec();
        let mut content = &self.content[..];
        while sealer.next_segment().is_some() {
            let first = sealer.next_segment().unwrap().index;
            let mut run = Vec::new();
            for segment in (first..).map_while(|index| sealer.layout().segment(index)).take(at_once) {
                assert_eq!(segment.offset, (stored.len() + run.len()) as u64);
                // What lies behind the content does not count.
                let mut slot = vec![0xee; segment.stored_len];
                content = content.split_at(copy(&mut slot[..segment.content_len], content)).1;
                run.extend(slot);
            }
            sealer.seal(&mut run).unwrap();
            stored.extend(run);
        }
        assert!(content.is_empty());
        sealer.finish().unwrap();
        stored
    }
}

fn copy(to: &mut [u8], from: &[u8]) -> usize {
    to.copy_from_slice(&from[..to.len()]);
    to.len()
}

fn key(value: &Value) -> SegmentKey {
    SegmentKey::from_parts(half(&value["secret"]), half(&value["commitment"]))
}

fn cases(name: &str) -> Vec<Case> {
    vectors(name).as_array().unwrap().iter().map(Case::new).collect()
}

fn base() -> Case {
    let case = cases("files").into_iter().find(|case| case.value["name"] == "segments 196613");
    case.unwrap()
}

/// By segments, one at a time: what came out, and how it ended.
fn open_each(key: &SegmentKey, size: u64, stored: &[u8]) -> (Vec<u8>, Result<(), MediaError>) {
    let mut content = Vec::new();
    let result = (|| {
        let (header, mut rest) = stored.split_first_chunk::<HEADER_LEN>().ok_or(MediaError::Truncated)?;
        let opener = SegmentOpener::new(key, size, header)?;
        for index in 0..opener.layout().count() {
            let segment = opener.layout().segment(index).unwrap();
            let (stored, behind) = rest.split_at_checked(segment.stored_len).ok_or(MediaError::Truncated)?;
            content.extend_from_slice(opener.open(index, &mut stored.to_vec())?);
            rest = behind;
        }
        if rest.is_empty() { Ok(()) } else { Err(MediaError::TooLong) }
    })();
    (content, result)
}

fn error_named(name: &str) -> MediaError {
    use MediaError::{Header, NotAuthentic, NotThisFile, Padding, TooLong, Truncated};
    let all = [Header, NotAuthentic, NotThisFile, Padding, TooLong, Truncated];
    all.into_iter().find(|error| format!("{error:?}") == name).unwrap()
}

/// The changed file, its message, and what must come of it.
struct Hostile {
    what: String,
    key: SegmentKey,
    size: u64,
    stored: Vec<u8>,
    released: Vec<u8>,
    error: MediaError,
}

fn hostile() -> Vec<Hostile> {
    let (base, other) = (base(), Case::new(&vectors("other")));
    let files = [base.stored(8), other.stored(8)];
    let from_vectors = |value: &Value| {
        let mut stored = Vec::new();
        for piece in value["pieces"].as_array().unwrap() {
            let file = &files[usize::from(piece[0] == "other")];
            stored.extend_from_slice(&file[number(&piece[1])..number(&piece[2])]);
        }
        if let Some(flip) = value["flip"].as_array() {
            stored[number(&flip[0])] ^= u8::try_from(number(&flip[1])).unwrap();
        }
        let what = value["what"].as_str().unwrap().to_owned();
        assert_eq!(value["stored_sha256"], sha256(&stored), "{what}");
        let released = base.content[..number(&value["released"])].to_vec();
        assert_eq!(value["released_sha256"], sha256(&released), "{what}");
        let error = error_named(value["error"].as_str().unwrap());
        Hostile { what, key: key(value), size: value["size"].as_u64().unwrap(), stored, released, error }
    };
    let sealed_wrong = |value: &Value| Hostile {
        what: value["what"].as_str().unwrap().to_owned(),
        key: key(value),
        size: value["size"].as_u64().unwrap(),
        stored: bytes(&value["stored"]),
        released: Vec::new(),
        error: error_named(value["error"].as_str().unwrap()),
    };
    let mut all: Vec<_> = vectors("hostile").as_array().unwrap().iter().map(from_vectors).collect();
    all.extend(vectors("sealed_wrong").as_array().unwrap().iter().map(sealed_wrong));
    assert!(all.len() > 50);
    all
}

#[test]
fn sealed_files() {
    let cases = cases("files");
    let sizes: Vec<_> = cases.iter().map(Case::size).collect();
    assert_eq!(sizes[..8], [1, 15, 16, 17, 65_535, 65_536, 65_537, 196_613]);
    assert_eq!(sizes[8..], [1, 17, 5000, 100_000, (1 << 22) + 1, (1 << 22) + 65_536]);
    for case in cases {
        let (name, value) = (case.value["name"].as_str().unwrap(), &case.value);
        assert_eq!(case.sealer().header().to_vec(), bytes(&value["header"]), "{name}");
        assert!(bool::from(case.sealer().key().ct_eq(&case.key())), "{name}");
        assert_eq!(case.sealer().layout().count(), value["count"].as_u64().unwrap());
        assert_eq!(case.sealer().layout().encrypted_len(), value["stored_len"].as_u64().unwrap());
        let stored = case.stored(1);
        for segment in value["segments"].as_array().unwrap() {
            let end = number(&segment["end"]);
            assert_eq!(stored[end - TAG_LEN..end].to_vec(), bytes(&segment["tag"]), "{name}");
        }
        assert_eq!(value["stored_sha256"], sha256(&stored), "{name}");
        if let Some(hex) = value["stored"].as_str() {
            assert_eq!(hex::encode(&stored), hex);
        }
        for at_once in [2, 3, 7, 8, 9, 100] {
            assert!(case.stored(at_once) == stored, "{name}: {at_once} at once");
        }
        let (content, result) = open_each(&case.key(), case.size(), &stored);
        assert_eq!(result, Ok(()), "{name}");
        assert!(content == case.content, "{name}");
    }
}

#[cfg(feature = "alloc")]
mod streams {
    use proptest::prelude::*;
    use secretchat::media::{Progress, SegmentDecryptor, SegmentEncryptor};

    use super::*;

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

    fn encrypt(case: &Case, plan: &[usize]) -> Vec<u8> {
        let mut encryptor = SegmentEncryptor::new(case.size(), case.padding, &mut case.rng()).unwrap();
        assert!(bool::from(encryptor.key().ct_eq(&case.key())));
        let mut stored = Vec::new();
        for mut chunk in in_chunks(&case.content, plan) {
            while let part @ [_, ..] = encryptor.update(&mut chunk).unwrap() {
                stored.extend_from_slice(part);
            }
            assert!(chunk.is_empty());
        }
        assert_eq!(encryptor.progress(), Progress { done: case.size(), total: case.size() });
        encryptor.finish().unwrap();
        stored
    }

    pub(super) fn decrypt(
        key: &SegmentKey,
        size: u64,
        stored: &[u8],
        plan: &[usize],
    ) -> (Vec<u8>, Result<(), MediaError>) {
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
        let near =
            (0..=9_usize, 0..=80_usize).prop_map(|(segments, by)| (segments * (SEGMENT_LEN + TAG_LEN) + by).max(1));
        let len = prop_oneof![Just(0), 1..=40_usize, 1..=200_000_usize, near, Just(1 << 20)];
        prop::collection::vec(len, 1..6).prop_map(|mut plan| {
            // Else the shortest would take too long.
            plan.push(300_000);
            plan
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn any_chunks_give_the_same_bytes(
            size in prop_oneof![1..=200_usize, 1..=1_200_000_usize, (1..=19_usize, -2..=2_isize).prop_map(|(n, by)| (n * SEGMENT_LEN).saturating_add_signed(by))],
            padded: bool, up in plan(), down in plan(),
        ) {
            let padding = if padded { Padding::Padme } else { Padding::None };
            let content = stream("any chunks", size);
            let mut sealer = SegmentEncryptor::new(size as u64, padding, &mut Seeded::new(9)).unwrap();
            let mut whole = Vec::new();
            let mut rest = &content[..];
            while let part @ [_, ..] = sealer.update(&mut rest).unwrap() {
                whole.extend_from_slice(part);
            }
            let mut other = SegmentEncryptor::new(size as u64, padding, &mut Seeded::new(9)).unwrap();
            let mut stored = Vec::new();
            for mut chunk in in_chunks(&content, &up) {
                while let part @ [_, ..] = other.update(&mut chunk).unwrap() {
                    stored.extend_from_slice(part);
                }
            }
            prop_assert!(stored == whole);
            prop_assert_eq!(stored.len() as u64, sealer.layout().encrypted_len());
            prop_assert!(decrypt(sealer.key(), size as u64, &stored, &down) == (content.clone(), Ok(())));
            prop_assert!(open_each(sealer.key(), size as u64, &stored) == (content, Ok(())));
        }

        #[test]
        fn any_changed_byte_is_found(size in 1..=200_000_usize, padded: bool, at: u64, bit in 0..8_u8, down in plan()) {
            let padding = if padded { Padding::Padme } else { Padding::None };
            let content = stream("any byte", size);
            let mut sealer = SegmentEncryptor::new(size as u64, padding, &mut Seeded::new(10)).unwrap();
            let (mut stored, mut rest) = (Vec::new(), &content[..]);
            while let part @ [_, ..] = sealer.update(&mut rest).unwrap() {
                stored.extend_from_slice(part);
            }
            let at = usize::try_from(at % stored.len() as u64).unwrap();
            stored[at] ^= 1 << bit;
            let (released, result) = decrypt(sealer.key(), size as u64, &stored, &down);
            prop_assert!(result.is_err());
            prop_assert!(content[..] == [&released, &content[released.len()..]].concat()[..]);
            prop_assert!(released.len() <= at.saturating_sub(HEADER_LEN) / (SEGMENT_LEN + TAG_LEN) * SEGMENT_LEN);
        }
    }

    #[test]
    fn sealed_files_in_chunks() {
        for case in cases("files") {
            for plan in [&[1 << 23][..], &[65_536], &[65_568, 1, 3], &[40, 200_000, 0, 7], &[600_000]] {
                let stored = encrypt(&case, plan);
                assert_eq!(case.value["stored_sha256"], sha256(&stored), "{} in {plan:?}", case.value["name"]);
                let opened = decrypt(&case.key(), case.size(), &stored, plan);
                assert!(opened == (case.content.clone(), Ok(())), "{} in {plan:?}", case.value["name"]);
            }
        }
        let small = &cases("files")[3];
        assert_eq!(hex::encode(encrypt(small, &[1])), small.value["stored"]);
        let stored = bytes(&small.value["stored"]);
        assert_eq!(decrypt(&small.key(), 17, &stored, &[1]), (small.content.clone(), Ok(())));
    }

    /// What came out before does not depend on the chunks either.
    #[test]
    fn hostile_segments_in_chunks() {
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
        let mut encryptor = SegmentEncryptor::new(case.size(), case.padding, &mut case.rng()).unwrap();
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
}

/// Written from SPEC SEG-3 and SEG-5 with the crates of the primitives alone: it seals any one segment.
mod reference {
    use hkdf::Hkdf;
    use hmac::{Hmac, KeyInit, Mac};
    use secretchat::hazmat::ige;

    use super::*;

    pub(super) struct File {
        pub(super) size: u64,
        secret: [u8; 32],
        salt: [u8; 32],
    }

    impl File {
        pub(super) fn new(size: u64) -> Self {
            Self { size, secret: [3; 32], salt: [4; 32] }
        }

        pub(super) fn header(&self) -> Vec<u8> {
            [&b"scseg\x01\x10\x00"[..], &self.salt].concat()
        }

        fn expand<const N: usize>(&self, label: &str, end: &[u8]) -> [u8; N] {
            let mut out = [0; N];
            let info = [label.as_bytes(), b"scseg\x01\x10\x00", &self.size.to_le_bytes(), end].concat();
            Hkdf::<Sha256>::new(Some(&self.salt), &self.secret).expand(&info, &mut out).unwrap();
            out
        }

        pub(super) fn key(&self) -> SegmentKey {
            SegmentKey::from_parts(self.secret, self.expand("secretchat/1 file commitment", b""))
        }

        pub(super) fn seal(&self, index: u64, content: &[u8]) -> Vec<u8> {
            let keys: [u8; 64] = self.expand("secretchat/1 segment key", &index.to_le_bytes());
            let mut cipher = content.to_vec();
            cipher.resize(content.len().next_multiple_of(16), 0);
            ige::encrypt(keys.first_chunk().unwrap(), keys.last_chunk().unwrap(), cipher.as_chunks_mut().0);
            let tag_key: [u8; 32] = self.expand("secretchat/1 segment tag", b"");
            let mut mac = Hmac::<Sha256>::new_from_slice(&tag_key).unwrap();
            mac.update(&cipher);
            mac.update(&index.to_le_bytes());
            mac.update(&[u8::from(65_536 * index + content.len() as u64 == self.size)]);
            mac.update(&u32::try_from(content.len()).unwrap().to_le_bytes());
            cipher.extend(mac.finalize().into_bytes());
            cipher
        }
    }
}

#[test]
fn any_segment_of_the_largest_file() {
    let file = reference::File::new(SegmentLayout::MAX_SIZE);
    let opener = SegmentOpener::new(&file.key(), file.size, &file.header().try_into().unwrap()).unwrap();
    assert_eq!(opener.layout().count(), 1 << 24);
    let content = stream("a segment", SEGMENT_LEN);
    for index in [0, 1, 65_535, 65_536, 70_000, (1 << 24) - 1] {
        let mut stored = file.seal(index, &content);
        assert_eq!(opener.layout().segment(index).unwrap().offset, 40 + 65_568 * index);
        for wrong in [index ^ 1, index ^ 65_536, (1 << 24) - 1 - index] {
            assert_eq!(opener.open(wrong, &mut stored).unwrap_err(), MediaError::NotAuthentic);
        }
        assert!(*opener.open(index, &mut stored).unwrap() == content[..], "{index}");
    }
    assert_eq!(opener.open(1 << 24, &mut file.seal(1 << 24, &content)).unwrap_err(), MediaError::OutOfRange);
    assert_eq!(opener.open(u64::MAX, &mut []).unwrap_err(), MediaError::OutOfRange);
    for len in [0, 1, 32, 65_567, 65_569] {
        assert_eq!(opener.open(0, &mut vec![0; len]).unwrap_err(), MediaError::PartLength);
    }
}

/// In the caller's memory: what does not open stays as it was, what its sender padded with something is wiped.
#[test]
fn what_is_left_of_a_segment_that_does_not_open() {
    let case = base();
    let (key, stored) = (case.key(), case.stored(1));
    let opener = SegmentOpener::new(&key, case.size(), stored.first_chunk().unwrap()).unwrap();
    let mut segment = stored[HEADER_LEN..][..SEGMENT_LEN + TAG_LEN].to_vec();
    segment[5] ^= 1;
    let before = segment.clone();
    assert_eq!(opener.open(0, &mut segment).unwrap_err(), MediaError::NotAuthentic);
    assert!(segment == before);
    let padded = hostile().into_iter().find(|case| case.error == MediaError::Padding).unwrap();
    let (header, rest) = padded.stored.split_first_chunk().unwrap();
    let mut rest = rest.to_vec();
    let opener = SegmentOpener::new(&padded.key, padded.size, header).unwrap();
    assert_eq!(opener.open(0, &mut rest).unwrap_err(), MediaError::Padding);
    assert_eq!(rest[..32], [0; 32]);
}

#[test]
fn sealing_takes_the_next_segments_whole() {
    let case = base();
    let mut sealer = case.sealer();
    let whole = SEGMENT_LEN + TAG_LEN;
    for len in [1, SEGMENT_LEN, whole - 1, whole + 1, whole + 48, 3 * whole + 47, 4 * whole] {
        let mut memory = vec![7; len];
        assert_eq!(sealer.seal(&mut memory), Err(MediaError::PartLength), "{len}");
        assert_eq!((sealer.next_segment().unwrap().index, memory), (0, vec![7; len]));
    }
    assert_eq!(sealer.seal(&mut []), Ok(()));
    sealer.seal(&mut vec![7; 3 * whole]).unwrap();
    assert_eq!(sealer.next_segment().unwrap().stored_len, 48);
    assert_eq!(sealer.finish(), Err(MediaError::Truncated));
}

#[test]
fn a_new_key_for_each_file() {
    let mut rng = Seeded::new(1);
    let mut new = || SegmentSealer::new(5, Padding::None, &mut rng).unwrap();
    let (one, other) = (new(), new());
    assert!(!bool::from(one.key().ct_eq(other.key())) && one.header() != other.header());
    // Where a generator repeats itself, files of different sizes still have different keys.
    let sized = |size| SegmentSealer::new(size, Padding::None, &mut Seeded::new(1)).unwrap();
    let (mut five, mut six) = (sized(5), sized(6));
    let (mut a, mut b) = ([9; 48], [9; 48]);
    five.seal(&mut a).unwrap();
    six.seal(&mut b).unwrap();
    assert_ne!(five.key().parts().1, six.key().parts().1);
    assert!(a[..16] != b[..16] && a[16..] != b[16..]);
}

#[test]
fn keys_show_nothing() {
    let key = SegmentKey::from_parts([0xa7; 32], [0xa7; 32]);
    assert_eq!(format!("{key:?}"), "SegmentKey(..)");
    let equal = |other: &SegmentKey| bool::from(key.ct_eq(other));
    assert!(equal(&key.duplicate()));
    assert!(
        !equal(&SegmentKey::from_parts([0xa7; 32], [1; 32])) && !equal(&SegmentKey::from_parts([1; 32], [0xa7; 32]))
    );
    let sealer = SegmentSealer::new(5, Padding::Padme, &mut Scripted::new([vec![0xa7; 32], vec![0xa7; 32]])).unwrap();
    let layout = "layout: SegmentLayout { size: 5, padding: Padme }";
    assert_eq!(format!("{sealer:?}"), format!("SegmentSealer {{ {layout}, next: 0, .. }}"));
    let opener = SegmentOpener::new(sealer.key(), 5, &sealer.header()).unwrap();
    assert_eq!(format!("{opener:?}"), format!("SegmentOpener {{ {layout}, .. }}"));
}

#[test]
fn sizes() {
    for padding in [Padding::None, Padding::Padme] {
        let error = |size| SegmentLayout::new(size, padding).unwrap_err();
        assert_eq!(error(0), MediaError::Empty);
        assert_eq!((error((1 << 40) + 1), error(u64::MAX)), (MediaError::TooLarge, MediaError::TooLarge));
        let largest = SegmentLayout::new(1 << 40, padding).unwrap();
        assert_eq!(largest.encrypted_len(), 40 + (1 << 40) + (32 << 24));
    }
    let rng = &mut Seeded::new(0);
    assert_eq!(SegmentSealer::new(0, Padding::None, rng).unwrap_err(), MediaError::Empty);
    assert_eq!(SegmentSealer::new(u64::MAX, Padding::None, rng).unwrap_err(), MediaError::TooLarge);
    let key = SegmentKey::from_parts([1; 32], [2; 32]);
    assert_eq!(SegmentOpener::new(&key, 0, &[0; 40]).unwrap_err(), MediaError::Empty);
    assert_eq!(SegmentOpener::new(&key, u64::MAX, &[0; 40]).unwrap_err(), MediaError::TooLarge);
}

#[test]
fn padded_lengths() {
    for pair in vectors("padme").as_array().unwrap() {
        let (size, padded) = (pair[0].as_u64().unwrap(), pair[1].as_u64().unwrap().next_multiple_of(16));
        let layout = SegmentLayout::new(size, Padding::Padme).unwrap();
        let count = padded.div_ceil(SEGMENT_LEN as u64);
        assert_eq!((layout.count(), layout.encrypted_len()), (count, 40 + padded + 32 * count), "{size}");
        assert!(padded <= size + size * 12 / 100 + 16, "{size}");
    }
}

#[test]
fn hostile_segments() {
    for case in hostile() {
        let (released, result) = open_each(&case.key, case.size, &case.stored);
        assert_eq!(result, Err(case.error), "{}", case.what);
        assert!(released == case.released, "{}: {}", case.what, released.len());
    }
}

#[cfg(feature = "std")]
mod readers {
    use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};

    use proptest::prelude::Rng;
    use secretchat::media::{SegmentDecryptReader, SegmentEncryptReader, SegmentReader};

    use super::*;

    /// Gives as few bytes as the generator says, and now and then an error.
    struct Ragged<'a> {
        data: &'a [u8],
        rng: Seeded,
    }

    impl Read for Ragged<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let draw = Rng::next_u32(&mut self.rng);
            let most = match draw % 16 {
                0 => return Err(ErrorKind::Interrupted.into()),
                1 => return Err(ErrorKind::WouldBlock.into()),
                2..5 => 40,
                _ => 100_000,
            };
            let most = to.len().min(1 + draw as usize / 16 % most);
            self.data.read(&mut to[..most])
        }
    }

    fn ragged(data: &[u8], seed: u64) -> Ragged<'_> {
        Ragged { data, rng: Seeded::new(seed) }
    }

    fn media_error(error: &io::Error) -> MediaError {
        *error.get_ref().unwrap().downcast_ref().unwrap()
    }

    /// What came out, and how it ended: twice.
    fn read_all(mut reader: impl Read, len: usize) -> (Vec<u8>, Result<(), MediaError>) {
        let (mut out, mut chunk) = (Vec::new(), vec![0; len]);
        loop {
            match reader.read(&mut chunk) {
                Ok(0) => {
                    assert_eq!(reader.read(&mut chunk).unwrap(), 0);
                    return (out, Ok(()));
                }
                Ok(given) => out.extend_from_slice(&chunk[..given]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => {
                    assert_eq!(media_error(&reader.read(&mut chunk).unwrap_err()), media_error(&error));
                    return (out, Err(media_error(&error)));
                }
            }
        }
    }

    #[test]
    fn sealed_files_from_any_source() {
        for (case, len) in
            cases("files").into_iter().zip([1, 7, 100, 1000, 99_999, 65_536, 65_568, 1 << 20].iter().cycle())
        {
            let source = ragged(&case.content, case.size());
            let reader = SegmentEncryptReader::new(source, case.size(), case.padding, &mut case.rng()).unwrap();
            assert!(bool::from(reader.key().ct_eq(&case.key())));
            let (stored, result) = read_all(reader, *len);
            assert_eq!((case.value["stored_sha256"].as_str().unwrap(), result), (&*sha256(&stored), Ok(())));
            let reader = SegmentDecryptReader::new(ragged(&stored, !case.size()), &case.key(), case.size()).unwrap();
            assert!(read_all(reader, *len) == (case.content, Ok(())));
        }
    }

    #[test]
    fn hostile_segments_from_any_source() {
        for case in hostile() {
            let reader = SegmentDecryptReader::new(ragged(&case.stored, 5), &case.key, case.size).unwrap();
            let (released, result) = read_all(reader, 70_000);
            assert_eq!(result, Err(case.error), "{}", case.what);
            assert!(released == case.released, "{}: {}", case.what, released.len());
        }
    }

    #[test]
    fn a_source_of_another_length() {
        let case = base();
        let sealing = |size| {
            let reader = SegmentEncryptReader::new(&case.content[..], size, Padding::None, &mut case.rng());
            read_all(reader.unwrap(), 4096).1
        };
        assert_eq!(sealing(case.size()), Ok(()));
        assert_eq!(sealing(case.size() + 1), Err(MediaError::Truncated));
        assert_eq!(sealing(case.size() - 1), Err(MediaError::TooLong));
    }

    #[test]
    fn any_place() {
        let case = base();
        let mut reader = SegmentReader::new(Cursor::new(case.stored(8)), &case.key(), case.size()).unwrap();
        let size = case.content.len();
        for at in [0, 1, 65_535, 65_536, 131_000, 196_607, 196_608, 196_612, 5] {
            reader.seek(SeekFrom::Start(at as u64)).unwrap();
            let mut out = vec![0; 70_000.min(size - at)];
            reader.read_exact(&mut out).unwrap();
            assert!(out == case.content[at..][..out.len()], "{at}");
        }
        assert_eq!(reader.seek(SeekFrom::End(-5)).unwrap(), case.size() - 5);
        let mut out = Vec::new();
        reader.read_to_end(&mut out).unwrap();
        assert_eq!(out, case.content[size - 5..]);
        assert_eq!(reader.seek(SeekFrom::Current(-1)).unwrap(), case.size() - 1);
        assert_eq!(reader.seek(SeekFrom::End(9)).unwrap(), case.size() + 9);
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
        assert_eq!(reader.seek(SeekFrom::Start(u64::MAX)).unwrap(), u64::MAX);
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
        let error = reader.seek(SeekFrom::Current(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(
            reader.seek(SeekFrom::End(-1 - i64::try_from(size).unwrap())).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
        assert_eq!(reader.stream_position().unwrap(), u64::MAX, "where it was");
    }

    /// A wrong segment fails each time and alone, and nothing of it comes out.
    #[test]
    fn a_wrong_segment_does_not_poison_the_others() {
        let case = base();
        let mut stored = case.stored(8);
        stored[HEADER_LEN + 65_568 + 9] ^= 1;
        let mut reader = SegmentReader::new(Cursor::new(stored), &case.key(), case.size()).unwrap();
        for _ in 0..2 {
            reader.seek(SeekFrom::Start(65_536)).unwrap();
            let mut out = [0xee; 100];
            assert_eq!(media_error(&reader.read(&mut out).unwrap_err()), MediaError::NotAuthentic);
            assert_eq!(out, [0xee; 100]);
            for at in [196_608, 65_530, 131_072, 196_608] {
                let mut out = [0; 5];
                reader.seek(SeekFrom::Start(at)).unwrap();
                reader.read_exact(&mut out).unwrap();
                assert_eq!(out, case.content[usize::try_from(at).unwrap()..][..5]);
            }
        }
    }

    #[test]
    fn single_segments_of_a_file_that_is_cut() {
        let case = base();
        let stored = case.stored(8);
        let open = |end: usize| SegmentReader::new(Cursor::new(&stored[..end]), &case.key(), case.size());
        assert_eq!(media_error(&open(39).unwrap_err()), MediaError::Truncated);
        let mut reader = open(stored.len() - 1).unwrap();
        reader.read_exact(&mut [0; 65_536 * 3]).unwrap();
        assert_eq!(media_error(&reader.read(&mut [0]).unwrap_err()), MediaError::Truncated);
        let mut other = stored.clone();
        other[20] ^= 1;
        let error = SegmentReader::new(Cursor::new(other), &case.key(), case.size()).unwrap_err();
        assert_eq!(media_error(&error), MediaError::NotThisFile);
    }

    /// A file of 5 GiB of which two segments exist, one of them beyond 4 GiB.
    struct Sparse {
        pieces: Vec<(u64, Vec<u8>)>,
        position: u64,
    }

    impl Read for Sparse {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let (start, piece) = self.pieces.iter().rfind(|(start, _)| *start <= self.position).unwrap();
            let within = usize::try_from(self.position - start).unwrap();
            let len = piece.get(within..).expect("nothing else is read").read(to)?;
            self.position += len as u64;
            Ok(len)
        }
    }

    impl Seek for Sparse {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            let SeekFrom::Start(position) = to else { panic!() };
            self.position = position;
            Ok(position)
        }
    }

    #[test]
    fn beyond_32_bits_of_length() {
        let file = reference::File::new((5 << 30) + 3);
        let (far, last) = (stream("far", SEGMENT_LEN), stream("last", 3));
        let pieces = vec![
            (0, file.header()),
            (40 + 65_568 * 70_000, file.seal(70_000, &far)),
            (40 + 65_568 * 81_920, file.seal(81_920, &last)),
        ];
        let mut reader = SegmentReader::new(Sparse { pieces, position: 0 }, &file.key(), file.size).unwrap();
        reader.seek(SeekFrom::Start(65_536 * 70_000 + 6)).unwrap();
        let mut out = [0; 50];
        reader.read_exact(&mut out).unwrap();
        assert_eq!(out, far[6..56]);
        reader.seek(SeekFrom::End(-3)).unwrap();
        let mut out = Vec::new();
        reader.read_to_end(&mut out).unwrap();
        assert_eq!((out, reader.stream_position().unwrap()), (last, file.size));
    }

    #[test]
    fn nothing_is_read_before_it_is_asked_for() {
        struct Never;
        impl Read for Never {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                panic!("read")
            }
        }
        let case = base();
        let mut sealing = SegmentEncryptReader::new(Never, 5, Padding::None, &mut case.rng()).unwrap();
        assert_eq!(sealing.read(&mut []).unwrap(), 0);
        sealing.read_exact(&mut [0; HEADER_LEN]).unwrap();
        let mut opening = SegmentDecryptReader::new(Never, &case.key(), 5).unwrap();
        assert_eq!(opening.read(&mut []).unwrap(), 0);
    }

    #[test]
    fn debug_shows_how_far_and_nothing_else() {
        let case = base();
        let mut sealing = SegmentEncryptReader::new(&[0xa7; 30][..], 30, Padding::None, &mut case.rng()).unwrap();
        let key = sealing.key().duplicate();
        let mut stored = Vec::new();
        sealing.read_to_end(&mut stored).unwrap();
        let progress = "progress: Progress { done: 30, total: 30 }";
        let shown =
            format!("SegmentEncryptReader {{ encryptor: SegmentEncryptor {{ {progress}, .. }}, failed: None, .. }}");
        assert_eq!(format!("{sealing:?}"), shown);
        let mut opening = SegmentDecryptReader::new(&stored[..], &key, 30).unwrap();
        opening.read_exact(&mut [0; 3]).unwrap();
        let shown =
            format!("SegmentDecryptReader {{ decryptor: SegmentDecryptor {{ {progress}, failed: None, .. }}, .. }}");
        assert_eq!(format!("{opening:?}"), shown);
        let mut reader = SegmentReader::new(Cursor::new(stored), &key, 30).unwrap();
        reader.read_exact(&mut [0; 3]).unwrap();
        let opener = "opener: SegmentOpener { layout: SegmentLayout { size: 30, padding: None }, .. }";
        assert_eq!(format!("{reader:?}"), format!("SegmentReader {{ {opener}, position: 3, .. }}"));
    }
}
