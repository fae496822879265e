//! Messages that the user writes.

use alloc::vec::Vec;

use super::seal::Sizes;
use super::slot::{Carriage, ID_LEN};
use crate::chat::Chat;
use crate::chat::model::{Cause, Kind};
use crate::chat::turn::{End, Turn};
use crate::message::{Draft, Hidden, check_album, check_draft, with_wire};
use crate::types::env::Env;
use crate::types::error::{ApiMisuse, CallError};
use crate::types::id::{GroupedId, RandomId};
use crate::types::time::Ttl;
use crate::wire::Encode;

/// # App -> chat
impl Chat {
    /// Sends a message. `Ok` means that it is queued. Once its batch is written it survives a crash.
    ///
    /// # Errors
    /// [`Unavailable`](crate::Unavailable): `NotReady`, `ChatClosed`, `OutboxFull`, `SeqExhausted`,
    /// `RekeyRequired`, `TooManyTimers`. [`ApiMisuse`]: `ViewOnce`, `HiddenWithoutTimer`, `RandomId`,
    /// `UnusableRng`, `MessageTooLong`, and the errors of a malformed draft (SPEC MSG-1 to MSG-5). After an error
    /// nothing has changed.
    pub fn send(&mut self, draft: &Draft, env: &mut Env<'_>) -> Result<RandomId, CallError> {
        self.try_turn(Cause::Send, env, |turn| {
            let sizes = turn.chat.check_draft(draft, None)?;
            let id_len = if draft.random_id.is_none() { ID_LEN } else { 0 };
            turn.rng.read_ahead(id_len + sizes.drawn());
            let random_id = turn.random_id_of(draft)?;
            turn.chat.check_key_use(turn.state)?;
            turn.queue(draft, random_id, None, &sizes)?;
            Ok(End::Commit(random_id))
        })
    }

    /// Sends 2 to 10 media as an album: all of them in order, or none.
    ///
    /// # Errors
    /// The errors of [`Chat::send`], and [`ApiMisuse::AlbumSize`], [`ApiMisuse::AlbumMedia`].
    pub fn send_album(&mut self, drafts: &[Draft], env: &mut Env<'_>) -> Result<Vec<RandomId>, CallError> {
        self.try_turn(Cause::SendAlbum, env, |turn| {
            turn.chat.ready_keys()?;
            check_album(drafts)?;
            // The length of a message depends on whether there is such an id, and not on which.
            let sizes = drafts.iter().map(|draft| turn.chat.check_draft(draft, Some(GroupedId(0))));
            let sizes = sizes.collect::<Result<Vec<_>, _>>()?;
            let mut random_ids: Vec<RandomId> = Vec::with_capacity(drafts.len());
            for draft in drafts {
                let random_id = turn.random_id_of(draft)?;
                if random_ids.contains(&random_id) {
                    return Err(ApiMisuse::RandomId.into());
                }
                random_ids.push(random_id);
            }
            // Positive, as TDLib's are.
            let grouped_id = GroupedId((turn.draw_nonzero()? & i64::MAX).max(1));
            turn.chat.check_key_use(turn.state)?;
            for ((draft, random_id), sizes) in drafts.iter().zip(&random_ids).zip(&sizes) {
                turn.rng.read_ahead(sizes.drawn());
                turn.queue(draft, *random_id, Some(grouped_id), sizes)?;
            }
            Ok(End::Commit(random_ids))
        })
    }
}

impl Turn<'_> {
    /// Seals a draft for the next slot.
    fn queue(
        &mut self,
        draft: &Draft,
        random_id: RandomId,
        grouped_id: Option<GroupedId>,
        sizes: &Sizes,
    ) -> Result<(), CallError> {
        let (noop, silent, file) = (false, draft.silent, draft.file.clone());
        let carriage = Carriage { kind: Kind::Written, ttl: Ttl::OFF, noop, silent, file };
        let layer = self.chat.layer_for_peer(self.state);
        self.chat.check_view_once(draft.ttl.unwrap_or_default())?;
        let ttl = draft.ttl.unwrap_or(self.state.ttl);
        if draft.hidden && ttl.is_off() {
            return Err(ApiMisuse::HiddenWithoutTimer.into());
        }
        self.keep_own_timed(random_id, ttl, draft.kind(), draft.file.as_deref())?;
        with_wire(draft, random_id, ttl, layer, grouped_id, |message| {
            if draft.hidden && message.encoded_len() > Hidden::MAX_LEN {
                return Err(ApiMisuse::MessageTooLong.into());
            }
            self.queue_message(random_id, message, sizes, carriage)
        })
    }

    fn random_id_of(&mut self, draft: &Draft) -> Result<RandomId, ApiMisuse> {
        let Chat { outbox, timed, .. } = self.chat;
        match draft.random_id {
            Some(random_id) if random_id.0 == 0 || outbox.holds(random_id) || timed.get(random_id).is_some() => {
                Err(ApiMisuse::RandomId)
            }
            Some(random_id) => Ok(random_id),
            None => self.draw_nonzero().map(RandomId),
        }
    }
}

impl Chat {
    /// Checks a draft and returns the sizes of its message.
    fn check_draft(&self, draft: &Draft, grouped_id: Option<GroupedId>) -> Result<Sizes, CallError> {
        self.ready_keys()?;
        if (draft.protected || draft.hidden) && !self.rules().senders_ask {
            return Err(ApiMisuse::NotInProfile.into());
        }
        let (layer, form) = (self.layer_for_peer(&self.state), self.rules().file_form);
        Ok(check_draft(draft, layer, grouped_id, form, |message| self.sizes(message))?)
    }
}
