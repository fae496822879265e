//! Arriving files, and the messages that wait for them (SPEC FILE-2, FILE-4 to FILE-6).

use alloc::collections::{BinaryHeap, VecDeque};
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Range;

use super::arriving::Arriving;
use super::bounds::{Bounds, IDLE, MAX_KEPT};
use super::heard::{FileMessage, FileReply, Heard, PartToWrite, Step};
use crate::chat::Handled;
use crate::frame::{FileId, Frame, Ranges};
use crate::media::Progress;
use crate::types::error::PeerFault;
use crate::types::time::Timestamp;

/// Assembles files from their parts, and holds each message back until its file is durable at the host. What a
/// crash loses therefore comes again: no receipt was sent for a message whose file is not there.
///
/// It keeps no bytes of files: the host writes them to their place. What it does keep is limited by [`Bounds`].
///
/// ```
/// use secretchat::frame::{FileId, Frame};
/// use secretchat::transfer::{Bounds, FileReceiver, Heard};
/// use secretchat::{Timestamp, TransmitId};
///
/// let (file, now) = (FileId([1; 16]), Timestamp::from_unix_seconds(1_800_000_000));
/// let mut receiver = FileReceiver::new(Bounds::default());
/// let mut disk = vec![0; 40_000];
///
/// // The frames as they come from the other end. The last part is first here, and the message is before them all.
/// let message = Frame::Ciphertext { transmit_id: TransmitId(16), file: Some(file), bytes: &[9; 100] };
/// let part = |offset, bytes| Frame::FilePart { file_id: file, offset, total: 40_000, bytes };
/// for frame in [message, part(30_000, &[7; 10_000][..]), part(0, &[7; 30_000][..])] {
///     match receiver.hear(&frame, now, |_| false) {
///         Heard::Write(part) => {
///             let start = part.offset as usize;
///             disk[start..start + part.bytes.len()].copy_from_slice(part.bytes);
///             if part.is_last {
///                 receiver.durable(part.file); // after `sync_all`
///             }
///         }
///         Heard::Pass(_frame) => {} // for `Driver::handle_frame`
///         Heard::Nothing => {}      // the message waits
///     }
/// }
/// assert_eq!(disk, [7; 40_000]);
/// // An answer that nothing is missing, and the message for `Driver::handle_message`.
/// assert_eq!(std::iter::from_fn(|| receiver.next(now)).count(), 2);
/// ```
#[derive(Debug)]
pub struct FileReceiver {
    bounds: Bounds,
    files: Vec<Arriving>,
    /// Messages that wait for their file.
    held: VecDeque<FileMessage>,
    steps: VecDeque<Step>,
    /// The files whose messages the chat accepted last. Their parts are not needed any more.
    kept: VecDeque<FileId>,
}

impl FileReceiver {
    /// Creates a receiver.
    #[must_use]
    pub const fn new(bounds: Bounds) -> Self {
        Self { bounds, files: Vec::new(), held: VecDeque::new(), steps: VecDeque::new(), kept: VecDeque::new() }
    }

    /// Restores a file that an earlier process began or completed, and whose message the host has not kept. `there`
    /// is what is durable of it, `total` its length if that is known. You can store the ranges of
    /// [`FileReceiver::there`] next to the file. A file that was written from start to end is
    /// `Ranges::from(0..len)`.
    pub fn restore(&mut self, file: FileId, total: Option<u64>, there: &Ranges, now: Timestamp) {
        self.files.retain(|other| other.id != file);
        self.files.push(Arriving::restored(file, total, there, now));
    }

    /// Takes a frame. `kept` returns whether the host has kept a message with this file. It is called only for a
    /// file that the receiver does not know, since such a message comes again if its receipt was lost.
    ///
    /// No part is authentic. A part that states another file length than the first one is dropped. Where bytes are
    /// already there, the first ones stay.
    pub fn hear<'a>(&mut self, frame: &Frame<'a>, now: Timestamp, kept: impl FnOnce(FileId) -> bool) -> Heard<'a> {
        match *frame {
            Frame::FilePart { file_id, offset, total, bytes } => {
                if self.find(file_id).is_none() && self.has_kept(file_id, kept) {
                    self.reply(FileReply::request(file_id, &Ranges::new()));
                    return Heard::Nothing;
                }
                let part = self.part(file_id, offset, total, bytes, now);
                part.map_or(Heard::Nothing, Heard::Write)
            }
            Frame::Ciphertext { transmit_id, file: Some(file), bytes } => {
                let message = FileMessage { transmit_id, file, bytes: bytes.to_vec() };
                if self.find(file).is_none() && self.has_kept(file, kept) {
                    self.pass_on(message);
                } else {
                    self.hold(message, now);
                }
                Heard::Nothing
            }
            Frame::FileCancel { file_id } if self.find(file_id).is_some() => {
                // A file that a message names is still wanted, because the cancellation is not authentic.
                if !self.is_wanted(file_id) {
                    self.remove(&[file_id]);
                }
                Heard::Nothing
            }
            _ => Heard::Pass(*frame),
        }
    }

    /// Notes that a whole file is durable: synced, and under the name that a restart looks for. Messages that wait
    /// for it now come out of [`FileReceiver::next`]. A file that is not complete stays as it is.
    pub fn durable(&mut self, file: FileId) {
        let Some(arriving) = self.get(file).filter(|arriving| arriving.is_complete()) else { return };
        arriving.note_durable();
        if arriving.is_hosts {
            self.kept_by_host(file);
        }
        self.reply(FileReply::request(file, &Ranges::new()));
        self.release(file);
    }

    /// Notes the outcome of a message in the chat, and returns whether the chat accepted it. If so, the file
    /// belongs to the host and no limit counts it any more. Record that durably, for example by moving the file,
    /// **before** you ask the driver for the next action. After a restart, do not restore such a file, but report
    /// it as kept: the chat may keep the message waiting for an earlier one, and nothing else would show it.
    ///
    /// A message that was refused is not the peer's, and one without room comes again.
    #[must_use = "the file of a message that the chat took is the host's to keep"]
    pub fn handled(&mut self, message: &FileMessage, outcome: &Result<Handled, PeerFault>) -> bool {
        let taken = !matches!(outcome, Err(_) | Ok(Handled::NoRoom));
        if taken {
            self.kept_by_host(message.file);
        }
        taken
    }

    /// Discards bytes of a whole file that turned out wrong, and requests them again: those of segments that are
    /// not authentic, by [`SegmentLayout::bytes_of`](crate::media::SegmentLayout::bytes_of). `total` is the length
    /// of the stored file. The sender keeps it until it knows that the message was processed, or longer.
    pub fn again(&mut self, file: FileId, total: u64, range: Range<u64>, now: Timestamp) {
        if self.find(file).is_none() {
            self.kept.retain(|other| *other != file);
            self.restore(file, Some(total), &Ranges::from(0..total), now);
            self.each(file).for_each(|arriving| arriving.is_hosts = true);
        }
        self.each(file).for_each(|arriving| arriving.again(range.clone()));
    }

    /// Gives up a file that the user does not want, and notifies the peer. Only in this case do its messages go to
    /// the chat without it. The host deletes what is there of it.
    pub fn decline(&mut self, file: FileId) {
        self.kept_by_host(file);
        self.reply(FileReply::cancel(file));
        self.release(file);
    }

    /// Returns the next step. Requests what is missing when that is due, and gives up files that have been silent
    /// for too long.
    pub fn next(&mut self, now: Timestamp) -> Option<Step> {
        if self.steps.is_empty() {
            self.give_up(now);
            self.ask(now);
        }
        self.steps.pop_front()
    }

    /// Returns when [`FileReceiver::next`] will have something new.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let asked = self.files.iter().filter_map(Arriving::ask_at);
        let given_up = self.files.iter().map(|file| file.heard.saturating_add(self.bounds.patience));
        asked.chain(given_up).min()
    }

    /// Returns which bytes of a file the host has received. Store the ranges next to the file once those bytes are
    /// durable.
    #[must_use]
    pub fn there(&self, file: FileId) -> Option<&Ranges> {
        self.find(file).map(Arriving::there)
    }

    /// Returns the progress of a file, in bytes of the stored file. Returns `None` if the file is not arriving, or
    /// if nothing of it has come. Add up the files for an album.
    #[must_use]
    pub fn progress(&self, file: FileId) -> Option<Progress> {
        self.find(file).and_then(Arriving::progress)
    }

    /// Returns how far all files are together of which something has come. A file counts until the chat has its message.
    #[must_use]
    pub fn progress_of_all(&self) -> Progress {
        self.files.iter().filter_map(Arriving::progress).sum()
    }
}

/// # Parts
impl FileReceiver {
    fn part<'a>(
        &mut self,
        file: FileId,
        offset: u64,
        total: u64,
        bytes: &'a [u8],
        now: Timestamp,
    ) -> Option<PartToWrite<'a>> {
        let end = offset.checked_add(bytes.len() as u64)?;
        if total > self.bounds.bytes || !self.make_place(file, now) || !self.make_room(file, end, now) {
            return None;
        }
        let arriving = self.get(file)?;
        if !arriving.agree_on(total) {
            return None;
        }
        if arriving.is_durable() {
            self.reply(FileReply::request(file, &Ranges::new()));
            self.release(file);
            return None;
        }
        let arriving = self.get(file)?;
        if bytes.is_empty() {
            // A complete file that is not durable yet gets no answer here: `durable` answers.
            let answer = (!arriving.is_complete()).then(|| arriving.missing());
            answer.into_iter().for_each(|missing| self.reply(FileReply::request(file, &missing)));
            return None;
        }
        let new = arriving.new_bytes(offset..end)?;
        if !arriving.take(new.clone(), now) {
            return None;
        }
        let start = usize::try_from(new.start - offset).ok()?;
        let end = usize::try_from(new.end - offset).ok()?;
        let is_last = arriving.is_complete();
        Some(PartToWrite { file, offset: new.start, bytes: bytes.get(start..end)?, is_last })
    }

    /// Makes a place for a new file. Returns `false` if there is none.
    fn make_place(&mut self, file: FileId, now: Timestamp) -> bool {
        if self.find(file).is_some() {
            return true;
        }
        if self.files.len() >= self.bounds.files && !self.remove_idle(now, |_| true) {
            return false;
        }
        self.files.push(Arriving::new(file, None, now));
        true
    }

    /// Makes room for a file up to this byte. Returns `false` if there is none.
    fn make_room(&mut self, file: FileId, end: u64, now: Timestamp) -> bool {
        let others = self.files.iter().filter(|other| other.id != file);
        // Restored files may be of any length.
        let mut taken: u128 = others.map(|other| u128::from(other.extent())).sum();
        let bytes = u128::from(self.bounds.bytes);
        let fits = |taken| u128::from(end) <= bytes.saturating_sub(taken);
        if fits(taken) {
            return true;
        }
        // Many may have to go for one part (SPEC LIM-5). Those that have been silent longest go first.
        let others = self.files.iter().enumerate().filter(|(_, other)| other.id != file && is_idle(other, now));
        let mut idle: BinaryHeap<_> = others.map(|(place, other)| Reverse((other.heard, place))).collect();
        let mut removed = Vec::new();
        while !fits(taken)
            && let Some(Reverse((_, place))) = idle.pop()
            && let Some(other) = self.files.get(place)
        {
            taken -= u128::from(other.extent());
            removed.push(other.id);
        }
        self.remove(&removed);
        fits(taken)
    }

    /// Gives up the one of these files that has been silent longest, if that is long enough. Returns whether there was one.
    fn remove_idle(&mut self, now: Timestamp, of_these: impl Fn(FileId) -> bool) -> bool {
        let idle = self.files.iter().filter(|file| of_these(file.id) && is_idle(file, now));
        let Some(longest) = idle.min_by_key(|file| file.heard).map(|file| file.id) else { return false };
        self.remove(&[longest]);
        true
    }

    fn give_up(&mut self, now: Timestamp) {
        let silent = self.files.iter().filter(|file| file.heard.until(now) >= self.bounds.patience);
        let silent: Vec<FileId> = silent.map(|file| file.id).collect();
        self.remove(&silent);
    }

    /// Forgets files, and the messages that wait for them. They come again.
    fn remove(&mut self, files: &[FileId]) {
        if files.is_empty() {
            return;
        }
        // Many may go at once, and many messages may wait (SPEC LIM-5).
        let removed = sorted(files.iter().copied());
        let is_removed = |file: FileId| removed.binary_search(&file).is_ok();
        self.held.retain(|message| !is_removed(message.file));
        let hosts = sorted(self.files.iter().filter(|file| file.is_hosts).map(|file| file.id));
        self.files.retain(|file| !is_removed(file.id));
        let to_remove = files.iter().filter(|file| hosts.binary_search(file).is_err());
        self.steps.extend(to_remove.copied().map(Step::Remove));
    }

    fn ask(&mut self, now: Timestamp) {
        for arriving in &mut self.files {
            if arriving.take_question(now) {
                self.steps.push_back(Step::Send(FileReply::request(arriving.id, &arriving.missing())));
            }
        }
    }

    /// Queues an answer, in place of an older one about the same file.
    fn reply(&mut self, reply: FileReply) {
        self.steps.retain(|step| !matches!(step, Step::Send(older) if older.file == reply.file));
        self.steps.push_back(Step::Send(reply));
    }
}

/// # Messages
impl FileReceiver {
    /// Holds a message until its file is durable. A message without room comes again.
    fn hold(&mut self, message: FileMessage, now: Timestamp) {
        let file = message.file;
        if self.held.contains(&message) || !self.has_room(&message, now) || !self.make_place(file, now) {
            return;
        }
        self.held.push_back(message);
        if self.is_durable(file) {
            self.release(file);
        }
        self.each(file).for_each(|arriving| arriving.wait_for(now));
    }

    /// Passes on a message whose file is there. A message without room comes again.
    fn pass_on(&mut self, message: FileMessage) {
        let waiting = self.steps.iter().filter(|step| matches!(step, Step::Message(_))).count();
        if waiting < self.bounds.messages {
            self.steps.push_back(Step::Message(message));
        }
    }

    fn has_room(&mut self, message: &FileMessage, now: Timestamp) -> bool {
        let fits = |receiver: &Self| {
            let in_all: usize = receiver.held.iter().map(|held| held.bytes.len()).sum();
            receiver.held.len() < receiver.bounds.messages
                && in_all.saturating_add(message.bytes.len()) <= receiver.bounds.message_bytes
        };
        if !fits(self) {
            let named = sorted(self.held.iter().map(|held| held.file));
            self.remove_idle(now, |file| named.binary_search(&file).is_ok());
        }
        fits(self)
    }

    /// Passes on the messages that wait for a file.
    fn release(&mut self, file: FileId) {
        let (free, held) = core::mem::take(&mut self.held).into_iter().partition(|message| message.file == file);
        self.held = held;
        let free: VecDeque<FileMessage> = free;
        self.steps.extend(free.into_iter().map(Step::Message));
    }

    /// Returns whether a message or the host waits for a file, or has it.
    fn is_wanted(&self, file: FileId) -> bool {
        let is_named = self.held.iter().any(|message| message.file == file);
        is_named || self.find(file).is_some_and(|arriving| arriving.is_hosts || arriving.is_durable())
    }

    /// Returns whether a message with this file was kept, as far as the receiver or its host know.
    fn has_kept(&mut self, file: FileId, kept: impl FnOnce(FileId) -> bool) -> bool {
        self.kept.contains(&file) || kept(file)
    }

    fn kept_by_host(&mut self, file: FileId) {
        self.files.retain(|other| other.id != file);
        self.kept.retain(|other| *other != file);
        self.kept.push_back(file);
        if self.kept.len() > MAX_KEPT {
            self.kept.pop_front();
        }
    }
}

impl FileReceiver {
    fn find(&self, file: FileId) -> Option<&Arriving> {
        self.files.iter().find(|other| other.id == file)
    }

    fn get(&mut self, file: FileId) -> Option<&mut Arriving> {
        self.files.iter_mut().find(|other| other.id == file)
    }

    fn each(&mut self, file: FileId) -> impl Iterator<Item = &mut Arriving> {
        self.files.iter_mut().filter(move |other| other.id == file)
    }

    fn is_durable(&self, file: FileId) -> bool {
        self.find(file).is_some_and(Arriving::is_durable)
    }
}

/// Returns whether a file has been silent for long enough to make room for another one (SPEC FILE-4).
fn is_idle(file: &Arriving, now: Timestamp) -> bool {
    file.heard.until(now) >= IDLE
}

/// Returns the ids in order, by a heap: it takes a fraction of the code of the library's sort.
fn sorted(files: impl Iterator<Item = FileId>) -> Vec<FileId> {
    files.collect::<BinaryHeap<_>>().into_sorted_vec()
}
