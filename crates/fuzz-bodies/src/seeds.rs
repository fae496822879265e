//! Seeds from the vectors, and the dictionary.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rand_core::Rng;
use recordings::Seeded;
use serde_json::Value;

/// The longest seed: libFuzzer changes short ones faster.
const MAX_LEN: usize = 1_500;

/// Returns the folder with a folder of seeds for each target, and the dictionary.
#[must_use]
pub fn folder() -> PathBuf {
    root().join("fuzz")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Makes the files that come from `test-vectors` and `schema`, by their paths in `fuzz`.
///
/// # Panics
/// Panics if a vector is not what its format says.
#[must_use]
pub fn made() -> BTreeMap<String, Vec<u8>> {
    let mut seeds = Seeds::default();
    seeds.of_values();
    seeds.of_envelopes();
    seeds.of_frames();
    seeds.of_files();
    seeds.of_calls();
    seeds.of_texts();
    seeds.0.retain(|_, bytes| bytes.len() <= MAX_LEN);
    seeds.0.insert("dictionary".to_owned(), dictionary().into_bytes());
    seeds.0
}

#[derive(Default)]
struct Seeds(BTreeMap<String, Vec<u8>>);

impl Seeds {
    fn add(&mut self, target: &str, id: &str, bytes: Vec<u8>) {
        self.0.insert(format!("seeds/{target}/made-{id}"), bytes);
    }

    /// One of each constructor, and each hostile one; whole messages for chats as well.
    fn of_values(&mut self) {
        let (mut seen, mut policies) = (BTreeSet::new(), (0..=3_u8).cycle());
        for case in cases("tl") {
            let (id, bytes) = (text(&case, "id"), hex_of(&case, "hex"));
            if text(&case, "kind") != "encoding" {
                if id.ends_with('0') {
                    self.add("tl", &id, bytes);
                }
                continue;
            }
            let (constructor, layer) = (text(&case, "constructor"), case["layer"].as_u64().unwrap_or_default());
            if !seen.insert((constructor, layer)) {
                continue;
            }
            if text(&case, "type") == "DecryptedMessage" && layer != 8 && bytes.len() < 1_000 {
                let (policy, words) =
                    (policies.next().expect("endless"), u8::try_from(bytes.len() / 4).expect("short"));
                self.add("ciphertext", &id, [&[policy, 2, words], &bytes[..]].concat());
            }
            self.add("tl", &id, bytes);
        }
    }

    /// Plaintexts: length, body and padding.
    fn of_envelopes(&mut self) {
        for (number, case) in
            (0_u8..).zip(cases("envelope").iter().filter(|case| text(case, "kind") == "sealed").step_by(7))
        {
            let body = hex_of(case, "body");
            let length = u32::try_from(body.len()).expect("a short body").to_le_bytes();
            let data = [&[number, 3, 0], &length[..], &body, &hex_of(case, "padding")].concat();
            self.add("envelope", &text(case, "id"), data);
        }
    }

    fn of_frames(&mut self) {
        for case in cases("frame").iter().filter(|case| text(case, "kind") == "frame").step_by(2) {
            self.add("frame", &text(case, "id"), [&[5], &hex_of(case, "frame")[..]].concat());
        }
        for case in cases("fragments") {
            let id = text(&case, "id");
            if text(&case, "kind") == "cut" {
                self.add("fragments", &id, [&[9], &hex_of(&case, "frame")[..]].concat());
                continue;
            }
            let datagrams = case["datagrams"].as_array().expect("datagrams");
            let datagrams = datagrams.iter().map(|one| hex::decode(one.as_str().expect("hex")).expect("hex"));
            let given = datagrams.filter_map(|one| Some([&[u8::try_from(one.len()).ok()?, 1], &one[..]].concat()));
            self.add("fragments", &id, given.collect::<Vec<_>>().concat());
        }
    }

    /// Contents of files, and places in tokens.
    fn of_files(&mut self) {
        for case in cases("media").iter().filter(|case| text(case, "kind") == "file") {
            self.add("chain", &text(case, "id"), [&[5, 11, 0, 2], &hex_of(case, "plain")[..]].concat());
        }
        for which in 0..3 {
            // Nothing, p, the size, the parts done, iv, padding, digest.
            for (place, bytes) in [
                (0, &[0; 0][..]),
                (1, &[3]),
                (2, &[9, 9]),
                (10, &[0]),
                (10, &[2]),
                (18, &[7; 32]),
                (50, &[5]),
                (66, &[1]),
            ] {
                for how in [1, 2] {
                    self.add(
                        "resume",
                        &format!("{which}-{how}-{place}-{}", bytes.len()),
                        [&[which, how, place], bytes].concat(),
                    );
                }
            }
            self.add("resume", &format!("{which}-state"), [&[which, 3][..], &[which; 98]].concat());
        }
        for case in cases("resume").iter().filter(|case| text(case, "kind") == "token").step_by(9) {
            self.add("resume", &text(case, "id"), [&[0, 0], &hex_of(case, "token")[..]].concat());
        }
    }

    /// Calls for both ends, of each profile and some limits.
    fn of_calls(&mut self) {
        for profile in 0..6_u8 {
            for limits in [0, 3, 6] {
                let mut rng = Seeded::new(100 * u64::from(profile) + u64::from(limits));
                let mut steps = vec![profile, limits];
                for _ in 0..60 {
                    let [call, argument, ..] = rng.next_u32().to_le_bytes();
                    steps.extend([call % 84, argument]);
                }
                self.add("operations", &format!("{profile}-{limits}"), steps);
            }
        }
    }

    /// Texts with marks, and lines of the page about the shim.
    fn of_texts(&mut self) {
        let marked = [
            "**b** __i__ ~~s~~ ||p|| `c` [a **b**](https://example.org/x)",
            "```rust\nlet a;``` \\*\\* 😀**😀__é__**",
            "see example.com, @name, #tag and a@b.example",
            "user\u{202e}gnp.exe \u{2067}a\u{2069}\u{2069}\nb\u{2068}",
        ];
        for (number, text) in marked.iter().enumerate() {
            let given = [3, number.to_le_bytes()[0], 0, 4, 4, 2, 3, 6, 5, 9];
            self.add("markdown", &number.to_string(), [&given, text.as_bytes()].concat());
        }
        for profile in ["x25519", "hybrid", "telegram"] {
            let ids = if profile == "telegram" { "" } else { r#""local_id":"aa","peer_id":"bb","# };
            let config =
                format!(r#"{{"command":"config","profile":"{profile}",{ids}"now":1700000000000,"seed":"01"}}"#);
            for (name, lines) in LINES {
                self.add("shim", &format!("{profile}-{name}"), format!("{config}\n{lines}").into_bytes());
            }
        }
    }
}

const LINES: [(&str, &str); 3] = [
    (
        "asks",
        r#"{"command":"request"}
{"command":"state"}
{"command":"crash_after","outputs":1}
{"command":"now","now":1700000090000,"monotonic":5,"boot":1}
{"command":"restart","drop_batches":1}
{"command":"accepted","public":"0900000000000000000000000000000000000000000000000000000000000000","fingerprint":"0000000000000000"}
{"command":"diagnosis"}"#,
    ),
    (
        "is-asked",
        r#"{"command":"invitation","public":"0900000000000000000000000000000000000000000000000000000000000000"}
{"command":"accept"}
{"command":"send","text":"a","ttl":5,"entities":[{"kind":"bold","offset":0,"length":1}]}
{"command":"ciphertext","bytes":"00","date":1}
{"command":"set_ttl","seconds":60}
{"command":"rekey"}
{"command":"delete","ids":["1"]}
{"command":"close","history":"delete"}
{"command":"discarded","history":true}"#,
    ),
    (
        "errs",
        r#"{"command":"config"}
{"command":"nothing"}
{"command":"request","more":1}
[]
{"command":"peek","bytes":"0g"}"#,
    ),
];

/// Constructor numbers, first bytes of frames, fragments and records, and words of the shim, in libFuzzer's form.
fn dictionary() -> String {
    let schema = fs::read_to_string(root().join("schema/secret.tl")).expect("the schema");
    let mut lines = BTreeSet::new();
    for line in schema.lines() {
        let Some((name, rest)) = line.split_once('#') else { continue };
        let number = rest.split([' ', '\t']).next().and_then(|number| u32::from_str_radix(number, 16).ok());
        if let Some(number) = number.filter(|_| name.chars().all(char::is_alphanumeric)) {
            lines.insert(format!("{name}_{number:08x}={}", quoted(&number.to_le_bytes())));
        }
    }
    for case in cases("frame").iter().filter(|case| text(case, "kind") == "frame") {
        let kind: String = text(case, "frame_kind").chars().filter(|one| one.is_alphanumeric()).collect();
        lines.insert(format!("frame_{kind}={}", quoted(&hex_of(case, "frame")[..3])));
    }
    for case in cases("fragments") {
        let Some(datagram) = case["datagrams"][0].as_str().filter(|_| text(&case, "kind") == "cut") else { continue };
        let datagram = hex::decode(datagram).expect("hex");
        lines.insert(format!("fragment_{}={}", datagram[1], quoted(&datagram[..2])));
    }
    for kind in 1..=8_u8 {
        lines.insert(format!("record_{kind}={}", quoted(&[kind, 0, 0, 0])));
    }
    for version in [1, 2_u8] {
        lines.insert(format!("version_{version}={}", quoted(&[version])));
    }
    let page = fs::read_to_string(root().join("crates/conformance/SHIM.md")).expect("the page about the shim");
    for row in page.lines().filter_map(|line| line.strip_prefix("| `")) {
        let word = row.split('`').next().unwrap_or_default();
        if word.chars().all(|one| one.is_ascii_lowercase() || one == '_') {
            lines.insert(format!("word_{word}={}", quoted(format!("\"{word}\"").as_bytes())));
        }
    }
    for (name, mark) in
        [("bold", "**"), ("italic", "__"), ("strike", "~~"), ("spoiler", "||"), ("pre", "```"), ("link", "](")]
    {
        lines.insert(format!("mark_{name}={}", quoted(mark.as_bytes())));
    }
    let head = "# Made by `cargo run -p fuzz-bodies`: constructor numbers, beginnings, words and marks.\n";
    lines.into_iter().fold(head.to_owned(), |text, line| text + &line + "\n")
}

fn quoted(bytes: &[u8]) -> String {
    let escaped = bytes.iter().map(|byte| format!("\\x{byte:02x}"));
    format!("\"{}\"", escaped.collect::<String>())
}

fn cases(name: &str) -> Vec<Value> {
    let file = fs::read(root().join("test-vectors").join(name).with_extension("json")).expect("a file of vectors");
    let mut file: Value = serde_json::from_slice(&file).expect("JSON");
    let Value::Array(cases) = file["cases"].take() else { panic!("{name} has no cases") };
    cases
}

fn text(case: &Value, field: &str) -> String {
    case[field].as_str().unwrap_or_default().to_owned()
}

fn hex_of(case: &Value, field: &str) -> Vec<u8> {
    hex::decode(case[field].as_str().expect("hex")).expect("hex")
}
