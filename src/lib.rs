//! End-to-end encrypted one-to-one secret chats without I/O.
//!
//! A [`Chat`] is a state machine. The host feeds it bytes, clock values and randomness, and carries out what it
//! asks for: write these records, send these bytes, show this message. It has no threads, no clock, no sockets and
//! no `unsafe`.
//!
//! # Two ends over any transport
//!
//! ```
//! # #[cfg(feature = "alloc")] {
//! use getrandom::SysRng;
//! use secretchat::rand_core::UnwrapErr;
//! use secretchat::{Chat, Config, Draft, Env, Event, Input, Invitation, Output, PeerFault, Timestamp, TransmitKind};
//!
//! /// What a host does with the outputs of its chat. Here the transport is a function call.
//! fn carry(from: &mut Chat, to: &mut Chat, env: &mut Env<'_>) -> Result<Vec<Event>, PeerFault> {
//!     let mut events = Vec::new();
//!     while let Some(output) = from.poll_output() {
//!         match output {
//!             Output::Event(event) => events.push(event),
//!             Output::Persist(_batch) => {} // a real host writes this before it polls again; these two keep no records
//!             Output::Transmit(transmit) => match &transmit.kind {
//!                 TransmitKind::Accept { public, fingerprint, .. } => {
//!                     to.handle(Input::accepted(public, *fingerprint), env)?;
//!                 }
//!                 TransmitKind::Ciphertext { bytes, .. } => {
//!                     to.handle(Input::ciphertext(bytes, None, None), env)?;
//!                 }
//!                 _ => {}
//!             },
//!             _ => {}
//!         }
//!     }
//!     Ok(events)
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // Alice asks and Bob's user says yes. The ids name the two ends, with the same bytes on both.
//!     let mut rng = UnwrapErr(SysRng);
//!     let env = &mut Env::new(Timestamp::from_millis(1_700_000_000_000), &mut rng);
//!     let mut alice = Chat::request(Config::x25519("alice/phone", "bob/phone")?, env)?;
//!     let Some(Output::Transmit(request)) = alice.poll_output() else { panic!("the first output") };
//!     let TransmitKind::Request { public, .. } = &request.kind else { panic!("a request") };
//!     let mut bob = Invitation::parse(public, Config::x25519("bob/phone", "alice/phone")?)?.accept(env)?;
//!     carry(&mut bob, &mut alice, env)?;
//!     carry(&mut alice, &mut bob, env)?;
//!
//!     // Both users compare what they see. Until they have, a relay may sit in the middle.
//!     assert_eq!(alice.verification(), bob.verification());
//!
//!     alice.send(&Draft::text("Hello, Bob 👋"), env)?;
//!     carry(&mut alice, &mut bob, env)?;
//!     let events = carry(&mut bob, &mut alice, env)?;
//!     let [Event::Ready { .. }, Event::Message(message)] = &events[..] else { panic!("a message for Bob's user") };
//!     println!("Bob reads: {}", message.content.text);
//!     assert_eq!(message.content.text, "Hello, Bob 👋");
//!     Ok(())
//! }
//! # main().unwrap();
//! # }
//! ```
//!
//! # Driving a chat
//!
//! 1. Feed it: call [`Chat::handle`] for what arrived, [`Chat::send`] and the other commands for what the user
//!    wants, and [`Chat::handle_timeout`] when [`Chat::poll_timeout`] says so. You may make any number of calls
//!    before step 2.
//! 2. Take outputs with [`Chat::poll_output`] until there are none left.
//! 3. Show each [`Output::Event`]. After a crash an event may come again, with the same id.
//! 4. Write each [`Output::Persist`] **before you ask for the next output**. Put your own rows into the same
//!    transaction if you need them exactly once. If the write fails, drop the chat and [`Chat::restore`] it.
//! 5. Send each [`Output::Transmit`], any number of times and in any order.
//! 6. Only then tell the peer or the transport that the input of step 1 need not be delivered again.
//! 7. Call [`Chat::retransmit`] after a reconnect or a restart, and [`Chat::acknowledge`] from time to time.
//!
//! [`store::Driver`] does steps 4, 6 and 7 for you.
//!
//! The module `guide` has a chapter for each task of a host.
//!
//! # Guarantees
//!
//! * Bytes that are not authentic change nothing, never end a chat, and all produce the same error.
//! * Every message arrives once and in order, or is reported as missing. No slot is ever sealed with two different
//!   contents, even across crashes. A message that is deleted before it was acknowledged is replaced once, by an
//!   empty one.
//! * Memory is bounded, whatever the peer or the network does. Each bound is in [`Limits`] or a named constant.
//! * A chat renews its key by itself ([`RekeyPolicy`]). It wipes the old key once no message under it can still be
//!   in flight.
//! * The key of a medium with a timer stays inside the chat until [`Chat::open_view`], and is wiped at the
//!   deadline.
//! * Keys are wiped on drop. Neither keys nor texts appear in `Debug` output.
//!
//! `SECURITY.md` lists what is **not** guaranteed. Most important: until both users have compared
//! [`Chat::verification`], nothing is claimed. A file of the Telegram profile is one IGE chain and is **not**
//! protected against changes by whatever carries it. A file of the X25519 and hybrid profiles is: each segment is
//! verified before its content is released. Only the hybrid profile protects recorded traffic from a future quantum
//! computer.
//!
//! # Errors
//!
//! | error | means |
//! |---|---|
//! | [`ApiMisuse`] | The host made a mistake. Fix the program, or show the user that the text is too long. |
//! | [`Unavailable`] | The call is not possible now. Its page says what helps: wait, send it later, ask for a new chat. |
//! | [`CallError`] | Either of these, from calls that can meet both. |
//! | [`PeerFault`] | Bytes from outside are wrong. Nothing has changed, and the chat stays open. |
//! | [`StoreError`], [`MediaError`] | The records do not restore to a chat, or a file cannot be encrypted or decrypted. |
//!
//! After an error a chat is exactly as it was before the call. A decryptor that failed stays failed, and a driver
//! whose store failed has stopped. An authentic message that breaks the protocol is not an error but an outcome:
//! [`Handled::ChatClosed`], with an event that says why.
//!
//! Every error of a chat, every event, reason and transmission has a `name()` and a `code()` that never change, for
//! logs and for bindings to other languages. `schema/names.txt` lists them all. No two errors share a code, and no
//! code is 0.
//!
//! # Features
//!
//! | feature | default | gives |
//! |---|---|---|
//! | `std` | yes | adapters for `std::io`, `FileStore`, `SystemTime`; implies `alloc` |
//! | `alloc` | with `std` | [`Chat`] and what goes with it, `frame`, `store`, whole files in `media` |
//! | `telegram` | yes | the Telegram profile, with `DhGroup` |
//! | `hybrid` | yes | the hybrid profile, by the crate `ml-kem` |
//! | `lanes` | yes | `ige-lanes`, which interleaves several AES-256-IGE streams; the output is identical |
//!
//! Without `alloc` the crate offers [`hazmat`] and the fixed-buffer part of [`media`]. No feature changes what
//! another one does.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without `alloc` there is no `Chat` for the crate page and `error` to link to.
#![cfg_attr(not(feature = "alloc"), allow(rustdoc::broken_intra_doc_links))]
#![deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod agreement;
#[cfg(feature = "alloc")]
mod chat;
mod crypto;
mod destruct;
mod envelope;
#[cfg(feature = "alloc")]
pub mod frame;
#[cfg(all(any(doc, doctest), feature = "std", feature = "hybrid", feature = "telegram"))]
pub mod guide;
pub mod hazmat;
pub mod media;
#[cfg(feature = "alloc")]
mod message;
#[cfg(feature = "alloc")]
mod output;
#[cfg(feature = "alloc")]
mod profile;
#[cfg(feature = "alloc")]
mod record;
mod rekey;
mod seq;
#[cfg(feature = "alloc")]
pub mod store;
#[cfg(feature = "alloc")]
pub mod transfer;
mod types;
mod verify;
mod wire;

#[cfg(feature = "alloc")]
pub use chat::{Cause, Chat, ChatState, Counters, Diagnosis, Handled, Input, Invitation, Outcome, Peek, Peeker};
#[cfg(feature = "telegram")]
pub use crypto::modp::{DhGroup, DhGroupError, PrimePolicy};
pub use destruct::{ContentKind, Notification, Rights};
#[cfg(feature = "alloc")]
pub use message::{
    Contact, Content, ContentLease, Document, DocumentKind, Draft, Entity, EntityKind, ExternalDocument, GeoPoint,
    IncomingFile, Media, MediaLease, Message, Photo, Preview, PreviewContent, Thumbnail, TypingAction, Venue, WebPage,
};
#[cfg(feature = "alloc")]
pub use output::{DiscardProof, Event, History, Notice, Output, Transmit, TransmitKind, UserAction};
#[cfg(feature = "alloc")]
pub use profile::{Config, Limits, MessagePadding, PeerPolicy, Profile, Start};
/// The crate with the traits of random generators, in the version that [`Env`] uses.
pub use rand_core;
#[cfg(feature = "alloc")]
pub use record::{Batch, ChatId, Checkpoint, RecordName, Records, StoreKey};
pub use rekey::{RekeyLimit, RekeyPolicy, RekeyState};
pub use types::env::{Env, FnRng, rng_from_fn};
pub use types::error::{
    ApiMisuse, CloseReason, MediaError, PeerFault, RekeyFailure, StoreError, VerifyError, Violation,
};
#[cfg(feature = "alloc")]
pub use types::error::{CallError, Unavailable};
pub use types::id::{
    ExchangeId, GroupedId, KeyFingerprint, Layer, ParseIdError, Position, RandomId, Role, SeqNo, TransmitId,
};
pub use types::time::{Monotonic, Timestamp, Ttl, TtlBounds};
#[cfg(feature = "alloc")]
pub use types::timetable::Timetable;
pub use verify::{HexLine, PictureRow, ScanCode, Svg, Verification, Verified};

/// Runs the examples of the README as tests.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
