//! Frames (SPEC FRM-1 to FRM-4, FRM-6): any split of a stream gives the same frames, and nothing that a stranger sends takes more
//! memory than one frame.

use proptest::prelude::*;
use recordings::Scripted;
use secretchat::frame::{
    ChatTag, Decoder, FileId, Frame, FrameError, HEADER_LEN, MAX_FRAME_LEN, MAX_PART_LEN, MAX_PUBLIC_LEN, MAX_RANGES,
    Next, RangeList, VERSION, decode_one, encode,
};
use secretchat::hazmat::envelope::MAX_SEALED_LEN;
use secretchat::{DiscardProof, KeyFingerprint, TransmitId};
use serde_json::Value;

use crate::support::rng::Seeded;

const TAG: ChatTag = ChatTag([0x77; 16]);

/// A frame that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owned {
    Request(Vec<u8>),
    Accept([u8; 8], Vec<u8>),
    Ciphertext(u64, Option<[u8; 16]>, Vec<u8>),
    Discard(bool, Option<(u32, [u8; 32])>),
    Receipt(u64, Option<[u8; 32]>),
    FilePart([u8; 16], u64, u64, Vec<u8>),
    /// The ranges as the frame has them.
    FileRequest([u8; 16], Vec<u8>),
    FileCancel([u8; 16]),
}

impl Owned {
    fn lend(&self) -> Frame<'_> {
        match self {
            Self::Request(public) => Frame::Request { public },
            Self::Accept(name, public) => Frame::Accept { fingerprint: KeyFingerprint::from_bytes(*name), public },
            Self::Ciphertext(id, file, bytes) => {
                Frame::Ciphertext { transmit_id: TransmitId(*id), file: file.map(FileId), bytes }
            }
            Self::Discard(history, proof) => {
                let proof = proof.map(|(sent, mac)| DiscardProof { sent, mac });
                Frame::Discard { history: (*history).into(), proof }
            }
            Self::Receipt(id, proof) => Frame::Receipt { transmit_id: TransmitId(*id), proof: *proof },
            Self::FilePart(id, offset, total, bytes) => {
                Frame::FilePart { file_id: FileId(*id), offset: *offset, total: *total, bytes }
            }
            Self::FileRequest(id, missing) => {
                Frame::FileRequest { file_id: FileId(*id), missing: RangeList::try_from(missing.as_slice()).unwrap() }
            }
            Self::FileCancel(id) => Frame::FileCancel { file_id: FileId(*id) },
        }
    }

    fn of(frame: Frame<'_>) -> Self {
        match frame {
            Frame::Request { public } => Self::Request(public.to_vec()),
            Frame::Accept { fingerprint, public } => Self::Accept(fingerprint.to_bytes(), public.to_vec()),
            Frame::Ciphertext { transmit_id, file, bytes } => {
                Self::Ciphertext(transmit_id.0, file.map(|file| file.0), bytes.to_vec())
            }
            Frame::Discard { history, proof } => {
                Self::Discard(history.into(), proof.map(|proof| (proof.sent, proof.mac)))
            }
            Frame::Receipt { transmit_id, proof } => Self::Receipt(transmit_id.0, proof),
            Frame::FilePart { file_id, offset, total, bytes } => {
                Self::FilePart(file_id.0, offset, total, bytes.to_vec())
            }
            Frame::FileRequest { file_id, missing } => Self::FileRequest(file_id.0, missing.as_bytes().to_vec()),
            Frame::FileCancel { file_id } => Self::FileCancel(file_id.0),
            _ => panic!("a kind that this test does not know"),
        }
    }
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (0..=most).prop_map(|len| vec![0xa5; len]),
        1 => Just(vec![0x5a; most]),
    ]
}

fn frame() -> impl Strategy<Value = Owned> {
    let part = bytes(MAX_PART_LEN).prop_map(|mut bytes| {
        bytes.push(1);
        bytes.truncate(MAX_PART_LEN);
        bytes
    });
    prop_oneof![
        bytes(MAX_PUBLIC_LEN).prop_map(Owned::Request),
        (any::<[u8; 8]>(), bytes(MAX_PUBLIC_LEN)).prop_map(|(name, public)| Owned::Accept(name, public)),
        (any::<u64>(), any::<Option<[u8; 16]>>(), bytes(MAX_SEALED_LEN))
            .prop_map(|(id, file, bytes)| Owned::Ciphertext(id, file, bytes)),
        (any::<bool>(), any::<Option<(u32, [u8; 32])>>()).prop_map(|(history, proof)| Owned::Discard(history, proof)),
        any::<u64>().prop_map(|id| Owned::Receipt(id, None)),
        any::<Option<[u8; 32]>>().prop_map(|proof| Owned::Receipt(2, proof)),
        (any::<[u8; 16]>(), any::<u64>(), any::<u64>(), part).prop_map(|(id, offset, behind, bytes)| {
            let len = bytes.len() as u64;
            let offset = offset.min(u64::MAX - len);
            Owned::FilePart(id, offset, (offset + len).saturating_add(behind), bytes)
        }),
        (any::<[u8; 16]>(), 1..=u64::MAX).prop_map(|(id, total)| Owned::FilePart(id, 0, total, vec![])),
        (any::<[u8; 16]>(), prop::collection::btree_set(any::<u64>(), 0..=2 * MAX_RANGES))
            .prop_map(|(id, ends)| { Owned::FileRequest(id, ranges(&Vec::from_iter(ends))) }),
        any::<[u8; 16]>().prop_map(Owned::FileCancel),
    ]
}

/// Pairs of ends; one that is left over is no range.
fn ranges(ends: &[u64]) -> Vec<u8> {
    ends.chunks_exact(2).flatten().flat_map(|end| end.to_le_bytes()).collect()
}

/// One small frame of each kind and form.
fn samples() -> Vec<Owned> {
    vec![
        Owned::Request(vec![1; 32]),
        Owned::Accept([2; 8], vec![3; 32]),
        Owned::Ciphertext(4, None, vec![5; 56]),
        Owned::Ciphertext(6, Some([7; 16]), vec![8; 56]),
        Owned::Discard(false, None),
        Owned::Discard(true, Some((14, [9; 32]))),
        Owned::Receipt(10, None),
        Owned::Receipt(2, None),
        Owned::Receipt(2, Some([15; 32])),
        Owned::FilePart([11; 16], 12, 1000, vec![13; 40]),
        Owned::FilePart([16; 16], 0, 1000, vec![]),
        Owned::FileRequest([17; 16], vec![]),
        Owned::FileRequest([18; 16], ranges(&[19, 20, 22, 1000])),
        Owned::FileCancel([21; 16]),
    ]
}

/// Feeds `stream` in pieces of the lengths of `plan`, over and over. Checks at each step that the decoder neither takes
/// more than one frame can need nor holds more than one frame.
fn decode(mut stream: &[u8], plan: &[usize]) -> (Vec<(ChatTag, Owned)>, Result<(), FrameError>) {
    let mut decoder = Decoder::new();
    let mut frames = Vec::new();
    let (mut held, mut most_held) = (0, HEADER_LEN);
    for len in plan.iter().chain([&1]).cycle() {
        let (mut piece, behind) = stream.split_at(stream.len().min(*len));
        stream = behind;
        loop {
            let taken = decoder.push(piece);
            piece = &piece[taken..];
            held += taken;
            most_held = most_held.max(held);
            assert!(most_held <= MAX_FRAME_LEN);
            assert!(decoder.capacity() <= MAX_FRAME_LEN.min(2 * most_held), "memory comes with the bytes");
            match decoder.next() {
                Ok(Next::Frame { tag, frame }) => {
                    assert_eq!(encode(tag, &frame).unwrap().len(), held);
                    frames.push((tag, Owned::of(frame)));
                    held = 0;
                }
                Ok(Next::NeedMore(missing)) => {
                    assert!(missing > 0 && held + missing <= MAX_FRAME_LEN);
                    assert!(piece.is_empty(), "all was taken");
                    break;
                }
                Err(error) => {
                    assert_eq!(decoder.push(&[1; 100]), 0, "an error is the end");
                    assert_eq!(decoder.next(), Err(error));
                    assert_eq!(decoder.finish(), Err(error));
                    return (frames, Err(error));
                }
            }
        }
        if stream.is_empty() {
            break;
        }
    }
    (frames, decoder.finish())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_gives_the_same_frames(
        frames in prop::collection::vec((any::<[u8; 16]>().prop_map(ChatTag), frame()), 0..6),
        plan in prop::collection::vec(prop_oneof![Just(0), 1..=60_usize, 1..=200_000_usize], 1..6),
    ) {
        let encoded = frames.iter().map(|(tag, frame)| encode(*tag, &frame.lend()).unwrap());
        let stream: Vec<u8> = encoded.flatten().collect();
        let (decoded, end) = decode(&stream, &plan);
        prop_assert!(decoded == frames);
        prop_assert_eq!(end, Ok(()));

        // The same in one call for each frame.
        let (mut decoder, mut decoded) = (Decoder::new(), Vec::new());
        for mut piece in stream.chunks(plan[0].max(1)) {
            while let Some((tag, frame)) = decoder.next_in(&mut piece).unwrap() {
                decoded.push((tag, Owned::of(frame)));
            }
            prop_assert!(piece.is_empty());
        }
        prop_assert!(decoded == frames);
    }

    #[test]
    fn one_frame_is_one_datagram(frame in frame()) {
        let datagram = encode(TAG, &frame.lend()).unwrap();
        prop_assert!(datagram.len() <= MAX_FRAME_LEN);
        let (tag, decoded) = decode_one(&datagram).unwrap();
        prop_assert!((tag, Owned::of(decoded)) == (TAG, frame));
    }

    #[test]
    fn any_bytes_are_read_without_harm(
        start in prop::sample::select(vec![vec![], vec![VERSION], vec![VERSION, 3], vec![VERSION, 6]]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
        plan in prop::collection::vec(0..=50_usize, 1..4),
    ) {
        let bytes = [start, rest].concat();
        let (frames, _) = decode(&bytes, &plan);
        // What is read is what would be written.
        let written: Vec<u8> = frames.iter().flat_map(|(tag, frame)| encode(*tag, &frame.lend()).unwrap()).collect();
        prop_assert!(bytes.starts_with(&written));
    }
}

#[test]
fn every_prefix_needs_more_and_is_truncated() {
    for frame in samples() {
        let bytes = encode(TAG, &frame.lend()).unwrap();
        for len in 0..bytes.len() {
            let mut decoder = Decoder::new();
            assert_eq!(decoder.push(&bytes[..len]), len);
            let missing = if len < HEADER_LEN { HEADER_LEN - len } else { bytes.len() - len };
            assert_eq!(decoder.next(), Ok(Next::NeedMore(missing)));
            assert_eq!(decode_one(&bytes[..len]), Err(FrameError::Truncated));
            assert_eq!(decoder.finish(), if len == 0 { Ok(()) } else { Err(FrameError::Truncated) });
        }
        for behind in 1..30 {
            let longer = [&bytes[..], &vec![1; behind]].concat();
            assert_eq!(decode_one(&longer), Err(FrameError::Malformed));
        }
    }
}

#[test]
fn every_flipped_bit_is_an_error_or_another_frame() {
    for frame in samples() {
        let bytes = encode(TAG, &frame.lend()).unwrap();
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            for plan in [vec![changed.len()], vec![1], vec![HEADER_LEN]] {
                let (frames, end) = decode(&changed, &plan);
                assert!(frames.first() != Some(&(TAG, frame.clone())));
                // A smaller length makes a frame of the start; what is behind it begins no frame or an unfinished one.
                assert!(frames.len() <= 1 && (frames.len() == 1 || end.is_err()));
            }
            if let Ok((tag, other)) = decode_one(&changed) {
                assert!((tag, Owned::of(other)) != (TAG, frame.clone()));
                assert_eq!(encode(tag, &other).unwrap(), changed, "one frame has one form");
            }
        }
    }
}

#[test]
fn a_frame_is_given_once() {
    let bytes = encode(TAG, &Frame::Receipt { transmit_id: TransmitId(1), proof: None }).unwrap();
    let two = [&bytes[..], &bytes[..]].concat();
    let mut decoder = Decoder::new();
    assert_eq!(decoder.push(&two), bytes.len());
    assert_eq!(decoder.push(&two[bytes.len()..]), 0, "it waits until the first is taken");
    assert!(matches!(decoder.next(), Ok(Next::Frame { .. })));
    assert_eq!(decoder.next(), Ok(Next::NeedMore(HEADER_LEN)));
    assert_eq!(decoder.push(&two[bytes.len()..]), bytes.len());
    assert!(matches!(decoder.next(), Ok(Next::Frame { .. })));
    assert_eq!(decoder.finish(), Ok(()));
    let mut decoder = Decoder::new();
    assert_eq!(decoder.push(&bytes), bytes.len());
    assert_eq!(decoder.finish(), Err(FrameError::Truncated), "nobody took it");
}

/// A length that its kind does not allow is refused with the header, and takes no memory.
#[test]
fn lengths_are_judged_before_the_body() {
    let longest = [
        (1, MAX_PUBLIC_LEN),
        (2, 8 + MAX_PUBLIC_LEN),
        (3, 8 + 17 + MAX_SEALED_LEN),
        (4, 38),
        (5, 41),
        (6, 32 + MAX_PART_LEN),
        (7, 16 + 16 * MAX_RANGES),
        (8, 16),
    ];
    for (kind, longest) in longest {
        let header = |len: u32| {
            let mut header = vec![VERSION, kind];
            header.extend_from_slice(&TAG.0);
            header.extend_from_slice(&len.to_le_bytes());
            header
        };
        let longest = u32::try_from(longest).unwrap();
        for len in [longest + 1, 1 << 24, u32::MAX] {
            let mut decoder = Decoder::new();
            assert_eq!(decoder.push(&[header(len), vec![0; 5000]].concat()), HEADER_LEN);
            assert_eq!(decoder.capacity(), HEADER_LEN);
            assert_eq!(decoder.next(), Err(FrameError::TooLong), "kind {kind}, length {len}");
            assert_eq!(decode_one(&header(len)), Err(FrameError::TooLong));
        }
        let mut decoder = Decoder::new();
        assert_eq!(decoder.push(&header(longest)), HEADER_LEN);
        assert_eq!(decoder.next(), Ok(Next::NeedMore(longest as usize)));
        assert_eq!(decoder.capacity(), HEADER_LEN, "an announcement takes no memory");
    }
}

#[test]
fn memory_of_the_longest_frame_is_its_length() {
    let frame = Owned::Ciphertext(1, Some([2; 16]), vec![3; MAX_SEALED_LEN]);
    let bytes = encode(TAG, &frame.lend()).unwrap();
    assert_eq!(bytes.len(), MAX_FRAME_LEN);
    // Memory that doubles goes past the longest frame from each of these. Behind 333 bytes no piece ends where it doubles.
    for (first, chunk) in [(0, 700), (0, 1000), (0, 3000), (333, 700)] {
        let mut decoder = Decoder::new();
        let (first, rest) = bytes.split_at(first);
        for piece in [first].into_iter().chain(rest.chunks(chunk)) {
            assert_eq!(decoder.push(piece), piece.len());
            assert!(decoder.capacity() <= MAX_FRAME_LEN);
        }
        assert_eq!(decoder.capacity(), MAX_FRAME_LEN);
        assert!(matches!(decoder.next(), Ok(Next::Frame { .. })));
        assert!(!format!("{decoder:?}").contains("3, 3, 3"));
    }
}

#[test]
fn what_would_not_be_read_is_not_written() {
    let refused = |frame: Owned| encode(TAG, &frame.lend()).unwrap_err();
    assert_eq!(refused(Owned::Request(vec![0; MAX_PUBLIC_LEN + 1])), FrameError::TooLong);
    assert_eq!(refused(Owned::Accept([0; 8], vec![0; MAX_PUBLIC_LEN + 1])), FrameError::TooLong);
    for file in [None, Some([0; 16])] {
        assert_eq!(refused(Owned::Ciphertext(0, file, vec![0; MAX_SEALED_LEN + 1])), FrameError::TooLong);
    }
    // Only the receipt of a Discard carries a proof (SPEC FRM-2).
    assert_eq!(refused(Owned::Receipt(0, Some([7; 32]))), FrameError::Malformed);
    let part = |offset, total, len| Owned::FilePart([0; 16], offset, total, vec![0; len]);
    assert_eq!(refused(part(0, u64::MAX, MAX_PART_LEN + 1)), FrameError::TooLong);
    assert_eq!(refused(part(0, 0, 0)), FrameError::Malformed);
    assert_eq!(refused(part(1, 16, 0)), FrameError::Malformed);
    assert_eq!(refused(part(1, 16, 16)), FrameError::Malformed);
    assert_eq!(refused(part(u64::MAX, u64::MAX, 1)), FrameError::Malformed);
    assert_eq!(refused(part(u64::MAX - 1, 1, 2)), FrameError::Malformed);
}

/// A request is written from what was checked, so its ranges are refused before it is made (SPEC FRM-6).
#[test]
fn ranges_that_no_request_names() {
    let refused = |ends: &[u64]| RangeList::try_from(ranges(ends).as_slice()).unwrap_err();
    for ends in [&[5, 5][..], &[5, 4], &[0, 5, 5, 6], &[0, 5, 4, 6], &[4, 6, 0, 2], &[0, u64::MAX, 7, 8]] {
        assert_eq!(refused(ends), FrameError::Malformed, "{ends:?}");
    }
    assert_eq!(RangeList::try_from(&[0; 15][..]), Err(FrameError::Malformed));
    let many: Vec<u64> = (0..2 * MAX_RANGES as u64 + 2).collect();
    assert_eq!(refused(&many), FrameError::TooLong);
    assert!(RangeList::try_from(ranges(&many[..2 * MAX_RANGES]).as_slice()).is_ok());
}

/// A message without a file may not use the room of the file's id.
#[test]
fn the_bound_of_sealed_bytes_holds_with_and_without_a_file() {
    let mut bytes = encode(TAG, &Owned::Ciphertext(0, Some([0; 16]), vec![0; MAX_SEALED_LEN]).lend()).unwrap();
    bytes[HEADER_LEN + 8] = 0;
    assert_eq!(decode_one(&bytes), Err(FrameError::TooLong));
    assert_eq!(decode(&bytes, &[bytes.len()]), (vec![], Err(FrameError::TooLong)));
}

#[test]
fn ids_are_one_draw() {
    assert_eq!(ChatTag::random(&mut Scripted::new([vec![1; 16]])), ChatTag([1; 16]));
    assert_eq!(FileId::random(&mut Scripted::new([vec![2; 16]])), FileId([2; 16]));
    assert_ne!(FileId::random(&mut Seeded::new(1)), FileId::random(&mut Seeded::new(2)));
}

mod vectors {
    use super::*;

    fn file() -> Value {
        serde_json::from_str(include_str!("../../test-vectors/frame.json")).unwrap()
    }

    fn cases<'f>(file: &'f Value, result: &str) -> Vec<&'f Value> {
        file["cases"].as_array().unwrap().iter().filter(|case| case["result"] == result).collect()
    }

    fn bytes(value: &Value) -> Vec<u8> {
        hex::decode(value.as_str().unwrap()).unwrap()
    }

    fn array<const N: usize>(value: &Value) -> [u8; N] {
        bytes(value).try_into().unwrap()
    }

    fn number(value: &Value) -> u64 {
        value.as_str().unwrap().parse().unwrap()
    }

    fn frame(case: &Value) -> Owned {
        let option = |name: &str| Some(&case[name]).filter(|value| !value.is_null());
        match case["frame_kind"].as_str().unwrap() {
            "Request" => Owned::Request(bytes(&case["public"])),
            "Accept" => Owned::Accept(array(&case["fingerprint"]), bytes(&case["public"])),
            "Ciphertext" => {
                Owned::Ciphertext(number(&case["transmit_id"]), option("file").map(array), bytes(&case["sealed"]))
            }
            "Discard" => {
                let sent = || number(&case["sent"]).try_into().unwrap();
                let proof = option("proof").map(|proof| (sent(), array(proof)));
                Owned::Discard(case["history"].as_bool().unwrap(), proof)
            }
            "Receipt" => Owned::Receipt(number(&case["transmit_id"]), option("proof").map(array)),
            "FilePart" => Owned::FilePart(
                array(&case["file"]),
                number(&case["offset"]),
                number(&case["total"]),
                bytes(&case["part"]),
            ),
            "FileRequest" => {
                let missing = case["missing"].as_array().unwrap().iter().flat_map(|range| range.as_array().unwrap());
                Owned::FileRequest(array(&case["file"]), ranges(&missing.map(number).collect::<Vec<_>>()))
            }
            "FileCancel" => Owned::FileCancel(array(&case["file"])),
            kind => panic!("{kind}"),
        }
    }

    #[test]
    fn valid_frames_decode_and_encode() {
        let file = file();
        let tag = ChatTag(array(&file["tag"]));
        let cases = cases(&file, "valid");
        assert_eq!(cases.len(), 28);
        for case in &cases {
            let (frame, encoded) = (frame(case), bytes(&case["frame"]));
            assert_eq!(encode(tag, &frame.lend()).unwrap(), encoded, "{case}");
            assert_eq!(decode_one(&encoded).unwrap(), (tag, frame.lend()));
        }
        let stream: Vec<u8> = cases.iter().flat_map(|case| bytes(&case["frame"])).collect();
        let frames: Vec<_> = cases.iter().map(|case| (tag, frame(case))).collect();
        assert_eq!(decode(&stream, &[13]), (frames, Ok(())));
    }

    // SPEC FRM-4: X25-2 and ENV-4 refuse what is empty, with the outcome that the chat has for it.
    #[test]
    fn a_frame_may_be_empty_where_the_chat_refuses_it() {
        let fingerprint = KeyFingerprint::from_bytes([7; 8]);
        let frames = [
            (Frame::Request { public: &[] }, 0),
            (Frame::Accept { fingerprint, public: &[] }, 8),
            (Frame::Ciphertext { transmit_id: TransmitId(16), file: None, bytes: &[] }, 9),
        ];
        for (frame, body_len) in frames {
            let encoded = encode(TAG, &frame).unwrap();
            assert_eq!(encoded.len(), HEADER_LEN + body_len);
            assert_eq!(decode_one(&encoded), Ok((TAG, frame)));
        }
    }

    #[test]
    fn invalid_frames_are_refused() {
        let file = file();
        let cases = cases(&file, "invalid");
        assert_eq!(cases.len(), 59);
        for case in cases {
            let encoded = bytes(&case["frame"]);
            let error = decode_one(&encoded).unwrap_err();
            assert_eq!(format!("{error:?}"), case["error"].as_str().unwrap(), "{case}");
            assert!(!error.to_string().is_empty());
            for plan in [vec![encoded.len()], vec![1]] {
                assert_eq!(decode(&encoded, &plan), (vec![], Err(error)), "{case}");
            }
        }
    }
}
