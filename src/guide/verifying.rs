//! Verifying keys.
//!
//! No profile knows who the peer is. The users find out, by comparing one value over a way that whoever carries the chat
//! cannot change: side by side, or on a call in which they know each other's voice.
//!
//! # Ways to compare
//!
//! [`Chat::verification`](crate::Chat::verification) gives 36 bytes, which never change:
//!
//! | as | by | good for |
//! |---|---|---|
//! | a picture | [`Verification::svg`](crate::Verification::svg), [`rows`](crate::Verification::rows), [`cells`](crate::Verification::cells) | two screens side by side |
//! | hexadecimal | [`hex_lines`](crate::Verification::hex_lines) | Telegram's apps show the same |
//! | words | [`words`](crate::Verification::words) | a call |
//! | a scan code | [`Chat::scan_code`](crate::Chat::scan_code), shown as a QR code by a library of your choice | one phone scans the other |
//!
//! Have them compare all of it. A host that shows less must show at least 16 bytes, the same ones at both ends (SPEC VER-3).
//!
//! # Keeping the answer
//!
//! [`Chat::mark_scanned`](crate::Chat::mark_scanned) takes the text of the peer's code, and refuses one's own screen and
//! any other chat. [`Chat::mark_verified`](crate::Chat::mark_verified) takes the value that the user confirmed: pass what
//! was on the screen, not what the chat says now. [`Chat::verified`](crate::Chat::verified) tells what was compared; it is
//! stored with the chat and told to nobody.
//!
//! # After a theft
//!
//! The verification value says that nobody sat in the middle when the chat began. Somebody who stole keys since could be in
//! the middle of a later exchange. [`Chat::check`](crate::Chat::check) changes with every new key: users who compare it say
//! that there is nobody now. [`Event::CheckOutdated`](crate::Event::CheckOutdated) tells when a newer key makes that older.
