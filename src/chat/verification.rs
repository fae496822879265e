//! Comparisons by the users (SPEC VER-4, VER-6).

use subtle::{Choice, ConstantTimeEq};

use super::Chat;
use super::model::{Compared, Phase};
use super::turn::{End, Turn};
use crate::chat::model::Cause;
use crate::types::env::Env;
use crate::types::error::{CallError, Unavailable, VerifyError};
use crate::verify::{ScanCode, Verification, Verified};

/// # Ask
impl Chat {
    /// Returns the value for the two users to compare, or `None` before there are keys and after the chat is over.
    #[must_use]
    pub fn verification(&self) -> Option<Verification> {
        self.keys().map(|keys| Verification::from_bytes(keys.verification))
    }

    /// Returns what the users of this end have compared. Returns `None` if they have not, before there are keys,
    /// and after the chat is over.
    #[must_use]
    pub fn verified(&self) -> Option<Verified> {
        self.keys()?;
        match self.state.options.compared {
            Compared::Nothing => None,
            Compared::Handshake => Some(Verified::new(None)),
            Compared::CurrentKey => Some(Verified::new(Some(self.state.rekeys))),
        }
    }

    /// Returns the code that this end shows for the other end to scan, or `None` if there is nothing to compare.
    #[must_use]
    pub fn scan_code(&self) -> Option<ScanCode> {
        self.verification().map(|verification| verification.scan_code(self.role()))
    }
}

/// # App -> chat
impl Chat {
    /// Records that the users have compared `compared` and found it the same on both screens. The value is
    /// [`Chat::verification`], or [`Chat::check`] after a rekey, which covers the former as well. Pass the value
    /// that was on the screen, when the user confirms it.
    ///
    /// [`Chat::verified`] returns it from then on, also after a restart. A comparison of a check becomes outdated
    /// with the next rekey: see [`Event::CheckOutdated`](crate::Event::CheckOutdated).
    ///
    /// ```
    /// # use secretchat::{CallError, Chat, Env, Verification};
    /// # fn they_match(chat: &mut Chat, shown: Verification, env: &mut Env<'_>) -> Result<(), CallError> {
    /// chat.mark_verified(shown, env)?;
    /// assert!(chat.verified().is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`VerifyError::Mismatch`] if the value is neither of the two; [`Unavailable::NotReady`] before there are
    /// keys, [`Unavailable::ChatClosed`].
    pub fn mark_verified(&mut self, compared: Verification, env: &mut Env<'_>) -> Result<(), CallError> {
        self.try_turn(Cause::Verify, env, |turn| Ok(turn.mark(turn.chat.speaks_for(compared)?)))
    }

    /// Does the same with the text of a code that was scanned from the screen of the peer's phone
    /// ([`Chat::scan_code`] there).
    ///
    /// # Errors
    /// [`VerifyError`]; [`Unavailable::NotReady`] before there are keys, [`Unavailable::ChatClosed`].
    pub fn mark_scanned(&mut self, scanned: &str, env: &mut Env<'_>) -> Result<(), CallError> {
        let own = self.role();
        self.try_turn(Cause::Verify, env, |turn| Ok(turn.mark(turn.chat.speaks_for(ScanCode::read(scanned, own)?)?)))
    }

    /// Forgets what the users have compared. The next [`Chat::mark_verified`] starts over.
    pub fn clear_verified(&mut self, env: &mut Env<'_>) {
        self.turn(Cause::Verify, env, |turn| {
            if turn.chat.verified().is_none() {
                return End::Pass(());
            }
            turn.state.options.compared = Compared::Nothing;
            End::Commit(())
        });
    }
}

impl Chat {
    /// Returns what was compared if `compared` belongs to this chat, in constant time.
    fn speaks_for(&self, compared: Verification) -> Result<Compared, CallError> {
        let keys = match &self.phase {
            Phase::Open(keys) => keys,
            Phase::Requested(_) => return Err(Unavailable::NotReady.into()),
            Phase::Closed(_) => return Err(Unavailable::ChatClosed.into()),
        };
        let compared = compared.to_bytes();
        let handshake = keys.verification.ct_eq(&compared);
        let current = keys.bound.as_ref().map_or(Choice::from(0), |bound| bound.check.ct_eq(&compared));
        if current.into() {
            Ok(Compared::CurrentKey)
        } else if handshake.into() {
            Ok(Compared::Handshake)
        } else {
            Err(VerifyError::Mismatch.into())
        }
    }
}

impl Turn<'_> {
    /// Notes what was compared. A comparison that adds nothing changes nothing.
    fn mark(&mut self, compared: Compared) -> End<()> {
        let known = &mut self.state.options.compared;
        if *known >= compared {
            return End::Pass(());
        }
        *known = compared;
        End::Commit(())
    }
}
