//! Telegram.
//!
//! [`Config::telegram`](crate::Config::telegram) speaks the protocol of secret chats in Telegram's apps: MTProto 2.0, layers
//! 73 to 144. Its page has a table that maps this crate's inputs and transmissions to calls and updates of the API (SPEC
//! ACT-4).
//!
//! # Beginning a chat
//!
//! Ask for `messages.dhConfig` before each request and each acceptance. Give `g` and `p` to [`DhGroup`](crate::DhGroup), and
//! `random` to [`Config::with_server_random`](crate::Config::with_server_random):
//!
//! ```
//! use secretchat::{Chat, Config, DhGroup, Env, PeerPolicy, PrimePolicy};
//!
//! /// Asks for a chat with the values of `messages.dhConfig`. `host_data` identifies it: its id and access hash, say.
//! fn request(
//!     (g, p, random): (u32, &[u8], &[u8]),
//!     host_data: &[u8],
//!     env: &mut Env<'_>,
//! ) -> Result<Chat, Box<dyn std::error::Error>> {
//!     let group = DhGroup::check(g, p, PrimePolicy::PublishedOnly, env.rng)?;
//!     let config = Config::telegram(group, PeerPolicy::Default).with_server_random(random)?.with_host_data(host_data)?;
//!     Ok(Chat::request(config, env)?)
//! }
//! # let mut rng = secretchat::rand_core::UnwrapErr(getrandom::SysRng);
//! # let env = &mut Env::new(secretchat::Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
//! # let p = DhGroup::published(3)?.prime();
//! # assert_eq!(request((3, &p, &[7; 256]), b"id and hash", env)?.host_data(), b"id and hash");
//! # assert!(request((3, &p[1..], &[7; 256]), b"", env).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Calls
//!
//! * Send in the order of the slots. Upload a file **before** [`Chat::send`](crate::Chat::send), and put the server's name
//!   for it into the draft. An upload in between would hold up everything after it.
//! * Report the result of each call. [`Input::Carried`](crate::Input::Carried) takes the server's date. An error is
//!   [`Input::Refused`](crate::Input::Refused), and only one that will never go away is permanent: it empties the slot of
//!   the message. After `MSG_WAIT_FAILED` (400), try again.
//! * Read and typing reports are not encrypted in Telegram: carry [`TransmitKind::Read`](crate::TransmitKind::Read) and
//!   [`TransmitKind::Typing`](crate::TransmitKind::Typing) as calls of their own.
//! * A busy chat spends most of its time on new keys. [`RekeyPolicy`](crate::RekeyPolicy) says what they cost.
//!
//! ```
//! use secretchat::{History, Input, TransmitId};
//!
//! /// Returns the input for the chat after a call, by the error's code and name. `None` means: try again.
//! fn outcome(id: TransmitId, error: Option<(u32, &str)>) -> Option<Input<'static>> {
//!     match error {
//!         None => Some(Input::carried(id, None)), // with the server's date, where it gives one
//!         Some((400, "MSG_WAIT_FAILED") | (420 | 500.., _)) => None,
//!         Some((400, "ENCRYPTION_DECLINED") | (403, _)) => Some(Input::discarded(History::Keep, None)), // it is over
//!         Some((400, "DATA_INVALID")) => Some(Input::refused_for_good(id)),
//!         Some(_) => Some(Input::refused(id)), // it comes again with `Chat::retransmit`
//!     }
//! }
//! # assert!(outcome(TransmitId(0), Some((400, "MSG_WAIT_FAILED"))).is_none());
//! # assert!(outcome(TransmitId(0), None).is_some());
//! ```
//!
//! # Updates
//!
//! * Confirm an update only after you have taken the outputs of its call. Then a crash loses nothing, because the server
//!   sends the update again.
//! * Files are chains **without integrity**: any server on the way can change one. Treat the decrypted content as untrusted.
//!
//! This profile is tested against recordings of TDLib. It has **not** been tested with a live server.
