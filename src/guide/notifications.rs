//! Notifications, in a process of their own.
//!
//! On a phone a message may arrive while the app is closed, and a small process has to say so: it may read the app's
//! records and must not change them. A [`Peeker`](crate::Peeker) is made from the records and the store key, looks into
//! one sealed message, and says what a notification may show. It needs no clock, no generator and no lock. The app takes
//! the same message in later, as if nobody had looked.
//!
//! * **Read the records anew** for each notification, and drop the peeker after it.
//!   [`FileStore::read`](crate::store::FileStore::read) reads beside the app; of a database take one transaction.
//! * **Show what it gives, and no more.** [`Preview`](crate::Preview) has a text only where the sender, the timer and your own
//!   cap ([`Config::with_notification_cap`](crate::Config::with_notification_cap)) allow it. Name the notification by the
//!   message's id, so that it is shown once and can be taken back.
//! * [`Peek::Stale`](crate::Peek::Stale) and unknown keys mean that the records are older than the chat: say that something has
//!   arrived. [`Peek::Seen`](crate::Peek::Seen) and [`Peek::Nothing`](crate::Peek::Nothing) need no notification.
//! * **Memory**: the records of a chat are read as a whole. At the default limits they can reach 32 MiB. Where the process has
//!   less, set smaller [`Limits`](crate::Limits) when the chat is made.
//!
//! That process has the store key, so whoever takes it over reads all records. From older records it shows as new what was
//! taken in since.
