//! The batch that wrote a record, and the note with which a host can detect that records were rolled back (SPEC REC-3, REC-6).

pub(crate) const NONCE_LEN: usize = 12;
/// The length of the plain header of a record: its version, its generation and the nonce (SPEC REC-2).
pub(super) const HEADER_LEN: usize = 1 + 8 + NONCE_LEN;
pub(super) const TAG_LEN: usize = 16;

/// The batch that wrote a record, and the tag over its contents. Both are in the clear in the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// The generation, 0 before anything was written.
    pub(crate) generation: u64,
    pub(crate) tag: [u8; 16],
}

impl Written {
    /// Reads the header of a record without opening it. It may lie.
    pub(crate) fn of(sealed: &[u8]) -> Option<Self> {
        let (header, body) = sealed.split_at_checked(HEADER_LEN)?;
        let (_, tag) = body.split_last_chunk()?;
        let (generation, _) = header.get(1..)?.split_first_chunk()?;
        Some(Self { generation: u64::from_le_bytes(*generation), tag: *tag })
    }

    /// Returns the checkpoint of a state or a tombstone, or `None` before anything was written.
    pub(crate) fn checkpoint(self) -> Option<Checkpoint> {
        (self.generation > 0).then(|| self.into())
    }
}

impl From<Written> for Checkpoint {
    fn from(Written { generation, tag }: Written) -> Self {
        Self { generation, tag }
    }
}

/// The name of one state of a chat's records. Note the newest one apart from the records, after the batch is
/// durable and before anything of that batch is sent. It is not secret.
///
/// Records that were rolled back have another checkpoint, and so do records of another branch that was written from
/// the same ones (SPEC REC-6).
///
/// Not `#[non_exhaustive]`: a host writes both fields down and rebuilds it from them.
///
/// ```
/// use secretchat::Checkpoint;
///
/// /// What a host writes down, in a place that no backup of the records brings back.
/// fn note(checkpoint: Checkpoint) -> [u8; 24] {
///     let mut bytes = [0; 24];
///     bytes[..8].copy_from_slice(&checkpoint.generation.to_le_bytes());
///     bytes[8..].copy_from_slice(&checkpoint.tag);
///     bytes
/// }
///
/// /// What it passes to `Driver::restore`.
/// fn noted(bytes: [u8; 24]) -> Option<Checkpoint> {
///     let (generation, tag) = bytes.split_first_chunk()?;
///     Some(Checkpoint { generation: u64::from_le_bytes(*generation), tag: tag.try_into().ok()? })
/// }
///
/// let checkpoint = Checkpoint { generation: 7, tag: [1; 16] };
/// assert_eq!(noted(note(checkpoint)), Some(checkpoint));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    /// How many batches led to these records.
    pub generation: u64,
    /// The tag of the record that each batch rewrites: the *state*, or the tombstone of a closed chat. Zeros once
    /// nothing of the chat is left.
    pub tag: [u8; 16],
}

impl Checkpoint {
    /// Reads the checkpoint that a *state* or a tombstone claims, for a store, which cannot open it (SPEC REC-7).
    /// Returns `None` if the bytes are too short for a record.
    #[must_use]
    pub fn of_record(sealed: &[u8]) -> Option<Self> {
        Written::of(sealed).map(Self::from)
    }
}
