//! Files in segments, from any place, by the vectors.

use secretchat_ffi::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::lend::{code, made, many, ok, read, to};
use crate::streams::{content, encrypt, hex_of};

const VECTORS: &str = include_str!("../../../../test-vectors/segments.json");

/// The files that the C interface seals itself: padded, in segments of 64 KiB.
const SEALED_HERE: &str = "padded segments ";

fn failed(error: &str) -> ScStatus {
    code("MediaError", error).into()
}

fn opener(case: &Value, stored: &[u8]) -> (Box<ScMediaKey>, Result<Box<ScOpener>, ScStatus>) {
    let (secret, commitment) = (hex_of(&case["secret"]), hex_of(&case["commitment"]));
    let key = made(|out| sc_media_key_from_parts(SC_PROFILE_X25519, many(&secret), many(&commitment), out));
    let (size, mut opener) = (case["size"].as_u64().unwrap(), None);
    let header = &stored[..stored.len().min(SC_SEGMENT_HEADER_LEN)];
    let status = sc_opener_new(Some(&key), size, many(header), header.len(), to(&mut opener));
    (key, opener.ok_or(status))
}

/// Opens one segment.
fn open(opener: &ScOpener, number: u64, bytes: &[u8]) -> Result<Vec<u8>, ScStatus> {
    let mut buffer = None;
    let status = sc_opener_open(Some(opener), number, many(bytes), bytes.len(), to(&mut buffer));
    let Some(buffer) = buffer else { return Err(status) };
    let content = read(sc_buffer_bytes(Some(&buffer)));
    sc_buffer_free(Some(buffer));
    Ok(content)
}

#[test]
fn files_of_the_vectors_open_from_any_segment() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let mut files = 0;
    for case in file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "file") {
        let (name, size) = (case["name"].as_str().unwrap(), case["size"].as_u64().unwrap());
        let content = content(name, size);
        let stored = if name.starts_with(SEALED_HERE) {
            let draws = [hex_of(&case["secret"]), hex_of(&case["salt"])].concat();
            encrypt(SC_PROFILE_X25519, &content, &draws)
        } else if case["stored"].is_string() {
            hex_of(&case["stored"])
        } else {
            continue;
        };
        assert_eq!(hex::encode(Sha256::digest(&stored)), case["stored_sha256"], "{name}");

        let (key, opener) = opener(case, &stored);
        let opener = opener.unwrap();
        let mut layout = ScLayout::default();
        ok(sc_opener_layout(Some(&opener), to(&mut layout)));
        assert_eq!((layout.size, layout.count), (size, case["count"].as_u64().unwrap()));
        assert_eq!(layout.encrypted_len, stored.len() as u64);
        // From the last one to the first.
        let mut found = Vec::new();
        for number in (0..layout.count).rev() {
            let mut segment = ScSegment::default();
            ok(sc_opener_segment(Some(&opener), number, to(&mut segment)));
            let start = usize::try_from(segment.offset).unwrap();
            let mut bytes = stored[start..start + usize::try_from(segment.encrypted_len).unwrap()].to_vec();
            ok(sc_opener_verify(Some(&opener), number, many(&bytes), bytes.len()));
            let opened = open(&opener, number, &bytes).unwrap();
            assert_eq!(opened.len(), usize::try_from(segment.content_len).unwrap());
            assert_eq!(segment.is_last != 0, (size - 1) / u64::from(layout.segment_size) == number);
            found.splice(0..0, opened);

            // Anything else is refused.
            assert_eq!(open(&opener, number, &bytes[1..]), Err(failed("part_length")));
            assert_eq!(sc_opener_verify(Some(&opener), number, many(&bytes), bytes.len() - 1), failed("part_length"));
            *bytes.last_mut().unwrap() ^= 1;
            assert_eq!(open(&opener, number, &bytes), Err(failed("not_authentic")));
            assert_eq!(sc_opener_verify(Some(&opener), number, many(&bytes), bytes.len()), failed("not_authentic"));
        }
        assert_eq!(found, content, "{name}");
        for number in [layout.count, u64::MAX] {
            assert_eq!(open(&opener, number, &stored), Err(failed("out_of_range")));
            assert_eq!(sc_opener_verify(Some(&opener), number, In::NULL, 0), failed("out_of_range"));
            assert_eq!(sc_opener_segment(Some(&opener), number, to(&mut ScSegment::default())), failed("out_of_range"));
        }
        sc_opener_free(Some(opener));
        sc_media_key_free(Some(key));
        files += 1;
    }
    assert_eq!(files, 11);
}

#[test]
fn another_header_another_size_or_another_kind_of_key_opens_nothing() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let mut case = file["cases"].as_array().unwrap().iter().find(|case| case["stored"].is_string()).unwrap().clone();
    let mut stored = hex_of(&case["stored"]);
    let refused = |case: &Value, stored: &[u8]| {
        let (key, opener) = opener(case, stored);
        sc_media_key_free(Some(key));
        opener.err()
    };
    assert_eq!(refused(&case, &stored[..39]), Some(SC_ERROR_LENGTH));
    stored[39] ^= 1;
    assert_eq!(refused(&case, &stored), Some(failed("not_this_file")));
    stored[0] ^= 1;
    assert_eq!(refused(&case, &stored), Some(failed("header")));
    case["size"] = 0.into();
    assert_eq!(refused(&case, &stored), Some(failed("empty")));
    let parts = [7; 64];
    let key = made(|out| sc_media_key_from_parts(SC_PROFILE_TELEGRAM, many(&parts), many(&parts[32..]), out));
    let mut none = None;
    assert_eq!(sc_opener_new(Some(&key), 1, many(&stored), SC_SEGMENT_HEADER_LEN, to(&mut none)), SC_ERROR_VALUE);
    assert!(none.is_none());
    sc_media_key_free(Some(key));
}
