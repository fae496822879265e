//! Lines of the shim.

use conformance::Shim;
use serde_json::Value;

/// The most lines of one run: some of them compute.
const MAX_LINES: usize = 40;

/// Gives lines to the shim: each has outputs and then one closing line, and a line that is wrong leaves the chat as it was (as
/// `SHIM.md` says).
///
/// The input: lines.
pub fn shim(data: &[u8]) {
    check(data, |answer| answer);
}

/// With what becomes of an answer.
fn check(data: &[u8], answered: fn(Vec<Value>) -> Vec<Value>) {
    let (mut shim, mut closing) = (Shim::default(), Vec::new());
    for line in data.split(|byte| *byte == b'\n').take(MAX_LINES) {
        if costs_much(line) {
            continue;
        }
        let before = state(&mut shim);
        let answer = answered(shim.obey(line));
        let (last, outputs) = answer.split_last().expect("a closing line");
        assert!(outputs.iter().all(|output| output["out"].is_string()), "{answer:?}");
        match (last.get("done"), &last["err"]) {
            (Some(_), Value::Null) => {}
            (None, Value::Object(error)) => {
                assert!(error["kind"].as_str().is_some_and(|kind| !kind.is_empty()));
                match error["side"].as_str() {
                    Some("shim") => assert_eq!(state(&mut shim), before, "a wrong line changes nothing"),
                    Some("api" | "peer" | "store") => {}
                    other => panic!("{other:?}"),
                }
            }
            _ => panic!("{last}"),
        }
        for one in &answer {
            assert_eq!(serde_json::from_str::<Value>(&one.to_string()).ok().as_ref(), Some(one), "a line of JSON");
        }
        closing.push(last.clone());
    }
    // The same lines have the same answers.
    if data.len() < 400 {
        let mut again = Shim::default();
        let lines = data.split(|byte| *byte == b'\n').take(MAX_LINES).filter(|line| !costs_much(line));
        let repeated: Vec<_> = lines.map(|line| again.obey(line).pop().expect("a closing line")).collect();
        assert_eq!(repeated, closing);
    }
}

/// Whether the line may name a prime of its own, which takes seconds to check.
fn costs_much(line: &[u8]) -> bool {
    line.windows(3).any(|three| three == b"\"p\"")
}

fn state(shim: &mut Shim) -> Vec<Value> {
    shim.obey(br#"{"command":"state"}"#)
}

#[test]
fn an_answer_without_its_closing_line_is_found() {
    let data =
        br#"{"command":"config","profile":"x25519","local_id":"aa","peer_id":"bb","now":1700000000000,"seed":"01"}
{"command":"request"}"#;
    shim(data);
    let unclosed = |mut answer: Vec<Value>| {
        if answer.len() > 1 {
            answer.pop();
        }
        answer
    };
    assert!(crate::fails(|| check(data, unclosed)));
}
