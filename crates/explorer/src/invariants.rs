//! What must hold, each with its clause of the specification.

use std::collections::BTreeMap;
use std::fmt;

use secretchat::{CloseReason, Event, RecordName, RekeyFailure};

use crate::end::{End, Rows};
use crate::key_watch::Kept;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The invariant, with its clause.
    pub invariant: &'static str,
    /// What was seen.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.seen)
    }
}

/// Nothing that is sent to an old client gives it a reason to end the chat.
pub const OLD_PEER: &str = "an old client has no reason to end the chat (OUT-1)";
/// Nothing leaves before what it depends on is durable.
pub const PERSIST_BEFORE_TRANSMIT: &str = "persist before transmit (OUT-2)";
/// At most two ciphertexts leave a slot: the second only after destruction or refusal, and never the first again.
pub const SEALED_ONCE: &str = "a slot is sealed once (SEQ-8)";
/// Every message arrives once and in order.
pub const ONCE_IN_ORDER: &str = "once and in order (SEQ-3)";
/// What is acknowledged was processed.
pub const ACKNOWLEDGED: &str = "acknowledged is processed (SEQ-5)";
/// What failed did not arrive.
pub const FAILED: &str = "failed has not arrived (SEQ-8)";
/// No end has processed more than the other one made.
pub const COUNTERS: &str = "counters (SEQ-4)";
/// Ends that are at the same key have the same key.
pub const SAME_KEY: &str = "one key of both ends (REKEY-4, X25-3)";
/// At most three keys are kept, and what was wiped is in no record.
pub const KEYS: &str = "three keys at most, wiped ones nowhere (REKEY-4)";
/// An end that is fair is not punished: no chat ends unless somebody ends it.
pub const FAIR: &str = "a fair peer is never punished (OUT-1)";
/// Bytes of the peer are taken, or are old.
pub const TAKEN: &str = "what the peer sent is taken (ENV-4, OUT-3)";
/// Records that were written restore.
pub const RESTORES: &str = "records restore (REC-5)";
/// An older copy is refused where the checkpoint is known.
pub const ROLLBACK: &str = "older records are refused (REC-6)";
/// A batch follows what is stored.
pub const FOLLOWS: &str = "a batch follows what is stored (REC-7)";
/// A call of a willing user is no mistake of the host.
pub const MISUSE: &str = "no call is a mistake (OUT-3)";
/// A timer ends at its deadline, not before, and once.
pub const TIMERS: &str = "timers end in time (DES-5, DES-8)";
/// No input and no call panics.
pub const PANICS: &str = "nothing panics";
/// A fair network and willing users bring both ends to rest.
pub const RESTS: &str = "comes to rest (SEQ-9, SEQ-12, REKEY-3, CLOSE-3)";
/// At rest nothing is lost.
pub const NOTHING_LOST: &str = "nothing is lost (SEQ-5)";
/// One call has a bounded number of outputs.
pub const BOUNDED: &str = "memory and work are bounded (LIM-4, LIM-5)";
/// A chat that was restored goes on as the one that lived.
pub const TWIN: &str = "a restored chat goes on as the living one (REC-4)";

/// Returns the violation, unless this holds.
pub(crate) fn hold(holds: bool, invariant: &'static str, seen: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation { invariant, seen: seen() }) }
}

/// Checks what must hold between two ends, whatever is on its way.
///
/// # Errors
/// The first violation.
pub fn between(ends: [&End; 2], rolled_back: bool) -> Result<(), Violation> {
    if rolled_back {
        return Ok(());
    }
    for (from, to) in [(ends[0], ends[1]), (ends[1], ends[0])] {
        let (author, reader) = (from.rows(), to.rows());
        once_and_in_order(author, reader)?;
        for id in &author.acknowledged {
            let known = reader.heard.contains(id) || author.destroyed.contains(id) || reader.destroyed.contains(id);
            hold(known, ACKNOWLEDGED, || format!("{id} was acknowledged and is not there"))?;
        }
        for id in author.made.iter().filter(|id| reader.heard.contains(id)) {
            let [written, arrived] = [author, reader].map(|rows| rows.timers.get(id));
            hold(written == arrived, TIMERS, || {
                format!("{id} was written with {written:?} and arrived with {arrived:?}")
            })?;
        }
        for id in &author.failed {
            hold(!reader.heard.contains(id), FAILED, || format!("{id} failed and arrived"))?;
        }
        let (made, processed) = (from.view().sent, to.view().received);
        let both = from.view().ready && to.view().ready;
        hold(!both || processed <= made, COUNTERS, || format!("{processed} of {made} messages were processed"))?;
    }
    let [alice, bob] = ends.map(End::view);
    let same = alice.rekeys == bob.rekeys;
    let checks_differ = alice.check.zip(bob.check).is_some_and(|(one, other)| one != other);
    let differs = checks_differ || alice.key.zip(bob.key).is_some_and(|(one, other)| one != other);
    hold(!same || !differs, SAME_KEY, || format!("after {} rekeys", alice.rekeys))
}

/// Ids grow as messages are written.
fn once_and_in_order(author: &Rows, reader: &Rows) -> Result<(), Violation> {
    let sorted = reader.heard.is_sorted_by(|one, next| one < next);
    hold(sorted, ONCE_IN_ORDER, || format!("arrived: {:?}", reader.heard))?;
    let made = reader.heard.iter().all(|id| author.made.contains(id));
    hold(made, ONCE_IN_ORDER, || format!("written: {:?}, arrived: {:?}", author.made, reader.heard))
}

/// Checks an event that no fair peer gives cause for.
pub(crate) fn event(event: &Event, rolled_back: bool) -> Result<(), Violation> {
    let told = |invariant| Err(Violation { invariant, seen: format!("{event:?}") });
    match event {
        Event::Closed { reason, .. } => match reason {
            CloseReason::ByUs | CloseReason::ByPeer | CloseReason::Unproved | CloseReason::ByServerOrPeer => Ok(()),
            _ if rolled_back => Ok(()),
            _ => told(FAIR),
        },
        Event::RekeyFailed {
            reason: RekeyFailure::Refused | RekeyFailure::Aborted | RekeyFailure::Unanswered, ..
        } => Ok(()),
        Event::RekeyFailed { .. } if !rolled_back => told(SAME_KEY),
        Event::Unsupported | Event::OldProtocol | Event::KeyRefused { .. } => told(FAIR),
        _ => Ok(()),
    }
}

/// Checks the keys in the records of an end once a batch was written: `before` and `now` are the opened records.
pub(crate) fn keys(
    before: Option<&Kept>,
    now: Option<&Kept>,
    records: &BTreeMap<RecordName, Vec<u8>>,
) -> Result<(), Violation> {
    let count = now.map_or(0, Kept::keys);
    hold(count <= 3, KEYS, || format!("{count} keys"))?;
    let kept: &[Vec<u8>] = now.map_or(&[], Kept::secrets);
    let wiped = before.into_iter().flat_map(Kept::secrets).filter(|secret| !kept.contains(secret));
    for secret in wiped {
        let begins = &secret[..secret.len().min(32)];
        for (name, plain) in records {
            let held = plain.windows(begins.len()).any(|window| window == begins);
            hold(!held, KEYS, || format!("{name} holds a part of a wiped key"))?;
        }
    }
    Ok(())
}
