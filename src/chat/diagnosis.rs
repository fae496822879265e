//! A support summary: the state of a chat and the outcomes of its last calls (SPEC DIAG-1, DIAG-2).

use core::fmt;

use super::{Chat, ChatState};
use crate::chat::model::Outcome;

/// The state of a chat and the outcomes of its last calls, safe to send to support. It displays as lines of text.
///
/// It contains names of outcomes, how often they occurred, and the minute. It contains no key, text, id,
/// fingerprint, size or sequence number, and nothing about the users or the host. It **does** show that this user
/// had a secret chat, when it was used, and how much is waiting, so send it only when the user agrees. Nothing of
/// it is stored, and a restart begins anew.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::{Cause, Chat, Config, Draft, Env, Timestamp};
///
/// # fn main() -> Result<(), secretchat::CallError> {
/// let mut rng = UnwrapErr(getrandom::SysRng);
/// let mut env = Env::new(Timestamp::from_millis(1_700_000_000_000), &mut rng);
/// let mut chat = Chat::request(Config::x25519("alice", "bob")?, &mut env)?;
/// let _refused = chat.send(&Draft::text("Hello"), &mut env);
///
/// let last = chat.diagnosis().outcomes().last().unwrap();
/// assert_eq!((last.cause, last.name, last.times), (Cause::Send, "not_ready", 1));
/// assert!(chat.diagnosis().to_string().ends_with("1699999980 send not_ready x1\n"));
/// # Ok(())
/// # }
/// # main().unwrap();
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Diagnosis<'a>(&'a Chat);

/// # Ask
impl Chat {
    /// Returns the state of the chat and the outcomes of its last calls, without secrets, for support.
    #[must_use]
    pub const fn diagnosis(&self) -> Diagnosis<'_> {
        Diagnosis(self)
    }
}

impl<'a> Diagnosis<'a> {
    /// Returns the last outcomes, at most 32, the oldest first. A repeat within the last eight increases the count
    /// of its outcome.
    pub fn outcomes(self) -> impl Iterator<Item = Outcome> + 'a {
        self.0.journal.iter()
    }
}

impl fmt::Display for Diagnosis<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chat = self.0;
        writeln!(f, "secretchat {}", env!("CARGO_PKG_VERSION"))?;
        write!(f, "{} {} {}", chat.profile().name(), chat.role().name(), chat.state().name())?;
        if let ChatState::Closed(reason) = chat.state() {
            write!(f, " {}", reason.name())?;
        }
        writeln!(
            f,
            ", rekey {}, {} unacknowledged, {} waiting, {} timed",
            chat.rekey_state().name(),
            chat.outbox.len(),
            chat.waiting.len() + chat.unopened.len(),
            chat.timed.len(),
        )?;
        for outcome in self.outcomes() {
            let Outcome { cause, name, times, .. } = outcome;
            writeln!(f, "{} {} {name} x{times}", outcome.minute().as_millis() / 1000, cause.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Diagnosis<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
