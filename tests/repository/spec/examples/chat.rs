//! One chat of the X25519 profile: each message of the examples is one of the vectors, and its fields are what it seals.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Example, cases, sha256, vectors};
use crate::spec::table;

/// The case of `conversation.json` that the examples show.
struct Shown {
    steps: Vec<Value>,
    /// The chat key by its fingerprint, of the agreement and of the rekey.
    keys: BTreeMap<Vec<u8>, Vec<u8>>,
    constructors: BTreeMap<&'static str, Vec<u8>>,
}

impl Shown {
    fn new() -> Self {
        let blocks = [0, 1].map(|block| Example::nth("X25519: an agreement, a rekey", block));
        let mut case = cases(vectors("conversation.json"), "conversation").pop().unwrap();
        let Value::Array(steps) = case["steps"].take() else { panic!("no steps") };
        let given = |end: &str, step: usize| (steps[step]["end"] == end).then(|| &steps[step]["draws"][0]).unwrap();
        let scalars = [("initiator", 0, 0, "a"), ("responder", 1, 0, "b"), ("responder", 17, 1, "q")];
        for (end, step, block, name) in scalars {
            assert_eq!(given(end, step), blocks[block].hex(name), "{name}");
        }
        let asks = steps[16]["draws"].as_array().unwrap();
        assert_eq!([&asks[0], &asks[1]], [blocks[1].hex("exchange_id"), blocks[1].hex("p")]);
        let keys = blocks.iter().map(|block| (block.bytes("fingerprint"), block.bytes("chat key"))).collect();
        let schema = include_str!("../../../../schema/secret.tl").lines().filter(|line| line.contains('#'));
        let named = schema.filter_map(|line| line.split_once(' ')?.0.split_once('#'));
        let constructors =
            named.filter_map(|(name, id)| Some((name, number(u32::from_str_radix(id, 16).ok()?)))).collect();
        Self { steps, keys, constructors }
    }

    /// A message that an example shows in full: the step that made it, and its plaintext.
    fn message(&self, example: &Example) -> &Value {
        let sealed = Value::from(example.hex("sealed"));
        let step = self.steps.iter().find(|step| ciphertexts(step).any(|made| *made == sealed)).unwrap();
        let x = if step["end"] == "initiator" { 0 } else { 128 };
        let sealed = example.bytes("sealed");

        let end = example.names.iter().position(|name| *name == "length").unwrap();
        assert_eq!(example.names[end..], ["length", "padding", "msg_key", "sealed"]);
        let body = example.joined(&example.names[..end]);
        assert_eq!(example.bytes("length"), number(u32::try_from(body.len()).unwrap()));
        let plain = [example.bytes("length"), body, example.bytes("padding")].concat();
        let key = &self.keys[&sealed[..8]];
        assert_eq!(sha256(&[&key[88 + x..120 + x], &plain].concat())[8..24], example.bytes("msg_key"));
        assert_eq!(sealed[8..24], example.bytes("msg_key"));
        assert_eq!(sealed.len(), 24 + plain.len());

        for name in &example.names {
            if name.starts_with("decryptedMessage") {
                assert_eq!(example.bytes(name), self.constructors[name], "{name}");
            }
        }
        let drawn: Vec<_> = step["draws"].as_array().unwrap().iter().map(|draw| draw.as_str().unwrap()).collect();
        assert!(drawn.contains(&&example.hex("random_bytes")[2..]) && drawn.contains(&example.hex("random_id")));
        assert!(drawn.contains(&example.hex("padding")));
        step
    }

    /// The sealed bytes that an end made in each slot, the ones that were sent again but once.
    fn slots(&self, end: &str) -> Vec<&str> {
        let mut made = Vec::new();
        for sealed in self.steps.iter().filter(|step| step["end"] == end).flat_map(ciphertexts) {
            let sealed = sealed.as_str().unwrap();
            if !made.contains(&sealed) {
                made.push(sealed);
            }
        }
        made
    }
}

fn ciphertexts(step: &Value) -> impl Iterator<Item = &Value> {
    step["sent"].as_array().unwrap().iter().filter_map(|sent| sent.get("ciphertext"))
}

fn number(number: u32) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}

/// The numbers of a message on the wire, `in_seq_no` first.
fn numbers(example: &Example) -> [Vec<u8>; 2] {
    ["in_seq_no", "out_seq_no"].map(|name| example.bytes(name))
}

// SPEC X25-5, ACT-1: the first message of a chat.
#[test]
fn a_service_message() {
    let example = Example::new("A service message");
    assert_eq!(Shown::new().message(&example)["call"], "accepted");
    assert_eq!(numbers(&example), [number(0), number(1)]);
    assert!(example.names.contains(&"decryptedMessageActionNotifyLayer"));
}

// SPEC ENV-1, SEQ-1: x = 128, and the other parity.
#[test]
fn a_message_of_the_responder() {
    let example = Example::new("A message of the responder");
    let shown = Shown::new();
    let step = shown.message(&example);
    assert_eq!((&step["end"], &step["text"]), (&"responder".into(), &"Hello, Alice".into()));
    assert_eq!(numbers(&example), [number(2 + 1), number(0)]);
    assert_eq!(example.bytes("message"), *b"\x0cHello, Alice\0\0\0");
}

// SPEC SEQ-7: the numbers are those of the end that is asked.
#[test]
fn a_resend_of_each_end() {
    let shown = Shown::new();
    let rows = table(
        "| asks | is asked | missing slot | its `out_seq_no` | `start_seq_no`, `end_seq_no` | the Resend's own slot | its own `out_seq_no` |",
    );
    assert_eq!(rows.len(), 2);
    for (block, row) in rows.iter().enumerate() {
        let example = Example::nth("Two Resends", block);
        let (asks, asked) = (shown.message(&example)["end"].as_str().unwrap(), row[1]);
        assert_eq!((asks, row[0] == asked), (row[0], false));
        let plain = |cell: &str| -> u32 { cell.rsplit(' ').next().unwrap().parse().unwrap() };
        let (slot, own) = (plain(row[2]), plain(row[5]));
        let (missing, ours) = (2 * slot + u32::from(asked == "initiator"), 2 * own + u32::from(asks == "initiator"));
        assert_eq!([row[3], row[6]].map(plain), [missing, ours]);
        assert_eq!(row[4], missing.to_string());
        assert_eq!(["start_seq_no", "end_seq_no"].map(|name| example.bytes(name)), [number(missing), number(missing)]);
        assert_eq!(example.bytes("out_seq_no"), number(ours));
        assert_eq!(shown.slots(asks)[own as usize], example.hex("sealed"));

        // The answer is what the end that is asked has made in this slot.
        let taken = shown.steps.iter().find(|step| step["bytes"] == example.hex("sealed")).unwrap();
        assert_eq!(taken["end"], asked);
        assert_eq!(ciphertexts(taken).collect::<Vec<_>>(), [shown.slots(asked)[slot as usize]]);
    }
}

// SPEC REKEY-1 to REKEY-4: which key seals which message.
#[test]
fn a_rekey_message_by_message() {
    let shown = Shown::new();
    let [agreed, rekey] = [0, 1].map(|block| Example::nth("X25519: an agreement, a rekey", block));
    let rows = table("| message | sender | slot | sealed under | after it its sender has |");
    assert_eq!(rows.len(), 4);
    for (block, row) in rows.iter().enumerate() {
        let example = Example::nth("A rekey, message by message", block);
        assert_eq!(shown.message(&example)["end"], row[1]);
        assert!(example.names.contains(&&*format!("decryptedMessageAction{}", row[0])));
        let slot: u32 = row[2].parse().unwrap();
        assert_eq!(example.bytes("out_seq_no"), number(2 * slot + u32::from(row[1] == "initiator")));
        assert_eq!(shown.slots(row[1])[slot as usize], example.hex("sealed"));
        let key = if row[3] == "K" { &agreed } else { &rekey };
        assert_eq!(example.bytes("sealed")[..8], key.bytes("fingerprint"));
        assert_eq!(row[3], if block < 3 { "K" } else { "K'" });
    }
    let part = |block, name| Example::nth("A rekey, message by message", block).bytes(name);
    let public = |name: &str| [&[32], &rekey.bytes(name)[..], &[0; 3]].concat();
    assert_eq!([part(0, "g_a"), part(1, "g_b")], [public("P"), public("Q")]);
    for block in [1, 2] {
        assert_eq!(part(block, "key_fingerprint"), rekey.bytes("fingerprint"));
        assert_eq!(part(block, "exchange_id"), rekey.bytes("exchange_id"));
    }
    // The Noop acknowledges CommitKey.
    assert_eq!((part(2, "out_seq_no"), part(3, "in_seq_no")), (number(2 * 5 + 1), number(2 * 6 + 1)));
}
