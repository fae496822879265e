//! What the user writes goes to the chat exactly once, over any number of restarts, and when the chat has room for it.

use secretchat::frame::FileId;
use secretchat::media::FileForm;
use secretchat::{CallError, Draft, RandomId, Unavailable};

use super::Result;
use super::desk::Desk;
use super::disk::Hash;
use super::os::Os;
use super::phone::Phone;
use super::rows::{self, Row};
use super::say::say;
use super::shelf::Shelf;

impl<S: Shelf> Phone<S> {
    /// The user has written the message of this step of the story: gives it to the chat, exactly once over any number of
    /// restarts. `make` makes the draft; `hash` is what the peer shall end up with.
    pub(crate) fn write(
        &mut self,
        step: &str,
        hash: Hash,
        make: impl FnOnce(&Desk, FileForm, &mut Os) -> Result<Draft>,
    ) -> Result<()> {
        self.settings.pace.step();
        let id = self.draft(step, hash)?;
        if self.journal.is_acknowledged(id) {
            return say!("   {}'s {step} was delivered in an earlier run", self.settings.name);
        }
        // The chat has it and sees to it. Otherwise it is new, or the process died before the chat had it.
        if self.holds(id) {
            return Ok(());
        }
        let draft = make(&self.desk, self.file_form()?, &mut self.os)?.with_random_id(id);
        self.send(vec![draft])
    }

    /// Gives drafts to the chat, all of them or none, now or when there is room.
    pub(crate) fn send(&mut self, drafts: Vec<Draft>) -> Result<()> {
        for draft in &drafts {
            let file = draft.file.as_deref().and_then(|name| name.try_into().ok());
            self.files.extend(draft.random_id.zip(file.map(FileId)));
        }
        self.to_send.push_back(drafts);
        self.flush()
    }

    /// Gives the chat what waits for it, as far as it has room. What the peer acknowledges makes more.
    pub(crate) fn flush(&mut self) -> Result<()> {
        while let Some(drafts) = self.to_send.front() {
            let driver = self.driver.as_mut().ok_or(Unavailable::NotReady)?;
            let sent = driver.act(&mut self.os.env(), |chat, env| match drafts.as_slice() {
                [draft] => chat.send(draft, env).map(drop),
                album => chat.send_album(album, env).map(drop),
            });
            match sent {
                Ok(()) => self.to_send.pop_front(),
                Err(refused) if is_for_now(refused) => return Ok(()),
                Err(refused) => return Err(refused.into()),
            };
            self.act()?;
        }
        Ok(())
    }

    /// Whether the chat has taken all that the user has written.
    pub(crate) fn has_sent_all(&self) -> bool {
        self.to_send.is_empty()
    }

    /// The id of the message of this step, noted before the chat knows of it.
    pub(crate) fn draft(&mut self, step: &str, hash: Hash) -> Result<RandomId> {
        if let Some(id) = self.journal.draft(step) {
            return Ok(id);
        }
        let id = RandomId((self.os.env().rng.next_u64() >> 1).cast_signed().max(1));
        self.add(Row::Draft(rows::Draft { id, hash, step: step.to_owned() }))?;
        Ok(id)
    }

    /// Whether the chat has a message that the peer has not acknowledged.
    pub(crate) fn holds(&self, id: RandomId) -> bool {
        self.driver.as_ref().is_some_and(|driver| driver.chat().holds(id))
    }

    /// The peer has a message.
    pub(crate) fn acknowledged(&mut self, id: RandomId) -> Result<()> {
        if self.journal.is_acknowledged(id) {
            self.came_again("an acknowledgement")?;
        } else {
            self.add(Row::Acknowledged(id))?;
        }
        self.delivered.extend(self.files.remove(&id));
        Ok(())
    }
}

/// Whether the chat says no for now only: it has too much that the peer has not acknowledged, its key has served too long
/// and the new one is not there, or the peer has not shown itself yet. A host carries on, and asks again.
pub(crate) const fn is_for_now(refused: CallError) -> bool {
    matches!(
        refused,
        CallError::Unavailable(Unavailable::OutboxFull | Unavailable::RekeyRequired | Unavailable::NotReady)
    )
}
