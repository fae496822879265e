//! Segments that continue after an interruption (SPEC RES-5, RES-6, SEG-11).

use core::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::layout::{Padding, Segment, SegmentLayout, SegmentSize};
use super::{HEADER_LEN, SegmentDecryptor, SegmentEncryptor, SegmentKey, SegmentSealer, header};
use crate::media::chain::PartSize;
use crate::media::progress::Progress;
use crate::media::resume::{Border, Plan, Planned, RESUME_TOKEN_LEN, ResumeKey, Resuming, RunKind, State};
use crate::types::error::MediaError;

/// A [`SegmentSealer`] that can continue after an interruption and seal any segment again, with exactly the bytes
/// that it had or would have had. Needs no stored file: what the other end lacks is sealed from the content once
/// more. Wiped on drop.
///
/// One key seals one content. The content is therefore read twice. A [`Plan`] takes all of it once and returns the
/// run and its first token. The run then takes each segment only if its content is the planned one. Whichever token
/// the run continues from, and whatever happened to the file meanwhile, no segment is ever sealed with two contents
/// (SPEC RES-6).
///
/// ```
/// use secretchat::media::{Padding, ResumableSealer, ResumeKey};
/// # use secretchat::MediaError;
/// # fn example(rng: &mut dyn rand_core::CryptoRng) -> Result<(), MediaError> {
/// let (file, host_key) = ([7; 100_000], ResumeKey::new([1; 32]));
/// let mut plan = ResumableSealer::plan(100_000, Padding::None, rng)?;
/// plan.take(&file)?; // in chunks of any length
/// let (mut run, token) = plan.finish(&host_key, rng)?;
/// let key = run.key().duplicate(); // goes into the message
/// // .. key and token are stored, then segments may leave ..
/// let mut first = [file[..65_536].to_vec(), vec![0; 32]].concat();
/// run.seal(&mut first)?;
/// drop(run); // the program ends
///
/// let mut resuming = ResumableSealer::resume(&key, 100_000, &token, &host_key)?;
/// resuming.check(&file)?; // it is still the same file
/// let run = resuming.finish()?;
/// let mut again = [file[..65_536].to_vec(), vec![0; 32]].concat();
/// run.seal_again(0, &mut again)?; // the other end lacks it
/// assert_eq!(again, first);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ResumableSealer {
    sealer: SegmentSealer,
    planned: Planned,
}

impl ResumableSealer {
    /// Starts a file of exactly `size` bytes under a new key. The draws are those of [`SegmentSealer::new`].
    ///
    /// # Errors
    /// [`MediaError::Empty`], [`MediaError::TooLarge`].
    pub fn plan(size: u64, padding: Padding, rng: &mut dyn CryptoRng) -> Result<Plan<Self>, MediaError> {
        Ok(Self::plan_with_layout(SegmentLayout::new(size, padding)?, rng))
    }

    /// Starts a file with that layout: see [`SegmentSealer::with_layout`]. The plan keeps 32 bytes for each segment.
    pub fn plan_with_layout(layout: SegmentLayout, rng: &mut dyn CryptoRng) -> Plan<Self> {
        let run = Self { sealer: SegmentSealer::with_layout(layout, rng), planned: Planned::default() };
        Plan::new(run, part_size(layout.segment_size()), layout.size(), Self::note, Self::token)
    }

    /// Continues where `token` was sealed, with exactly the bytes that would have come then. The host must show all
    /// of the content, including that of later segments.
    ///
    /// # Errors
    /// [`MediaError::ResumeToken`] if the token is damaged, or belongs to another file, size, direction or host key
    /// (SPEC RES-5).
    pub fn resume(key: &SegmentKey, size: u64, token: &[u8], host: &ResumeKey) -> Result<Resuming<Self>, MediaError> {
        let state = State::open(token, key.parts(), size, host, RunKind::SealSegments)?;
        let sealer = SegmentSealer::resumed(key, &state)?;
        let offset = sealer.progress().done;
        Ok(Resuming::encryption(Self { sealer, planned: Planned::default() }, offset, &state, Self::note))
    }

    /// Returns the key of the file, for the message.
    #[must_use]
    pub const fn key(&self) -> &SegmentKey {
        self.sealer.key()
    }

    /// Returns the header of the stored file.
    #[must_use]
    pub fn header(&self) -> [u8; HEADER_LEN] {
        self.sealer.header()
    }

    /// Returns the layout of the segments.
    #[must_use]
    pub const fn layout(&self) -> &SegmentLayout {
        self.sealer.layout()
    }

    /// Seals the position of the run, for [`ResumableSealer::resume`]. Others learn from the [`RESUME_TOKEN_LEN`]
    /// bytes only that they are a token. An older token works too: segments that were sent come out once more.
    pub fn token(&self, host: &ResumeKey, rng: &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN] {
        self.sealer.state(self.planned.all()).seal(self.key().parts(), host, rng)
    }

    /// Returns the next segment, or `None` if there is none.
    #[must_use]
    pub fn next_segment(&self) -> Option<Segment> {
        self.sealer.next_segment()
    }

    /// Seals the next segments, one or more, in place, like [`SegmentSealer::seal`].
    ///
    /// # Errors
    /// [`MediaError::PartLength`], and [`MediaError::ResumeMismatch`] if the content is not the planned one.
    /// Nothing has changed then.
    pub fn seal(&mut self, stored: &mut [u8]) -> Result<(), MediaError> {
        self.check(self.sealer.next_index(), stored)?;
        self.sealer.seal(stored)
    }

    /// Seals whole segments in place, of which the first has that number. You can repeat this as often as the other
    /// end lacks them, whether they were already sealed or not. The next segment for [`ResumableSealer::seal`]
    /// stays the same.
    ///
    /// # Errors
    /// Same as [`ResumableSealer::seal`].
    pub fn seal_again(&self, first: u64, stored: &mut [u8]) -> Result<(), MediaError> {
        self.check(first, stored)?;
        self.sealer.seal_from(first, stored).map(|_| ())
    }

    /// Ends the file, like [`SegmentSealer::finish`].
    ///
    /// # Errors
    /// [`MediaError::Truncated`] if a segment was not sealed in its turn.
    pub fn finish(self) -> Result<(), MediaError> {
        self.sealer.finish()
    }

    /// Returns how many bytes of the content were sealed in their turn, and the total.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.sealer.progress()
    }

    fn check(&self, first: u64, stored: &[u8]) -> Result<(), MediaError> {
        self.layout().end_of(first, stored.len()).ok_or(MediaError::PartLength)?;
        let mut contents = self.layout().contents(first, stored);
        if contents.all(|(index, content)| self.planned.is_part(index, content)) {
            Ok(())
        } else {
            Err(MediaError::ResumeMismatch)
        }
    }

    fn note(&mut self, border: Border) {
        self.planned.note(border);
    }
}

impl SegmentSealer {
    /// Returns the position, and the border of all content that it seals.
    pub(in crate::media) fn state(&self, planned: Border) -> State {
        state(RunKind::SealSegments, self.layout(), self.next_index(), self.salt(), planned)
    }

    pub(in crate::media) fn resumed(key: &SegmentKey, state: &State) -> Result<Self, MediaError> {
        let layout = layout(state)?;
        let sealer = Self::at(state.next, key.secret().duplicate(), *state.start, layout);
        // Another salt or form has another commitment.
        let is_this_file = bool::from(sealer.key().ct_eq(key));
        if is_this_file && state.next <= layout.count() { Ok(sealer) } else { Err(MediaError::ResumeToken) }
    }
}

impl SegmentEncryptor {
    pub(in crate::media) fn state(&self, planned: Border) -> State {
        self.sealer().state(planned)
    }

    pub(in crate::media) fn resumed(key: &SegmentKey, state: &State) -> Result<Self, MediaError> {
        SegmentSealer::resumed(key, state).map(Self::over)
    }

    /// Returns the offset in the stored file of the bytes that come out next.
    pub(in crate::media) fn place(&self) -> u64 {
        if self.header_is_given() { start_of(self.layout(), self.sealer().next_index()) } else { 0 }
    }
}

impl SegmentDecryptor {
    /// Returns which segments came out, and the border of their content. The file is unknown before the first of
    /// them.
    pub(in crate::media) fn state(&self, done: Border) -> State {
        let Progress { done: bytes, total } = self.progress();
        match self.opened() {
            Some((header, layout)) if bytes > 0 => {
                let next = bytes.div_ceil(layout.segment_len());
                let salt = header.last_chunk().copied().unwrap_or_default();
                state(RunKind::OpenSegments, layout, next, &salt, done)
            }
            _ => State {
                kind: RunKind::OpenSegments,
                part_size: PartSize::WINDOW,
                size: total,
                next: 0,
                start: Zeroizing::default(),
                padding: Zeroizing::default(),
                digest: done,
            },
        }
    }

    pub(in crate::media) fn resumed(key: &SegmentKey, state: &State) -> Result<Self, MediaError> {
        let layout = layout(state)?;
        if state.next == 0 {
            // The header was not seen yet, so the token has the default layout.
            let is_default = layout.segment_size() == SegmentSize::default();
            return if is_default { Self::new(key, state.size) } else { Err(MediaError::ResumeToken) };
        }
        if state.next > state.size.div_ceil(layout.segment_len()) {
            return Err(MediaError::ResumeToken);
        }
        let header = header::write(&layout, &state.start);
        Self::starting_at(state.next, key, state.size, &header).map_err(|_| MediaError::ResumeToken)
    }

    /// Returns the offset in the stored file of the segment whose content comes out next. Before the first one this
    /// is 0, for the header.
    pub(in crate::media) fn place(&self) -> u64 {
        let done = self.progress().done;
        let opened = self.opened().filter(|_| done > 0);
        opened.map_or(0, |(_, layout)| start_of(layout, done.div_ceil(layout.segment_len())))
    }
}

/// Returns where a segment begins, or the end of the stored file after the last one.
fn start_of(layout: &SegmentLayout, index: u64) -> u64 {
    layout.segment(index).map_or_else(|| layout.encrypted_len(), |segment| segment.offset)
}

/// Returns the state, in which segments are the parts, the salt takes the place of a chain's iv, and the padding
/// scheme that of its padding bytes.
fn state(kind: RunKind, layout: &SegmentLayout, next: u64, salt: &[u8; 32], digest: Border) -> State {
    let padding = Zeroizing::new(field(layout.padding()));
    let (part_size, start) = (part_size(layout.segment_size()), Zeroizing::new(*salt));
    State { kind, part_size, size: layout.size(), next, start, padding, digest }
}

fn layout(state: &State) -> Result<SegmentLayout, MediaError> {
    let is_it = |layout: &SegmentLayout| {
        field(layout.padding()) == *state.padding && part_size(layout.segment_size()) == state.part_size
    };
    SegmentLayout::all(state.size)?.find(is_it).ok_or(MediaError::ResumeToken)
}

/// Returns the size of the parts that segments are.
const fn part_size(segments: SegmentSize) -> PartSize {
    match segments {
        SegmentSize::Kib4 => PartSize::SMALL_SEGMENT,
        SegmentSize::Kib64 => PartSize::WINDOW,
    }
}

const fn field(padding: Padding) -> [u8; 16] {
    [padding.code(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

impl fmt::Debug for ResumableSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sealer, planned: _ } = self;
        f.debug_struct("ResumableSealer").field("sealer", sealer).finish_non_exhaustive()
    }
}
