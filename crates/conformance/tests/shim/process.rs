//! One shim at the end of two pipes.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub(crate) const START: u64 = 1_700_000_000_000;

pub(crate) struct Shim {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// All lines of both directions, byte for byte.
    pub(crate) transcript: String,
    pub(crate) used: BTreeSet<String>,
}

/// Returns the shim under test. `SECRETCHAT_SHIM` names another one, with its arguments: it must answer the same.
pub(crate) fn program() -> Command {
    let other = std::env::var("SECRETCHAT_SHIM").unwrap_or_default();
    let mut words = other.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(env!("CARGO_BIN_EXE_shim")));
    command.args(words);
    command
}

/// The lines that answer one command.
pub(crate) struct Answer {
    pub(crate) outputs: Vec<Value>,
    closing: Value,
}

impl Shim {
    pub(crate) fn start() -> Self {
        let mut command = program();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output, transcript: String::new(), used: BTreeSet::new() }
    }

    /// Starts a shim and gives it its `config`.
    pub(crate) fn set_up(config: &Value) -> Self {
        let mut shim = Self::start();
        shim.tell("config", config).done();
        shim
    }

    /// Gives a command with its fields.
    pub(crate) fn tell(&mut self, command: &str, fields: &Value) -> Answer {
        let mut line = fields.clone();
        line["command"] = json!(command);
        self.used.insert(command.to_owned());
        self.line(line.to_string().as_bytes())
    }

    /// Gives any line.
    pub(crate) fn line(&mut self, line: &[u8]) -> Answer {
        self.input.write_all(&[line, b"\n"].concat()).unwrap();
        self.transcript.push_str(&String::from_utf8_lossy(line));
        let mut outputs = Vec::new();
        loop {
            let mut answer = String::new();
            assert_ne!(
                self.output.read_line(&mut answer).unwrap(),
                0,
                "the shim died of {}",
                String::from_utf8_lossy(line)
            );
            self.transcript.push_str(&answer);
            let value: Value = serde_json::from_str(&answer).unwrap();
            if value["out"].is_null() {
                return Answer { outputs, closing: value };
            }
            outputs.push(value);
        }
    }

    pub(crate) fn state(&mut self) -> Value {
        self.tell("state", &json!({})).done().clone()
    }
}

impl Drop for Shim {
    fn drop(&mut self) {
        let _is_gone_already = self.child.kill();
        let _nothing_to_learn = self.child.wait();
    }
}

impl Answer {
    /// Returns what a command was done with; it must not have failed.
    pub(crate) fn done(&self) -> &Value {
        assert_eq!(self.closing["err"], Value::Null);
        &self.closing["done"]
    }

    /// Returns side and kind of the error.
    pub(crate) fn err(&self) -> Option<(&str, &str)> {
        Some((self.closing["err"]["side"].as_str()?, self.closing["err"]["kind"].as_str()?))
    }

    pub(crate) fn out<'a>(&'a self, out: &'a str) -> impl Iterator<Item = &'a Value> {
        self.outputs.iter().filter(move |line| line["out"] == out)
    }

    /// Returns the bytes of its one ciphertext.
    pub(crate) fn ciphertext(&self) -> Value {
        let mut all = self.out("transmit").filter(|line| line["kind"] == "ciphertext");
        let bytes = all.next().expect("a ciphertext")["bytes"].clone();
        assert!(all.next().is_none(), "one ciphertext: {:?}", self.outputs);
        json!({"bytes": bytes})
    }
}

/// Returns whether each field of `expected` stands in `actual`.
pub(crate) fn has(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            expected.iter().all(|(name, value)| actual.get(name).is_some_and(|actual| has(actual, value)))
        }
        _ => actual == expected,
    }
}
