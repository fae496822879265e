//! Photos, albums, large files.
//!
//! A file travels beside the message that names it. The message has the key, the file is sealed, and whoever stores or
//! carries it learns its length alone.
//!
//! # Sealing and opening
//!
//! [`Chat::file_form`](crate::Chat::file_form) says in which form the chat's profile wants files, and everything in
//! [`media`](crate::media) takes it:
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
//! let (key, sealed) = media::seal(form, photo, rng)?; // `form` is that of the chat
//! let draft = Draft::media(Document::new("image/jpeg", photo.len() as u64, key.duplicate()), "look");
//! # drop(draft);
//!
//! // At the other end the key comes with the message.
//! assert_eq!(media::open(&key, photo.len() as u64, &sealed)?, photo);
//! # Ok::<(), secretchat::MediaError>(())
//! ```
//!
//! For what does not fit into memory there are [`MediaEncryptor`](crate::media::MediaEncryptor) for chunks and
//! [`MediaEncryptReader`](crate::media::MediaEncryptReader) for `std::io`. To go on after an interruption there is
//! [`ResumableMediaEncryptor`](crate::media::ResumableMediaEncryptor). Each has a decrypting twin, and each tells its progress.
//!
//! A file is sealed anew for each chat that it goes to: [`MediaCopies`](crate::media::MediaCopies) reads a content once and
//! seals it for several, and [`MediaReseal`](crate::media::MediaReseal) sends a received one on.
//!
//! # Photo or file
//!
//! A [`Photo`](crate::Photo) is shown in the chat, small and compressed; a [`Document`](crate::Document) arrives as it is, and
//! its [`DocumentKind`](crate::DocumentKind) says whether it is a video, a voice note, a picture in original quality and so
//! on. A [`Thumbnail`](crate::Thumbnail) is a small JPEG that shows before the file is there.
//! [`Chat::send_album`](crate::Chat::send_album) sends two to ten together, all or none.
//!
//! # Carrying
//!
//! Three rules make files survive crashes:
//!
//! 1. The file leaves before its message.
//! 2. The receiver takes no message whose file is not whole and on disk.
//! 3. The sender keeps the file until the peer acknowledges the message.
//!
//! [`transfer`](crate::transfer) holds them for you: a [`FileSender`](crate::transfer::FileSender) and a
//! [`FileReceiver`](crate::transfer::FileReceiver) know nothing of sockets and disks, and say which bytes to carry and which
//! to write. What was lost, or was cut off by a crash, is asked for by its ranges, and a photo is carried once.
//!
//! A [`Link`](crate::transfer::Link) joins both with the driver and with the place of the sealed files, and leaves nothing to do
//! but to carry frames. `examples/talk` in the repository is such a host on a real disk and a real socket.
//!
//! # What comes
//!
//! A file is made by the peer, and decoders of pictures have faults. Decode in a process of its own where you can, bound width
//! and height before you decode, and let nothing that a decoder does show to the network. A file of the Telegram profile can
//! also have been changed by whoever carried it.
