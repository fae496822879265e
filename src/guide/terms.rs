//! Terms.
//!
//! | term | meaning |
//! |---|---|
//! | *accepted by the transport* | The transport has taken a transmission and promised to deliver it. This says nothing about the peer. |
//! | *acknowledged* | The peer has processed the message. It says so inside its own encrypted messages, so nobody else can. |
//! | *action* | Something that a [`Driver`](crate::store::Driver) asks its host to do: show an event, carry a transmission, note a checkpoint. |
//! | *batch* | The records that one call changes. They are written together or not at all. |
//! | *chain* | The form of a file in the Telegram profile: one stream, without integrity. |
//! | *checkpoint* | The name of the newest state of a chat's records. A host that notes it elsewhere can recognise old records. |
//! | *check* | A value that changes with every new key, for users who want to compare again ([`Chat::check`](crate::Chat::check)). |
//! | *Discard* | The transmission that ends a chat. |
//! | *draft* | A message before it is sent. |
//! | *end* | One side of a chat: one user on one device. |
//! | *event* | Something that happened, for the host to show. |
//! | *fragment* | A piece of a frame, for links with small datagrams. |
//! | *frame* | What goes over a transport of your own: a request, an answer, a message, a part of a file, a receipt. |
//! | *gap* | Messages that have not arrived although later ones have. The chat asks for them. |
//! | *host* | Your program, which runs the chat. |
//! | *initiator*, *responder* | The end that asked for the chat, and the end that accepted. The roles never change. |
//! | *key exchange*, *rekey* | How both ends agree on a new key while the chat goes on. |
//! | *lease* | The right to look at an opened medium, or at hidden content, until its deadline. |
//! | *output* | What a [`Chat`](crate::Chat) returns to a host that uses no driver. |
//! | *part* | A range of a sealed file, in one frame. |
//! | *peer* | The other end, or the program there. |
//! | *profile* | How two ends agree on keys, and how they seal files: hybrid, X25519 or Telegram. |
//! | *receipt* | A frame that tells the other **host** that it need not send something again. It is not authentic. |
//! | *records*, *store* | The sealed state of a chat, and where the host keeps it. |
//! | *segment* | A piece of a file in the hybrid and X25519 profiles. Each is authentic by itself. |
//! | *slot* | The number of one message in one direction. A slot is never sealed with two contents. |
//! | *tag* | The name of a chat in frames. It only routes, and proves nothing. |
//! | *timer* | How long a message lives after it is read or opened. |
//! | *tombstone* | What is left of a closed chat. It holds no key. |
//! | *transmission* | Something to be carried to the peer, any number of times. |
//! | *transport* | Whatever carries transmissions: a socket, a radio, a server. |
//! | *verification value* | 36 bytes that are the same at both ends if nobody sits in the middle. |
//! | *view* | The time during which the user looks at an opened message. |
