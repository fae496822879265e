//! The worked examples are those of the vectors, and each value follows from those above it.

mod agreements;
mod chat;
mod files;
mod messages;
mod record;

use std::collections::BTreeMap;
use std::fs;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::SPEC;

/// `name = hex` in a code block of an example, which is found by its title; long values go on in the next line.
struct Example {
    values: BTreeMap<&'static str, String>,
    /// In the order of the block.
    names: Vec<&'static str>,
}

impl Example {
    fn new(title: &str) -> Self {
        Self::nth(title, 0)
    }

    /// The values of one of its code blocks.
    fn nth(title: &str, block: usize) -> Self {
        let mut values = BTreeMap::new();
        let mut names = Vec::new();
        for line in code(title, block).lines() {
            let digits = match line.split_once('=') {
                Some((before, behind)) => {
                    names.push(before.trim());
                    assert!(values.insert(before.trim(), String::new()).is_none(), "{title}: {before} twice");
                    behind
                }
                None => line,
            };
            values.get_mut(names.last().unwrap()).unwrap().push_str(digits.trim());
        }
        assert!(!values.is_empty(), "{title}");
        Self { values, names }
    }

    fn hex(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or_else(|| panic!("no {name}"))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        hex::decode(self.hex(name)).unwrap()
    }

    fn joined(&self, names: &[&str]) -> Vec<u8> {
        names.iter().flat_map(|name| self.bytes(name)).collect()
    }

    /// Each value of the vector by its name there; its leading zeros may be missing.
    fn equals(&self, vector: &Value, names: &[(&str, &str)]) {
        for (ours, theirs) in names {
            let wanted = vector[*theirs].as_str().unwrap_or_else(|| panic!("the vector has no {theirs}"));
            assert_eq!(self.hex(ours), format!("{wanted:0>width$}", width = self.hex(ours).len()), "{ours}");
        }
    }
}

/// A code block of an example.
fn code(title: &str, block: usize) -> &'static str {
    let has_title = |line: &&str| {
        line.strip_prefix("### ").and_then(|line| line.split_once(' ')).is_some_and(|(_, it)| it == title)
    };
    let heading = SPEC.lines().find(has_title).unwrap_or_else(|| panic!("no example {title}"));
    let (_, section) = SPEC.split_once(&format!("\n{heading}\n")).unwrap();
    let section = section.split("\n### ").next().unwrap();
    section.split("```\n").nth(2 * block + 1).unwrap()
}

/// The same name on both sides.
fn same<'a>(names: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    names.iter().map(|name| (*name, *name)).collect()
}

/// A file of `test-vectors`.
fn vectors(name: &str) -> Value {
    let path = format!("{}/test-vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap().chain_update(data).finalize().into_bytes().to_vec()
}

/// The cases of one kind in a file of vectors.
fn cases(mut file: Value, kind: &str) -> Vec<Value> {
    let Value::Array(cases) = file["cases"].take() else { panic!("no cases") };
    cases.into_iter().filter(|case| case["kind"] == kind).collect()
}

fn expand(prk: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    Hkdf::<Sha256>::from_prk(prk).unwrap().expand(info, &mut out).unwrap();
    out
}

#[test]
fn the_published_prime_stands_in_the_clause() {
    let (_, clause) = SPEC.split_once("**MODP-1**").unwrap();
    let digits: String = clause.split("```\n").nth(1).unwrap().split_whitespace().collect();
    assert_eq!(digits, cases(vectors("modp.json"), "group")[3]["p"].as_str().unwrap());
}

// SPEC VER-2, VER-5, VER-6.
#[test]
fn the_example_of_a_verification_value_is_a_vector() {
    let file = vectors("verification.json");
    let value = Example::new("A verification value").bytes("value");
    let values = cases(file.clone(), "value");
    let vector = values.iter().find(|case| case["value"] == hex::encode(&value)).unwrap();
    let lines = |name: &str| -> Vec<String> {
        vector[name].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(code("A verification value", 1).lines().collect::<Vec<_>>(), lines("cells"));
    assert_eq!(code("A verification value", 2).lines().collect::<Vec<_>>(), lines("hex_lines"));
    let words: Vec<&str> = code("A verification value", 3).split_whitespace().collect();
    let list: Vec<&str> = include_str!("../../../../src/verify/words.txt").split_whitespace().collect();
    let word_of = |(place, byte): (usize, &u8)| list[2 * usize::from(*byte) + place % 2];
    assert_eq!(words, value.iter().enumerate().map(word_of).collect::<Vec<_>>());
    assert_eq!(code("A verification value", 4).trim(), format!("SECRETCHAT:1:I:{}", hex::encode_upper(&value)));
    let (_, clause) = SPEC.split_once("**VER-2**").unwrap();
    let colours: Vec<_> =
        file["colours"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_uppercase()).collect();
    assert!(clause.lines().next().unwrap().contains(&format!("`{}`", colours.join("`, `"))));
}

#[test]
fn the_example_of_a_frame_is_a_vector() {
    let example = Example::new("A frame");
    let frames = cases(vectors("frame.json"), "frame");
    let frame =
        hex::encode(example.joined(&["version", "kind", "chat tag", "length", "transmit id", "file", "file id"]));
    let frame = frame + example.hex("sealed bytes");
    let vector = frames.iter().find(|case| case["frame"] == frame).unwrap();
    example.equals(vector, &[("frame", "frame"), ("file id", "file"), ("sealed bytes", "sealed")]);
    let id = u64::from_le_bytes(example.bytes("transmit id").try_into().unwrap());
    assert_eq!(vector["transmit_id"], id.to_string());
}
