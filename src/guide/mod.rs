//! A guide for hosts, with one chapter for each task.
//!
//! The *host* is your program. It lends a chat time and randomness, keeps its records, carries its bytes and shows its
//! messages. The chat does the rest. Read the first two chapters now, and the others when you need them.
//!
//! | chapter | you want to |
//! |---|---|
//! | [`first_chat`] | set up a chat between two ends, and send a text |
//! | [`run_loop`] | drive a chat from your event loop |
//! | [`restart`] | keep a chat over restarts and crashes, and notice old records |
//! | [`files`] | send photos, albums and large files |
//! | [`own_files`] | carry files over a transport of your own, and lose none in a crash |
//! | [`timers`] | use self-destruct timers and view once |
//! | [`notifications`] | show notifications from a separate process |
//! | [`verifying`] | have the users compare keys |
//! | [`transport`] | carry a chat over a transport of your own |
//! | [`telegram`] | talk to Telegram's apps |
//! | [`threads`] | run many chats, threads and async |
//! | [`testing`] | test your host |
//! | [`terms`] | look up a word |
//!
//! The repository has small programs to start from, each under 100 lines: `hello` (two terminals over UDP), `restart`,
//! `photo` (a file over a byte stream), `timer`, and `many_chats` (a room on one store). `talk` is a whole host: two
//! terminals over TCP, with photos and SQLite. SPEC.md defines the protocol byte by byte, and SECURITY.md says what is
//! claimed and what is **not**.

pub mod files;
pub mod first_chat;
pub mod notifications;
pub mod own_files;
pub mod restart;
pub mod run_loop;
pub mod telegram;
pub mod terms;
pub mod testing;
pub mod threads;
pub mod timers;
pub mod transport;
pub mod verifying;
