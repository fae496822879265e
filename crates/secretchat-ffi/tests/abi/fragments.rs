//! Frames over small datagrams, by the vectors.

use secretchat_ffi::*;
use serde_json::Value;

use crate::lend::{code, made, many, ok, one, read, to, to_many};

const VECTORS: &str = include_str!("../../../../test-vectors/fragments.json");
/// Any time will do, as long as nothing is given up.
const NOW: u64 = 1_700_000_000_000;

fn cases(kind: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = file["cases"].as_array().unwrap().iter();
    cases.filter(|case| case["kind"] == kind).cloned().collect()
}

fn hex_of(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn all(list: &Value) -> Vec<Vec<u8>> {
    list.as_array().unwrap().iter().map(hex_of).collect()
}

/// Returns the number of an error by its name in Rust.
fn error(case: &Value) -> ScStatus {
    let mut name = String::new();
    for letter in case["error"].as_str().unwrap().chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    code("FrameError", &name).into()
}

#[test]
fn frames_are_cut_as_in_the_vectors() {
    let (mut cut, mut refused) = (0, 0);
    for case in cases("cut") {
        let (frame, mtu) = (hex_of(&case["frame"]), usize::try_from(case["mtu"].as_u64().unwrap()).unwrap());
        let mut fragments = None;
        let status = sc_fragments_new(many(&frame), frame.len(), mtu, to(&mut fragments));
        if case["result"] == "valid" {
            ok(status);
            let fragments = fragments.unwrap();
            let count = sc_fragments_count(Some(&fragments));
            let datagrams: Vec<_> =
                (0..count).map(|number| read(sc_fragments_datagram(Some(&fragments), number))).collect();
            assert_eq!(datagrams, all(&case["datagrams"]), "{}", case["id"]);
            assert_eq!(read(sc_fragments_id(Some(&fragments))), hex_of(&case["frame_id"]), "{}", case["id"]);
            assert!(read(sc_fragments_datagram(Some(&fragments), count)).is_empty());
            assert!(read(sc_fragments_datagram(Some(&fragments), usize::MAX)).is_empty());
            sc_fragments_free(Some(fragments));
            cut += 1;
        } else {
            assert_eq!((status, fragments.is_none()), (error(&case), true), "{}", case["id"]);
            refused += 1;
        }
    }
    assert_eq!((cut, refused), (14, 5));
}

#[test]
fn datagrams_are_joined_as_in_the_vectors() {
    let (mut joined, mut refused) = (0, 0);
    for case in cases("joined") {
        let mut reassembler = made(|out| sc_reassembler_new(In::NULL, out));
        let datagrams = all(&case["datagrams"]);
        let (last, before) = datagrams.split_last().unwrap();
        let mut frames: Vec<Vec<u8>> =
            before.iter().filter_map(|datagram| take(&mut reassembler, datagram).unwrap()).collect();
        let status = take(&mut reassembler, last);
        if case["result"] == "valid" {
            frames.extend(status.unwrap());
            assert_eq!(frames, all(&case["frames"]), "{}", case["id"]);
            let expected: Vec<Vec<u16>> = serde_json::from_value(case["missing"].clone()).unwrap();
            assert_eq!(missing(&reassembler), expected, "{}", case["id"]);
            joined += 1;
        } else {
            assert_eq!(status, Err(error(&case)), "{}", case["id"]);
            refused += 1;
        }
        sc_reassembler_free(Some(reassembler));
    }
    assert_eq!((joined, refused), (13, 12));
}

/// Takes a datagram. Returns the bytes of the frame that it completes.
fn take(reassembler: &mut ScReassembler, datagram: &[u8]) -> Result<Option<Vec<u8>>, ScStatus> {
    let mut frame = ScFrame::default();
    match sc_reassembler_take(Some(reassembler), many(datagram), datagram.len(), NOW, to(&mut frame)) {
        0 if frame.kind == SC_FRAME_NONE => Ok(None),
        0 => {
            let buffer = made(|out| sc_frame_encode(one(&frame), out));
            let bytes = read(sc_buffer_bytes(Some(&buffer)));
            sc_buffer_free(Some(buffer));
            Ok(Some(bytes))
        }
        error => Err(error),
    }
}

/// Returns what each frame lacks.
fn missing(reassembler: &ScReassembler) -> Vec<Vec<u16>> {
    let mut all = Vec::new();
    loop {
        let (mut id, mut fragments, mut count) = ([0; SC_FRAME_ID_LEN], [0; 100], 0);
        let number = all.len();
        match sc_reassembler_missing(
            Some(reassembler),
            number,
            to_many(&mut id),
            to_many(&mut fragments),
            100,
            to(&mut count),
        ) {
            SC_ERROR_VALUE => return all,
            status => ok(status),
        }
        all.push(fragments[..count].to_vec());
        // With less room the count is the same, and what fits is written.
        let mut two = [u16::MAX; 2];
        ok(sc_reassembler_missing(Some(reassembler), number, to_many(&mut id), to_many(&mut two), 1, to(&mut count)));
        assert_eq!((two, count), ([all[number][0], u16::MAX], all[number].len()));
        ok(sc_reassembler_missing(Some(reassembler), number, to_many(&mut id), Out::NULL, 0, to(&mut count)));
        assert_eq!(count, all[number].len());
    }
}

#[test]
fn a_reassembler_keeps_no_more_than_its_bounds() {
    let mut bounds = ScFragmentBounds::default();
    ok(sc_fragment_bounds_init(to(&mut bounds)));
    assert_eq!((bounds.frames, bounds.bytes, bounds.patience_ms), (16, 1 << 20, 300_000));
    (bounds.frames, bounds.bytes) = (1, 40);
    let mut reassembler = made(|out| sc_reassembler_new(one(&bounds), out));
    let case = &cases("joined")[8];
    for datagram in all(&case["datagrams"]) {
        assert_eq!(take(&mut reassembler, &datagram), Ok(None));
        assert_eq!(sc_reassembler_byte_count(Some(&reassembler)), 38);
    }
    assert_eq!(missing(&reassembler), [[0, 1, 2, 4]]);
    // Five minutes later it is given up.
    let (datagram, mut frame) = (&all(&case["datagrams"])[1], ScFrame::default());
    ok(sc_reassembler_take(Some(&mut reassembler), many(datagram), datagram.len(), NOW + 300_000, to(&mut frame)));
    assert_eq!(missing(&reassembler), [[1, 2, 3, 4]]);
    sc_reassembler_free(Some(reassembler));
}
