//! Photos, albums, large files.
//!
//! A file travels separately from the message that describes it. The message has the key. The file is sealed, so a server
//! that stores or carries it learns its length and nothing else.
//!
//! # Sealing and opening
//!
//! [`Chat::file_form`](crate::Chat::file_form) returns the form in which the chat's profile seals files. Pass it to the
//! functions of [`media`](crate::media):
//!
//! ```
//! use getrandom::SysRng;
//! use secretchat::media;
//! use secretchat::rand_core::UnwrapErr;
//! use secretchat::{Document, Draft};
//!
//! let rng = &mut UnwrapErr(SysRng);
//! # let form = media::FileForm::Segments;
//! let photo = b"the bytes of a photo";
//! let (key, sealed) = media::seal(form, photo, rng)?; // `form` is the chat's
//! let draft = Draft::media(Document::new("image/jpeg", photo.len() as u64, key.duplicate()), "look");
//! # drop(draft);
//!
//! // At the other end the key comes with the message.
//! assert_eq!(media::open(&key, photo.len() as u64, &sealed)?, photo);
//! # Ok::<(), secretchat::MediaError>(())
//! ```
//!
//! # Large files
//!
//! A file that does not fit into memory goes through [`MediaEncryptReader`](crate::media::MediaEncryptReader), which holds
//! at most half a MiB of it in memory and reports its progress:
//!
//! ```
//! use std::fs::{self, File};
//! use std::io;
//!
//! use getrandom::SysRng;
//! use secretchat::media::{FileForm, MediaDecryptReader, MediaEncryptReader};
//! use secretchat::rand_core::UnwrapErr;
//!
//! # let folder = std::env::temp_dir().join(format!("secretchat-guide-files-{}", std::process::id()));
//! # fs::create_dir_all(&folder)?;
//! # let (video, sealed, copy) = (folder.join("video"), folder.join("sealed"), folder.join("copy"));
//! # fs::write(&video, [7; 1_000_000])?;
//! # let form = FileForm::Segments;
//! let (size, mut rng) = (fs::metadata(&video)?.len(), UnwrapErr(SysRng));
//! let mut reader = MediaEncryptReader::new(File::open(&video)?, form, size, &mut rng)?;
//! let key = reader.key().duplicate(); // goes into the message, with the size
//! io::copy(&mut reader, &mut File::create(&sealed)?)?;
//!
//! let mut reader = MediaDecryptReader::new(File::open(&sealed)?, &key, size)?;
//! io::copy(&mut reader, &mut File::create(&copy)?)?;
//! # assert!(fs::read(&copy)? == [7; 1_000_000]);
//! # fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`MediaEncryptor`](crate::media::MediaEncryptor) takes chunks instead of a reader.
//! [`ResumableMediaEncryptor`](crate::media::ResumableMediaEncryptor) can continue after an interruption. Each has a
//! decrypting counterpart.
//!
//! Seal a file anew for each chat that it goes to. [`MediaCopies`](crate::media::MediaCopies) reads the content once and
//! seals it for several chats, and [`MediaReseal`](crate::media::MediaReseal) forwards a received file.
//!
//! # Photos, documents and albums
//!
//! A [`Photo`](crate::Photo) is shown in the chat, small and compressed. A [`Document`](crate::Document) arrives unchanged,
//! and its [`DocumentKind`](crate::DocumentKind) says whether it is a video, a voice note, a picture in original quality and
//! so on. A [`Thumbnail`](crate::Thumbnail) is a small JPEG inside the message. Show it until the file has arrived.
//!
//! An album is two to ten photos or other files that are sent together, all or none:
//!
//! ```
#![doc = include_str!("two_ends.txt")]
//! use secretchat::{Draft, Event, Photo, media};
//!
//! let mut drafts = Vec::new();
//! for caption in ["the tower", "the view"] {
//!     let (key, _sealed) = media::seal(alice.file_form(), b"the bytes of a photo", env.rng)?;
//!     drafts.push(Draft::media(Photo::new(1280, 853, 20, key), caption));
//! }
//! alice.send_album(&drafts, env)?;
//! carry(&mut alice, &mut bob, env)?;
//!
//! // Each photo is a message. Those of one album have the same `grouped_id`.
//! let events = carry(&mut bob, &mut alice, env)?;
//! let [Event::Message(first), Event::Message(second)] = &events[..] else { panic!("two photos") };
//! assert!(first.grouped_id.is_some() && first.grouped_id == second.grouped_id);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Carrying them
//!
//! Over Telegram, upload the file first: see [`telegram`](super::telegram). Over your own transport, your host also carries
//! the sealed file. That is where most hosts lose photos in crashes, so this task has a chapter of its own:
//! [`own_files`](super::own_files).
//!
//! # What arrives
//!
//! The peer makes the file, and image decoders have bugs. Decode in a separate process where you can. Check width and height
//! before you decode. Give the decoder no access to the network. The crate `secretchat-media` removes data about people and
//! places from a photo before you send it, and makes file names safe.
