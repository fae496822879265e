//! One end of a chat over the host's own transport: its driver, its files, and the frames to and from the peer.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;

use super::bounds::{Bounds, MAX_REPLIES, NOTED_EVERY};
use super::files::{Files, Place};
use super::heard::{Heard, PartToWrite, Step};
use super::leaving::file_of;
use super::link_error::LinkError;
use super::receiver::FileReceiver;
use super::sender::FileSender;
use crate::frame::{ChatTag, FileId, Frame, encode};
use crate::media::Progress;
use crate::message::Draft;
use crate::output::{Event, Transmit, TransmitKind};
use crate::store::{Action, Driver, Store};
use crate::types::env::Env;
use crate::types::error::CallError;
use crate::types::id::RandomId;
use crate::types::time::Timestamp;

/// One end of a chat over your own transport. It joins a [`Driver`], a [`FileSender`], a [`FileReceiver`] and the storage of
/// the sealed files, and keeps them in the order that lets files survive crashes. Frames go in and come out.
///
/// Call its methods in any order. Then take [`Link::next_action`] until it is `None`, and [`Link::next_frame`] as long as
/// the transport has room. Call [`Link::handle_timeout`] at the time that [`Link::poll_timeout`] returns.
///
/// ```
/// # use getrandom::SysRng;
/// # use secretchat::rand_core::UnwrapErr;
/// # use secretchat::store::{Action, Driver, MemoryStore};
/// # use secretchat::transfer::{Bounds, MemoryFiles};
/// # use secretchat::{Chat, Config, Document, Draft, Event, Invitation, StoreKey, Timestamp};
/// use secretchat::frame::{ChatTag, FileId, Frame, decode_one};
/// use secretchat::transfer::{Link, Place};
/// use secretchat::{Env, media};
///
/// # type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;
/// type InMemory = Link<MemoryStore, MemoryFiles>;
///
/// /// Takes the frames that came, shows their messages, and returns the frames to send.
/// fn go_on(link: &mut InMemory, came: &[Vec<u8>], env: &mut Env<'_>) -> Result<Vec<Vec<u8>>> {
///     for bytes in came {
///         let (tag, frame) = decode_one(bytes)?;
///         if tag == link.tag() {
///             link.handle_frame(&frame, env)?;
///         }
///     }
///     while let Some(action) = link.next_action(env)? {
///         if let Action::Event(Event::Message(message)) = action {
///             println!("> {}", message.content.text);
///         }
///     }
///     let mut leaves = Vec::new();
///     while let Some(frame) = link.next_frame(env.now)? {
///         leaves.push(frame);
///     }
///     Ok(leaves)
/// }
///
/// # let tag = ChatTag([7; 16]);
/// # let rng = &mut UnwrapErr(SysRng);
/// # let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), rng);
/// # let link = |chat, env: &mut Env<'_>| -> Result<InMemory> {
/// #     let driver = Driver::new(chat, MemoryStore::default());
/// #     let mut link = Link::new(tag, driver, MemoryFiles::default(), Bounds::default(), env.now)?;
/// #     link.connected(env);
/// #     Ok(link)
/// # };
/// # let mut alice = link(Chat::request(Config::x25519("alice", "bob")?, env)?, env)?;
/// # let request = go_on(&mut alice, &[], env)?;
/// # let (_, Frame::Request { public }) = decode_one(&request[0])? else { panic!("a request") };
/// # let mut bob = link(Invitation::parse(public, Config::x25519("bob", "alice")?)?.accept(env)?, env)?;
/// # let mut leaves = go_on(&mut bob, &[], env)?;
/// # for _ in 0..2 {
/// #     leaves = go_on(&mut alice, &leaves, env)?;
/// #     leaves = go_on(&mut bob, &leaves, env)?;
/// # }
/// // Alice seals a photo and sends a message that names it. `FolderFiles::seal` does the first half.
/// let (key, sealed) = media::seal(alice.driver().chat().file_form(), b"a photo", env.rng)?;
/// let file = FileId::random(env.rng);
/// alice.files_mut().insert(file, sealed.clone());
/// alice.send(&Draft::media(Document::new("image/jpeg", 7, key), "look").with_file(file), env)?;
///
/// let leaves = go_on(&mut alice, &[], env)?;
/// go_on(&mut bob, &leaves, env)?;
/// assert_eq!(bob.files().get(Place::Kept, file), Some(&sealed[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// After [`LinkError::Driver`] or [`LinkError::Files`], drop the link and create another one from the stored records and
/// files.
#[derive(Debug)]
pub struct Link<S: Store, F: Files> {
    tag: ChatTag,
    driver: Driver<S>,
    files: F,
    sender: FileSender,
    receiver: FileReceiver,
    /// Outgoing files, until the peer has acknowledged their message.
    leaving: Vec<FileId>,
    /// The outgoing files whose message the chat does not have yet.
    uploads: Vec<FileId>,
    /// Frames that need no file: receipts, and answers about files. If one is lost, the peer sends its question again.
    replies: VecDeque<Vec<u8>>,
    is_connected: bool,
    /// Whether something happened since the files were last compared with the chat.
    has_news: bool,
    /// When the host last asked for an action or a frame.
    now: Timestamp,
}

impl<S: Store, F: Files> Link<S, F> {
    /// Joins a driver and its files, and continues with the files that an earlier process left. Every frame carries `tag`.
    /// The host stores it with the chat ([`Config::with_host_data`](crate::Config::with_host_data)).
    ///
    /// Outgoing files that no message names are deleted: their draft was never sent.
    ///
    /// # Errors
    /// Those of the files.
    pub fn new(
        tag: ChatTag,
        driver: Driver<S>,
        mut files: F,
        bounds: Bounds,
        now: Timestamp,
    ) -> Result<Self, F::Error> {
        let named: Vec<FileId> = named(&driver).collect();
        for file in files.list(Place::Leaving)? {
            if !named.contains(&file) {
                files.remove(Place::Leaving, file)?;
            }
        }
        let mut receiver = FileReceiver::new(bounds);
        for file in files.list(Place::Arriving)? {
            match files.noted(file)? {
                Some((total, there)) => receiver.restore(file, Some(total), &there, now),
                None => files.remove(Place::Arriving, file)?,
            }
        }
        Ok(Self {
            tag,
            driver,
            files,
            sender: FileSender::new(),
            receiver,
            leaving: named,
            uploads: Vec::new(),
            replies: VecDeque::new(),
            is_connected: false,
            has_news: false,
            now,
        })
    }

    /// Sets the length of parts in bytes, as [`FileSender::with_part_len`].
    #[must_use]
    pub fn with_part_len(mut self, len: usize) -> Self {
        self.sender = self.sender.with_part_len(len);
        self
    }

    /// Returns the tag of this chat's frames.
    #[must_use]
    pub const fn tag(&self) -> ChatTag {
        self.tag
    }

    /// Returns the driver, for queries of it and its chat.
    #[must_use]
    pub const fn driver(&self) -> &Driver<S> {
        &self.driver
    }

    /// Returns the driver, for calls of the chat. Do not use it for the peer's frames and messages ([`Link::handle_frame`]),
    /// for drafts with files ([`Link::send`]) or for actions ([`Link::next_action`]).
    #[must_use]
    pub const fn driver_mut(&mut self) -> &mut Driver<S> {
        &mut self.driver
    }

    /// Returns the files, to read the kept ones.
    #[must_use]
    pub const fn files(&self) -> &F {
        &self.files
    }

    /// Returns the files, to seal an outgoing one or to delete a kept one.
    #[must_use]
    pub const fn files_mut(&mut self) -> &mut F {
        &mut self.files
    }

    /// Returns the sender of files, for queries.
    #[must_use]
    pub const fn sender(&self) -> &FileSender {
        &self.sender
    }

    /// Returns the receiver of files, for queries.
    #[must_use]
    pub const fn receiver(&self) -> &FileReceiver {
        &self.receiver
    }

    /// Takes the link apart. The stored records and files are enough for another link.
    #[must_use]
    pub fn into_parts(self) -> (Driver<S>, F) {
        (self.driver, self.files)
    }

    /// Returns the progress of all files together, outgoing and incoming, in bytes of the sealed files. The
    /// [`sender`](Self::sender) and the [`receiver`](Self::receiver) have the details.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.sender.progress_of_all() + self.receiver.progress_of_all()
    }
}

type LinkResult<T, S, F> = Result<T, LinkError<<S as Store>::Error, <F as Files>::Error>>;

/// # What the user does
impl<S: Store, F: Files> Link<S, F> {
    /// Begins to carry a stored file before its message is sent, so that no other message must wait for it (SPEC FILE-2).
    /// [`FileSender::is_carried`] tells when all of it has left. [`Link::send`] does this for a file that was not uploaded.
    ///
    /// A restart deletes an uploaded file whose message was not sent.
    ///
    /// # Errors
    /// [`LinkError::NoFile`], [`LinkError::Files`].
    pub fn upload(&mut self, file: FileId) -> LinkResult<(), S, F> {
        if self.leaving.contains(&file) {
            return Ok(());
        }
        let len = self.files.len(Place::Leaving, file).map_err(LinkError::Files)?.ok_or(LinkError::NoFile)?;
        self.sender.add(file, len);
        self.leaving.push(file);
        self.uploads.push(file);
        Ok(())
    }

    /// Sends a message. Its file, if it has one, must already be stored, and leaves first.
    ///
    /// # Errors
    /// [`LinkError::Call`], as [`Driver::send`]: the draft can be sent later, or its file cancelled. [`LinkError::NoFile`],
    /// [`LinkError::Files`].
    pub fn send(&mut self, draft: &Draft, env: &mut Env<'_>) -> LinkResult<RandomId, S, F> {
        self.with_files(core::slice::from_ref(draft), env, |driver, env| driver.send(draft, env))
    }

    /// Sends two to ten messages as an album, as [`Chat::send_album`](crate::Chat::send_album), with their files.
    ///
    /// # Errors
    /// As [`Link::send`].
    pub fn send_album(&mut self, drafts: &[Draft], env: &mut Env<'_>) -> LinkResult<Vec<RandomId>, S, F> {
        self.with_files(drafts, env, |driver, env| driver.act(env, |chat, env| chat.send_album(drafts, env)))
    }

    /// Cancels and deletes a file whose message was not sent. If the message was sent, delete the message: the file is then
    /// deleted, too.
    ///
    /// # Errors
    /// [`LinkError::Files`].
    pub fn cancel(&mut self, file: FileId) -> LinkResult<(), S, F> {
        if self.uploads.contains(&file) {
            self.uploads.retain(|other| *other != file);
            self.forget(file).map_err(LinkError::Files)?;
        }
        Ok(())
    }

    /// Declines a file of the peer that the user does not want, and deletes the bytes that have arrived. Its message then
    /// comes without the file.
    ///
    /// # Errors
    /// Those of the files.
    pub fn decline(&mut self, file: FileId) -> Result<(), F::Error> {
        self.receiver.decline(file);
        self.files.remove(Place::Arriving, file)
    }

    fn with_files<R>(
        &mut self,
        drafts: &[Draft],
        env: &mut Env<'_>,
        send: impl FnOnce(&mut Driver<S>, &mut Env<'_>) -> Result<R, CallError>,
    ) -> LinkResult<R, S, F> {
        let names = drafts.iter().filter_map(|draft| draft.file.as_deref());
        let files: Vec<FileId> =
            names.map(FileId::try_from).collect::<Result<_, _>>().map_err(|_| LinkError::NoFile)?;
        files.iter().try_for_each(|file| self.upload(*file))?;
        let sent = send(&mut self.driver, env)?;
        self.uploads.retain(|file| !files.contains(file));
        Ok(sent)
    }
}

/// # The transport
impl<S: Store, F: Files> Link<S, F> {
    /// Notes that the transport is connected, for the first time or again. Whatever it may have lost is sent again, and the
    /// peer is asked which parts of files it lacks. No frame comes out before this call.
    pub fn connected(&mut self, env: &mut Env<'_>) {
        self.disconnected();
        self.is_connected = true;
        self.driver.retransmit(env);
    }

    /// Notes that the transport is disconnected. No frame comes out until it is connected again.
    pub fn disconnected(&mut self) {
        self.is_connected = false;
        self.sender.interrupted();
        self.replies.clear();
    }

    /// Takes a frame of this chat. A message that is not authentic changes nothing;
    /// [`Chat::diagnosis`](crate::Chat::diagnosis) reports it.
    ///
    /// # Errors
    /// Those of the files.
    pub fn handle_frame(&mut self, frame: &Frame<'_>, env: &mut Env<'_>) -> Result<(), F::Error> {
        let wanted = match *frame {
            Frame::FileRequest { file_id, .. } if self.leaving.contains(&file_id) => {
                self.files.len(Place::Leaving, file_id)?
            }
            _ => None,
        };
        if self.sender.hear(frame, |_| wanted) {
            return Ok(());
        }
        let is_kept = match *frame {
            Frame::FilePart { file_id: file, .. } | Frame::Ciphertext { file: Some(file), .. }
                if self.receiver.there(file).is_none() =>
            {
                self.files.len(Place::Kept, file)?.is_some()
            }
            _ => false,
        };
        match self.receiver.hear(frame, env.now, |_| is_kept) {
            Heard::Write(part) => self.write(&part)?,
            Heard::Pass(frame) => drop(self.driver.handle_frame(&frame, env).ok()),
            Heard::Nothing => {}
        }
        Ok(())
    }

    /// Returns the next frame to carry; `None` if there is none, or if the transport is not connected. The link counts each
    /// frame that it returns as accepted by the transport, so call this only when there is room for a frame.
    ///
    /// # Errors
    /// [`LinkError::Files`]; [`LinkError::NoFile`] if a stored file has become shorter.
    pub fn next_frame(&mut self, now: Timestamp) -> LinkResult<Option<Vec<u8>>, S, F> {
        self.now = now;
        if !self.is_connected {
            return Ok(None);
        }
        if let Some(reply) = self.replies.pop_front() {
            return Ok(Some(reply));
        }
        let Some(leaving) = self.sender.next(now) else { return Ok(None) };
        let part = leaving.part().map(|(file, bytes)| self.files.read(file, bytes)).transpose();
        let part = part.map_err(LinkError::Files)?.unwrap_or_default();
        let frame = leaving.frame(&part).and_then(|frame| encode(self.tag, &frame)).map_err(|_| LinkError::NoFile)?;
        if let Some(message) = self.sender.carried(leaving) {
            self.driver.landed(message, now);
        }
        Ok(Some(frame))
    }

    /// Writes bytes of a file, and notes from time to time which bytes are there.
    fn write(&mut self, part: &PartToWrite<'_>) -> Result<(), F::Error> {
        self.files.write(part)?;
        let end = part.offset.saturating_add(part.bytes.len() as u64);
        if part.is_last || part.offset / NOTED_EVERY != end / NOTED_EVERY {
            let total = self.receiver.progress(part.file).map(|progress| progress.total);
            if let (Some(total), Some(there)) = (total, self.receiver.there(part.file)) {
                self.files.note(part.file, total, there)?;
            }
        }
        if part.is_last {
            self.receiver.durable(part.file);
        }
        Ok(())
    }

    fn reply(&mut self, frame: &Frame<'_>) {
        // Nothing that a chat answers is too long for a frame.
        if self.is_connected
            && self.replies.len() < MAX_REPLIES
            && let Ok(reply) = encode(self.tag, frame)
        {
            self.replies.push_back(reply);
        }
    }
}

/// # Results
impl<S: Store, F: Files> Link<S, F> {
    /// Returns the next thing to do: an [`Action::Event`] to show, or an [`Action::Checkpoint`] to note. Whatever is for the
    /// peer comes out as frames.
    ///
    /// # Errors
    /// [`LinkError::Driver`], [`LinkError::Files`].
    pub fn next_action(&mut self, env: &mut Env<'_>) -> LinkResult<Option<Action>, S, F> {
        self.now = env.now;
        loop {
            match self.driver.next_action().map_err(LinkError::Driver)? {
                Some(Action::Transmit(transmit)) => self.hold(transmit, env).map_err(LinkError::Files)?,
                Some(Action::Receipt { id, proof }) => self.reply(&Frame::Receipt { transmit_id: id, proof }),
                Some(action) => {
                    self.note(&action).map_err(LinkError::Files)?;
                    return Ok(Some(action));
                }
                None => match self.receiver.next(env.now) {
                    Some(step) => self.step(step, env).map_err(LinkError::Files)?,
                    None => break,
                },
            }
        }
        // The whole state of the chat is durable now.
        if mem::take(&mut self.has_news) {
            self.forget_unnamed().map_err(LinkError::Files)?;
        }
        Ok(None)
    }

    /// Returns when to call [`Link::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        // Frames that are already due leave as soon as the transport has room: no timeout is needed for them.
        let sender = self.sender.poll_timeout().filter(|at| self.is_connected && *at > self.now);
        self.driver.poll_timeout().into_iter().chain(self.receiver.poll_timeout()).chain(sender).min()
    }

    /// Does everything that is due. Take actions and frames afterwards.
    ///
    /// # Errors
    /// As [`Driver::handle_timeout`].
    pub fn handle_timeout(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.driver.handle_timeout(env)
    }

    /// Holds a transmission until its file has left.
    fn hold(&mut self, transmit: Transmit, env: &mut Env<'_>) -> Result<(), F::Error> {
        self.driver.in_flight(&transmit);
        let mut len = None;
        if let Ok(Some(file)) = file_of(&transmit) {
            len = self.files.len(Place::Leaving, file)?;
            if !self.leaving.contains(&file) {
                self.leaving.push(file);
            }
        }
        // A message whose file is lost can never be processed: an empty one takes its place (SPEC FILE-5).
        if let Err(lost) = self.sender.hold(transmit, |_| len)
            && let TransmitKind::Ciphertext { random_id, .. } = lost.kind
            && self.driver.act(env, |chat, env| chat.delete(&[random_id], env)).is_err()
        {
            // There is no room for the deletion now: the driver will repeat the message later.
            self.driver.landed(lost.id, env.now);
        }
        Ok(())
    }

    fn step(&mut self, step: Step, env: &mut Env<'_>) -> Result<(), F::Error> {
        match step {
            Step::Send(reply) => self.reply(&reply.frame()),
            Step::Message(message) => {
                let outcome = self.driver.handle_message(&message, env);
                if self.receiver.handled(&message, &outcome) {
                    self.files.keep(message.file())?;
                }
            }
            Step::Remove(file) => self.files.remove(Place::Arriving, file)?,
        }
        Ok(())
    }

    fn note(&mut self, action: &Action) -> Result<(), F::Error> {
        self.has_news = true;
        // The key is gone, so nobody can open the file any more.
        if let Action::Event(Event::Expired { file: Some(name), .. }) = action
            && let Ok(file) = FileId::try_from(name.as_slice())
        {
            self.files.remove(Place::Kept, file)?;
        }
        Ok(())
    }

    /// Deletes outgoing files that no message names any more: the message was acknowledged or deleted (SPEC FILE-5).
    fn forget_unnamed(&mut self) -> Result<(), F::Error> {
        let named: Vec<FileId> = named(&self.driver).collect();
        let is_used = |file: &FileId| named.contains(file) || self.uploads.contains(file);
        let unused: Vec<FileId> = self.leaving.iter().copied().filter(|file| !is_used(file)).collect();
        unused.into_iter().try_for_each(|file| self.forget(file))
    }

    fn forget(&mut self, file: FileId) -> Result<(), F::Error> {
        if !self.sender.is_carried(file) {
            // The peer may have a part of it and wait for the rest.
            self.sender.cancel(file);
        }
        // This also drops a held repeat of its message, which would wait for this file for ever.
        self.sender.finished(file);
        self.leaving.retain(|other| *other != file);
        self.files.remove(Place::Leaving, file)
    }
}

/// Returns the files of messages that the peer has not acknowledged.
fn named<S: Store>(driver: &Driver<S>) -> impl Iterator<Item = FileId> {
    driver.chat().unacknowledged_files().filter_map(|name| FileId::try_from(name).ok())
}
