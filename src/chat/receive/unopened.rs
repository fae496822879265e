//! Messages that come before there are keys (SPEC MODP-6).

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::chat::Chat;
use crate::chat::input::Handled;
use crate::chat::model::{Arrived, Cause};
use crate::chat::turn::{End, Turn};
use crate::envelope;
use crate::message::IncomingFile;
use crate::types::env::Env;
use crate::types::id::SeqNo;
use crate::types::time::Timestamp;

impl Chat {
    /// Handles the messages that came before the keys, one group each, then forgets them. After a crash in between
    /// they are handled again, and those already processed are duplicates.
    pub(in crate::chat) fn take_unopened(&mut self, env: &mut Env<'_>) -> Handled {
        let unopened: Vec<_> = self.unopened.iter().map(Arrived::to_parts).collect();
        if unopened.is_empty() {
            return Handled::Applied;
        }
        for (bytes, file, date) in unopened {
            // A forged message is dropped like every other.
            if let Ok(Handled::ChatClosed) =
                self.try_turn(Cause::Ciphertext, env, |turn| turn.ciphertext(&bytes, file, date))
            {
                return Handled::ChatClosed;
            }
        }
        self.turn(Cause::Ciphertext, env, |turn| {
            turn.forget_unopened = true;
            End::Commit(Handled::Applied)
        })
    }
}

impl Turn<'_> {
    /// Keeps a message unopened until there are keys, within the limits of what may wait.
    pub(super) fn keep_for_keys(
        &mut self,
        bytes: &[u8],
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
    ) -> End<Handled> {
        let unopened = &self.chat.unopened;
        if unopened.iter().any(|kept| *kept.body == *bytes) {
            return End::Pass(Handled::Duplicate);
        }
        if bytes.len() > envelope::MAX_SEALED_LEN {
            return End::Pass(Handled::Ignored);
        }
        let slot = u32::try_from(unopened.len()).ok().and_then(SeqNo::new);
        let Some(slot) = slot else { return End::Pass(Handled::NoRoom) };
        let kept = Arrived::before_keys(slot, bytes, file, date);
        if !unopened.has_room_for(&kept, SeqNo::ZERO, &self.chat.setup.limits) {
            return End::Pass(Handled::NoRoom);
        }
        self.unopened = Some(Box::new(kept));
        End::Commit(Handled::Waiting)
    }
}
