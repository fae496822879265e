//! The run loop.
//!
//! A [`Driver`](crate::store::Driver) owns a chat and its store. It writes each batch before anything that depends on it
//! comes out, acknowledges the messages that were processed, and repeats those that may have been lost. Your loop does four
//! things:
//!
//! 1. Wait for bytes, for the user, or for [`Driver::poll_timeout`](crate::store::Driver::poll_timeout).
//! 2. Tell the driver: [`handle_frame`](crate::store::Driver::handle_frame),
//!    [`send`](crate::store::Driver::send), [`act`](crate::store::Driver::act) for every other call of a chat, or
//!    [`handle_timeout`](crate::store::Driver::handle_timeout).
//! 3. Take each [`next_action`](crate::store::Driver::next_action) until there are no more, and carry it out.
//! 4. Start again.
//!
//! ```
//! use std::time::SystemTime;
//!
//! use getrandom::SysRng;
//! use secretchat::frame::{ChatTag, decode_one, encode};
//! use secretchat::rand_core::UnwrapErr;
//! use secretchat::store::{Action, Driver, MemoryStore};
//! use secretchat::{Draft, Env, Event};
//! # use secretchat::{Chat, Config, Invitation, frame::Frame};
//!
//! /// Step 3: carries out the actions. `carry` takes a packet for the other end.
//! fn act(
//!     driver: &mut Driver<MemoryStore>,
//!     tag: ChatTag,
//!     mut carry: impl FnMut(Vec<u8>),
//! ) -> Result<Vec<String>, Box<dyn std::error::Error>> {
//!     let mut shown = Vec::new();
//!     while let Some(action) = driver.next_action()? {
//!         // Transmissions and receipts have a frame; events and checkpoints have none.
//!         if let Some(frame) = action.frame()? {
//!             carry(encode(tag, &frame)?);
//!         }
//!         if let Action::Event(Event::Message(message)) = action {
//!             shown.push(message.content.text);
//!         }
//!     }
//!     Ok(shown)
//! }
//!
//! let mut rng = UnwrapErr(SysRng);
//! let tag = ChatTag([7; 16]);
//! let env = &mut Env::new(SystemTime::now().into(), &mut rng);
//! # let (mut to_bob, mut to_alice) = (Vec::new(), Vec::new());
//! # let mut alice = Driver::new(Chat::request(Config::hybrid("a", "b")?, env)?, MemoryStore::default());
//! # act(&mut alice, tag, |packet| to_bob.push(packet))?;
//! # let Frame::Request { public } = decode_one(&to_bob[0])?.1 else { panic!() };
//! # let mut bob = Driver::new(Invitation::parse(public, Config::hybrid("b", "a")?)?.accept(env)?, MemoryStore::default());
//! # act(&mut bob, tag, |packet| to_alice.push(packet))?;
//! # alice.handle_frame(&decode_one(&to_alice[0])?.1, env)?;
//! # to_bob.clear();
//! // Alice's user writes, and her host carries what the chat sends.
//! alice.send(&Draft::text("Hello"), env)?;
//! act(&mut alice, tag, |packet| to_bob.push(packet))?;
//!
//! // Bob's host receives it.
//! let mut shown = Vec::new();
//! for packet in to_bob {
//!     let (_tag, frame) = decode_one(&packet)?;
//!     bob.handle_frame(&frame, env)?;
//!     shown.extend(act(&mut bob, tag, |packet| to_alice.push(packet))?);
//! }
//! assert_eq!(shown, ["Hello"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Errors
//!
//! * [`PeerFault`](crate::PeerFault): the bytes are wrong. Nothing has changed, and the chat goes on. Anybody can send such
//!   bytes, so drop them and do not close anything because of them.
//! * [`ApiMisuse`](crate::ApiMisuse): your program has made a mistake, or a text is too long.
//! * [`Unavailable`](crate::Unavailable): the call is not possible now. Its page says for each variant what helps.
//! * [`DriverError`](crate::store::DriverError): the store failed. The chat in memory is ahead of its records, so the driver
//!   has stopped. Drop it, repair the store, and [restore](super::restart) the chat.
//!
//! # Without a driver
//!
//! A host may take the outputs itself. The crate's page lists the seven rules. The most important one: write each
//! [`Persist`](crate::Output::Persist) batch **before** you ask for the next output.
//!
//! # Programs to copy
//!
//! `examples/hello.rs` in the repository is this loop in fewer than 100 lines, with a thread for the keyboard and one for
//! the socket.
