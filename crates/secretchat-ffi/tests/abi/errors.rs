//! Errors have the numbers, names and advice of `secretchat`.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char};

use secretchat_ffi::{Out, ScStatus, sc_error_advice, sc_error_name};

use crate::lend::{NAMES, to_many};

/// The enums that are errors of functions of the interface.
const ERRORS: [&str; 8] =
    ["ApiMisuse", "DhGroupError", "FrameError", "MediaError", "PeerFault", "StoreError", "Unavailable", "VerifyError"];

/// Calls a function that writes text, with a buffer of this many bytes. Returns the text and its whole length.
fn text(write: extern "C" fn(ScStatus, Out<c_char>, usize) -> usize, error: ScStatus, room: usize) -> (String, usize) {
    let mut buffer = vec![0x7f; room];
    let whole = write(error, to_many(&mut buffer), room);
    let bytes: Vec<u8> = buffer.iter().map(|letter| letter.to_ne_bytes()[0]).collect();
    (CStr::from_bytes_until_nul(&bytes).unwrap().to_str().unwrap().to_owned(), whole)
}

#[test]
fn every_error_has_its_stable_name_and_some_advice() {
    let mut seen = 0;
    for line in NAMES.lines().filter(|line| !line.starts_with('#')) {
        let [kind, code, name] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if ERRORS.contains(&kind) {
            let code: ScStatus = code.parse().unwrap();
            assert_eq!(text(sc_error_name, code, 80), (name.to_owned(), name.len()), "{line}");
            assert!(text(sc_error_advice, code, 300).1 > 10, "{line}");
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn misuse_of_the_interface_has_numbers_of_its_own() {
    let names: BTreeMap<ScStatus, String> =
        (1..100).map(|code| (code, text(sc_error_name, code, 80).0)).filter(|(_, name)| !name.is_empty()).collect();
    let expected = ["null", "length", "value", "text", "use", "random", "panic"];
    assert_eq!(names.keys().copied().collect::<Vec<_>>(), (1..=7).collect::<Vec<_>>());
    assert_eq!(names.values().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
}

#[test]
fn what_is_no_error_has_no_name() {
    for code in [0, -1, 99, 100, 9_999, ScStatus::MIN, ScStatus::MAX] {
        assert_eq!(text(sc_error_name, code, 8), (String::new(), 0), "{code}");
        assert_eq!(text(sc_error_advice, code, 8), (String::new(), 0), "{code}");
    }
}

#[test]
fn text_is_shortened_to_the_buffer_and_ends_with_a_zero() {
    assert_eq!(text(sc_error_name, 204, 7), ("outbox".to_owned(), "outbox_full".len()));
    assert_eq!(text(sc_error_name, 204, 12), ("outbox_full".to_owned(), "outbox_full".len()));
    assert_eq!(text(sc_error_name, 204, 1), (String::new(), "outbox_full".len()));
    assert_eq!(sc_error_name(204, Out::NULL, 0), "outbox_full".len());
    assert_eq!(sc_error_name(204, Out::NULL, 80), "outbox_full".len());
}
