//! Many chats, threads and async.
//!
//! [`Chat`](crate::Chat), [`Driver`](crate::store::Driver) and everything that they return are `Send` and `Sync`. A chat is
//! an object without locks. Give each chat one owner, such as a thread, a task or an entry in a map, and send it what it
//! needs over a channel.
//!
//! # Many chats
//!
//! One process, one store and one timer are enough for all chats of a bridge or a server. `examples/many_chats.rs` in the
//! repository is such a host in fewer than 100 lines.
//!
//! * **One store.** `Arc<Mutex<S>>` is also a [`Store`](crate::store::Store). Each driver gets a clone of it.
//! * **Finding a chat.** Keep the drivers in a map, with the [`ChatTag`](crate::frame::ChatTag) of their frames as the key.
//!   Put the tag into [`Config::with_host_data`](crate::Config::with_host_data): then the records alone are enough to
//!   rebuild the map. A tag has 16 bytes, and the peer's address may stand after them. The host data never changes: an
//!   address that does belongs into a row of your own (see [`transport`](super::transport)).
//! * **One timer.** Keep the [`poll_timeout`](crate::store::Driver::poll_timeout) of each driver in a
//!   [`Timetable`](crate::Timetable), and set it again after each call on that driver. Wait until the first time in it. Then
//!   call [`handle_timeout`](crate::store::Driver::handle_timeout) on each driver that is due. No other chat is asked.
//! * **One commit.** A disk syncs some hundred times a second, and each batch needs a sync. If several chats have something
//!   to do, [`take_actions`](crate::store::take_actions) writes a batch of each chat in one commit.
//! * **A restart.** [`Store::chats`](crate::store::Store::chats) lists the chats. Restore each with
//!   [`Driver::restore`](crate::store::Driver::restore).
//! * **The end.** A closed chat leaves a few bytes, which answer a peer that does not know of the end yet. Keep them for
//!   some days, then call [`Store::delete`](crate::store::Store::delete).
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::error::Error;
//! use std::sync::{Arc, Mutex};
//!
//! use secretchat::frame::ChatTag;
//! use secretchat::store::{Driver, Store, take_actions};
//! use secretchat::{Env, StoreKey, Timestamp, Timetable};
//!
//! struct Desk<S: Store> {
//!     chats: BTreeMap<ChatTag, Driver<Arc<Mutex<S>>>>,
//!     timetable: Timetable<ChatTag>,
//! }
//!
//! impl<S: Store> Desk<S> {
//!     fn restore(store: S, key: &StoreKey, env: &mut Env<'_>) -> Result<Self, Box<dyn Error>> {
//!         let store = Arc::new(Mutex::new(store));
//!         let mut desk = Self { chats: BTreeMap::new(), timetable: Timetable::new() };
//!         for id in store.chats()? {
//!             let driver = Driver::restore(store.clone(), id, key, None, env)?;
//!             let tag = ChatTag::try_from(driver.chat().host_data())?;
//!             desk.timetable.set(tag, driver.poll_timeout());
//!             desk.chats.insert(tag, driver);
//!         }
//!         Ok(desk)
//!     }
//!
//!     fn poll_timeout(&self) -> Option<Timestamp> {
//!         self.timetable.first()
//!     }
//!
//!     fn handle_timeout(&mut self, env: &mut Env<'_>) -> Result<(), Box<dyn Error>> {
//!         let due: Vec<_> = self.timetable.due(env.now).copied().collect();
//!         for tag in due {
//!             let Some(driver) = self.chats.get_mut(&tag) else { continue };
//!             driver.handle_timeout(env)?;
//!             // .. and take its actions; after them, as after every other call:
//!             self.timetable.set(tag, driver.poll_timeout());
//!         }
//!         Ok(())
//!     }
//!
//!     /// Takes the actions of all chats: after a round of frames, one commit has a batch of each.
//!     fn take_actions(&mut self) -> Result<(), Box<dyn Error>> {
//!         take_actions(self.chats.values_mut(), |_driver, action| {
//!             // .. show the event, carry the frame ..
//! #           assert!(action.frame().is_ok());
//!             Ok(())
//!         })
//!     }
//! }
//! # use secretchat::{Chat, Config, store::MemoryStore};
//! # let mut rng = secretchat::rand_core::UnwrapErr(getrandom::SysRng);
//! # let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
//! # let mut store = MemoryStore::default();
//! # for (peer, tag) in [("bob", [1; 16]), ("carol", [2; 16])] {
//! #     let start = Config::x25519("alice", peer)?.with_host_data(tag)?.with_store(StoreKey::new([7; 32]));
//! #     let mut driver = Driver::new(Chat::request(start, env)?, &mut store);
//! #     while driver.next_action()?.is_some() {}
//! # }
//! # let mut desk = Desk::restore(store, &StoreKey::new([7; 32]), env)?;
//! # assert!(desk.chats.keys().eq(&[ChatTag([1; 16]), ChatTag([2; 16])]));
//! # env.now = desk.poll_timeout().ok_or("both wait for an answer")?;
//! # desk.handle_timeout(env)?;
//! # assert!(desk.poll_timeout() > Some(env.now), "each is asked again later");
//! # desk.take_actions()?;
//! # Ok::<(), Box<dyn Error>>(())
//! ```
//!
//! An idle chat takes less than 2 KB, so a hundred thousand of them can stay in memory. A host with more chats restores one when
//! something arrives for it, and drops it when it is idle: its records have everything. Note in a row of your own when it
//! must be restored again ([`poll_timeout`](crate::store::Driver::poll_timeout)).
//!
//! # Several machines
//!
//! Chats share nothing, so they can be spread over any number of workers. Each chat then has one worker at a time, and a store
//! that sees to it. Two crates are made for that:
//!
//! * `secretchat-async` drives the chats of a task: it restores them when something comes, commits their batches together,
//!   keeps one timer, holds back whoever posts too much for one chat, and hands chats over in good order.
//! * `secretchat-postgres` keeps the records of all workers. A worker takes chats with a lease, which others take over after a
//!   crash. From then on each batch of the old worker is refused, so no slot is used twice.
//!
//! `examples/relay_farm` in the repository is such a host, which kills its workers and its server while it runs. `docs/scale.md`
//! says what a million chats need.
//!
//! # Async
//!
//! No call waits for anything but the store, so none is `async`. An [`Env`](crate::Env) borrows a generator that need not be
//! `Send`. Make one for each call, and do not hold it over an `.await`.
//! [`Driver::next_action`](crate::store::Driver::next_action) writes to the store, and may wait for the disk. Call it where
//! your runtime allows blocking.
//!
//! A store behind a connection is an [`AsyncStore`](crate::store::AsyncStore). Its host drives a `Driver<()>`, which hands
//! each batch out as a [`Step`](crate::store::Step) and goes on once it was written.
//!
//! ```
//! # use getrandom::SysRng;
//! # use secretchat::rand_core::UnwrapErr;
//! # use secretchat::store::{Driver, MemoryStore};
//! # use secretchat::{CallError, Draft, Env, RandomId};
//! # use std::time::SystemTime;
//! async fn say(driver: &mut Driver<MemoryStore>, text: &str) -> Result<RandomId, CallError> {
//!     // The `Env` is gone before anything is awaited.
//!     let id = driver.send(&Draft::text(text), &mut Env::new(SystemTime::now().into(), &mut UnwrapErr(SysRng)))?;
//!     // .. take the actions, and await your socket here ..
//!     Ok(id)
//! }
//!
//! fn is_send<T: Send>(_: &T) {}
//! # fn check(driver: &mut Driver<MemoryStore>) {
//! is_send(&say(driver, "Hello"));
//! # }
//! ```
