//! A transport of your own.
//!
//! Anything that carries bytes will do: a socket, a radio, a shared folder, a server. It may lose, repeat, reorder and delay
//! the bytes, and the two ends need not trust its operator.
//!
//! # Frames
//!
//! [`frame`](crate::frame) defines one format for everything that the two hosts exchange. [`encode`](crate::frame::encode)
//! makes the bytes of a frame, [`decode_one`](crate::frame::decode_one) reads a datagram, and a
//! [`Decoder`](crate::frame::Decoder) reads a stream in pieces of any size. Each frame has a
//! [`ChatTag`](crate::frame::ChatTag): the initiator draws one with its request, and a host with many chats uses it to find
//! the chat. Nothing in the header of a frame is authentic. A tag only routes. It proves nothing.
//!
//! A [`Request`](crate::frame::Frame::Request) under a new tag means that somebody asks for a chat. Everything else goes to
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
//! /// Takes one datagram. A bad one changes nothing, so it is dropped.
//! fn hear(chats: &mut BTreeMap<ChatTag, Driver<MemoryStore>>, datagram: &[u8], env: &mut Env<'_>) -> Option<()> {
//!     let (tag, frame) = decode_one(datagram).ok()?;
//!     match (chats.get_mut(&tag), frame) {
//!         (Some(driver), frame) => drop(driver.handle_frame(&frame, env).ok()?),
//!         (None, Frame::Request { public }) => {
//!             let config = Config::hybrid("bob/phone", "alice/phone").ok()?; // the sender, as your transport names it
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
//! Where datagrams are smaller than frames (50 bytes is the minimum), [`fragment`](crate::frame::fragment()) cuts it on one
//! side, and a [`Reassembler`](crate::frame::Reassembler) between the link and the driver puts the pieces together on the
//! other. Its page shows both. A message of a few letters takes five datagrams of 50 bytes, or four with
//! [`MessagePadding::Small`](crate::MessagePadding::Small), which reveals the length of each message. Set the pauses before
//! repeats ([`Driver::with_timing`](crate::store::Driver::with_timing)) longer than the time that a message is on the air.
//! Otherwise repeats take the place of new messages.
//!
//! # Repeats
//!
//! The driver repeats each message until the peer shows that it has arrived, first after five seconds and then after pauses
//! that double ([`Timing`](crate::store::Timing)). It also repeats messages that still wait in a buffer of yours, unless you
//! tell it that they are on their way: call [`Driver::in_flight`](crate::store::Driver::in_flight) when a message enters the
//! buffer, and [`Driver::landed`](crate::store::Driver::landed) when it has left. Call
//! [`Driver::retransmit`](crate::store::Driver::retransmit) when a connection is restored.
//!
//! An [`Action::Receipt`](crate::store::Action::Receipt) tells the other host that it need not send something again. It
//! comes out only once its message is on disk. Most message queues do not deliver a packet again once you have confirmed it.
//! With such a transport, confirm a packet only after its receipt has come out.
//!
//! # A peer that moves
//!
//! The address that a datagram comes from proves nothing. Note a new one for the peer only if
//! [`Driver::handle_frame`](crate::store::Driver::handle_frame) returns [`Applied`](crate::Handled::Applied) or
//! [`Waiting`](crate::Handled::Waiting) for a [`Ciphertext`](crate::frame::Frame::Ciphertext): that message is authentic and
//! came for the first time. A receipt, a duplicate or a part of a file can come from anybody. A relay can still send a
//! message on from its own address. It then carries your packets until the peer's next message comes directly, and can drop
//! them, as it could before.
//!
//! # Strangers
//!
//! Anybody who reaches your host can make up frames. Bytes that are not authentic change nothing, so do not end a program or
//! a chat because of them. After an invalid frame the rest of a byte stream cannot be read: close that connection and take
//! the next one. Limit everything that costs you something: the requests that you show to your user, connections, files
//! ([`Bounds`](crate::transfer::Bounds)) and fragments ([`FragmentBounds`](crate::frame::FragmentBounds)).
