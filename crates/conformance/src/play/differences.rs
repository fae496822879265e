//! Where what this crate writes is known to be another thing than what was recorded, and why.

use std::collections::BTreeMap;

/// A known difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    FirstNotice,
    HeaderLayer,
    AnnouncedLayer,
    RandomBytes,
    Form,
    Timer,
    Ungrouped,
    EmptyText,
    OwnAccord,
    NoCall,
    OneContent,
    OlderMedia,
    Unasked,
    Subgroup,
    AtOnce,
    Confirmation,
    Displaced,
    OldKey,
    Exponent,
    TooSoon,
    SlotKey,
}

impl Difference {
    const ALL: [Self; 21] = [
        Self::FirstNotice,
        Self::HeaderLayer,
        Self::AnnouncedLayer,
        Self::RandomBytes,
        Self::Form,
        Self::Timer,
        Self::Ungrouped,
        Self::EmptyText,
        Self::OwnAccord,
        Self::NoCall,
        Self::OneContent,
        Self::OlderMedia,
        Self::Unasked,
        Self::Subgroup,
        Self::AtOnce,
        Self::Confirmation,
        Self::Displaced,
        Self::OldKey,
        Self::Exponent,
        Self::TooSoon,
        Self::SlotKey,
    ];

    fn reason(self) -> &'static str {
        match self {
            Self::FirstNotice => {
                "in_seq_no and layer of the first NotifyLayer: ours leaves with the key, the recorded one of Python after \
                 the other's"
            }
            Self::HeaderLayer => "layer of a message: only 73, 101 and 144 are written, which every app reads",
            Self::AnnouncedLayer => "layer in a NotifyLayer: a chat of ours announces 73 to 144",
            Self::RandomBytes => "size of random_bytes: ours are always 31",
            Self::Form => "constructor of a message: ours is the one of layer 73, never the one of 45",
            Self::Timer => "ttl of one message: ours carry the timer of the chat",
            Self::Ungrouped => "grouped_id of a single message: only albums of media have one",
            Self::EmptyText => "a message without text and medium: refused as EmptyMessage",
            Self::OwnAccord => {
                "a NotifyLayer, Resend or Noop that the protocol did not call for: a chat says those itself"
            }
            Self::NoCall => {
                "an action that the public calls do not make: a wrong step of a re-keying, a list of no ids, a negative timer, \
                 typing, which goes outside of the encryption"
            }
            Self::OneContent => "a second content for a slot that has one: never sealed",
            Self::OlderMedia => {
                "constructor of a medium: ours is the newest of the peer's layer, with the same content"
            }
            Self::Unasked => "a message sent again that nobody asked for: the host's retransmit gives it",
            Self::Subgroup => {
                "a public value in range that is no square: refused here, as it is no power of the generator"
            }
            Self::AtOnce => {
                "numbers or key around AcceptKey, CommitKey and the Noop behind it: ours leave in the call that brings their cause, TDLib's \
                 with its next event"
            }
            Self::Confirmation => {
                "a message where ours is the Noop that follows the switch at once: TDLib waits for something to say"
            }
            Self::Displaced => "a message where ours is a Resend that such a Noop has moved by one slot",
            Self::OldKey => "a message under the old key after its sender's CommitKey: never sealed",
            Self::Exponent => "g_a of an exchange that gave no key: its exponent is not in the file",
            Self::SlotKey => {
                "key of what takes the place of a deleted message: ours has the key of its slot, TDLib's the current one"
            }
            Self::TooSoon => {
                "a RequestKey before anything under the current key was acknowledged: refused, and the pass ends, as \
                 what follows is under a key that ours does not have"
            }
        }
    }
}

/// How often each difference was met.
#[derive(Debug, Default)]
pub(crate) struct Differences(BTreeMap<Difference, usize>);

impl Differences {
    pub(crate) fn note(&mut self, difference: Difference) {
        *self.0.entry(difference).or_default() += 1;
    }

    pub(crate) fn total(&self) -> usize {
        self.0.values().sum()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (difference, count) in &other.0 {
            *self.0.entry(*difference).or_default() += count;
        }
    }

    pub(crate) fn print(&self) {
        println!("listed differences:");
        for difference in Difference::ALL {
            let count = self.0.get(&difference).copied().unwrap_or(0);
            println!("{count:6}  {}", difference.reason());
        }
    }
}
