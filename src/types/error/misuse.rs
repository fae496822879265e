//! Mistakes of the host.

errors! {
    /// A call was refused because the host made a mistake. Nothing has changed.
    ///
    /// A correct program meets one of these only where its input comes from others: from the user (a text that is
    /// too long), from the server (`DhGenerator`), from its random generator (`UnusableRng`), or where it reuses an
    /// id that the peer has not acknowledged yet (`RandomId`).
    ///
    /// ```
    /// use secretchat::{ApiMisuse, Ttl};
    ///
    /// let two_years = Ttl::from_seconds(2 * 365 * 24 * 60 * 60);
    /// assert_eq!(two_years, Err(ApiMisuse::TtlTooLong));
    /// assert_eq!(ApiMisuse::TtlTooLong.name(), "ttl_too_long");
    /// ```
    ApiMisuse {
        /// The generator does not fit the published prime (SPEC MODP-2).
        101 "dh_generator" DhGenerator => "the generator does not fit the prime; fetch the server's parameters again",
        /// Eight draws in a row gave nothing usable (SPEC RNG-4).
        102 "unusable_rng" UnusableRng => "eight draws from the random generator were unusable; repair the generator",
        /// The self-destruct timer exceeds one year (SPEC TIME-2).
        103 "ttl_too_long" TtlTooLong => "a self-destruct timer may not exceed one year; use a shorter one",
        /// The id of an end is empty or longer than 1,024 bytes, or the context is longer than that (SPEC X25-1).
        104 "id_length" IdLength => "an end's id must have 1 to 1024 bytes, a context at most 1024; shorten or hash it",
        /// Both ends have the same id (SPEC X25-1).
        105 "ids_equal" IdsEqual => "the two ends have the same id; give each end an id of its own",
        /// The text or the list of ids is longer than a message holds: about 512 KiB in all (SPEC ENV-1), or 16 KiB
        /// for a hidden message (SPEC LIM-3).
        106 "message_too_long" MessageTooLong => "the message is too long; shorten or split it",
        /// The chat's profile does not have this feature (SPEC ACT-3).
        107 "not_in_profile" NotInProfile => "the profile of this chat does not support this; leave it out",
        /// View once is not honoured by official apps, and needs the host's explicit consent (SPEC DES-7).
        108 "view_once" ViewOnce => "view once needs the host's consent; see `Config::with_view_once`",
        /// The id is zero, or names a message that is still waiting for the peer's acknowledgement (SPEC MSG-1).
        109 "random_id" RandomId => "the random id is zero or in use; draw another one",
        /// The message has neither text nor a medium (SPEC MSG-2).
        110 "empty_message" EmptyMessage => "the message is empty; add text or a medium",
        /// An entity is empty, lies outside the text, or splits a character (SPEC MSG-3).
        111 "entity_range" EntityRange => "an entity does not fit the text; keep it within the text and on whole characters",
        /// There are more entities than a message may have (SPEC MSG-3).
        112 "too_many_entities" TooManyEntities => "the message has too many entities; remove some",
        /// The medium has no key (SPEC MSG-4).
        113 "missing_media_key" MissingMediaKey => "the medium has no key; encrypt its file and give the key that comes with it",
        /// The medium has no bytes, or more than its kind can express (SPEC MSG-4).
        114 "media_size" MediaSize => "the size of the medium is zero or too large for its kind; check the file",
        /// A preview exceeds 6,000 bytes or 100 pixels a side, a name 255 bytes, an address 4,096 bytes, a waveform
        /// 100 bytes, or a number 31 bits (SPEC MSG-5).
        115 "media_details" MediaDetails => "the preview, a name or a number of the medium is too large; make it smaller",
        /// The place is not on Earth (SPEC MSG-6).
        116 "coordinates" Coordinates => "the coordinates are not on Earth; give degrees of latitude and longitude",
        /// The album has fewer than 2 or more than 10 messages (SPEC MSG-7).
        117 "album_size" AlbumSize => "an album needs 2 to 10 messages; send single ones alone and split larger albums",
        /// A message of the album is neither a photo, a video, a file nor music (SPEC MSG-7).
        118 "album_media" AlbumMedia => "each message of an album needs a photo, a video, a file or music; send others alone",
        /// The host's data for a chat exceed 4,096 bytes (SPEC LIM-7).
        119 "host_data_length" HostDataLength => "the host's data may have at most 4096 bytes; keep the rest elsewhere",
        /// A bound on timers is not a countdown, or the bounds are in the wrong order (SPEC DES-13).
        120 "ttl_bounds" TtlBounds => "the bounds on timers must be two countdowns, the shorter one first",
        /// The label is empty or longer than 255 bytes, or the secret is to have no bytes or more than 8,160 (SPEC
        /// EXP-1).
        121 "export_length" ExportLength => "a label must have 1 to 255 bytes, an exported secret 1 to 8160",
        /// The message is to stay hidden until it is opened, but has no timer to start then (SPEC DES-14).
        122 "hidden_without_timer" HiddenWithoutTimer => "a message that is hidden until it is opened needs a timer; set one",
    }
}
