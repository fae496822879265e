//! Files over a transport of your own (SPEC FILE-1 to FILE-6): one [`Link`] per chat, or its two parts, [`FileSender`] and
//! [`FileReceiver`].
//!
//! A [`Link`] joins them with the [`Driver`](crate::store::Driver) and with the storage of sealed files ([`Files`]): frames
//! go in and come out. This is what most hosts want, and `examples/talk` in the repository shows it. The rest of this page
//! is for hosts that combine the parts in another way.
//!
//! None of them knows anything of sockets, and only `FolderFiles` knows of disks. The sender says which bytes of which
//! stored file to read and send next. The receiver says where to write the bytes that arrive. Together they enforce the
//! order that makes files survive crashes:
//!
//! 1. Parts are sent before the message that names their file. The sender owns the [`Transmit`](crate::Transmit)
//!    until then.
//! 2. The receiver holds a message until its file is complete and durable. Only then does a [`FileMessage`] come
//!    out, for the [`Driver`](crate::store::Driver), so no receipt is sent before.
//! 3. What was lost in transit or in a crash is requested by its ranges, and nothing else is sent again.
//!
//! **Nothing in a frame is authentic.** A stranger on the way can forge parts. What the receiver keeps is limited
//! by [`Bounds`]. Forged bytes are detected when the file is decrypted, and [`FileReceiver::again`] requests them
//! again. Files of the Telegram profile have no integrity check: there they are not detected.
//!
//! Upload first if you can: [`FileSender::add`] the sealed file, and pass the message to the chat once
//! [`FileSender::is_carried`] returns true. A message that is sent earlier waits for its file, and all later
//! messages wait for it.
//!
//! # A host without a link
//!
//! One end, with its files in memory. Frames leave by a list.
//!
//! ```
//! use std::collections::{BTreeMap, BTreeSet};
//!
//! # use getrandom::SysRng;
//! # use secretchat::rand_core::UnwrapErr;
//! # use secretchat::{Chat, Config, Document, Draft, Invitation, StoreKey, media};
//! use secretchat::frame::{ChatTag, FileId, decode_one, encode};
//! use secretchat::store::{Action, Driver, MemoryStore};
//! use secretchat::transfer::{Bounds, FileReceiver, FileSender, Heard, Step};
//! use secretchat::{Env, Event, RandomId};
//!
//! # type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;
//! # const TAG: ChatTag = ChatTag([7; 16]);
//! struct Host {
//!     driver: Driver<MemoryStore>,
//!     sender: FileSender,
//!     receiver: FileReceiver,
//!     /// Sealed files that go, and those that come. Never one place for both: strangers name files, too.
//!     outgoing: BTreeMap<FileId, Vec<u8>>,
//!     incoming: BTreeMap<FileId, Vec<u8>>,
//!     /// The files of messages that the chat has sent, and of messages that it took.
//!     sent: BTreeMap<RandomId, FileId>,
//!     kept: BTreeSet<FileId>,
//!     delivered: Vec<FileId>,
//!     link: Vec<Vec<u8>>,
//! }
//!
//! impl Host {
//!     /// Does what the chat asks for, then lets files go on.
//!     fn act(&mut self, env: &mut Env<'_>) -> Result<()> {
//!         while let Some(action) = self.driver.next_action()? {
//!             match action {
//!                 Action::Transmit(transmit) => {
//!                     self.driver.in_flight(&transmit);
//!                     let len = |file| self.outgoing.get(&file).map(|bytes| bytes.len() as u64);
//!                     self.sender.hold(transmit, len).map_err(|_| "the file is gone: delete its message")?;
//!                 }
//!                 Action::Event(Event::Acknowledged { random_ids, .. }) => {
//!                     self.delivered.extend(random_ids.iter().filter_map(|id| self.sent.remove(id)));
//!                 }
//!                 // The acknowledgement is durable: only now the file may go.
//!                 Action::Checkpoint(_) => {
//!                     for file in self.delivered.drain(..) {
//!                         self.sender.finished(file);
//!                         self.outgoing.remove(&file);
//!                     }
//!                 }
//!                 other => self.link.extend(other.frame()?.map(|frame| encode(TAG, &frame)).transpose()?),
//!             }
//!         }
//!         // As long as the link has room.
//!         while let Some(leaving) = self.sender.next(env.now) {
//!             let part = leaving.part().and_then(|(file, range)| {
//!                 self.outgoing.get(&file)?.get(range.start as usize..range.end as usize)
//!             });
//!             self.link.push(encode(TAG, &leaving.frame(part.unwrap_or_default())?)?);
//!             if let Some(message) = self.sender.carried(leaving) {
//!                 self.driver.landed(message, env.now);
//!             }
//!         }
//!         Ok(())
//!     }
//!
//!     /// Takes one frame.
//!     fn hear(&mut self, bytes: &[u8], env: &mut Env<'_>) -> Result<()> {
//!         let (_tag, frame) = decode_one(bytes)?;
//!         let len = |file| self.outgoing.get(&file).map(|bytes| bytes.len() as u64);
//!         if !self.sender.hear(&frame, len) {
//!             match self.receiver.hear(&frame, env.now, |file| self.kept.contains(&file)) {
//!                 Heard::Pass(frame) => drop(self.driver.handle_frame(&frame, env)?),
//!                 Heard::Write(part) => {
//!                     let (file, end) = (self.incoming.entry(part.file).or_default(), part.offset as usize + part.bytes.len());
//!                     file.resize(file.len().max(end), 0);
//!                     file[part.offset as usize..end].copy_from_slice(part.bytes);
//!                     if part.is_last {
//!                         self.receiver.durable(part.file); // on a disk: sync it and rename it first
//!                     }
//!                 }
//!                 Heard::Nothing => {}
//!             }
//!         }
//!         self.go_on(env)
//!     }
//!
//!     /// Does what the receiver asks for: after each frame, and when `poll_timeout` says so.
//!     fn go_on(&mut self, env: &mut Env<'_>) -> Result<()> {
//!         while let Some(step) = self.receiver.next(env.now) {
//!             match step {
//!                 Step::Send(reply) => self.link.push(encode(TAG, &reply.frame())?),
//!                 Step::Message(message) => {
//!                     let outcome = self.driver.handle_message(&message, env);
//!                     if self.receiver.handled(&message, &outcome) {
//!                         self.kept.insert(message.file()); // on a disk: before the driver's next action
//!                     }
//!                 }
//!                 Step::Remove(file) => drop(self.incoming.remove(&file)),
//!             }
//!         }
//!         self.act(env)
//!     }
//! }
//! #
//! # fn host(chat: Chat) -> Host {
//! #     Host {
//! #         driver: Driver::new(chat, MemoryStore::default()),
//! #         sender: FileSender::new(),
//! #         receiver: FileReceiver::new(Bounds::default()),
//! #         outgoing: BTreeMap::new(),
//! #         incoming: BTreeMap::new(),
//! #         sent: BTreeMap::new(),
//! #         kept: BTreeSet::new(),
//! #         delivered: Vec::new(),
//! #         link: Vec::new(),
//! #     }
//! # }
//! # fn carry(alice: &mut Host, bob: &mut Host, env: &mut Env<'_>) -> Result<()> {
//! #     while !(alice.link.is_empty() && bob.link.is_empty()) {
//! #         for frame in std::mem::take(&mut alice.link) {
//! #             bob.hear(&frame, env)?;
//! #         }
//! #         for frame in std::mem::take(&mut bob.link) {
//! #             alice.hear(&frame, env)?;
//! #         }
//! #     }
//! #     Ok(())
//! # }
//! # let rng = &mut UnwrapErr(SysRng);
//! # let env = &mut Env::new(secretchat::Timestamp::from_millis(1_700_000_000_000), rng);
//! # let config = |local, peer| Ok::<_, secretchat::ApiMisuse>(Config::x25519(local, peer)?.with_store(StoreKey::new([1; 32])));
//! # let mut alice = host(Chat::request(config("alice/phone", "bob/phone")?, env)?);
//! # alice.act(env)?;
//! # let request = alice.link.remove(0);
//! # let (_, secretchat::frame::Frame::Request { public }) = decode_one(&request)? else { panic!("a request") };
//! # let mut bob = host(Invitation::parse(public, config("bob/phone", "alice/phone")?)?.accept(env)?);
//! # bob.act(env)?;
//! # carry(&mut alice, &mut bob, env)?;
//!
//! // The file is sealed, added and carried; then its message is sent.
//! let photo = [0x5a; 100_000];
//! let (key, sealed) = media::seal(alice.driver.chat().file_form(), &photo, env.rng)?;
//! let file = FileId::random(env.rng);
//! alice.sender.add(file, sealed.len() as u64);
//! alice.outgoing.insert(file, sealed.clone());
//! alice.act(env)?;
//! assert!(alice.sender.is_carried(file));
//! let draft = Draft::media(Document::new("image/jpeg", photo.len() as u64, key), "a photo").with_file(file);
//! let message = alice.driver.send(&draft, env)?;
//! alice.sent.insert(message, file);
//! alice.act(env)?;
//! # carry(&mut alice, &mut bob, env)?;
//! // .. both ends carry what the other one hears ..
//! assert_eq!(bob.incoming[&file], sealed);
//! # bob.driver.act(env, |chat, env| chat.acknowledge(env))?;
//! # bob.act(env)?;
//! # carry(&mut alice, &mut bob, env)?;
//! assert!(alice.outgoing.is_empty(), "the peer acknowledged the message");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arriving;
mod bounds;
mod files;
#[cfg(feature = "std")]
mod folder;
mod heard;
mod leaving;
mod link;
mod outgoing;
mod pause;
mod receiver;
mod sender;

pub use bounds::Bounds;
pub use files::{Files, MemoryFiles, Place};
#[cfg(feature = "std")]
pub use folder::FolderFiles;
pub use heard::{FileMessage, FileReply, Heard, PartToWrite, Step};
pub use leaving::Leaving;
pub use link::{Link, LinkError};
pub use receiver::FileReceiver;
pub use sender::FileSender;
