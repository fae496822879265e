//! When a key is due, and when it is beyond its limit (SPEC REKEY-5, REKEY-6).

use core::time::Duration;

use crate::types::id::Role;
use crate::types::names::names;
use crate::types::time::{Elapsed, millis};

/// The policy that decides when keys are renewed (SPEC REKEY-5, REKEY-6). It is stored with the chat.
///
/// # Cost
/// At each end a new key takes the work of a handshake. On one core of an AMD EPYC at 2.6 GHz, both ends together
/// spend 0.16 ms on it in the X25519 profile, 0.5 ms in the hybrid profile, and 12 ms in the Telegram profile, which
/// is as long as six exponentiations of OpenSSL. With the default of 100 messages a key, a busy chat therefore pays
/// 1.6, 5 or 120 µs for each message. The message itself takes about 2 µs.
///
/// A Telegram host with many busy chats can renew keys less often ([`RekeyPolicy::with_messages`]). A stolen key then
/// opens more messages. Official apps that renew keys ask for one after 100 messages, and are answered all the same.
///
/// ```
/// use core::time::Duration;
/// use secretchat::RekeyPolicy;
///
/// // A new key a day, if the chat was used.
/// let policy = RekeyPolicy::x25519().with_age(Duration::from_secs(24 * 60 * 60));
/// assert_eq!(policy.initiator_messages, 100);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RekeyPolicy {
    /// How many messages in both directions use one key before the chat's initiator asks for a new one. At least 4,
    /// because an exchange itself may leave that many under the new key.
    pub initiator_messages: u32,
    /// The same for the responder. It is larger, so that the two rarely ask at once.
    pub responder_messages: u32,
    /// How many sealed bytes in both directions use one key before the chat's initiator asks for a new one. The
    /// responder waits for an eighth more. `None` counts no bytes.
    pub bytes: Option<u64>,
    /// The age at which either end asks for a new key, if the key was used.
    pub age: Duration,
    /// How many messages in both directions are too many for one key.
    pub limit_messages: u32,
    /// The age at which a key is too old.
    pub limit_age: Duration,
    /// The effect of the limit.
    pub limit: RekeyLimit,
    /// How long an answer may take before a request counts as unanswered.
    pub patience: Duration,
}

/// The effect of a key that has reached its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RekeyLimit {
    /// Messages and actions of the user are refused (`Unavailable::RekeyRequired`).
    Refuse,
    /// The host receives an event, once for each key (`Event::RekeyOverdue`).
    Tell,
}

names! {
    enum RekeyLimit {
        0 "refuse" Refuse,
        1 "tell" Tell,
    }
}

/// How much a key was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// How many messages were made and processed since it became current.
    pub messages: u64,
    /// How many sealed bytes were made and opened since, if the policy counts them.
    pub bytes: u64,
    /// When the key became current.
    pub since: Elapsed,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// CommitKey's answer, an acknowledgement of it, and one message of each side make four. With fewer, rekeying would
/// never end.
const LEAST_MESSAGES: u32 = 4;
/// How much longer the responder waits than the initiator, as a fraction of the bytes, so that the two rarely ask
/// at once.
const RESPONDER_WAITS: u64 = 8;
/// The pause after a failure, and the longest one as a multiple of it.
const PAUSE_MILLIS: u64 = 10 * 60 * 1000;
const LONGEST_PAUSE: u32 = 5;
/// How many messages of the peer may acknowledge a request without answering it. TDLib answers within its next two.
const UNANSWERED: u8 = 16;
/// A key that is younger than this is young. The Noop that confirms the next switch waits until that key is this
/// old.
const NOOP_PAUSE_MILLIS: u64 = 10 * 60 * 1000;

impl RekeyPolicy {
    /// Returns the policy of the X25519 profile: after 1,000 messages or 30 days nothing more is written under a
    /// key.
    #[must_use]
    pub const fn x25519() -> Self {
        Self::limited(RekeyLimit::Refuse)
    }

    /// Returns the policy of the Telegram profile. Some official apps never renew keys, so the limit is reported
    /// but not enforced.
    #[must_use]
    pub const fn telegram() -> Self {
        Self::limited(RekeyLimit::Tell)
    }

    /// Sets after how many messages under one key the initiator and the responder ask for a new one.
    #[must_use]
    pub const fn with_messages(mut self, initiator: u32, responder: u32) -> Self {
        (self.initiator_messages, self.responder_messages) = (initiator, responder);
        self
    }

    /// Sets after how many sealed bytes under one key, in both directions, an end asks for a new one. Messages
    /// count, but files do not: each has its own key.
    #[must_use]
    pub fn with_bytes(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.bytes = bytes.into();
        self
    }

    /// Sets the age of a used key at which either end asks for a new one.
    #[must_use]
    pub const fn with_age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Sets the limit of one key, and what happens when it is reached.
    #[must_use]
    pub const fn with_limit(mut self, limit: RekeyLimit, messages: u32, age: Duration) -> Self {
        (self.limit, self.limit_messages, self.limit_age) = (limit, messages, age);
        self
    }

    /// Sets how long an answer may take before a request counts as unanswered.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    const fn limited(limit: RekeyLimit) -> Self {
        Self {
            initiator_messages: 100,
            responder_messages: 116,
            bytes: None,
            age: DAY.saturating_mul(7),
            limit_messages: 1000,
            limit_age: DAY.saturating_mul(30),
            limit,
            patience: Duration::from_secs(60 * 60),
        }
    }
}

impl KeyUse {
    /// Returns whether the end of this role asks for a new key (SPEC REKEY-5).
    #[must_use]
    pub fn is_due(self, policy: &RekeyPolicy, role: Role, now: Elapsed) -> bool {
        let messages = match role {
            Role::Initiator => policy.initiator_messages,
            Role::Responder => policy.responder_messages,
        };
        self.messages >= u64::from(messages.max(LEAST_MESSAGES))
            || self.is_due_by_bytes(policy, role)
            || self.due_at(policy).is_some_and(|due| now >= due)
    }

    fn is_due_by_bytes(self, policy: &RekeyPolicy, role: Role) -> bool {
        let later = |bytes: u64| match role {
            Role::Initiator => bytes,
            Role::Responder => bytes.saturating_add(bytes / RESPONDER_WAITS),
        };
        // However few bytes are set, one exchange must not trigger the next.
        self.messages >= u64::from(LEAST_MESSAGES) && policy.bytes.is_some_and(|bytes| self.bytes >= later(bytes))
    }

    /// Returns when the key is due because of its age, or `None` if it was not used.
    #[must_use]
    pub fn due_at(self, policy: &RekeyPolicy) -> Option<Elapsed> {
        (self.messages > 0).then(|| self.since.after(millis(policy.age)))
    }

    /// Returns whether the key is beyond its limit (SPEC REKEY-6).
    #[must_use]
    pub fn is_overdue(self, policy: &RekeyPolicy, now: Elapsed) -> bool {
        self.messages >= u64::from(policy.limit_messages) || now >= self.overdue_at(policy)
    }

    /// Returns when the key is beyond its limit by its age.
    #[must_use]
    pub fn overdue_at(self, policy: &RekeyPolicy) -> Elapsed {
        self.since.after(millis(policy.limit_age))
    }
}

/// Returns whether to give up a request made at `asked`, after this many messages that acknowledge it without
/// answering.
#[must_use]
pub fn is_unanswered(policy: &RekeyPolicy, messages: u8, asked: Elapsed, now: Elapsed) -> bool {
    messages >= UNANSWERED && now >= asked.after(millis(policy.patience))
}

/// Returns the pause before asking again, in milliseconds, after this many failures in a row.
#[must_use]
pub fn pause_millis(failures: u8) -> u64 {
    PAUSE_MILLIS << u32::from(failures).saturating_sub(1).min(LONGEST_PAUSE)
}

/// Returns how long the Noop that confirms a switch is held back, if the key that became current at `since` is young
/// (SPEC REKEY-8). A peer that never resets its count would answer each Noop with a request.
#[must_use]
pub fn noop_held_until(since: Elapsed, now: Elapsed) -> Option<Elapsed> {
    (now < since.after(NOOP_PAUSE_MILLIS)).then(|| now.after(NOOP_PAUSE_MILLIS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_a_key_is_due() {
        let policy = RekeyPolicy::x25519();
        let since = Elapsed::from_millis(1_000);
        let key = |messages| KeyUse { messages, bytes: u64::MAX, since };
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
            assert_eq!(key(messages).is_due(&policy, role, at(after)), due, "{role:?} {messages} {after}");
        }
        let month = 30 * 24 * 60 * 60 * 1000;
        for (messages, after, overdue) in [(999, month - 1, false), (1000, 0, true), (0, month, true)] {
            assert_eq!(key(messages).is_overdue(&policy, at(after)), overdue, "{messages} {after}");
        }
        let eager = RekeyPolicy { initiator_messages: 0, ..policy };
        assert!(!key(3).is_due(&eager, Role::Initiator, at(0)) && key(4).is_due(&eager, Role::Initiator, at(0)));
    }

    // SPEC REKEY-5: from 4 messages on, the responder after an eighth more.
    #[test]
    fn when_a_key_is_due_by_bytes() {
        let policy = RekeyPolicy::x25519().with_bytes(8_000);
        let due = |messages, bytes, role| {
            KeyUse { messages, bytes, since: Elapsed::default() }.is_due(&policy, role, Elapsed::default())
        };
        for (messages, bytes, initiator, responder) in [
            (4, 7_999, false, false),
            (4, 8_000, true, false),
            (4, 8_999, true, false),
            (4, 9_000, true, true),
            (3, u64::MAX, false, false),
            (99, 0, false, false),
        ] {
            assert_eq!(due(messages, bytes, Role::Initiator), initiator, "{messages} {bytes}");
            assert_eq!(due(messages, bytes, Role::Responder), responder, "{messages} {bytes}");
        }
        let endless = RekeyPolicy::x25519().with_bytes(u64::MAX);
        let used = KeyUse { messages: 4, bytes: u64::MAX, since: Elapsed::default() };
        assert!(used.is_due(&endless, Role::Responder, Elapsed::default()), "the sum stops at the end of the numbers");
    }

    #[test]
    fn patience_needs_both_time_and_messages() {
        let policy = RekeyPolicy::telegram();
        let asked = Elapsed::from_millis(5);
        let hour = 60 * 60 * 1000;
        assert!(is_unanswered(&policy, 16, asked, asked.after(hour)));
        assert!(!is_unanswered(&policy, 15, asked, asked.after(100 * hour)));
        assert!(!is_unanswered(&policy, u8::MAX, asked, asked.after(hour - 1)));
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
