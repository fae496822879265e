//! Files that are being sent, and the messages that wait for them (SPEC FILE-1 to FILE-3).

use alloc::vec::Vec;

use super::leaving::{Leaving, What, file_of};
use super::outgoing::Outgoing;
use crate::frame::{FileId, Frame, MAX_PART_LEN};
use crate::media::Progress;
use crate::output::Transmit;
use crate::types::id::TransmitId;
use crate::types::time::Timestamp;

/// Sends stored files in parts, and holds each message back until the parts of its file have been sent.
///
/// Files go one after the other, in the order in which they were added, so each photo of an album arrives as early
/// as possible. [`FileSender::prefer`] puts one before all others.
///
/// Nothing of this is stored. After a restart [`FileSender::hold`] finds the files again through the messages that
/// the driver repeats, and the peer says what it lacks of them.
///
/// ```
/// use secretchat::Timestamp;
/// use secretchat::frame::{FileId, Frame};
/// use secretchat::transfer::FileSender;
///
/// let sealed = [7; 40_000]; // by `media::seal`
/// let (file, now) = (FileId([1; 16]), Timestamp::from_unix_seconds(1_800_000_000));
///
/// let mut sender = FileSender::new();
/// sender.add(file, sealed.len() as u64);
/// let mut carried = 0;
/// while let Some(leaving) = sender.next(now) {
///     let Some((_, range)) = leaving.part() else { continue };
///     // Read these bytes from the stored file.
///     let part = &sealed[range.start as usize..range.end as usize];
///     let frame: Frame<'_> = leaving.frame(part)?;
///     // .. `encode` it and carry it ..
///     carried += part.len();
///     let _message = sender.carried(leaving);
/// }
/// assert_eq!(carried, sealed.len());
/// assert!(sender.is_carried(file), "now a message that names it may leave");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileSender {
    part_len: u64,
    window: u64,
    files: Vec<Outgoing>,
    /// Transmissions of the chat that wait, in the order of slots.
    held: Vec<Transmit>,
    /// Files whose cancellation the peer must receive.
    cancelled: Vec<FileId>,
}

impl Default for FileSender {
    fn default() -> Self {
        Self::new()
    }
}

impl FileSender {
    /// Creates a sender with parts of 16 KiB, and at most 1 MiB in flight.
    #[must_use]
    pub const fn new() -> Self {
        Self { part_len: 1 << 14, window: 1 << 20, files: Vec::new(), held: Vec::new(), cancelled: Vec::new() }
    }

    /// Sets the length of parts in bytes, from 1 to [`MAX_PART_LEN`]. Other values become the nearer end.
    #[must_use]
    pub fn with_part_len(mut self, len: usize) -> Self {
        self.part_len = len.clamp(1, MAX_PART_LEN) as u64;
        self
    }

    /// Sets how many bytes of files may be in flight. One part is always allowed.
    #[must_use]
    pub const fn with_window(mut self, bytes: u64) -> Self {
        self.window = bytes;
        self
    }

    /// Adds a stored file of `len` bytes, of which nothing has been sent, after the others. Do this before you send
    /// its message if you can: then no other message must wait for it (SPEC FILE-2). A file that was added before
    /// stays as it is.
    pub fn add(&mut self, file: FileId, len: u64) {
        if self.find(file).is_none() {
            self.files.push(Outgoing::new(file, len));
        }
    }

    /// Adds a stored file of which some may have been sent before a restart. The peer is asked what it lacks.
    pub fn resume(&mut self, file: FileId, len: u64) {
        if self.find(file).is_none() {
            self.files.push(Outgoing::asking(file, len));
        }
    }

    /// Puts a file before all others.
    pub fn prefer(&mut self, file: FileId) {
        self.files.sort_by_key(|other| other.id != file);
    }

    /// Takes a transmission of the chat. It comes out of [`FileSender::next`] once its file and all messages before
    /// it have been sent: the peer processes messages in order, and would request a missing one. A transmission
    /// that is already held is replaced, since the chat's latest version is the one to send (SPEC OUT-2).
    ///
    /// `stored` returns the length of a stored file. It is called for a file that was not added, which is then
    /// resumed.
    ///
    /// # Errors
    /// The transmission, if its file is not there. Delete the message then: an empty one takes its place, and until
    /// then the peer waits.
    pub fn hold(&mut self, transmit: Transmit, stored: impl FnOnce(FileId) -> Option<u64>) -> Result<(), Transmit> {
        match file_of(&transmit) {
            Ok(Some(file)) if !self.is_there(file, stored) => return Err(transmit),
            Err(_) => return Err(transmit),
            Ok(_) => {}
        }
        match self.held.binary_search_by_key(&transmit.id, |held| held.id) {
            Ok(at) => self.held.splice(at..=at, [transmit]),
            Err(at) => self.held.splice(at..at, [transmit]),
        };
        Ok(())
    }

    /// Takes a frame of the peer. Returns whether it was meant for a sender: what a file lacks, or that a file of
    /// this sender is not wanted. `stored` works as in [`FileSender::hold`]. It should know only files of messages
    /// that the peer has not acknowledged.
    ///
    /// Frames are not authentic. A forged one causes parts to be sent again, or a message before its parts. The
    /// peer then requests the parts.
    pub fn hear(&mut self, frame: &Frame<'_>, stored: impl FnOnce(FileId) -> Option<u64>) -> bool {
        match *frame {
            Frame::FileRequest { file_id, missing } => {
                if self.is_there(file_id, stored) {
                    self.of(file_id).for_each(|file| file.requested(missing));
                }
                true
            }
            Frame::FileCancel { file_id } => {
                self.of(file_id).for_each(Outgoing::stop);
                self.find(file_id).is_some()
            }
            _ => false,
        }
    }

    /// Returns the next item to send, or `None` if there is none or the window is full.
    pub fn next(&mut self, now: Timestamp) -> Option<Leaving> {
        let what = self.next_cancel().or_else(|| self.next_transmit()).or_else(|| self.next_question(now));
        what.or_else(|| self.next_part()).map(Leaving)
    }

    /// Returns when [`FileSender::next`] will have something new.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.files.iter().find_map(Outgoing::ask_at)
    }

    /// Notes that the transport has accepted an item. Returns the name of a chat's transmission, for
    /// [`Driver::landed`](crate::store::Driver::landed).
    pub fn carried(&mut self, leaving: Leaving) -> Option<TransmitId> {
        match leaving.0 {
            What::Part { file, part, .. } => {
                self.of(file).for_each(|file| file.carried(part.clone()));
                None
            }
            What::Transmit(transmit) => Some(transmit.id),
            What::Question { .. } | What::Cancel { .. } => None,
        }
    }

    /// Notes that the transport has not accepted an item. It comes again.
    pub fn failed(&mut self, leaving: Leaving) {
        match leaving.0 {
            What::Part { file, part, .. } => self.of(file).for_each(|file| file.failed(part.clone())),
            What::Cancel { file } => self.cancelled.push(file),
            What::Transmit(transmit) => {
                // A newer one may have come meanwhile.
                if let Err(at) = self.held.binary_search_by_key(&transmit.id, |held| held.id) {
                    self.held.insert(at, transmit);
                }
            }
            // The question is asked again automatically.
            What::Question { .. } => {}
        }
    }

    /// Notes that a connection ended, which may have lost what it had accepted. The peer is asked what it lacks,
    /// and nothing is in flight any more. [`Driver::retransmit`](crate::store::Driver::retransmit) does the same
    /// for messages.
    pub fn interrupted(&mut self) {
        self.files.iter_mut().for_each(Outgoing::interrupted);
    }

    /// Forgets a file. Call this when the chat has reported that the peer acknowledged its message, and that is
    /// durable. Nothing else proves that the peer has the file (SPEC FILE-5).
    pub fn finished(&mut self, file: FileId) {
        self.files.retain(|other| other.id != file);
        self.held.retain(|held| file_of(held) != Ok(Some(file)));
    }

    /// Cancels a file, and notifies the peer. You must also delete a message that names it: it is held until the
    /// empty one takes its place.
    pub fn cancel(&mut self, file: FileId) {
        if self.find(file).is_some() {
            self.files.retain(|other| other.id != file);
            self.cancelled.push(file);
        }
    }

    /// Returns whether all of a file has been sent, as far as this process knows.
    #[must_use]
    pub fn is_carried(&self, file: FileId) -> bool {
        self.find(file).is_some_and(Outgoing::is_carried)
    }

    /// Returns the progress of a file, in bytes of the stored file. Add up the files for an album.
    #[must_use]
    pub fn progress(&self, file: FileId) -> Option<Progress> {
        self.find(file).map(Outgoing::progress)
    }

    /// Returns how far all files are together. A file counts until [`FileSender::finished`] or [`FileSender::cancel`].
    #[must_use]
    pub fn progress_of_all(&self) -> Progress {
        self.files.iter().map(Outgoing::progress).sum()
    }

    fn find(&self, file: FileId) -> Option<&Outgoing> {
        self.files.iter().find(|other| other.id == file)
    }

    fn of(&mut self, file: FileId) -> impl Iterator<Item = &mut Outgoing> {
        self.files.iter_mut().filter(move |other| other.id == file)
    }

    /// Returns whether a file is there, or can be resumed.
    fn is_there(&mut self, file: FileId, stored: impl FnOnce(FileId) -> Option<u64>) -> bool {
        if self.find(file).is_some() {
            return true;
        }
        stored(file).map(|len| self.resume(file, len)).is_some()
    }

    fn next_cancel(&mut self) -> Option<What> {
        self.cancelled.pop().map(|file| What::Cancel { file })
    }

    fn next_transmit(&mut self) -> Option<What> {
        let is_free = match file_of(self.held.first()?) {
            Ok(Some(file)) => self.is_carried(file),
            Ok(None) | Err(_) => true,
        };
        is_free.then(|| What::Transmit(self.held.remove(0)))
    }

    fn next_question(&mut self, now: Timestamp) -> Option<What> {
        // One at a time, in sending order: a receiver has only a limited number of places.
        let file = self.files.iter_mut().find(|file| file.ask_at().is_some())?;
        file.take_question(now).then_some(What::Question { file: file.id, total: file.total })
    }

    fn next_part(&mut self) -> Option<What> {
        let in_flight: u64 = self.files.iter().map(Outgoing::in_flight).sum();
        let room = if in_flight == 0 { u64::MAX } else { self.window.saturating_sub(in_flight) };
        let file = self.files.iter_mut().find(|file| file.has_parts())?;
        let part = file.next_part(self.part_len, room)?;
        Some(What::Part { file: file.id, part, total: file.total })
    }
}
