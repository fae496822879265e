//! Verifying keys.
//!
//! No profile proves who the peer is. The users find out by comparing one value over a channel that the chat's carrier
//! cannot change: side by side, or on a call in which they know each other's voice.
//!
//! # Ways to compare
//!
//! [`Chat::verification`](crate::Chat::verification) returns 36 bytes, which never change during a chat:
//!
//! | shown as | by | good for |
//! |---|---|---|
//! | a picture | [`Verification::svg`](crate::Verification::svg), [`rows`](crate::Verification::rows), [`cells`](crate::Verification::cells) | two screens side by side |
//! | hexadecimal | [`hex_lines`](crate::Verification::hex_lines) | Telegram's apps, which show the same digits |
//! | words | [`words`](crate::Verification::words) | a call |
//! | a scan code | [`Chat::scan_code`](crate::Chat::scan_code), shown as a QR code by a library of your choice | one phone that scans the other |
//!
//! Have the users compare the whole value. A host that shows less must show at least 16 bytes, the same ones at both ends
//! (SPEC VER-3).
//!
//! # Keeping the answer
//!
//! [`Chat::mark_scanned`](crate::Chat::mark_scanned) takes the text of the peer's code. It refuses the user's own code and
//! the code of any other chat. [`Chat::mark_verified`](crate::Chat::mark_verified) takes the value that the user has
//! confirmed: pass what was on the screen, not what the chat returns now. [`Chat::verified`](crate::Chat::verified) returns
//! what was compared. It is stored with the chat, and the peer never learns of it.
//!
//! ```
#![doc = include_str!("two_ends.txt")]
//! // On a call: both screens show the words, and Alice's user presses "they are the same".
//! let on_the_screen = alice.verification().ok_or("there is no key yet")?;
//! println!("{}", on_the_screen.words().join(" "));
//! assert_eq!(bob.verification(), Some(on_the_screen));
//! alice.mark_verified(on_the_screen, env)?;
//! assert!(alice.verified().is_some());
//!
//! // Or side by side: Bob's phone scans what Alice's shows.
//! let shown = alice.scan_code().ok_or("there is no key yet")?.to_string();
//! bob.mark_scanned(&shown, env)?;
//! assert!(bob.verified().is_some());
//! assert!(alice.mark_scanned(&shown, env).is_err(), "her own code proves nothing");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # After a theft
//!
//! The verification value says that nobody sat in the middle when the chat began. Somebody who has stolen keys since then
//! could sit in the middle of a later key exchange. [`Chat::check`](crate::Chat::check) changes with every new key, and
//! users who compare it know that nobody sits in the middle now. [`Event::CheckOutdated`](crate::Event::CheckOutdated)
//! reports that there is a newer key than the one they compared.
