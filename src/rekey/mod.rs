//! Rekeying as a table: what each message does in each state (SPEC REKEY-2).

mod policy;

pub use policy::{KeyUse, RekeyLimit, RekeyPolicy, is_unanswered, noop_held_until, pause_millis};

use crate::types::error::RekeyFailure;
use crate::types::id::{ExchangeId, KeyFingerprint};
use crate::types::names::names;

/// The state of a key exchange at this end. The variants are the columns of the table in SPEC REKEY-2, so their
/// fields are fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RekeyState {
    /// No exchange is in progress.
    Idle,
    /// We asked, and keep our secret until the answer comes.
    Requested {
        /// The exchange that we started.
        exchange_id: ExchangeId,
    },
    /// The peer asked, and there has been no room in the outbox for our answer yet.
    Asked {
        /// The exchange that the peer started.
        exchange_id: ExchangeId,
    },
    /// We answered. Messages under the new key can be opened, and ours still use the current one.
    Accepted {
        /// The exchange that the peer started.
        exchange_id: ExchangeId,
        /// The fingerprint of the new key.
        fingerprint: KeyFingerprint,
    },
    /// The peer answered, and there has been no room in the outbox for our commit yet.
    Answered {
        /// The exchange that we started.
        exchange_id: ExchangeId,
    },
}

names! {
    copy RekeyState {
        1 "idle" Idle,
        2 "requested" Requested,
        3 "asked" Asked,
        4 "accepted" Accepted,
        5 "answered" Answered,
    }
}

/// A message of the peer about an exchange. Public values may be as long as a message allows: they are checked
/// before they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// A RequestKey message.
    Request {
        /// The peer's new exchange.
        exchange_id: ExchangeId,
        /// The value of the request.
        public: &'a [u8],
    },
    /// An AcceptKey message.
    Accept {
        /// The exchange that it answers.
        exchange_id: ExchangeId,
        /// The value of the answer.
        public: &'a [u8],
        /// The fingerprint of the key that the peer computed.
        fingerprint: KeyFingerprint,
    },
    /// A CommitKey message.
    Commit {
        /// The exchange that it completes.
        exchange_id: ExchangeId,
        /// The fingerprint of the key that the peer commits to.
        fingerprint: KeyFingerprint,
    },
    /// An AbortKey message.
    Abort {
        /// The exchange that is aborted.
        exchange_id: ExchangeId,
    },
}

impl Said<'_> {
    /// Returns the exchange that the message is about.
    #[must_use]
    pub const fn exchange_id(self) -> ExchangeId {
        match self {
            Self::Request { exchange_id, .. }
            | Self::Accept { exchange_id, .. }
            | Self::Commit { exchange_id, .. }
            | Self::Abort { exchange_id } => exchange_id,
        }
    }
}

/// The facts that the table needs besides the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// An exchange that ended without a key. Later messages about it have no effect.
    pub ended: Option<ExchangeId>,
    /// Whether the message was sealed with the key that is current here.
    pub under_current: bool,
    /// Whether the message acknowledges our own open request, so that a request of the peer did not cross ours.
    pub counts_ours: bool,
}

/// The effect of a message about an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The request is answered if its public value is good. A request of our own is dropped silently, and counts as
    /// ended.
    Answer,
    /// The request is answered, although a former request of the peer was unfinished: only a peer that gave that
    /// one up asks again.
    AnswerInstead,
    /// The new key is derived, if the public value is good and the fingerprint is right.
    Derive,
    /// The candidate becomes the current key.
    Switch,
    /// The exchange is dropped without a key.
    Drop(RekeyFailure),
    /// Both ends asked under the same id, so both requests are dropped silently.
    Cancel,
    /// The message fits but has no effect. A request of the peer is remembered: if ours ends without an answer, the
    /// peer still waits for one.
    Ignore,
    /// The message is not in the table.
    Unexpected,
}

impl Said<'_> {
    /// Looks up the effect of the message in a state (SPEC REKEY-2).
    #[must_use]
    pub fn outcome(self, state: RekeyState, context: Context) -> Outcome {
        let Context { ended, under_current, counts_ours } = context;
        match (self, state) {
            (Self::Request { .. }, _) if !under_current => Outcome::Unexpected,
            (Self::Request { .. }, RekeyState::Idle) => Outcome::Answer,
            // A peer that had processed our request and still asks will not answer ours.
            (Self::Request { .. }, RekeyState::Requested { .. }) if counts_ours => Outcome::Answer,
            (Self::Request { exchange_id: theirs, .. }, RekeyState::Requested { exchange_id: ours }) => {
                match theirs.0.cmp(&ours.0) {
                    core::cmp::Ordering::Greater => Outcome::Answer,
                    core::cmp::Ordering::Less => Outcome::Ignore,
                    core::cmp::Ordering::Equal => Outcome::Cancel,
                }
            }
            (
                Self::Request { exchange_id, .. },
                RekeyState::Asked { exchange_id: former } | RekeyState::Accepted { exchange_id: former, .. },
            ) if exchange_id != former => Outcome::AnswerInstead,
            (Self::Accept { exchange_id, .. }, RekeyState::Requested { exchange_id: ours }) if exchange_id == ours => {
                Outcome::Derive
            }
            (
                Self::Commit { exchange_id, fingerprint },
                RekeyState::Accepted { exchange_id: theirs, fingerprint: candidate },
            ) if exchange_id == theirs => {
                if fingerprint == candidate {
                    Outcome::Switch
                } else {
                    Outcome::Drop(RekeyFailure::FingerprintMismatch)
                }
            }
            (Self::Abort { exchange_id }, state) if state.exchange_id() == Some(exchange_id) => {
                Outcome::Drop(RekeyFailure::Aborted)
            }
            (Self::Abort { .. }, _) => Outcome::Ignore,
            (Self::Accept { exchange_id, .. } | Self::Commit { exchange_id, .. }, _) if ended == Some(exchange_id) => {
                Outcome::Ignore
            }
            (Self::Request { .. } | Self::Accept { .. } | Self::Commit { .. }, _) => Outcome::Unexpected,
        }
    }
}

impl RekeyState {
    /// Returns the exchange that is in progress.
    #[must_use]
    pub const fn exchange_id(self) -> Option<ExchangeId> {
        match self {
            Self::Idle => None,
            Self::Requested { exchange_id }
            | Self::Asked { exchange_id }
            | Self::Accepted { exchange_id, .. }
            | Self::Answered { exchange_id } => Some(exchange_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: ExchangeId = ExchangeId(5);
    const CANDIDATE: KeyFingerprint = KeyFingerprint::from_long(7);
    const STATES: [RekeyState; 5] = [
        RekeyState::Idle,
        RekeyState::Requested { exchange_id: OURS },
        RekeyState::Asked { exchange_id: OURS },
        RekeyState::Accepted { exchange_id: OURS, fingerprint: CANDIDATE },
        RekeyState::Answered { exchange_id: OURS },
    ];

    const CONTEXT: Context = Context { ended: None, under_current: true, counts_ours: false };

    fn request(id: i64) -> Said<'static> {
        Said::Request { exchange_id: ExchangeId(id), public: &[] }
    }

    fn accept(id: i64) -> Said<'static> {
        Said::Accept { exchange_id: ExchangeId(id), public: &[], fingerprint: CANDIDATE }
    }

    fn commit(id: i64, fingerprint: i64) -> Said<'static> {
        Said::Commit { exchange_id: ExchangeId(id), fingerprint: KeyFingerprint::from_long(fingerprint) }
    }

    // The rows of SPEC REKEY-2, written out: idle, requested, asked, accepted, answered.
    #[test]
    fn every_cell_of_the_table() {
        use Outcome::{Answer, AnswerInstead, Cancel, Derive, Drop, Ignore, Switch, Unexpected};
        let aborted = Drop(RekeyFailure::Aborted);
        let mismatch = Drop(RekeyFailure::FingerprintMismatch);
        let later = Context { counts_ours: true, ..CONTEXT };
        let under_another = Context { under_current: false, ..CONTEXT };
        for (context, said, cells) in [
            (CONTEXT, request(6), [Answer, Answer, AnswerInstead, AnswerInstead, Unexpected]),
            (CONTEXT, request(4), [Answer, Ignore, AnswerInstead, AnswerInstead, Unexpected]),
            (CONTEXT, request(5), [Answer, Cancel, Unexpected, Unexpected, Unexpected]),
            // The comparison is signed.
            (CONTEXT, request(i64::MIN), [Answer, Ignore, AnswerInstead, AnswerInstead, Unexpected]),
            (later, request(4), [Answer, Answer, AnswerInstead, AnswerInstead, Unexpected]),
            (later, request(5), [Answer, Answer, Unexpected, Unexpected, Unexpected]),
            (under_another, request(6), [Unexpected; 5]),
            (under_another, request(5), [Unexpected; 5]),
            (CONTEXT, accept(5), [Unexpected, Derive, Unexpected, Unexpected, Unexpected]),
            (CONTEXT, accept(6), [Unexpected; 5]),
            (CONTEXT, commit(5, 7), [Unexpected, Unexpected, Unexpected, Switch, Unexpected]),
            (CONTEXT, commit(5, 8), [Unexpected, Unexpected, Unexpected, mismatch, Unexpected]),
            (CONTEXT, commit(6, 7), [Unexpected; 5]),
            (CONTEXT, Said::Abort { exchange_id: OURS }, [Ignore, aborted, aborted, aborted, aborted]),
            (CONTEXT, Said::Abort { exchange_id: ExchangeId(6) }, [Ignore; 5]),
        ] {
            assert_eq!(STATES.map(|state| said.outcome(state, context)), cells, "{said:?} {context:?}");
        }
    }

    #[test]
    fn what_is_said_of_an_ended_exchange_has_no_effect() {
        let context = Context { ended: Some(ExchangeId(6)), ..CONTEXT };
        for said in [accept(6), commit(6, 7), Said::Abort { exchange_id: ExchangeId(6) }] {
            assert_eq!(STATES.map(|state| said.outcome(state, context)), [Outcome::Ignore; 5], "{said:?}");
        }
        assert_eq!(request(6).outcome(RekeyState::Idle, context), Outcome::Answer);
    }
}
