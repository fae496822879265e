//! Timers and view once.
//!
//! Timers are **cooperative**: a peer can keep what it has seen. This crate destroys its own copy at the deadline, at both
//! ends, whatever clocks and restarts do in the meantime.
//!
//! # Setting one
//!
//! [`Chat::set_ttl`](crate::Chat::set_ttl) sets the timer of the chat for all later messages.
//! [`Draft::with_ttl`](crate::Draft::with_ttl) sets the timer of one message. [`Ttl::VIEW_ONCE`](crate::Ttl::VIEW_ONCE)
//! allows one view. [`Config::with_ttl_bounds`](crate::Config::with_ttl_bounds) limits the timers that the peer may set for
//! your messages.
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
//! At the sender the timer starts when the peer reports that the message was read or opened.
//!
//! # Opening
//!
//! A photo or another file with a timer arrives without its key. `open_view` starts the timer, and
//! [`Event::Opened`](crate::Event::Opened) brings a [`MediaLease`](crate::MediaLease), which decrypts the file. When the
//! user closes the view, drop the lease and call [`Chat::close_view`](crate::Chat::close_view). A view-once message ends
//! there. `examples/timer.rs` in the repository shows all of it.
//!
//! [`Draft::hidden`](crate::Draft::hidden) goes further. The whole message, whatever its kind and its timer, is held back
//! until the user opens it. Then `Event::Opened` brings a [`ContentLease`](crate::ContentLease) with its content.
//!
//! # The end
//!
//! [`Event::Expired`](crate::Event::Expired) names the message and its file. Destroy every copy that your program has,
//! including rows, previews and caches. The event comes when you call [`Chat::handle_timeout`](crate::Chat::handle_timeout).
//! Even without that call, the chat refuses to open the message after its deadline.
//!
//! ```
#![doc = include_str!("two_ends.txt")]
//! use std::time::Duration;
//!
//! use secretchat::{Draft, Event, Output, Ttl};
//!
//! let id = alice.send(&Draft::text("for ten seconds").with_ttl(Ttl::new(Duration::from_secs(10))?), env)?;
//! carry(&mut alice, &mut bob, env)?; // the transport
//! bob.mark_read(&[id], env)?;
//! carry(&mut bob, &mut alice, env)?;
//!
//! env.now = env.now.saturating_add(Duration::from_secs(10));
//! bob.handle_timeout(env);
//! let expired = std::iter::from_fn(|| bob.poll_output())
//!     .any(|output| matches!(output, Output::Event(Event::Expired { random_id, .. }) if random_id == id));
//! assert!(expired);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Clocks
//!
//! Give [`Env::with_monotonic`](crate::Env::with_monotonic) a second clock where the system has one. Then setting the wall
//! clock can neither prolong a message nor end it early.
//!
//! # Rights
//!
//! The [`Rights`](crate::Rights) of a message say whether it may be forwarded or saved, and what a notification may show. They
//! are advice to an honest host, not a lock. A sender asks for them with [`Draft::protected`](crate::Draft::protected).
