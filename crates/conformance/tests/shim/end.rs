//! One end as its host sees it.

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;

use crate::process::{Answer, Shim};

/// The timer of a photo, in seconds.
pub(crate) const TTL: u64 = 5;

/// Everything here is durable together with a batch.
pub(crate) struct End {
    pub(crate) shim: Shim,
    pub(crate) has_chat: bool,
    pub(crate) sent: Vec<Written>,
    pub(crate) received: Vec<Written>,
    /// Received, with a timer, not opened.
    pub(crate) closed: VecDeque<String>,
    pub(crate) opened: BTreeSet<String>,
    pub(crate) expired: Vec<String>,
    /// Names of all other events.
    pub(crate) events: Vec<String>,
}

/// A message: its id, its text, and whether it has a timer.
pub(crate) type Written = (String, String, bool);

impl End {
    pub(crate) fn new(shim: Shim) -> Self {
        Self {
            shim,
            has_chat: false,
            sent: Vec::new(),
            received: Vec::new(),
            closed: VecDeque::new(),
            opened: BTreeSet::new(),
            expired: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Gives a command, and does with its outputs what a host does: news are kept with the batch that follows them.
    pub(crate) fn tell(&mut self, command: &str, fields: &Value) -> Answer {
        let answer = self.shim.tell(command, fields);
        let mut news = Vec::new();
        for line in &answer.outputs {
            match line["out"].as_str().unwrap() {
                "event" if line["event"] == "opened" => self.look(line),
                "event" => news.push(line),
                "persist" => news.drain(..).for_each(|line| self.keep(line)),
                _ => {}
            }
        }
        match (answer.err(), command) {
            (None, "request" | "accept") => self.has_chat = true,
            (Some(("store", "Missing")), _) => self.has_chat = false,
            (None | Some(("peer", _)), _)
            | (Some(("api", "NotReady")), "send" | "send_album" | "rekey")
            | (Some(("api", "RekeyInProgress")), "rekey") => {}
            (Some(("shim", "NoChat")), _) if !self.has_chat => {}
            (Some(err), _) => panic!("{command}: {err:?}"),
        }
        answer
    }

    fn keep(&mut self, line: &Value) {
        let id = || line["random_id"].as_str().unwrap().to_owned();
        match line["event"].as_str().unwrap() {
            "message" => {
                let is_timed = line["ttl"] == TTL;
                if is_timed {
                    self.closed.push_back(id());
                }
                self.received.push((id(), line["text"].as_str().unwrap().to_owned(), is_timed));
            }
            "expired" => {
                self.closed.retain(|closed| *closed != id());
                self.expired.push(id());
            }
            name => self.events.push(name.to_owned()),
        }
    }

    fn look(&mut self, line: &Value) {
        let id = line["random_id"].as_str().unwrap().to_owned();
        assert_eq!(line["lease"]["key"], photo_key(&id));
        self.opened.insert(id);
    }
}

/// Returns another key for each photo.
pub(crate) fn photo_key(id: &str) -> String {
    format!("{:064x}", id.parse::<u64>().unwrap())
}
