//! Gives each message of the user to the chat exactly once, over any number of restarts, when the chat has room for it.

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
    /// Gives the message that the user has written in this step of the story to the chat, exactly once over any number of
    /// restarts. `make` makes the draft, and `hash` is the hash of what the peer must receive.
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
        // The chat has the message and takes care of it. Otherwise it is new, or the process died before the chat had it.
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

    /// Gives waiting messages to the chat as long as it has room. Acknowledgements of the peer make more room.
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

    /// Returns whether the chat has taken everything that the user has written.
    pub(crate) fn has_sent_all(&self) -> bool {
        self.to_send.is_empty()
    }

    /// Returns the id of the message of this step, noted before the chat gets it.
    pub(crate) fn draft(&mut self, step: &str, hash: Hash) -> Result<RandomId> {
        if let Some(id) = self.journal.draft(step) {
            return Ok(id);
        }
        let id = RandomId((self.os.env().rng.next_u64() >> 1).cast_signed().max(1));
        self.add(Row::Draft(rows::Draft { id, hash, step: step.to_owned() }))?;
        Ok(id)
    }

    /// Returns whether the chat has a message that the peer has not acknowledged.
    pub(crate) fn holds(&self, id: RandomId) -> bool {
        self.driver.as_ref().is_some_and(|driver| driver.chat().holds(id))
    }

    /// Notes that the peer has a message.
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

/// Returns whether the chat only refuses for now: too many messages are not acknowledged, the key has served too long and
/// the new one is not there, or the chat is not ready yet. A host carries on, and tries again.
pub(crate) const fn is_for_now(refused: CallError) -> bool {
    matches!(
        refused,
        CallError::Unavailable(Unavailable::OutboxFull | Unavailable::RekeyRequired | Unavailable::NotReady)
    )
}
