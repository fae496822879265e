//! Errors of a comparison.

errors! {
    /// A comparison or a scan does not prove that nobody sits between the users. Nothing has changed.
    ///
    /// Only [`VerifyError::Mismatch`] is a reason for alarm.
    VerifyError {
        /// The value is not the one of this chat (SPEC VER-4). Somebody may sit between the two users, or the value
        /// belongs to another chat or to a check from before the last rekey.
        ///
        /// Ask the users to look again, at the current values of the same chat. If these differ, end the chat.
        1001 "mismatch" Mismatch => "the value does not match this chat; compare again, and end the chat if it still differs",
        /// The code is one that this end itself shows (SPEC VER-6).
        ///
        /// Have the user scan the screen of the peer's phone.
        1002 "own_code" OwnCode => "the code is this end's own; scan the screen of the peer's phone",
        /// The text is not a code of a comparison (SPEC VER-6).
        1003 "no_code" NoCode => "what was scanned is not a comparison code; scan the code that the peer's phone shows",
        /// The code has a version that this build does not know (SPEC VER-6).
        ///
        /// Compare by the picture, or update this program.
        1004 "newer_code" NewerCode => "the code has a newer version; compare by the picture, or update this program",
    }
}
