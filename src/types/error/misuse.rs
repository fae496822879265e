//! A mistake of the host.

errors! {
    /// A call was refused because the host made a mistake. Nothing has changed.
    ///
    /// A program without a mistake meets one of these only where its input comes from others: from the user (a text that is
    /// too long), from the server (`DhGenerator`), from its generator (`UnusableRng`), or where it gives an id again that
    /// the peer has not acknowledged yet (`RandomId`).
    ///
    /// ```
    /// use secretchat::{ApiMisuse, Ttl};
    ///
    /// let two_years = Ttl::from_seconds(2 * 365 * 24 * 60 * 60);
    /// assert_eq!(two_years, Err(ApiMisuse::TtlTooLong));
    /// assert_eq!(ApiMisuse::TtlTooLong.name(), "ttl_too_long");
    /// ```
    ApiMisuse {
        /// A generator that does not fit the published prime (SPEC MODP-2).
        101 "dh_generator" DhGenerator => "the generator does not fit the prime",
        /// Eight draws in a row gave nothing usable (SPEC RNG-1).
        102 "unusable_rng" UnusableRng => "the random generator gave eight unusable draws",
        /// A self-destruct timer of more than a year (SPEC TIME-2).
        103 "ttl_too_long" TtlTooLong => "a self-destruct timer may not exceed one year",
        /// An id of an end is empty or longer than 1,024 bytes, or the context is longer (SPEC X25-1).
        104 "id_length" IdLength => "an end's id must have 1 to 1024 bytes, a context at most 1024",
        /// Both ends have the same id (SPEC X25-1).
        105 "ids_equal" IdsEqual => "the two ends must have different ids",
        /// A text, or a list of ids, that is longer than one message holds: some 512 KiB in all (SPEC ENV-1), 16 KiB
        /// of a hidden one (SPEC LIM-3).
        106 "message_too_long" MessageTooLong => "the message is too long",
        /// The chat's profile has no such thing (SPEC ACT-3).
        107 "not_in_profile" NotInProfile => "the profile of this chat has no such thing",
        /// View once is not honoured by official apps and needs the host's explicit word (SPEC DES-7).
        108 "view_once" ViewOnce => "view once needs the explicit consent of the configuration",
        /// The id is zero or names a message that waits for the peer's acknowledgement (SPEC MSG-1).
        109 "random_id" RandomId => "the random id is zero or in use",
        /// A message of neither text nor medium (SPEC MSG-2).
        110 "empty_message" EmptyMessage => "a message needs text or a medium",
        /// An entity that is empty, lies outside the text or cuts a character in two (SPEC MSG-3).
        111 "entity_range" EntityRange => "an entity does not fit the text",
        /// More entities than a message may have (SPEC MSG-3).
        112 "too_many_entities" TooManyEntities => "too many entities",
        /// A medium without its key (SPEC MSG-4).
        113 "missing_media_key" MissingMediaKey => "the medium has no key",
        /// A medium of no bytes, or of more than its kind can express (SPEC MSG-4).
        114 "media_size" MediaSize => "the size of the medium cannot be expressed",
        /// A preview over 6,000 bytes or 100 pixels a side, a name over 255 bytes, an address over 4,096 bytes, a
        /// waveform over 100 bytes, or a number of more than 31 bits (SPEC MSG-5).
        115 "media_details" MediaDetails => "the preview, a name or a number of the medium is too large",
        /// A place that is not on the Earth (SPEC MSG-6).
        116 "coordinates" Coordinates => "the coordinates are out of range",
        /// An album of fewer than 2 or more than 10 messages (SPEC MSG-7).
        117 "album_size" AlbumSize => "too few or too many messages for an album",
        /// A message of an album without a photo, a video, a file or music (SPEC MSG-7).
        118 "album_media" AlbumMedia => "each message of an album needs a photo, a video, a file or music",
        /// More than 4,096 bytes that the host wants to keep in a chat (SPEC LIM-7).
        119 "host_data_length" HostDataLength => "the host's data may have at most 4096 bytes",
        /// Bounds on timers that are no countdowns, or the wrong way round (SPEC DES-13).
        120 "ttl_bounds" TtlBounds => "the bounds on timers must be two countdowns, the shorter one first",
        /// A label that is empty or longer than 255 bytes, or a secret of no bytes or of more than 8,160 (SPEC EXP-1).
        121 "export_length" ExportLength => "a label must have 1 to 255 bytes, an exported secret 1 to 8160",
        /// A message that is to be hidden until it is opened and has no timer to start there (SPEC DES-14).
        122 "hidden_without_timer" HiddenWithoutTimer => "a message needs a timer to be hidden until it is opened",
    }
}
