//! Timers and view once.
//!
//! Timers are **cooperative**: a peer can keep what it has seen. What this crate does is to destroy its own copy at the
//! deadline, at both ends, whatever clocks and restarts do meanwhile.
//!
//! # Setting one
//!
//! [`Chat::set_ttl`](crate::Chat::set_ttl) sets the timer of the chat, for messages from then on.
//! [`Draft::with_ttl`](crate::Draft::with_ttl) sets that of one message. [`Ttl::VIEW_ONCE`](crate::Ttl::VIEW_ONCE) is one
//! view. [`Config::with_ttl_bounds`](crate::Config::with_ttl_bounds) bounds what the peer may set for yours.
//!
//! # When it starts
//!
//! Nothing starts when a message arrives.
//!
//! | content | timer | starts when |
//! |---|---|---|
//! | text | a countdown | the user reads it: [`Chat::mark_read`](crate::Chat::mark_read) |
//! | anything | view once, or hidden by its sender | the user opens it: [`Chat::open_view`](crate::Chat::open_view) |
//! | photo, video, voice and the like | up to a minute | the user opens it: [`Chat::open_view`](crate::Chat::open_view) |
//! | the same | longer | the user reads or opens it |
//! | a file | up to a minute | the user opens it |
//!
//! The copy of the one who sent it starts when the peer says that it was read or opened.
//!
//! # Opening
//!
//! A medium with a timer comes without its key. `open_view` starts the timer, and
//! [`Event::Opened`](crate::Event::Opened) brings a [`MediaLease`](crate::MediaLease), which decrypts. Drop the lease, and call
//! [`Chat::close_view`](crate::Chat::close_view), when the user closes the view. For view once that is the end.
//!
//! [`Draft::hidden`](crate::Draft::hidden) asks for more: the whole message, whatever its kind and its timer, is held back
//! until it is opened. Then `Event::Opened` brings a [`ContentLease`](crate::ContentLease) with what it says.
//!
//! # The end
//!
//! [`Event::Expired`](crate::Event::Expired) names the message and its file: destroy what your program has of them, rows,
//! previews and caches too. It comes when [`Chat::handle_timeout`](crate::Chat::handle_timeout) is called; from the
//! deadline on the key is gone in any case.
//!
//! ```
//! use std::time::Duration;
//!
//! use getrandom::SysRng;
//! use secretchat::rand_core::UnwrapErr;
//! use secretchat::{Draft, Env, Event, Output, Timestamp, Ttl};
//! # use secretchat::{Chat, Config, Input, Invitation, TransmitKind};
//! # fn carry(from: &mut Chat, to: &mut Chat, env: &mut Env<'_>) -> Result<Vec<Event>, secretchat::PeerFault> {
//! #     let mut events = Vec::new();
//! #     while let Some(output) = from.poll_output() {
//! #         match output {
//! #             Output::Event(event) => events.push(event),
//! #             Output::Transmit(transmit) => match &transmit.kind {
//! #                 TransmitKind::Accept { public, fingerprint, .. } => {
//! #                     to.handle(Input::accepted(public, *fingerprint), env)?;
//! #                 }
//! #                 TransmitKind::Ciphertext { bytes, .. } => {
//! #                     to.handle(Input::ciphertext(bytes, None, None), env)?;
//! #                 }
//! #                 _ => {}
//! #             },
//! #             _ => {}
//! #         }
//! #     }
//! #     Ok(events)
//! # }
//!
//! let start = Timestamp::from_unix_seconds(1_800_000_000);
//! let mut rng = UnwrapErr(SysRng);
//! let env = &mut Env::new(start, &mut rng);
//! # let mut alice = Chat::request(Config::hybrid("a", "b")?, env)?;
//! # let Some(Output::Transmit(request)) = alice.poll_output() else { panic!() };
//! # let TransmitKind::Request { public, .. } = request.kind else { panic!() };
//! # let mut bob = Invitation::parse(&public, Config::hybrid("b", "a")?)?.accept(env)?;
//! # carry(&mut bob, &mut alice, env)?;
//!
//! let id = alice.send(&Draft::text("for ten seconds").with_ttl(Ttl::new(Duration::from_secs(10))?), env)?;
//! carry(&mut alice, &mut bob, env)?; // the transport
//! bob.mark_read(&[id], env)?;
//! carry(&mut bob, &mut alice, env)?;
//!
//! env.now = start.saturating_add(Duration::from_secs(10));
//! bob.handle_timeout(env);
//! let expired = std::iter::from_fn(|| bob.poll_output())
//!     .any(|output| matches!(output, Output::Event(Event::Expired { random_id, .. }) if random_id == id));
//! assert!(expired);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Clocks
//!
//! Give [`Env::with_monotonic`](crate::Env::with_monotonic) a second clock where the system has one: then nobody who sets
//! the wall clock prolongs a message or ends it early.
//!
//! # Rights
//!
//! [`Rights`](crate::Rights) of a message say whether it may be forwarded or saved, and what a notification may show. They
//! are advice to an honest host, not a lock. [`Draft::protected`](crate::Draft::protected) asks for it as the one who sends.
