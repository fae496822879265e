//! Testing your host.
//!
//! A chat has no clock and no randomness of its own. A test provides both, and can repeat a run byte for byte.
//!
//! * **Time**: the `now` of each [`Env`](crate::Env). To let hours pass, add them.
//! * **Randomness**: [`rng_from_fn`](crate::rng_from_fn) over a hashed counter. **Never** use that outside tests: all
//!   secrecy rests on these bytes.
//! * **The network**: a list of packets. Drop some, repeat some, deliver them in another order. When the run is over, both
//!   ends must have every message once and in order.
//! * **Crashes**: keep a copy of the store before each write, drop the driver, and restore from either copy. Do this at
//!   every write of a conversation, not just at some.
//! * **The peer**: `shim` in the repository hosts one end and takes lines of JSON, so a program in any language can talk to
//!   it.
//! * **Your store**: `crates/store-contract` has the tests that every store must pass.
//!
//! When something goes wrong for a user, [`Chat::diagnosis`](crate::Chat::diagnosis) is a report that they can send you. It
//! names the results of the last calls, and contains nothing of a message, a key or an id.
//!
//! Two chats with the same randomness behave the same:
//!
//! ```
//! use secretchat::{Chat, Config, Env, Output, Timestamp, Transmit, rng_from_fn};
//!
//! /// Makes a request from repeatable bytes. For tests only.
//! fn request(seed: u8) -> Transmit {
//!     let mut state = seed;
//!     let mut rng = rng_from_fn(move |buffer: &mut [u8]| {
//!         for byte in buffer {
//!             state = state.wrapping_mul(5).wrapping_add(seed | 1);
//!             *byte = state;
//!         }
//!     });
//!     let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
//!     let mut chat = Chat::request(Config::x25519("alice", "bob").unwrap(), env).unwrap();
//!     let Some(Output::Transmit(request)) = chat.poll_output() else { panic!("a request comes first") };
//!     request
//! }
//!
//! assert_eq!(request(1), request(1));
//! assert_ne!(request(1), request(2));
//! ```
