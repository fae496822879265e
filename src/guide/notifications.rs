//! Notifications from a separate process.
//!
//! On a phone a message may arrive while the app is closed, and a small process must tell the user. It may read the app's
//! records but must not change them. A [`Peeker`](crate::Peeker) is made from the records and the store key. It looks into
//! one sealed message and says what a notification may show. It needs no clock, no generator and no lock. Later the app
//! processes the same message as if nobody had looked at it.
//!
//! ```
//! use secretchat::{Notification, Peek, Peeker, Records, StoreKey};
//!
//! /// The text of a notification for one sealed message; `None` if there is nothing to show.
//! fn notification(records: &Records, key: &StoreKey, bytes: &[u8]) -> Option<String> {
//!     let something = || Some("Something has arrived".to_owned());
//!     let Ok(peeker) = Peeker::new(records, key) else { return something() };
//!     match peeker.peek(bytes) {
//!         Ok(Peek::Message(preview)) => match (preview.content, preview.most) {
//!             (Some(content), _) => Some(content.text),
//!             (None, Notification::Nothing) => something(),
//!             (None, _) => Some("A message from Alice".to_owned()), // the name is in the records' `host_data`, say
//!         },
//!         Ok(Peek::Seen | Peek::Nothing) => None,
//!         // The records are older than the chat.
//!         Ok(_) | Err(_) => something(),
//!     }
//! }
//! ```
//!
//! * **Read the records anew** for each notification, and drop the peeker after it.
//!   [`FileStore::read`](crate::store::FileStore::read) can read while the app is running. With a database, use one
//!   transaction.
//! * **Show what the preview has, and no more.** A [`Preview`](crate::Preview) has a text only where the sender, the timer
//!   and your own cap ([`Config::with_notification_cap`](crate::Config::with_notification_cap)) allow it. Name the
//!   notification by the message's id, so that it is shown once and can be withdrawn.
//! * [`Peek::Stale`](crate::Peek::Stale) and unknown keys mean that the records are older than the chat: show that something
//!   has arrived. [`Peek::Seen`](crate::Peek::Seen) and [`Peek::Nothing`](crate::Peek::Nothing) need no notification.
//! * **Memory**: the records of a chat are read as a whole. At the default limits they can reach 32 MiB. Where the process
//!   has less memory, set smaller [`Limits`](crate::Limits) when you create the chat.
//!
//! The process has the store key, so an attacker who controls it can read all records. If its records are older than the
//! app's, it shows messages as new that the app has already processed.
