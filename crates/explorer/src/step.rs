//! One step of a world, and how it is written down.

use std::fmt;
use std::str::FromStr;

use crate::settings::Side;

/// The name of something that an end has sent. It does not depend on draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketName {
    /// The kind.
    pub kind: Kind,
    /// The slot of a message; otherwise 0.
    pub slot: u16,
    /// 0 for the first bytes of it, 1 for what took their place.
    pub copy: u8,
}

/// The kind of something that an end has sent, in the order of its letters in scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A request: `q`.
    Request,
    /// An acceptance: `a`.
    Accept,
    /// A message: `m`.
    Message,
    /// A Discard: `d`.
    Discard,
    /// The receipt of a Discard: `r`.
    Receipt,
    /// A date up to which the user has read: `k`.
    Read,
}

/// What happens to one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// Its user does what is next in the script.
    User,
    /// It takes something that the other end has sent.
    Takes(PacketName),
    /// The transport accepts what it has sent.
    Accepted(PacketName),
    /// The transport refuses what it has sent for good, and does not bring it.
    Refused(PacketName),
    /// The transport refuses what it has sent for now.
    RefusedForNow(PacketName),
    /// Time passes until the chat wants to be called.
    Tick,
    /// The host acknowledges.
    Acknowledge,
    /// The host sends again what may be lost.
    Repeat,
    /// The process dies and starts again.
    Dies,
    /// The process starts again on an older copy of its records; 0 is the oldest.
    RollsBack(u8),
    /// A minute or more passes: only in closing phases.
    Waits,
    /// The user writes: only in closing phases.
    Writes,
    /// The user asks for a new key: only in closing phases.
    AsksForKey,
}

/// A call, and whether the process dies while its outputs are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// Which end.
    pub side: u8,
    /// What happens to it.
    pub call: Call,
    /// How many outputs are carried out before the process dies. Otherwise all are, and it lives.
    pub dies_after: Option<u8>,
}

impl Step {
    /// Returns the step of a call whose outputs are all carried out.
    #[must_use]
    pub fn of(side: Side, call: Call) -> Self {
        Self { side: u8::from(side == 1), call, dies_after: None }
    }

    /// Returns the end as an index.
    #[must_use]
    pub const fn side(self) -> Side {
        self.side as Side
    }
}

const KINDS: [(Kind, char); 6] = [
    (Kind::Request, 'q'),
    (Kind::Accept, 'a'),
    (Kind::Message, 'm'),
    (Kind::Discard, 'd'),
    (Kind::Receipt, 'r'),
    (Kind::Read, 'k'),
];

const PLAIN: [(Call, &str); 8] = [
    (Call::User, "user acts"),
    (Call::Tick, "time passes"),
    (Call::Acknowledge, "acknowledges"),
    (Call::Repeat, "repeats"),
    (Call::Dies, "dies"),
    (Call::Waits, "waits"),
    (Call::Writes, "writes"),
    (Call::AsksForKey, "asks for a key"),
];

impl fmt::Display for PacketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = KINDS.iter().find(|(kind, _)| *kind == self.kind).map_or('?', |(_, letter)| *letter);
        write!(f, "{letter}{}.{}", self.slot, self.copy)
    }
}

impl FromStr for PacketName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} names nothing that can be sent");
        let mut rest = text.chars();
        let letter = rest.next().ok_or_else(wrong)?;
        let (kind, _) = KINDS.iter().find(|(_, known)| *known == letter).ok_or_else(wrong)?;
        let (slot, copy) = rest.as_str().split_once('.').ok_or_else(wrong)?;
        Ok(Self { kind: *kind, slot: slot.parse().map_err(|_| wrong())?, copy: copy.parse().map_err(|_| wrong())? })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", ["alice", "bob"][self.side()])?;
        match self.call {
            Call::Takes(packet) => write!(f, "takes {packet}")?,
            Call::Accepted(packet) => write!(f, "hears accepted {packet}")?,
            Call::Refused(packet) => write!(f, "hears refused {packet}")?,
            Call::RefusedForNow(packet) => write!(f, "hears refused for now {packet}")?,
            Call::RollsBack(copy) => write!(f, "rolls back to copy {copy}")?,
            call => f.write_str(PLAIN.iter().find(|(plain, _)| *plain == call).map_or("?", |(_, word)| word))?,
        }
        match self.dies_after {
            Some(outputs) => write!(f, ", dies after {outputs}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let (call, dies_after) = match line.split_once(", dies after ") {
            Some((call, outputs)) => (call, Some(outputs.parse().map_err(|_| format!("{outputs} is no number"))?)),
            None => (line, None),
        };
        let (end, words) = call.split_once(' ').ok_or_else(|| format!("{line} is no step"))?;
        let side = match end {
            "alice" => 0,
            "bob" => 1,
            _ => return Err(format!("{end} is no end")),
        };
        let of_packet = |word: &str| words.strip_prefix(word).map(str::parse::<PacketName>);
        let call = if let Some(packet) = of_packet("takes ") {
            Call::Takes(packet?)
        } else if let Some(packet) = of_packet("hears accepted ") {
            Call::Accepted(packet?)
        } else if let Some(packet) = of_packet("hears refused for now ") {
            Call::RefusedForNow(packet?)
        } else if let Some(copy) = words.strip_prefix("rolls back to copy ") {
            Call::RollsBack(copy.parse().map_err(|_| format!("{copy} is no number"))?)
        } else if let Some(packet) = of_packet("hears refused ") {
            Call::Refused(packet?)
        } else {
            PLAIN.iter().find(|(_, word)| *word == words).ok_or_else(|| format!("{words} is no call"))?.0
        };
        Ok(Self { side, call, dies_after })
    }
}
