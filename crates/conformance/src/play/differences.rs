//! The known differences between this crate's messages and the recorded ones, with their reasons.

use std::collections::BTreeMap;

macro_rules! differences {
    ($($difference:ident: $reason:literal,)+) => {
        /// A known difference.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Difference {
            $($difference,)+
        }

        const REASONS: &[(Difference, &str)] = &[$((Difference::$difference, $reason),)+];
    };
}

differences! {
    FirstNotice:
        "in_seq_no and layer of the first NotifyLayer: ours leaves with the key, the recorded one of Python after \
        the other's",
    HeaderLayer: "layer of a message: only 73, 101 and 144 are written, which every app reads",
    AnnouncedLayer: "layer in a NotifyLayer: a chat of ours announces 73 to 144",
    RandomBytes: "size of random_bytes: ours are always 31",
    Form: "constructor of a message: ours is the one of layer 73, never the one of 45",
    Timer: "ttl of one message: ours carry the timer of the chat",
    Ungrouped: "grouped_id of a single message: only albums of media have one",
    EmptyText: "a message without text and medium: refused as EmptyMessage",
    OwnAccord: "a NotifyLayer, Resend or Noop that the protocol did not call for: a chat says those itself",
    NoCall:
        "an action that the public calls do not make: a wrong step of a re-keying, a list of no ids, a negative \
        timer, typing, which goes outside of the encryption",
    OneContent: "a second content for a slot that has one: never sealed",
    OlderMedia: "constructor of a medium: ours is the newest of the peer's layer, with the same content",
    Unasked: "a message sent again that nobody asked for: the host's retransmit gives it",
    Subgroup: "a public value in range that is no square: refused here, as it is no power of the generator",
    AtOnce:
        "numbers or key around AcceptKey, CommitKey and the Noop after it: ours leave in the call that brings their \
        cause, TDLib's with its next event",
    Confirmation: "a message where ours is the Noop that follows the switch at once: TDLib waits for something to say",
    Displaced: "a message where ours is a Resend that such a Noop has moved by one slot",
    OldKey: "a message under the old key after its sender's CommitKey: never sealed",
    Exponent: "g_a of an exchange that gave no key: its exponent is not in the file",
    TooSoon:
        "a RequestKey before anything under the current key was acknowledged: refused, and the pass ends, as what \
        follows is under a key that ours does not have",
    SlotKey: "key of what takes the place of a deleted message: ours has the key of its slot, TDLib's the current one",
}

/// How often each difference occurred.
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
        for (difference, reason) in REASONS {
            let count = self.0.get(difference).copied().unwrap_or(0);
            println!("{count:6}  {reason}");
        }
    }
}
