//! A first chat.
//!
//! A chat has two ends. The *initiator* asks for it, and the *responder* accepts. Both ends use the same ids. An id is a
//! string of bytes that names one user on one device. Both ids go into every key.
//!
//! # The profile
//!
//! Choose [`Config::hybrid`](crate::Config::hybrid) for a transport of your own. [`Config::x25519`](crate::Config::x25519)
//! is for links on which 3 KB for each new key is too much, and [`Config::telegram`](crate::Config::telegram) is for
//! Telegram's apps. Both ends need the same profile.
//!
//! # The exchange
//!
//! Three calls set up a chat, and two values travel between the ends:
//!
//! ```
//! use getrandom::SysRng;
//! use secretchat::rand_core::UnwrapErr;
//! use secretchat::{Chat, Config, Env, Input, Invitation, Output, Timestamp, TransmitKind};
//!
//! let mut rng = UnwrapErr(SysRng);
//! let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
//!
//! // The initiator asks.
//! let mut alice = Chat::request(Config::hybrid("alice/phone", "bob/phone")?, env)?;
//! let Some(Output::Transmit(request)) = alice.poll_output() else { panic!("a request comes first") };
//! let TransmitKind::Request { public, .. } = request.kind else { panic!("a request comes first") };
//!
//! // The responder looks at it, asks its user, and accepts. `decline` would send a refusal and keep nothing.
//! let invitation = Invitation::parse(&public, Config::hybrid("bob/phone", "alice/phone")?)?;
//! let mut bob = invitation.accept(env)?;
//! let Some(Output::Transmit(accept)) = bob.poll_output() else { panic!("an acceptance comes first") };
//! let TransmitKind::Accept { public, fingerprint, .. } = accept.kind else { panic!("an acceptance comes first") };
//!
//! // The initiator has a key now. The responder is ready when it receives the first message.
//! alice.handle(Input::accepted(&public, fingerprint), env)?;
//! assert_eq!(alice.verification(), bob.verification());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Nothing is claimed yet.** Until the users have compared [`Chat::verification`](crate::Chat::verification), an attacker
//! may sit in the middle: see [`verifying`](super::verifying).
//!
//! # Sending
//!
//! [`Chat::send`](crate::Chat::send) takes a [`Draft`](crate::Draft) and returns the id of the message. Later events name
//! the message by it. Before [`Event::Ready`](crate::Event::Ready) the call fails with
//! [`Unavailable::NotReady`](crate::Unavailable::NotReady). Keep what the user has typed, and send it when that event
//! arrives.
//!
//! ```
#![doc = include_str!("two_ends.txt")]
//! use secretchat::{Draft, Event};
//!
//! let id = alice.send(&Draft::text("Hello, Bob"), env)?;
//! carry(&mut alice, &mut bob, env)?; // what Alice's chat wants to send
//! let events = carry(&mut bob, &mut alice, env)?;
//! let [Event::Message(message)] = &events[..] else { panic!("Bob has a message") };
//! assert_eq!((message.random_id, message.content.text.as_str()), (id, "Hello, Bob"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Outputs
//!
//! Each call may add outputs, and [`Chat::poll_output`](crate::Chat::poll_output) returns them one by one. There are three
//! kinds: show this event, write this batch, carry these bytes. Their order matters. A [`Driver`](crate::store::Driver)
//! keeps that order for you: see [`run_loop`](super::run_loop).
