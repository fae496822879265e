//! Many chats, threads and async.
//!
//! [`Chat`](crate::Chat), [`Driver`](crate::store::Driver) and everything that they give out are `Send` and `Sync`. A chat is
//! an object without locks: give each one owner, a thread, a task or an entry of a map, and send it what it needs over a
//! channel.
//!
//! # Async
//!
//! No call waits for anything but the store, so none is `async`. An [`Env`](crate::Env) borrows a generator that need not be
//! `Send`: make one for each call, and do not hold it over an `.await`. [`Driver::next_action`](crate::store::Driver::next_action)
//! writes, and may wait for the disk: call it where your runtime allows blocking.
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
//!
//! # Many chats
//!
//! A chat at rest takes less than 5 KB. Restore one when something comes for it, and drop it when it is at rest: its records
//! have everything, and [`Driver::poll_timeout`](crate::store::Driver::poll_timeout) says when it has to be there again.
//! Note that time in a row of your own. [`Driver::restore`](crate::store::Driver::restore) also takes `&mut store`, so chats
//! can share one store, one after the other.
