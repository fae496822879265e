//! Telegram.
//!
//! [`Config::telegram`](crate::Config::telegram) gives the secret chats of Telegram's apps: MTProto 2.0, layers 73 to 144. Its
//! page has the table from this crate's inputs and transmissions to calls and updates of the API (SPEC ACT-4). What a
//! host has to know besides:
//!
//! * Ask for `messages.dhConfig` before each request and each acceptance, give g and p to
//!   [`DhGroup`](crate::DhGroup), and its `random` to
//!   [`Config::with_server_random`](crate::Config::with_server_random).
//! * Send in the order of the slots. Upload a file **before** [`Chat::send`](crate::Chat::send), and give the draft what the
//!   server calls it: an upload in between would hold up everything behind it.
//! * Confirm an update only after the outputs of its call were taken. Then a crash loses nothing: the server gives it again.
//! * Tell what became of a call: [`Input::Carried`](crate::Input::Carried) with the server's date, or
//!   [`Input::Refused`](crate::Input::Refused). Only an error that will never go away is permanent: it empties the message's
//!   slot. `MSG_WAIT_FAILED` (400) is to be tried again.
//! * Reading and typing go outside of the encryption: [`TransmitKind::Read`](crate::TransmitKind::Read),
//!   [`TransmitKind::Typing`](crate::TransmitKind::Typing).
//! * Keep chat id, access hash and the like in [`Config::with_host_data`](crate::Config::with_host_data).
//! * Files are chains **without integrity**: whoever carries one can change it. Treat what comes out as a stranger's.
//!
//! Tested against recordings of TDLib. It has **not** talked to a live server.
