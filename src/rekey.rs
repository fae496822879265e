//! Re-keying as a table: what each message does in each state, and when a key is due (SPEC REKEY-2, REKEY-5, REKEY-6).

use core::time::Duration;

use crate::error::RekeyFailure;
use crate::id::{ExchangeId, KeyFingerprint, Role};
use crate::names::names;
use crate::time::Elapsed;

/// How far an exchange of keys is at this end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RekeyState {
    /// There is none.
    Idle,
    /// We asked, and keep our secret until the answer comes.
    Requested {
        /// Ours.
        exchange_id: ExchangeId,
    },
    /// The peer asked, and our answer has had no room in the outbox yet.
    Asked {
        /// The peer's.
        exchange_id: ExchangeId,
    },
    /// We answered: messages under the new key can be opened, ours are still under the current one.
    Accepted {
        /// The peer's.
        exchange_id: ExchangeId,
        /// Of the new key.
        fingerprint: KeyFingerprint,
    },
    /// The peer answered, and our commit has had no room in the outbox yet.
    Answered {
        /// Ours.
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

/// What a message of the peer says about an exchange. Public values are as long as a message lets them be: they are checked
/// before they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// RequestKey.
    Request {
        /// The peer's new exchange.
        exchange_id: ExchangeId,
        /// The value of the request.
        public: &'a [u8],
    },
    /// AcceptKey.
    Accept {
        /// Which exchange it answers.
        exchange_id: ExchangeId,
        /// The value of the answer.
        public: &'a [u8],
        /// Of the key that the peer computed.
        fingerprint: KeyFingerprint,
    },
    /// CommitKey.
    Commit {
        /// Which exchange it ends.
        exchange_id: ExchangeId,
        /// Of the key that the peer commits to.
        fingerprint: KeyFingerprint,
    },
    /// AbortKey.
    Abort {
        /// Which exchange is given up.
        exchange_id: ExchangeId,
    },
}

impl Said<'_> {
    /// Which exchange it is about.
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

/// What the table has to know besides what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// An exchange that ended without a key: what is still said of it has no effect.
    pub ended: Option<ExchangeId>,
    /// Whether the message was sealed with the key that is current here.
    pub under_current: bool,
    /// Whether its `in_seq_no` is above the slot of our own open request: a request of the peer did not cross ours.
    pub counts_ours: bool,
}

/// What a message about an exchange does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The request is answered, if its value is good. A request of our own is dropped silently, and counts as ended.
    Answer,
    /// The same, though a former request of the peer was not finished: only a peer that gave that up does so.
    AnswerInstead,
    /// The new key is derived, if the value is good and the fingerprint is right.
    Derive,
    /// The candidate becomes the current key.
    Switch,
    /// The exchange is dropped without a key.
    Drop(RekeyFailure),
    /// Both ends asked under one id: both requests are dropped silently.
    Cancel,
    /// It has its place here, and no effect. A request of the peer is remembered: if ours ends without an answer, the peer
    /// still waits for one.
    Ignore,
    /// Off the table.
    Unexpected,
}

impl RekeyState {
    /// Looks up the table.
    #[must_use]
    pub fn outcome(self, said: Said<'_>, context: Context) -> Outcome {
        let Context { ended, under_current, counts_ours } = context;
        match (said, self) {
            (Said::Request { .. }, _) if !under_current => Outcome::Unexpected,
            (Said::Request { .. }, Self::Idle) => Outcome::Answer,
            // Whoever had processed ours and asks all the same will not answer ours.
            (Said::Request { .. }, Self::Requested { .. }) if counts_ours => Outcome::Answer,
            (Said::Request { exchange_id: theirs, .. }, Self::Requested { exchange_id: ours }) => {
                match theirs.0.cmp(&ours.0) {
                    core::cmp::Ordering::Greater => Outcome::Answer,
                    core::cmp::Ordering::Less => Outcome::Ignore,
                    core::cmp::Ordering::Equal => Outcome::Cancel,
                }
            }
            (
                Said::Request { exchange_id, .. },
                Self::Asked { exchange_id: former } | Self::Accepted { exchange_id: former, .. },
            ) if exchange_id != former => Outcome::AnswerInstead,
            (Said::Accept { exchange_id, .. }, Self::Requested { exchange_id: ours }) if exchange_id == ours => {
                Outcome::Derive
            }
            (
                Said::Commit { exchange_id, fingerprint },
                Self::Accepted { exchange_id: theirs, fingerprint: candidate },
            ) if exchange_id == theirs => {
                if fingerprint == candidate {
                    Outcome::Switch
                } else {
                    Outcome::Drop(RekeyFailure::FingerprintMismatch)
                }
            }
            (Said::Abort { exchange_id }, state) if state.exchange_id() == Some(exchange_id) => {
                Outcome::Drop(RekeyFailure::Aborted)
            }
            (Said::Abort { .. }, _) => Outcome::Ignore,
            (Said::Accept { exchange_id, .. } | Said::Commit { exchange_id, .. }, _) if ended == Some(exchange_id) => {
                Outcome::Ignore
            }
            (Said::Request { .. } | Said::Accept { .. } | Said::Commit { .. }, _) => Outcome::Unexpected,
        }
    }

    /// The exchange that is open.
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

/// When keys are renewed (SPEC REKEY-5, REKEY-6). It is stored with the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RekeyPolicy {
    /// Messages under one key, of both directions, after which the chat's initiator asks for a new one; at least 4, as
    /// many as an exchange itself may leave under the new key.
    pub initiator_messages: u32,
    /// The same for the responder: later, so that the two rarely ask at once.
    pub responder_messages: u32,
    /// The age at which either end asks, if the key was used.
    pub age: Duration,
    /// Messages under one key, of both directions, that are too many.
    pub limit_messages: u32,
    /// The age that is too old.
    pub limit_age: Duration,
    /// What happens then.
    pub limit: RekeyLimit,
    /// How long an answer may take before a request counts as unanswered.
    pub patience: Duration,
}

/// What a key's end of life means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RekeyLimit {
    /// What the user writes or does is refused (`Unavailable::RekeyRequired`).
    Refuse,
    /// The host is told, once for each key (`Event::RekeyOverdue`).
    Tell,
}

/// How much a key was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// Messages made and processed since it became current.
    pub messages: u64,
    /// When it became current.
    pub since: Elapsed,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// CommitKey's answer, an acknowledgement of it, and one message of each side are four: fewer would never end.
const LEAST_MESSAGES: u32 = 4;
/// The pause after a failure, and the longest one as a multiple of it.
const PAUSE_MILLIS: u64 = 10 * 60 * 1000;
const LONGEST_PAUSE: u32 = 5;
/// Messages of the peer that acknowledge a request and do not answer it. TDLib answers within its next two.
const UNANSWERED: u8 = 16;
/// A key of a rekey that is younger is young: the Noop that confirms the next switch waits until that key is as old.
const NOOP_PAUSE_MILLIS: u64 = 10 * 60 * 1000;

impl RekeyPolicy {
    /// Of the X25519 profile: after 1,000 messages or 30 days nothing more is written under a key.
    #[must_use]
    pub const fn x25519() -> Self {
        Self::with_limit(RekeyLimit::Refuse)
    }

    /// Of the Telegram profile: some official apps never renew keys, so the limit is told, not enforced.
    #[must_use]
    pub const fn telegram() -> Self {
        Self::with_limit(RekeyLimit::Tell)
    }

    const fn with_limit(limit: RekeyLimit) -> Self {
        Self {
            initiator_messages: 100,
            responder_messages: 116,
            age: DAY.saturating_mul(7),
            limit_messages: 1000,
            limit_age: DAY.saturating_mul(30),
            limit,
            patience: Duration::from_secs(60 * 60),
        }
    }

    /// Whether this end asks for a new key.
    #[must_use]
    pub fn is_due(&self, role: Role, key: KeyUse, now: Elapsed) -> bool {
        let messages = match role {
            Role::Initiator => self.initiator_messages,
            Role::Responder => self.responder_messages,
        };
        key.messages >= u64::from(messages.max(LEAST_MESSAGES)) || self.due_at(key).is_some_and(|due| now >= due)
    }

    /// When a key is due by its age; never, if it was not used.
    #[must_use]
    pub fn due_at(&self, key: KeyUse) -> Option<Elapsed> {
        (key.messages > 0).then(|| key.since.after(millis(self.age)))
    }

    /// Whether a key is beyond its limit.
    #[must_use]
    pub fn is_overdue(&self, key: KeyUse, now: Elapsed) -> bool {
        key.messages >= u64::from(self.limit_messages) || now >= self.overdue_at(key)
    }

    /// When a key is beyond its limit by its age.
    #[must_use]
    pub fn overdue_at(&self, key: KeyUse) -> Elapsed {
        key.since.after(millis(self.limit_age))
    }

    /// Whether a request made at `asked` is given up, after so many messages that acknowledge and do not answer it.
    #[must_use]
    pub fn is_unanswered(&self, messages: u8, asked: Elapsed, now: Elapsed) -> bool {
        messages >= UNANSWERED && now >= asked.after(millis(self.patience))
    }
}

/// The pause before asking again, in milliseconds, after so many failures in a row.
#[must_use]
pub fn pause_millis(failures: u8) -> u64 {
    PAUSE_MILLIS << u32::from(failures).saturating_sub(1).min(LONGEST_PAUSE)
}

/// Until when the Noop that confirms a switch is held back, if the key that `since` was current is young (SPEC REKEY-4): a
/// peer that never resets its count would answer each with a request.
#[must_use]
pub fn noop_held_until(since: Elapsed, now: Elapsed) -> Option<Elapsed> {
    (now < since.after(NOOP_PAUSE_MILLIS)).then(|| now.after(NOOP_PAUSE_MILLIS))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
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
            assert_eq!(STATES.map(|state| state.outcome(said, context)), cells, "{said:?} {context:?}");
        }
    }

    #[test]
    fn what_is_said_of_an_ended_exchange_has_no_effect() {
        let context = Context { ended: Some(ExchangeId(6)), ..CONTEXT };
        for said in [accept(6), commit(6, 7), Said::Abort { exchange_id: ExchangeId(6) }] {
            assert_eq!(STATES.map(|state| state.outcome(said, context)), [Outcome::Ignore; 5], "{said:?}");
        }
        assert_eq!(RekeyState::Idle.outcome(request(6), context), Outcome::Answer);
    }

    #[test]
    fn when_a_key_is_due() {
        let policy = RekeyPolicy::x25519();
        let since = Elapsed::from_millis(1_000);
        let key = |messages| KeyUse { messages, since };
        let week = 7 * 24 * 60 * 60 * 1000;
        let at = |millis| since.after(millis);
        for (role, messages, after, due) in [
            (Role::Initiator, 99, 0, false),
            (Role::Initiator, 100, 0, true),
            (Role::Responder, 115, 0, false),
            (Role::Responder, 116, 0, true),
            (Role::Initiator, 1, week - 1, false),
            (Role::Initiator, 1, week, true),
            (Role::Responder, 1, week, true),
            (Role::Initiator, 0, 10 * week, false),
        ] {
            assert_eq!(policy.is_due(role, key(messages), at(after)), due, "{role:?} {messages} {after}");
        }
        let month = 30 * 24 * 60 * 60 * 1000;
        for (messages, after, overdue) in [(999, month - 1, false), (1000, 0, true), (0, month, true)] {
            assert_eq!(policy.is_overdue(key(messages), at(after)), overdue, "{messages} {after}");
        }
        let eager = RekeyPolicy { initiator_messages: 0, ..policy };
        assert!(!eager.is_due(Role::Initiator, key(3), at(0)) && eager.is_due(Role::Initiator, key(4), at(0)));
    }

    #[test]
    fn patience_needs_both_time_and_messages() {
        let policy = RekeyPolicy::telegram();
        let asked = Elapsed::from_millis(5);
        let hour = 60 * 60 * 1000;
        assert!(policy.is_unanswered(16, asked, asked.after(hour)));
        assert!(!policy.is_unanswered(15, asked, asked.after(100 * hour)));
        assert!(!policy.is_unanswered(u8::MAX, asked, asked.after(hour - 1)));
    }

    #[test]
    fn a_noop_is_held_back_behind_a_young_key() {
        let (since, pause) = (Elapsed::from_millis(7), 10 * 60 * 1000);
        assert_eq!(noop_held_until(since, since), Some(since.after(pause)));
        assert_eq!(noop_held_until(since, since.after(pause - 1)), Some(since.after(2 * pause - 1)));
        assert_eq!(noop_held_until(since, since.after(pause)), None);
    }

    #[test]
    fn pauses_double_up_to_a_bound() {
        let minutes = |failures| pause_millis(failures) / 60_000;
        assert_eq!([0, 1, 2, 3, 6, 7, u8::MAX].map(minutes), [10, 10, 20, 40, 320, 320, 320]);
    }
}
