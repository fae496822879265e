//! The part of the story that is an album: several photos in one batch at the sender, decrypted together at the receiver.

use std::time::Duration;

use secretchat::media::{FileForm, MAX_FILES};
use secretchat::{Draft, RandomId, Timestamp};

use super::Result;
use super::crypt::Decrypted;
use super::desk::{Desk, Tray};
use super::disk::Hash;
use super::drafts::photo_draft;
use super::os::{Os, now};
use super::pair::Pair;
use super::phone::Phone;
use super::rows::{Opened, Row};
use super::say::say;
use super::shelf::Shelf;
use super::small::Small;

/// No message says how many photos an album has. After this silence, the photos that have arrived are decrypted.
const SILENCE: Duration = Duration::from_millis(50);

/// The photos of an album, and the step of the story for each.
pub(crate) struct Album {
    pub(crate) photos: Vec<Small>,
}

impl Album {
    pub(crate) fn steps(&self) -> impl Iterator<Item = (String, Hash)> {
        self.photos.iter().zip(1..).map(|(photo, number)| (format!("album-{number}"), photo.hash))
    }

    fn drafts(&self, desk: &Desk, form: FileForm, os: &mut Os) -> Result<Vec<Draft>> {
        let files = desk.encrypt_album(&self.photos, form, os.env().rng)?;
        Ok(self.photos.iter().zip(files).map(|(photo, (file, key))| photo_draft(photo, file, key)).collect())
    }
}

impl<S: Shelf> Pair<S> {
    pub(crate) fn play_album(&mut self, album: &Album) -> Result<()> {
        if album.photos.is_empty() {
            return Ok(());
        }
        say!("\nAn album of {} photos", album.photos.len())?;
        let steps: Vec<_> = album.steps().collect();
        self.alice.write_album(&steps, |desk, form, os| album.drafts(desk, form, os))?;
        self.run_until(|pair| {
            steps.iter().all(|(step, _)| pair.alice.is_delivered(step)) && pair.bob.journal.waiting().len() == 0
        })?;
        let groups: Vec<_> = self.bob.journal.grouped().map(|grouped| grouped.group).collect();
        if groups.len() != steps.len() || groups.windows(2).any(|two| two[0] != two[1]) {
            return Err("the album did not arrive as one".into());
        }
        Ok(())
    }
}

impl<S: Shelf> Phone<S> {
    /// Writes like [`Phone::write`], but several messages, of which the chat takes all or none.
    fn write_album(
        &mut self,
        steps: &[(String, Hash)],
        make: impl FnOnce(&Desk, FileForm, &mut Os) -> Result<Vec<Draft>>,
    ) -> Result<()> {
        self.settings.pace.step();
        let ids: Vec<RandomId> = steps.iter().map(|(step, hash)| self.draft(step, *hash)).collect::<Result<_>>()?;
        if ids.iter().all(|id| self.journal.is_acknowledged(*id)) {
            return say!("   {}'s album was delivered in an earlier run", self.settings.name);
        }
        // They are in one batch, so the chat has all of them, or the process died before.
        if ids.iter().any(|id| self.journal.is_acknowledged(*id) || self.holds(*id)) {
            return Ok(());
        }
        let drafts = make(&self.desk, self.file_form()?, &mut self.os)?.into_iter().zip(ids);
        let drafts: Vec<_> = drafts.map(|(draft, id)| draft.with_random_id(id)).collect();
        self.send(drafts)
    }

    /// Returns when [`Phone::open_albums`] has something to do.
    pub(crate) fn albums_due(&self) -> Option<Timestamp> {
        let silence = u64::try_from(SILENCE.as_millis()).unwrap_or(u64::MAX);
        match self.journal.waiting().len() {
            0 => None,
            1..MAX_FILES => Some(Timestamp::from_millis(self.heard.as_millis().saturating_add(silence))),
            _ => Some(self.heard),
        }
    }

    /// Decrypts the waiting files of albums, if it is time. Returns whether there were any. Files that another run decrypted
    /// without a row are decrypted again.
    pub(crate) fn open_albums(&mut self) -> Result<bool> {
        if self.albums_due().is_none_or(|at| at > now()) {
            return Ok(false);
        }
        let waiting: Vec<_> =
            self.journal.waiting().filter_map(|(id, grouped)| Some((id, grouped.cloned()?))).collect();
        let form = self.file_form()?;
        for album in waiting.chunk_by(|(_, one), (_, next)| one.group == next.group) {
            // A peer could put more photos into an album than allowed.
            for files in album.chunks(MAX_FILES) {
                let decrypted =
                    self.desk.decrypt_album(&files.iter().map(|(_, grouped)| grouped).collect::<Vec<_>>(), form)?;
                for ((id, _), Decrypted { name, hash }) in files.iter().zip(decrypted) {
                    self.add(Row::Opened(Opened { id: *id, hash, name: Some(name) }))?;
                }
                self.commit()?;
                files.iter().try_for_each(|(_, grouped)| self.desk.remove(Tray::Incoming, grouped.file))?;
                say!("   {} decrypted {} files of an album together", self.settings.name, files.len())?;
            }
        }
        Ok(true)
    }
}
