//! Messages with a timer, as a host shows them: opened through the chat, counted down, and destroyed at the end.
//!
//! The key of such a medium belongs to the chat, which lends it from [`Event::Opened`](secretchat::Event::Opened) to
//! [`Event::Expired`](secretchat::Event::Expired). We must destroy whatever we decrypted with it in between.

use secretchat::{CallError, Chat, Env, MediaLease, RandomId, RecordName, Records, StoreKey, Timestamp, Unavailable};

use super::Result;
use super::copies::Looked;
use super::disk::At;
use super::os::now;
use super::phone::Phone;
use super::rows::{Opened, Row};
use super::say::say;
use super::shelf::Shelf;
use super::write::is_for_now;

/// A message that is being looked at.
pub(crate) struct View {
    id: RandomId,
    /// Wiped with the view.
    _lease: Box<MediaLease>,
    deadline: Timestamp,
    /// The remaining seconds that were last shown.
    told: u64,
}

/// The result of opening a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Shown,
    /// The chat has no room yet to tell the peer.
    NotYet,
    /// The time of the message is over, or it was already viewed once.
    Refused(Unavailable),
}

/// # Feed
impl<S: Shelf> Phone<S> {
    /// Opens a message with a timer for the user.
    pub(crate) fn open(&mut self, id: RandomId) -> Result<Look> {
        self.settings.pace.step();
        let driver = self.driver.as_mut().ok_or(Unavailable::NotReady)?;
        match driver.act(&mut self.os.env(), |chat, env| chat.open_view(id, env)) {
            Ok(_) => self.act().map(|()| Look::Shown),
            Err(refused) if is_for_now(refused) => Ok(Look::NotYet),
            Err(refused) => refusal(refused).map(Look::Refused),
        }
    }

    /// Closes a message that the user has opened.
    pub(crate) fn close(&mut self, id: RandomId) -> Result<()> {
        self.settings.pace.step();
        let driver = self.driver.as_mut().ok_or(Unavailable::NotReady)?;
        driver.act(&mut self.os.env(), |chat, env| chat.close_view(id, env))?;
        self.act()
    }

    /// Shows the remaining time, once a second.
    pub(crate) fn count_down(&mut self) -> Result<()> {
        for view in &mut self.views {
            let left = seconds_until(view.deadline);
            if (1..view.told).contains(&left) {
                view.told = left;
                // A long countdown is shown in steps.
                if left < 5 || left.is_multiple_of(10) {
                    say!("   {left} s left")?;
                }
            }
        }
        Ok(())
    }

    /// Returns when [`Phone::count_down`] has something to show. The end itself is a timeout of the chat.
    pub(crate) fn next_count(&self) -> Option<Timestamp> {
        let counting = self.views.iter().filter(|view| view.told > 1);
        let next = counting.map(|view| view.deadline.as_millis().saturating_sub((view.told - 1) * 1000));
        next.min().map(Timestamp::from_millis)
    }
}

/// # Act
impl<S: Shelf> Phone<S> {
    /// Shows an opened message, whose key the chat lends. The event comes after its batch, so the timer is already running,
    /// whatever happens here.
    pub(crate) fn opened(&mut self, id: RandomId, lease: Option<Box<MediaLease>>, deadline: Timestamp) -> Result<()> {
        let file = self.journal.hidden(id).ok_or("what was opened has never arrived")?;
        let lease = lease.ok_or("a photo without its key was opened")?;
        let hash = self.desk.show(file, &lease)?;
        if self.journal.opened(id).is_none() {
            self.add(Row::Opened(Opened { id, hash, name: None }))?;
        }
        let left = seconds_until(deadline);
        let size = lease.size();
        let name = self.settings.name;
        self.views.push(View { id, _lease: lease, deadline, told: left });
        say!("   {name} opened it: {size} bytes, SHA-256 {:.16}…, {left} s left", hash.to_string())
    }

    /// Handles the end of a message of either end. The row goes to disk before the batch that forgets the message, or with
    /// it.
    pub(crate) fn expired(&mut self, id: RandomId) -> Result<()> {
        let name = self.settings.name;
        self.views.retain(|view| view.id != id);
        let received = self.journal.hidden(id);
        if let Some(file) = received {
            self.desk.destroy(file)?;
        }
        if self.journal.has_expired(id) {
            return self.came_again("the end of a timer");
        }
        self.add(Row::Expired(id))?;
        match received {
            Some(_) => {
                say!("   {name}'s photo has ended: its key, its encrypted file and the decrypted copy are destroyed")
            }
            None => say!("   {name}'s own timer has ended, too"),
        }
    }
}

/// # Ask
impl<S: Shelf> Phone<S> {
    /// Returns whether a message with a timer has ended and the store has forgotten it. A crash may leave the row without
    /// the batch.
    pub(crate) fn is_over(&self, id: RandomId) -> bool {
        self.journal.has_expired(id) && self.has_record(id).is_ok_and(|has_record| !has_record)
    }

    /// Returns whether the chat's store has the record of this message with a timer, which holds its key.
    pub(crate) fn has_record(&self, id: RandomId) -> Result<bool> {
        let records = self.records()?;
        Ok(records.rows.iter().any(|(name, _)| *name == RecordName::Timed(id)))
    }

    /// Remembers the current record of a message with a timer, to search for copies of it at the end.
    pub(crate) fn remember_record(&mut self, id: RandomId) -> Result<()> {
        let records = self.records()?;
        for (_, sealed) in records.rows.iter().filter(|(name, _)| *name == RecordName::Timed(id)) {
            self.copies.remember(sealed);
        }
        Ok(())
    }

    /// Checks that nothing of the photo is left here, and that neither the chat nor its records can open it.
    pub(crate) fn check_unreadable(&mut self, id: RandomId) -> Result<()> {
        let name = self.settings.name;
        let file = self.journal.hidden(id).ok_or("a photo with a timer has never arrived")?;
        if let Some(path) = self.desk.remains(file) {
            return Err(format!("{} has outlived its timer", path.display()).into());
        }
        if self.views.iter().any(|view| view.id == id) {
            return Err("the photo is shown beyond its timer".into());
        }
        say!("   Neither its encrypted file nor the decrypted copy is on {name}'s disk")?;

        let Look::Refused(refused) = self.open(id)? else { return Err("the chat has opened it again".into()) };
        say!("   {name} asks for it again and is refused: {refused}")?;

        // A second chat from the same records. It is only asked this, then dropped: if both sent, both would break.
        let records = self.records()?;
        let env = &mut self.os.env();
        let again = Chat::restore(&records, &StoreKey::new(self.key), self.journal.checkpoint(), env);
        let mut again = again.at("restore the chat from", &self.desk.home)?;
        if self.has_record(id)? || !is_refused(&mut again, id, &mut self.os.env())? {
            return Err("the records still open it".into());
        }
        say!("   None of the {} records in {name}'s store opens it either", records.rows.len())?;

        // The records of an earlier run are not known here.
        if self.copies.is_empty() {
            return Ok(());
        }
        let Looked { files, bytes } = self.copies.look(&self.desk.home)?;
        say!("   Looked through {files} files of {name}'s, {bytes} bytes: no copy of an older record that would")
    }

    fn records(&self) -> Result<Records> {
        let driver = self.driver.as_ref().ok_or(Unavailable::NotReady)?;
        let chat = driver.chat().id().ok_or("the chat keeps no records")?;
        let records = driver.store().load(chat).at("read the store in", &self.desk.home)?;
        Ok(records.ok_or("the chat has no records")?)
    }
}

fn is_refused(chat: &mut Chat, id: RandomId, env: &mut Env<'_>) -> Result<bool> {
    match chat.open_view(id, env) {
        Ok(_) => Ok(false),
        Err(refused) => refusal(refused).map(|_| true),
    }
}

/// Returns the refusal, if it is one of the two that mean that there is nothing left to see.
fn refusal(error: CallError) -> Result<Unavailable> {
    match error {
        CallError::Unavailable(over @ (Unavailable::Expired | Unavailable::NotTimed)) => Ok(over),
        _ => Err(error.into()),
    }
}

/// Rounds up to whole seconds.
fn seconds_until(deadline: Timestamp) -> u64 {
    deadline.as_millis().saturating_sub(now().as_millis()).div_ceil(1000)
}
