//! A transport of your own.
//!
//! Anything that carries bytes will do: a socket, a radio, a shared folder, a server. It may lose, repeat, reorder and delay
//! what it is given, and nobody needs to trust whoever runs it.
//!
//! # Frames
//!
//! [`frame`](crate::frame) gives everything one form. [`encode`](crate::frame::encode) makes the bytes of a frame,
//! [`decode_one`](crate::frame::decode_one) reads a datagram, and a [`Decoder`](crate::frame::Decoder) reads a stream, in
//! whatever pieces it arrives. Each frame has a [`ChatTag`](crate::frame::ChatTag): the initiator draws one with its request,
//! and a host with many chats finds the chat by it. Nothing in the header of a frame is authentic. A tag routes, and proves
//! nothing.
//!
//! A [`Request`](crate::frame::Frame::Request) under a new tag is somebody who asks for a chat. Everything else goes to
//! [`Driver::handle_frame`](crate::store::Driver::handle_frame), and files go to [`transfer`](crate::transfer) first: see
//! [`own_files`](super::own_files).
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use secretchat::frame::{ChatTag, Frame, decode_one};
//! use secretchat::store::{Driver, MemoryStore};
//! use secretchat::{Config, Env, Invitation};
//!
//! /// Takes one datagram. Whatever is wrong with it, nothing has changed, so it is dropped.
//! fn hear(chats: &mut BTreeMap<ChatTag, Driver<MemoryStore>>, datagram: &[u8], env: &mut Env<'_>) -> Option<()> {
//!     let (tag, frame) = decode_one(datagram).ok()?;
//!     match (chats.get_mut(&tag), frame) {
//!         (Some(driver), frame) => drop(driver.handle_frame(&frame, env).ok()?),
//!         (None, Frame::Request { public }) => {
//!             let config = Config::hybrid("bob/phone", "alice/phone").ok()?; // by whoever your transport says it is
//!             let invitation = Invitation::parse(public, config).ok()?;
//!             // .. ask the user ..
//!             chats.insert(tag, Driver::new(invitation.accept(env).ok()?, MemoryStore::default()));
//!         }
//!         _ => {}
//!     }
//!     Some(())
//! }
//! # use secretchat::{Chat, store::Action};
//! # let mut rng = secretchat::rand_core::UnwrapErr(getrandom::SysRng);
//! # let env = &mut Env::new(secretchat::Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
//! # let chat = Chat::request(Config::hybrid("alice/phone", "bob/phone")?, env)?;
//! # let mut alice = Driver::new(chat, MemoryStore::default());
//! # let action = alice.next_action()?.ok_or("a request")?;
//! # let request = secretchat::frame::encode(ChatTag([7; 16]), &action.frame()?.ok_or("a frame")?)?;
//! # let mut chats = BTreeMap::new();
//! # assert_eq!(hear(&mut chats, &request[1..], env), None);
//! # assert_eq!(hear(&mut chats, &request, env), Some(()));
//! # assert_eq!(hear(&mut chats, &request, env), Some(()));
//! # assert_eq!(chats.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Small datagrams
//!
//! Where a datagram holds less than a frame, down to 50 bytes, [`fragment`](crate::frame::fragment()) cuts it on one side, and a
//! [`Reassembler`](crate::frame::Reassembler) between the link and the driver puts it together on the other. Its page shows
//! both. A message of a few letters takes five datagrams of 50 bytes, or four with
//! [`MessagePadding::Small`](crate::MessagePadding::Small), which shows the length of each message. Choose pauses
//! ([`Driver::with_timing`](crate::store::Driver::with_timing)) that are longer than a message is on the air. Otherwise repeats
//! take the time of new messages.
//!
//! # Repeats
//!
//! The driver repeats what the peer has shown no sign of, first after five seconds and then after pauses that double
//! ([`Timing`](crate::store::Timing)). That includes what still waits in a buffer of yours, unless you say that it is on its
//! way: call [`Driver::in_flight`](crate::store::Driver::in_flight) before, and
//! [`Driver::landed`](crate::store::Driver::landed) when it has left. Call
//! [`Driver::retransmit`](crate::store::Driver::retransmit) when a connection is back.
//!
//! An [`Action::Receipt`](crate::store::Action::Receipt) tells the other host that something need not come again. It comes out
//! only once its message is on disk. If a transport does not repeat by itself what it has delivered once, as most message
//! queues, confirm a packet there only after its receipt has come out.
//!
//! # Strangers
//!
//! Anybody who reaches your host can make up frames. Bytes that are not authentic change nothing, so do not end a program or a
//! chat because of them. A byte stream that has no frames in it cannot be read on: close that connection and take the next one.
//! What costs you something is yours to bound: requests that your user is asked about, connections, and files and fragments,
//! for which [`Bounds`](crate::transfer::Bounds) and [`FragmentBounds`](crate::frame::FragmentBounds) are there.
