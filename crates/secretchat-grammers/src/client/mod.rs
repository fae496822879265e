//! A thin layer over grammers-client (feature `client`): it makes the calls, and decides nothing that the rest of this crate
//! does not say. It has **not** been run with Telegram's own server. The tests drive it over a stand-in.
//!
//! ```
//! use grammers_client::sender::{SenderPoolFatHandle, UpdatesReceiver};
//! use secretchat::rand_core::CryptoRng;
//! use secretchat::store::FileStore;
//! use secretchat::{Draft, Event};
//! use secretchat_grammers::client::Chats;
//! use std::sync::{Arc, Mutex};
//!
//! type Store = Arc<Mutex<FileStore>>;
//!
//! /// Accepts all chats, and echoes all texts.
//! async fn run(
//!     mut chats: Chats<Store, SenderPoolFatHandle, impl CryptoRng>,
//!     mut receiver: UpdatesReceiver, // with `catch_up`, or a restart misses what came meanwhile
//! ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//!     loop {
//!         while let Some((id, event)) = chats.next().await? {
//!             if let Event::Message(message) = event {
//!                 let echo = Draft::text(&message.content.text).with_reply_to(message.random_id);
//!                 chats.with(id, |chat, env| chat.send(&echo, env)).transpose()?;
//!             }
//!         }
//!         // All of it is stored now.
//!         chats.confirm(receiver.sync_update_state()).await?;
//!         let batch = tokio::select! {
//!             batch = receiver.next() => batch?.0,
//!             () = chats.rest() => continue,
//!         };
//!         for asked in chats.updates(&batch).requests {
//!             chats.accept(&asked, b"").await?;
//!         }
//!     }
//! }
//! ```
//!
//! # Who owns what
//!
//! * grammers' runner, in a task of its own, owns the connections. It ends when the last handle is dropped or told to quit.
//! * One task owns [`Chats`] and the receiver, and runs the loop above. A call that waits for its answer holds up the loop;
//!   one that waits for a pause does not.
//! * An [`upload`] or a [`download`] needs neither. It may run in any task, with a clone of the handle.
//!
//! # Updates
//!
//! Take them from `UpdatesReceiver`, which [`Chats::confirm`] relies on: it gives all that came at once, so its
//! `sync_update_state` never runs ahead of what was given out. The `UpdateStream` of the client gives one at a time and keeps
//! the rest, which a crash after `sync_update_state` loses. Its `next_raw` also loses updates where it is dropped while the
//! session writes; the receiver's `next` does not.
//!
//! # What is lost if a future is dropped
//!
//! | future | then |
//! |---|---|
//! | [`Chats::next`], [`next_event`] | nothing: the call counts as lost, and is made again after a pause |
//! | [`Chats::rest`] | nothing |
//! | [`Chats::confirm`] | nothing: it is said again |
//! | [`upload`], [`download`] | what was on its way: it is carried once more |
//! | [`Chats::accept`] | nothing: the chat has not begun |
//! | [`Chats::ask`] | perhaps a request that the server has and this host does not know |
//! | [`Chats::decline`] | perhaps the call |

mod arrivals;
mod begin;
mod chats;
mod files;
mod invoke;
mod pool;
mod step;

pub use arrivals::Taken;
pub use begin::BeginError;
pub use chats::{Chats, NextError};
pub use files::{FileError, download, upload};
pub use invoke::Invoke;
pub use step::next_event;
