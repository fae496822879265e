//! Telegram.
//!
//! [`Config::telegram`](crate::Config::telegram) speaks the protocol of secret chats in Telegram's apps: MTProto 2.0, layers
//! 73 to 144. Its page has a table that maps this crate's inputs and transmissions to calls and updates of the API (SPEC
//! ACT-4).
//!
//! Only accounts of users have secret chats. Telegram gives bots **none**.
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
//! * A stored file can be longer than its content: MadelineProto fills it up to a multiple of 512 KiB. Open only its first
//!   [`encrypted_len`](crate::media::encrypted_len) bytes.
//! * A gap in the numbers of updates (`qts`) is closed by `updates.getDifference`. Handle its messages as if they had come
//!   as updates, and move your stored number only when the outputs of all of them are stored.
//! * A difference that comes again after a crash can hold messages under a key that the chat has left.
//!   [`Event::RollbackSuspected`](crate::Event::RollbackSuspected) can be false then.
//! * The server keeps the order of a chat's messages. What it repeats is recognised, so confirm too late rather than too
//!   early.
//!
//! The crate `secretchat-grammers` in the repository does all of this with the types of
//! [grammers](https://crates.io/crates/grammers-client): calls and their order, errors row by row, uploads, downloads, and
//! updates. Read it before you write the same for another library.
//!
//! # What the server can do
//!
//! | the server can | the server can **not** |
//! |---|---|
//! | sit in the middle of the key exchange, until both users have compared the [verification value](crate::Chat::verification) | read or change a message without that |
//! | drop and delay: a message that is missing holds up those behind it | reorder, repeat or cut out messages unnoticed |
//! | end a chat at any time, and claim that the peer did: a Discard has no proof here | prove to you that the peer did |
//! | change a file on its way: chains have no integrity | read a file |
//! | see who writes to whom, when and how much; reading, typing and service messages; the size of each file | see texts, captions or what a file is |
//! | choose the prime and give randomness | weaken the key by it: the prime is checked, and the randomness only masks what your own generator drew |
//!
//! # Primes
//!
//! [`PrimePolicy::PublishedOnly`](crate::PrimePolicy::PublishedOnly) takes the one prime that Telegram publishes, which is known
//! to be safe. [`PrimePolicy::AllowSafePrime`](crate::PrimePolicy::AllowSafePrime) also takes others, after a test of about 70
//! exponentiations, and such a prime may have a trapdoor that no test finds. Keep the group with the `version` of its
//! `messages.dhConfig`, and name that version in the next call: the server then sends randomness alone.
//!
//! # Layers
//!
//! A chat begins at layer 73 and writes higher once the peer has shown that it reads more. At 73 an underline, a spoiler or
//! a custom emoji is left out of a text, so the first messages of a chat can look plainer. Only 73, 101 and 144 are written,
//! because Telegram for iOS reads no other. A program that shows less than this crate reads announces less, with
//! [`Config::with_layer`](crate::Config::with_layer).
//!
//! # Peers
//!
//! [`PeerPolicy::Strict`](crate::PeerPolicy::Strict) ends a chat wherever Telegram's documents say so.
//! [`PeerPolicy::Default`](crate::PeerPolicy::Default) tolerates what the official apps do.
//! [`PeerPolicy::Tolerant`](crate::PeerPolicy::Tolerant) is for old forks: it also tolerates wrong sequence numbers and too few
//! random bytes. SPEC section 20 lists what each client does differently, and which clause deals with it.
//!
//! What works with which program. **None** of it was tried over Telegram's own server:
//!
//! | program | how it was tried | what works | what does not |
//! |---|---|---|---|
//! | TDLib 1.8.66 | conversations recorded with its own code, played again step by step with this crate in the place of either end | all that is recorded: messages, media, timers, deletion, gaps, new keys with crossings, closing | none seen |
//! | telethon-secret-chat 0.2.4 | its own code against this crate, over a stand-in for the network (`crates/conformance/peers` in the repository) | *default* and *tolerant*: texts, entities, its replies, timers, deletion, photos and files of one part; documents to it with [`Config::with_layer`](crate::Config::with_layer) of 101 | *strict*; files of several parts; anything after a loss; with its SQLite storage all. As published it fails after about 100 messages. With its missing attribute supplied it goes on, if a higher [`RekeyPolicy`](crate::RekeyPolicy) keeps this end from asking for keys |
//! | MTKruto of August 2026 | the same, once | all policies: texts, entities, replies, timers of messages, files, gaps, new keys with crossings, restarts | captions of ours; deletion and timers of the chat, which it takes without a word |
//! | MadelineProto of October 2024 | the same, once | *default* and *tolerant*: the same, with captions and deletion; what this end lost in sending | *strict*; anything after a loss of what it sent; timers of the chat, which its user has to put on messages |
//!
//! What official apps show:
//!
//! * A request: Android and iOS accept it by themselves on the device that is on. TDLib's programs may ask.
//! * Timers: the pickers offer 1 to 15, 30 and 60 seconds, an hour, a day and a week. Up to 60 seconds, photos, videos, audio,
//!   voice and round videos are opened by a tap and end after it. Other messages end after they were read.
//! * A caption: if it stands in the medium, which is where this crate writes it.
//! * A screenshot: a notice. TDLib lists no messages with it.
//! * Keys: a picture and 64 hexadecimal digits, which [`Chat::verification`](crate::Chat::verification) gives, too.
//!
//! It has **not** been tested with a live server.
