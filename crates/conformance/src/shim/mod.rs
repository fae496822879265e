//! The shim: takes lines and returns their answers.

mod call;
mod disk;
mod failure;
mod peer;
mod setup;
mod state;

use serde_json::{Value, json};

use crate::codec::{Fields, FromJson};

use failure::{Failure, Misuse};
use peer::Peer;

/// Hosts one chat, and obeys lines of JSON (`SHIM.md`).
#[derive(Debug, Default)]
pub struct Shim {
    /// `None` until `config` has come.
    peer: Option<Peer>,
}

impl Shim {
    /// Obeys a line. Returns the lines of the answer, with the closing line last.
    pub fn obey(&mut self, line: &[u8]) -> Vec<Value> {
        let mut lines = Vec::new();
        let closing = match self.call(line, &mut lines) {
            Ok(done) => json!({"done": done}),
            Err(failure) => failure.to_json(),
        };
        lines.push(closing);
        lines
    }

    fn call(&mut self, line: &[u8], lines: &mut Vec<Value>) -> Result<Value, Failure> {
        let (command, fields) = parse(line).ok_or(Misuse::MalformedLine)?;
        match (command.as_str(), &mut self.peer) {
            ("config", Some(_)) => Err(Misuse::Configured.into()),
            ("config", empty) => {
                *empty = Some(Peer::set_up(fields)?);
                Ok(Value::Null)
            }
            (_, None) => Err(Misuse::NotConfigured.into()),
            (command, Some(peer)) => peer.obey(command, fields, lines),
        }
    }
}

fn parse(line: &[u8]) -> Option<(String, Fields)> {
    let mut fields = Fields::from_json(serde_json::from_slice(line).ok()?).ok()?;
    Some((fields.need("command").ok()?, fields))
}
