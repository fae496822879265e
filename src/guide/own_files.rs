//! Files over your own transport.
//!
//! A message names its file by an id, and the chat carries only messages. Where a server stores files, as Telegram's does,
//! upload the file first and then send the message: you do not need this chapter. Everywhere else your two hosts carry the
//! file, and a process may die or a link may break at any point on the way. [`transfer`](crate::transfer) provides what you
//! need: a [`FileSender`](crate::transfer::FileSender) and a [`FileReceiver`](crate::transfer::FileReceiver), one of each
//! for a chat. They know nothing about sockets and disks. They say which bytes to carry, and where to write the bytes that
//! arrive.
//!
//! # The order
//!
//! Five rules make files survive crashes:
//!
//! | rule | without it |
//! |---|---|
//! | The parts of a file leave before the message that names it. | The peer holds the message back, and everything after it must wait. |
//! | The receiver sends no receipt before the file is complete and on disk. | After a crash the message is there and the file is not, and nobody sends it again. |
//! | The sender keeps the sealed file until the peer has **acknowledged** the message and that fact is on disk. | Lost parts can no longer be sent. A receipt is not enough. |
//! | The receiver limits how much strangers can make it write. | Anybody who reaches your host can fill its disk. |
//! | After a restart the sender asks which parts the peer lacks. | A large file starts again from its beginning, or never arrives. |
//!
//! A [`Link`](crate::transfer::Link) joins the sender and the receiver with the driver and with the storage of the sealed
//! files, and enforces all five. Without a link, the sender and the receiver enforce all except the third, which is up to
//! you.
//!
//! # With a link
//!
//! Start with a link. Frames go in and come out, and your host carries them:
//!
//! 1. Call [`connected`](crate::transfer::Link::connected) when the transport is connected, and
//!    [`disconnected`](crate::transfer::Link::disconnected) when it is lost.
//! 2. Give each frame to [`handle_frame`](crate::transfer::Link::handle_frame).
//! 3. To send a file, call [`seal`](crate::transfer::Link::seal), then [`send`](crate::transfer::Link::send) with a draft
//!    that names the file ([`with_file`](crate::Draft::with_file)).
//! 4. Take each [`next_action`](crate::transfer::Link::next_action) until there are no more, and show each event. A message
//!    comes once its file has arrived. [`FolderFiles::open_kept`](crate::transfer::FolderFiles::open_kept) opens the
//!    **sealed** file, by the name in the message. The key in the message reads it.
//! 5. While the transport has room, carry what [`next_frame`](crate::transfer::Link::next_frame) returns.
//! 6. Wait. Call [`handle_timeout`](crate::transfer::Link::handle_timeout) at the time that
//!    [`poll_timeout`](crate::transfer::Link::poll_timeout) returns.
//!
//! Everything else goes by [`driver`](crate::transfer::Link::driver) and
//! [`driver_mut`](crate::transfer::Link::driver_mut). On a transport without connections, call `connected` once, at the
//! start.
//!
//! ```
//! use std::error::Error;
//! use std::fs::File;
//! use std::io;
//! use std::path::Path;
//!
//! use secretchat::store::{Action, Store};
//! use secretchat::transfer::{FolderFiles, Link};
//! use secretchat::{Document, Draft, Env, Event, Media};
//!
//! fn send_photo<S: Store>(
//!     link: &mut Link<S, FolderFiles>,
//!     photo: &Path,
//!     env: &mut Env<'_>,
//! ) -> Result<(), Box<dyn Error>> {
//!     let content = File::open(photo)?;
//!     let size = content.metadata()?.len();
//!     let (file, key) = link.seal(content, size, env)?;
//!     link.send(&Draft::media(Document::new("image/png", size, key), "my cat").with_file(file), env)?;
//!     Ok(())
//! }
//!
//! /// Shows what has happened, and returns the frames to carry.
//! fn go_on<S: Store>(
//!     link: &mut Link<S, FolderFiles>,
//!     copy: &Path,
//!     env: &mut Env<'_>,
//! ) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
//!     while let Some(action) = link.next_action(env)? {
//!         let Action::Event(Event::Message(message)) = action else { continue };
//!         println!("> {}", message.content.text);
//!         // A medium with a timer has no key yet: see `timers`.
//!         let (Some(Media::Document(Document { key: Some(key), size, .. })), Some(file)) =
//!             (&message.content.media, &message.file)
//!         else {
//!             continue;
//!         };
//!         let sealed = link.files().open_kept(&file.reference)?;
//!         io::copy(&mut key.reader(sealed, *size)?, &mut File::create(copy)?)?;
//!     }
//!     let mut frames = Vec::new();
//!     while let Some(frame) = link.next_frame(env.now)? {
//!         frames.push(frame); // bytes for a stream, or one datagram
//!     }
//!     Ok(frames)
//! }
//! # use secretchat::frame::{ChatTag, Frame, decode_one};
//! # use secretchat::store::{Driver, MemoryStore};
//! # use secretchat::transfer::Bounds;
//! # use secretchat::{Chat, Config, Invitation, Timestamp};
//! # let folder = std::env::temp_dir().join(format!("secretchat-guide-photo-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let [photo, copy] = ["photo", "copy"].map(|name| folder.join(name));
//! # std::fs::write(&photo, [7; 70_000])?;
//! # let rng = &mut secretchat::rand_core::UnwrapErr(getrandom::SysRng);
//! # let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), rng);
//! # let link = |name: &str, chat, env: &mut Env<'_>| -> Result<_, Box<dyn Error>> {
//! #     let driver = Driver::new(chat, MemoryStore::default());
//! #     let files = FolderFiles::open(folder.join(name))?;
//! #     let mut link = Link::new(ChatTag([7; 16]), driver, files, Bounds::default(), env.now)?;
//! #     link.connected(env);
//! #     Ok(link)
//! # };
//! # let mut alice = link("alice", Chat::request(Config::x25519("alice", "bob")?, env)?, env)?;
//! # let frames = go_on(&mut alice, &copy, env)?;
//! # let (_, Frame::Request { public }) = decode_one(&frames[0])? else { panic!("a request") };
//! # let chat = Invitation::parse(public, Config::x25519("bob", "alice")?)?.accept(env)?;
//! # let mut bob = link("bob", chat, env)?;
//! # for frame in go_on(&mut bob, &copy, env)? {
//! #     alice.handle_frame(&decode_one(&frame)?.1, env)?;
//! # }
//! # while alice.next_action(env)?.is_some() {}
//! # send_photo(&mut alice, &photo, env)?;
//! # for frame in go_on(&mut alice, &copy, env)? {
//! #     bob.handle_frame(&decode_one(&frame)?.1, env)?;
//! # }
//! # go_on(&mut bob, &copy, env)?;
//! # assert_eq!(std::fs::read(&copy)?, [7; 70_000]);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn Error>>(())
//! ```
//!
//! A kept file stays until you delete it: `files_mut().remove(Place::Kept, file)`. Delete it when its message goes. The link
//! deletes those of messages that expire, and [`Event::Deleted`](crate::Event::Deleted) names those that the peer deletes.
//! If you delete one earlier, and its message is repeated because a receipt was lost, the file is carried once more.
//!
//! After a restart, create the link again from the files on disk. It continues every file where it stopped:
//!
//! ```
//! use std::path::Path;
//!
//! use secretchat::frame::ChatTag;
//! use secretchat::store::{Driver, Store};
//! use secretchat::transfer::{Bounds, FolderFiles, Link};
//! use secretchat::{ChatId, Env, StoreKey};
//!
//! fn restore<S: Store>(
//!     store: S,
//!     chat: ChatId,
//!     key: &StoreKey,
//!     folder: &Path,
//!     env: &mut Env<'_>,
//! ) -> Result<Link<S, FolderFiles>, Box<dyn std::error::Error>> {
//!     let driver = Driver::restore(store, chat, key, None, env)?;
//!     let tag = ChatTag::try_from(driver.chat().host_data())?; // kept with the chat when it began
//!     let files = FolderFiles::open(folder.join(chat.to_string()))?; // each chat has a folder of its own
//!     Ok(Link::new(tag, driver, files, Bounds::default(), env.now)?)
//! }
//! # use secretchat::{Chat, Config, store::MemoryStore};
//! # let folder = std::env::temp_dir().join(format!("secretchat-guide-link-{}", std::process::id()));
//! # let mut rng = secretchat::rand_core::UnwrapErr(getrandom::SysRng);
//! # let env = &mut Env::new(secretchat::Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
//! # let start = Config::x25519("alice", "bob")?.with_host_data([7; 16])?.with_store(StoreKey::new([7; 32]));
//! # let mut driver = Driver::new(Chat::request(start, env)?, MemoryStore::default());
//! # while driver.next_action()?.is_some() {}
//! # let (chat, store) = driver.into_parts();
//! # let id = chat.and_then(|chat| chat.id()).ok_or("it has records")?;
//! # let mut link = restore(store, id, &StoreKey::new([7; 32]), &folder, env)?;
//! # link.connected(env);
//! # while link.next_action(env)?.is_some() {}
//! # assert!(link.next_frame(env.now)?.is_some(), "the request leaves again");
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The rest of this chapter explains what a link does, for hosts that combine its parts differently.
//!
//! # Sending
//!
//! 1. Seal the file to disk with [`MediaEncryptReader`](crate::media::MediaEncryptReader) or
//!    [`media::seal`](crate::media::seal()), and sync it. Draw a [`FileId`](crate::frame::FileId) for its name.
//! 2. Add it with [`FileSender::add`](crate::transfer::FileSender::add). Its parts begin to leave.
//! 3. Send the message: [`Driver::send`](crate::store::Driver::send) with a draft that has
//!    [`with_file`](crate::Draft::with_file). It is best to wait until
//!    [`is_carried`](crate::transfer::FileSender::is_carried), so that no text waits for a large file.
//! 4. Give every [`Action::Transmit`](crate::store::Action::Transmit) to
//!    [`FileSender::hold`](crate::transfer::FileSender::hold) instead of carrying it, and tell the driver that it is
//!    [`in_flight`](crate::store::Driver::in_flight). Otherwise the driver repeats it after five seconds, and a slow
//!    connection carries everything twice.
//! 5. While the connection has room, take [`FileSender::next`](crate::transfer::FileSender::next), read the bytes that it
//!    asks for, and carry the frame. Then call [`carried`](crate::transfer::FileSender::carried), and
//!    [`Driver::landed`](crate::store::Driver::landed) with the message that it returns.
//! 6. At [`Event::Acknowledged`](crate::Event::Acknowledged), note the file. At the next
//!    [`Action::Checkpoint`](crate::store::Action::Checkpoint) the acknowledgement is durable: call
//!    [`finished`](crate::transfer::FileSender::finished) and delete the file.
//!
//! # Receiving
//!
//! 1. Give each frame to [`FileSender::hear`](crate::transfer::FileSender::hear) and then to
//!    [`FileReceiver::hear`](crate::transfer::FileReceiver::hear). Give the frames that it passes on to
//!    [`Driver::handle_frame`](crate::store::Driver::handle_frame).
//! 2. Write each part to its place in a file of the folder for arriving files. After the last part, sync the file and call
//!    [`durable`](crate::transfer::FileReceiver::durable).
//! 3. Take [`FileReceiver::next`](crate::transfer::FileReceiver::next) until there is nothing more. Give a message that
//!    comes out to [`Driver::handle_message`](crate::store::Driver::handle_message), and its outcome to
//!    [`handled`](crate::transfer::FileReceiver::handled). If the chat has taken the message, the file is yours: move it to
//!    the folder for kept files, and sync that folder, **before** you ask the driver for its next action.
//!
//! Ids come from the other end. In file names, use only their hexadecimal text (`Display`). Never use one folder for both
//! outgoing and incoming files: a peer may name a file of yours.
//!
//! # Strangers
//!
//! No frame is authentic. [`Bounds`](crate::transfer::Bounds) limits what a receiver keeps: by default 64 files of 4 GiB in
//! total, 64 waiting messages, and a day of silence. Set the bounds to what the device can spare. When the receiver gives a
//! file up, [`Step::Remove`](crate::transfer::Step::Remove) tells you to delete the bytes that have arrived.
//!
//! A stranger on the way can also replace bytes. You notice this when you decrypt: a segment is not authentic. Call
//! [`FileReceiver::again`](crate::transfer::FileReceiver::again) with the range of that segment, and only these bytes are
//! carried again. A file of the Telegram profile has no such protection.
//!
//! # After a restart
//!
//! | on disk | what to do at the start |
//! |---|---|
//! | outgoing sealed files | Nothing for most of them: the driver repeats its messages, and `hold` and `hear` ask your closure for the length of the file. Delete each file whose message the chat no longer holds ([`Chat::holds`](crate::Chat::holds)). |
//! | incoming files | Call [`FileReceiver::restore`](crate::transfer::FileReceiver::restore) for each, with the ranges that you stored. |
//! | kept files | Nothing: the closure of `FileReceiver::hear` reports that they are there. |
//!
//! Store the ranges of [`FileReceiver::there`](crate::transfer::FileReceiver::there) beside an incoming file from time to
//! time, say every 256 KiB, after you have synced the file. After a crash, only the bytes that arrived since then are
//! carried again:
//!
//! ```
//! use secretchat::Timestamp;
//! use secretchat::frame::{FileId, Ranges};
//! use secretchat::transfer::{Bounds, FileReceiver, FileSender, Heard, Step};
//!
//! # let now = Timestamp::from_unix_seconds(1_800_000_000);
//! # let file = FileId([1; 16]);
//! # let sealed = [7; 100_000];
//! /// Carries up to `most` parts from one end to the other. Returns how many bytes it carried.
//! fn carry(sender: &mut FileSender, receiver: &mut FileReceiver, disk: &mut [u8], most: usize) -> usize {
//!     // .. the loops of both ends, as on the page of `transfer` ..
//! #   let now = Timestamp::from_unix_seconds(1_800_000_000);
//! #   let (mut parts, mut carried) = (0, 0);
//! #   while parts < most {
//! #       let Some(leaving) = sender.next(now) else { break };
//! #       let bytes = leaving.part().map_or(0, |(_, range)| (range.end - range.start) as usize);
//! #       if let Heard::Write(part) = receiver.hear(&leaving.frame(&vec![7; bytes]).unwrap(), now, |_| false) {
//! #           disk[part.offset as usize..][..part.bytes.len()].copy_from_slice(part.bytes);
//! #           (parts, carried) = (parts + 1, carried + part.bytes.len());
//! #           if part.is_last {
//! #               receiver.durable(part.file);
//! #           }
//! #       }
//! #       let _message = sender.carried(leaving);
//! #       while let Some(Step::Send(reply)) = receiver.next(now) {
//! #           sender.hear(&reply.frame(), |_| None);
//! #       }
//! #   }
//! #   carried
//! }
//!
//! let mut disk = vec![0; sealed.len()];
//! let (mut sender, mut receiver) = (FileSender::new(), FileReceiver::new(Bounds::default()));
//! sender.add(file, sealed.len() as u64);
//! carry(&mut sender, &mut receiver, &mut disk, 3);
//! let noted = receiver.there(file).ok_or("it is arriving")?.to_bytes(); // written beside the file
//! drop((sender, receiver)); // both processes die
//!
//! let (mut sender, mut receiver) = (FileSender::new(), FileReceiver::new(Bounds::default()));
//! receiver.restore(file, Some(sealed.len() as u64), &Ranges::from_bytes(&noted)?, now);
//! sender.resume(file, sealed.len() as u64); // it asks before anything leaves
//! let carried = carry(&mut sender, &mut receiver, &mut disk, usize::MAX);
//! assert_eq!(carried, sealed.len() - 3 * 16_384);
//! assert_eq!(disk, sealed);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! When a connection ends and the process continues, call
//! [`FileSender::interrupted`](crate::transfer::FileSender::interrupted). Once there is a new connection, call
//! [`Driver::retransmit`](crate::store::Driver::retransmit).
//!
//! # Programs to copy
//!
//! `examples/photo.rs` in the repository carries a photo with a [`Link`](crate::transfer::Link) in fewer than 100 lines, and
//! `examples/talk` is a whole host on sockets and SQLite, with progress bars, which survives `kill -9` of either side. The
//! page of [`transfer`](crate::transfer) shows one end without a link.
