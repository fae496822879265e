//! Why records do not give a chat.

errors! {
    /// Why a chat cannot be restored. Nothing has changed.
    StoreError {
        /// There is no chat in these records (SPEC REC-5).
        401 "missing" Missing => "there is no chat in these records",
        /// A record that does not open under this key, or holds nonsense (SPEC REC-5).
        402 "damaged" Damaged => "a record is damaged, foreign or under another key",
        /// A record is missing, extra, repeated or from another time (SPEC REC-3).
        403 "mismatch" Mismatch => "the records do not belong together",
        /// The chat's profile belongs to a feature that this build lacks (SPEC REC-4).
        404 "profile_off" ProfileOff => "the profile of this chat is not in this build",
        /// A record that a newer version wrote (SPEC REC-2).
        405 "newer_version" NewerVersion => "a record was written by a newer version",
        /// A record of a version that this one does not read (SPEC REC-2).
        406 "older_version" OlderVersion => "a record was written by an older version",
        /// The records are older than those that the host noted (SPEC REC-6).
        407 "rolled_back" RolledBack => "the records are older than expected",
        /// The records are not older than those that the host noted, and do not come from them: another copy of the chat went
        /// on, or notes were lost (SPEC REC-6).
        408 "branched" Branched => "the records do not come from the expected ones",
    }
}
