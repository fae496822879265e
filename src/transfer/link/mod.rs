//! One end of a chat over the host's own transport: its driver, its files, and the frames to and from the peer.

mod actions;
mod drafts;
mod error;
mod transport;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::bounds::Bounds;
use super::files::{Files, Place};
use super::receiver::FileReceiver;
use super::sender::FileSender;
use crate::frame::{ChatTag, FileId};
use crate::media::Progress;
use crate::store::{Driver, Store};
use crate::types::time::Timestamp;
pub use error::LinkError;

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

/// Returns the files of messages that the peer has not acknowledged.
fn named<S: Store>(driver: &Driver<S>) -> impl Iterator<Item = FileId> {
    driver.chat().unacknowledged_files().filter_map(|name| FileId::try_from(name).ok())
}
