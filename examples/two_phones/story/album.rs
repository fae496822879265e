//! The part of the story that is an album: several photos in one batch at the sender, decrypted together at the receiver.

use std::time::Duration;

use secretchat::media::MAX_FILES;
use secretchat::{ApiMisuse, Draft, RandomId, Timestamp};

use super::Result;
use super::desk::Desk;
use super::disk::Hash;
use super::os::{Os, now};
use super::pair::{Pair, photo_draft};
use super::phone::Phone;
use super::photo::Small;
use super::rows::Row;
use super::shelf::Shelf;

/// No message says how many an album has. After this silence what has arrived of it is decrypted.
const SILENCE: Duration = Duration::from_millis(50);

/// The photos of an album, and the step of the story that each is.
pub(crate) struct Album {
    pub(crate) photos: Vec<Small>,
}

impl Album {
    pub(crate) fn steps(&self) -> impl Iterator<Item = (String, Hash)> {
        self.photos.iter().zip(1..).map(|(photo, number)| (format!("album-{number}"), photo.hash))
    }

    fn drafts(&self, desk: &Desk, os: &mut Os) -> Result<Vec<Draft>> {
        let files = desk.encrypt_album(&self.photos, os.env().rng)?;
        Ok(self.photos.iter().zip(files).map(|(photo, (file, key))| photo_draft(photo, file, key)).collect())
    }
}

impl<S: Shelf> Pair<S> {
    pub(crate) fn play_album(&mut self, album: &Album) -> Result<()> {
        if album.photos.is_empty() {
            return Ok(());
        }
        println!("\nAn album of {} photos", album.photos.len());
        let steps: Vec<_> = album.steps().collect();
        self.alice.write_album(&steps, |desk, os| album.drafts(desk, os))?;
        self.run_until(|pair| {
            steps.iter().all(|(step, _)| pair.alice.is_delivered(step)) && pair.bob.journal.waiting().next().is_none()
        })?;
        let groups: Vec<_> = self.bob.journal.grouped().map(|(_, grouped)| grouped.group).collect();
        if groups.len() != steps.len() || groups.windows(2).any(|two| two[0] != two[1]) {
            return Err("the album did not arrive as one".into());
        }
        Ok(())
    }
}

impl<S: Shelf> Phone<S> {
    /// As [`Phone::write`], for messages that the chat takes all or none of.
    fn write_album(
        &mut self,
        steps: &[(String, Hash)],
        make: impl FnOnce(&Desk, &mut Os) -> Result<Vec<Draft>>,
    ) -> Result<()> {
        self.settings.pace.step();
        let ids: Vec<RandomId> = steps.iter().map(|(step, hash)| self.draft(step, *hash)).collect::<Result<_>>()?;
        if ids.iter().all(|id| self.journal.is_acknowledged(*id)) {
            println!("   {}'s album was delivered in an earlier run", self.settings.name);
            return Ok(());
        }
        // They are in one batch, so the chat has had all of them, or the process died before.
        if ids.iter().any(|id| self.journal.is_acknowledged(*id) || self.holds(*id)) {
            return Ok(());
        }
        let drafts = make(&self.desk, &mut self.os)?.into_iter().zip(ids);
        let drafts: Vec<_> = drafts.map(|(draft, id)| Draft { random_id: Some(id), ..draft }).collect();
        let driver = self.driver.as_mut().ok_or(ApiMisuse::NotReady)?;
        driver.act(&mut self.os.env(), |chat, env| chat.send_album(&drafts, env))?;
        self.act()
    }

    /// When [`Phone::open_albums`] has something to do.
    pub(crate) fn albums_due(&self) -> Option<Timestamp> {
        let silence = u64::try_from(SILENCE.as_millis()).unwrap_or(u64::MAX);
        match self.journal.waiting().count() {
            0 => None,
            1..MAX_FILES => Some(Timestamp::from_millis(self.heard.as_millis().saturating_add(silence))),
            _ => Some(self.heard),
        }
    }

    /// Decrypts what waits of albums, if it is time. Files that another run decrypted without a row are decrypted again.
    pub(crate) fn open_albums(&mut self) -> Result<()> {
        if self.albums_due().is_none_or(|at| at > now()) {
            return Ok(());
        }
        let waiting: Vec<_> = self.journal.waiting().map(|(id, grouped)| (id, grouped.clone())).collect();
        for album in waiting.chunk_by(|(_, one), (_, next)| one.group == next.group) {
            // A peer could call more an album than one has.
            for files in album.chunks(MAX_FILES) {
                let hashes = self.desk.decrypt_album(&files.iter().map(|(_, grouped)| grouped).collect::<Vec<_>>())?;
                for ((id, _), hash) in files.iter().zip(hashes) {
                    self.add(Row::Opened { id: *id, hash })?;
                }
                self.shelf()?.commit()?;
                files.iter().for_each(|(_, grouped)| self.desk.forget_arrived(grouped.file));
                println!("   {} decrypted {} files of an album together", self.settings.name, files.len());
            }
        }
        Ok(())
    }
}
