//! Why a file cannot be encrypted or decrypted.

errors! {
    /// Why a medium cannot be encrypted or decrypted.
    MediaError {
        /// A medium of no bytes does not exist (SPEC MED-2).
        501 "empty" Empty => "a medium must have at least one byte",
        /// More bytes than the size that was announced (SPEC MED-2).
        502 "too_long" TooLong => "the medium is longer than its announced size",
        /// Fewer bytes than the size that was announced (SPEC MED-2).
        503 "truncated" Truncated => "the medium is shorter than its announced size",
        /// The size is beyond what can be addressed (SPEC MED-2).
        504 "too_large" TooLarge => "the size of the medium is out of range",
        /// Not a size that parts may have (SPEC RES-1).
        505 "part_size" PartSize => "parts of this size are not possible",
        /// Not the length of what comes next (SPEC RES-1, SEG-5).
        506 "part_length" PartLength => "this is not the length of what comes next",
        /// More files at once than an album has (SPEC RES-3).
        507 "too_many_files" TooManyFiles => "too many files at once",
        /// A token that is damaged, of another file, another direction, another host key or another version (SPEC RES-5).
        508 "resume_token" ResumeToken => "the token does not belong to this run",
        /// The content is not what the token is about, or not what was planned (SPEC RES-6).
        509 "resume_mismatch" ResumeMismatch => "the content is not the one that was planned or done",
        /// Not a segmented file, or one of a form that this version does not know (SPEC SEG-2).
        510 "header" Header => "the file does not begin as a segmented file",
        /// Not the file that the message names, or not of its size (SPEC SEG-4).
        511 "not_this_file" NotThisFile => "the file is not the one that the message names",
        /// A segment that was changed, moved, or belongs to another file (SPEC SEG-7).
        512 "not_authentic" NotAuthentic => "a segment is not authentic",
        /// Its sender sealed something in the place of the padding (SPEC SEG-7).
        513 "padding" Padding => "the padding of a segment is not zero",
        /// A segment after the last one (SPEC SEG-5).
        514 "out_of_range" OutOfRange => "the file has no such segment",
    }
}
