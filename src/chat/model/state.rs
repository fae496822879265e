//! The state that a message may change.

use crate::profile::Rules;
use crate::seq::Slots;
use crate::types::id::{ExchangeId, Layer, SeqNo};
use crate::types::time::{Elapsed, LogicalClock, Monotonic, Timestamp, Ttl};

/// The state that a message may change. It is small and `Copy`, so the next state is built beside the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) struct State {
    pub(in crate::chat) clock: LogicalClock,
    /// Whether the responder has heard from the initiator. Always true for an initiator with keys.
    pub(in crate::chat) confirmed: bool,
    /// When an unproved Discard came to a responder that had not heard from the initiator yet (SPEC X25-10).
    pub(in crate::chat) discard_noted: Option<Elapsed>,
    pub(in crate::chat) slots: Slots,
    /// Missing slots of the peer below this one were requested.
    pub(in crate::chat) asked: SeqNo,
    /// How many requests for the first gap were made since something of a gap came, and when the last was made.
    pub(in crate::chat) asks: u8,
    pub(in crate::chat) asked_at: Elapsed,
    /// Whether something other than a bare acknowledgement was processed since our last message.
    pub(in crate::chat) owes_acknowledgement: bool,
    /// The layer that this side announces and writes at most.
    pub(in crate::chat) own_layer: Layer,
    /// The layer that the peer is assumed to understand.
    pub(in crate::chat) peer_layer: Layer,
    /// The highest layer at which a message of the peer was written.
    pub(in crate::chat) seen_layer: Layer,
    /// The peer's layer when ours was last sent to it because a body was not understood.
    pub(in crate::chat) told_at: Option<Layer>,
    pub(in crate::chat) ttl: Ttl,
    /// The slot of our last `SetMessageTTL`, to detect one of the peer that crossed it.
    pub(in crate::chat) ttl_slot: Option<SeqNo>,
    /// The timer at both ends if none of our unacknowledged messages arrives. Those from slot `ttl_from` on would
    /// change it. Earlier ones have lost against one of the peer.
    pub(in crate::chat) ttl_known: Ttl,
    pub(in crate::chat) ttl_from: SeqNo,
    /// How many keys have followed the first one.
    pub(in crate::chat) rekeys: u32,
    /// When the current key became current, and how many messages had been made and processed before.
    pub(in crate::chat) key_since: Elapsed,
    pub(in crate::chat) key_slot: SeqNo,
    pub(in crate::chat) key_received: SeqNo,
    /// Whether the host knows that the key is beyond its limit.
    pub(in crate::chat) overdue_told: bool,
    /// How many exchanges in a row gave no key, the last of them, and when we ask again by ourselves.
    pub(in crate::chat) failures: u8,
    pub(in crate::chat) ended: Option<ExchangeId>,
    /// Our last exchange whose request the transport refused. The peer may have it all the same.
    pub(in crate::chat) refused: Option<ExchangeId>,
    /// How long the Noop that confirms our switch is held back (SPEC REKEY-8).
    pub(in crate::chat) noop_held_until: Option<Elapsed>,
    pub(in crate::chat) ask_after: Elapsed,
    /// How many messages acknowledge our request for a key without answering it.
    pub(in crate::chat) unanswered: u8,
    /// The lowest slot of the peer that was opened under MTProto 2.0.
    pub(in crate::chat) modern_from: Option<SeqNo>,
    /// Whether the host knows that the peer began under MTProto 1.0.
    pub(in crate::chat) told_old: bool,
    pub(in crate::chat) options: StateOptions,
}

/// Fields that few chats use. They are in the record only where they are used (SPEC REC-9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::chat) struct StateOptions {
    /// The values that the users have compared (SPEC VER-4).
    pub(in crate::chat) compared: Compared,
    /// The last reading of the host's monotonic clock, if the last call that succeeded had one (SPEC TIME-4).
    pub(in crate::chat) monotonic: Option<Monotonic>,
    /// Sealed bytes of messages made and opened under the current key, if the policy bounds them.
    pub(in crate::chat) key_bytes: u64,
}

/// The values that the users have compared, as reported by the host. Each value covers the ones before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::chat) enum Compared {
    #[default]
    Nothing,
    /// The value of the handshake.
    Handshake,
    /// The value of the current key as well.
    CurrentKey,
}

impl State {
    /// Moves the clock to the time of a call, by the clock that counts (SPEC TIME-1, TIME-4).
    pub(in crate::chat) fn advance(&mut self, now: Timestamp, monotonic: Option<Monotonic>) {
        let step = monotonic.zip(self.options.monotonic).and_then(|(reading, last)| reading.since(last));
        self.clock = match step {
            Some(step) => self.clock.advanced_by(now, step),
            None => self.clock.advanced(now),
        };
        self.options.monotonic = monotonic;
    }

    /// Moves the clock to where it is in a later state, and nothing else.
    pub(in crate::chat) fn take_time_of(&mut self, later: &Self) {
        self.clock = later.clock;
        self.options.monotonic = later.options.monotonic;
    }

    pub(in crate::chat) fn new(clock: LogicalClock, own_layer: Layer, rules: &Rules) -> Self {
        Self {
            clock,
            confirmed: false,
            discard_noted: None,
            slots: Slots::default(),
            asked: SeqNo::ZERO,
            asks: 0,
            asked_at: Elapsed::default(),
            owes_acknowledgement: false,
            own_layer,
            peer_layer: rules.first_layer,
            // A fixed layer counts as seen from the start.
            seen_layer: if rules.layer_is_fixed { rules.first_layer } else { Layer(0) },
            told_at: None,
            ttl: Ttl::OFF,
            ttl_slot: None,
            ttl_known: Ttl::OFF,
            ttl_from: SeqNo::ZERO,
            rekeys: 0,
            key_since: clock.elapsed(),
            key_slot: SeqNo::ZERO,
            key_received: SeqNo::ZERO,
            overdue_told: false,
            failures: 0,
            ended: None,
            refused: None,
            noop_held_until: None,
            ask_after: Elapsed::default(),
            unanswered: 0,
            modern_from: None,
            told_old: false,
            options: StateOptions::default(),
        }
    }
}
