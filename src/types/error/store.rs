//! Errors of restoring a chat from its records.

errors! {
    /// A chat cannot be restored. Nothing has changed.
    StoreError {
        /// There is no chat in these records (SPEC REC-5).
        401 "missing" Missing => "there is no chat in these records; check the chat's id",
        /// A record does not open under this key, or holds nonsense (SPEC REC-5).
        402 "damaged" Damaged => "a record is damaged, foreign or under another key; check the key, or start a new chat",
        /// A record is missing, extra, repeated or from another time (SPEC REC-3).
        403 "mismatch" Mismatch => "the records do not belong together; load them all from one transaction",
        /// The chat's profile belongs to a feature that this build lacks (SPEC REC-4).
        404 "profile_off" ProfileOff => "this build lacks the profile of the chat; enable its feature",
        /// A newer version wrote a record (SPEC REC-2).
        405 "newer_version" NewerVersion => "a newer version wrote a record; update this program",
        /// A record has an old version that this build does not read (SPEC REC-2).
        406 "older_version" OlderVersion => "an older version wrote a record that this one cannot read; start a new chat",
        /// The records are older than those that the host noted (SPEC REC-6).
        407 "rolled_back" RolledBack => "the records are older than expected; do not use this chat, start a new one",
        /// The records do not descend from those that the host noted, although they are not older: another copy of the chat
        /// continued, or notes were lost (SPEC REC-6).
        408 "branched" Branched => "the records do not descend from the expected ones; do not use this chat, start a new one",
    }
}
