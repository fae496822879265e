//! What a comparison fails with.

errors! {
    /// What the users compared, or one of them scanned, does not show that nobody sits between them. Nothing has changed.
    ///
    /// Only [`VerifyError::Mismatch`] is a reason for alarm.
    VerifyError {
        /// Another value than this chat's (SPEC VER-4). Somebody may sit between the two, or the value is of another chat,
        /// or a check from before the last rekey.
        ///
        /// Have the users look again, at the current values of one and the same chat. If these differ, end the chat.
        1001 "mismatch" Mismatch => "the value is not that of this chat",
        /// The code is one that this end shows itself (SPEC VER-6).
        ///
        /// Have the user scan the screen of the peer's phone.
        1002 "own_code" OwnCode => "the code is that of this end, not the peer's",
        /// The text is no code of a comparison (SPEC VER-6).
        1003 "no_code" NoCode => "what was scanned is no code to compare",
        /// The code is of a version that this one does not know (SPEC VER-6).
        ///
        /// Compare by the picture, or update this program.
        1004 "newer_code" NewerCode => "the code is of a newer version",
    }
}
