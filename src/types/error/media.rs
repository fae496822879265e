//! Errors of encrypting and decrypting files.

errors! {
    /// A file cannot be encrypted or decrypted.
    MediaError {
        /// The file has no bytes; a medium needs at least one (SPEC MED-2).
        501 "empty" Empty => "the file is empty; a medium needs at least one byte",
        /// There are more bytes than the announced size (SPEC MED-2).
        502 "too_long" TooLong => "the file is longer than its announced size; start again with its real size",
        /// There are fewer bytes than the announced size (SPEC MED-2).
        503 "truncated" Truncated => "the file is shorter than its announced size; fetch all of it, or announce its real size",
        /// The size is larger than the format can address (SPEC MED-2).
        504 "too_large" TooLarge => "the file is too large for its format; split it",
        /// Parts may not have this size (SPEC RES-1).
        505 "part_size" PartSize => "parts cannot have this size; use the size that the transport's part size rules allow",
        /// The part does not have the length that is expected next (SPEC RES-1, SEG-5).
        506 "part_length" PartLength => "the part has the wrong length; pass exactly the part that comes next",
        /// There are more files than an album may have (SPEC RES-3).
        507 "too_many_files" TooManyFiles => "too many files at once; split them into several albums",
        /// The token is damaged, or belongs to another file, direction, host key or version (SPEC RES-5).
        508 "resume_token" ResumeToken => "the resume token does not fit; start the file from the beginning",
        /// The content differs from what the token describes, or from what was planned (SPEC RES-6).
        509 "resume_mismatch" ResumeMismatch => "the file has changed since it was planned; start it from the beginning",
        /// The file is not segmented, or has a form that this version does not know (SPEC SEG-2).
        510 "header" Header => "the file does not begin like a segmented file; fetch it again or update this program",
        /// The file is not the one that the message names, or has another size (SPEC SEG-4).
        511 "not_this_file" NotThisFile => "this is not the file that the message names; fetch the right one",
        /// A segment was changed or moved, or belongs to another file (SPEC SEG-7).
        512 "not_authentic" NotAuthentic => "a segment is not authentic; discard the file and fetch it again",
        /// The padding is not zero: its sender hid something there (SPEC SEG-7).
        513 "padding" Padding => "the padding of the file is not zero; discard the file",
        /// The segment lies beyond the last one (SPEC SEG-5).
        514 "out_of_range" OutOfRange => "the file has no such segment; ask for one below the number of segments",
    }
}
