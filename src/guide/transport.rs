//! A transport of your own.
//!
//! Anything that carries bytes will do: a socket, a radio, a shared folder, a server. It may lose, repeat, reorder and delay
//! what it is given, and whoever runs it need not be trusted.
//!
//! # Frames
//!
//! [`frame`](crate::frame) puts everything into one form: [`encode`](crate::frame::encode) makes the bytes of a frame,
//! [`decode_one`](crate::frame::decode_one) reads a datagram, and a [`Decoder`](crate::frame::Decoder) reads a stream, in
//! whatever pieces it comes. Each frame has a [`ChatTag`](crate::frame::ChatTag): the initiator draws one with its request, and
//! a host with many chats finds the chat by it. Nothing in a frame's header is authentic. A tag routes and proves nothing.
//!
//! A frame of kind [`Request`](crate::frame::Frame::Request) under a new tag is somebody who asks for a chat: give its value to
//! [`Invitation::parse`](crate::Invitation::parse). Everything else goes to
//! [`Driver::handle_frame`](crate::store::Driver::handle_frame), files to [`transfer`](crate::transfer).
//!
//! # Small datagrams
//!
//! Where a datagram holds less than a frame, down to 50 bytes, [`fragment`](crate::frame::fragment()) cuts it on one side, and a
//! [`Reassembler`](crate::frame::Reassembler) between the link and the driver puts it together on the other; its page shows
//! both. A message of a few letters takes five datagrams of 50 bytes, and four with
//! [`MessagePadding::Small`](crate::MessagePadding::Small), which shows the length of each message. Choose pauses
//! ([`Driver::with_timing`](crate::store::Driver::with_timing)) that are longer than a message is on the air: what is repeated
//! sooner takes the time of something else.
//!
//! # What comes again
//!
//! The driver repeats what the peer shows no sign of, first after five seconds, then after pauses that double
//! ([`Timing`](crate::store::Timing)). What is queued in a buffer of yours is repeated, too, unless you say that it is still on
//! its way: [`Driver::in_flight`](crate::store::Driver::in_flight) before, and
//! [`Driver::landed`](crate::store::Driver::landed) when it has left. Call
//! [`Driver::retransmit`](crate::store::Driver::retransmit) when a connection is back.
//!
//! An [`Action::Receipt`](crate::store::Action::Receipt) tells the other host that something need not come again. It comes out
//! only once what it is for is on disk. So give a packet to the driver again if the process died before its receipt left;
//! if packets come from a peer that repeats them, there is nothing to do.
//!
//! # Strangers
//!
//! Anybody who reaches your host can make up frames. Bytes that are not authentic change nothing. What costs you something is
//! yours to bound: requests that your user is asked about, connections, and files and fragments, for which
//! [`FileReceiver`](crate::transfer::FileReceiver) and [`Reassembler`](crate::frame::Reassembler) have bounds.
