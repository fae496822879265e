//! Frames over small datagrams.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use secretchat::Timestamp;
use secretchat::frame::{FragmentBounds, FrameId, Reassembler, fragment};

use crate::border::{In, Out, ScBytes};
use crate::config::millis;
use crate::error::{Fault, Own, ScStatus, guard};
use crate::frame::ScFrame;

/// How many bytes the smallest datagrams have that a frame can be cut to.
pub const SC_MIN_MTU: usize = 50;
/// How many bytes the id of a frame has that was cut.
pub const SC_FRAME_ID_LEN: usize = 6;

const _: () = assert!(SC_MIN_MTU == secretchat::frame::MIN_MTU, "the smallest datagrams have another length");

/// The datagrams of one frame.
pub struct ScFragments {
    id: FrameId,
    datagrams: Vec<Vec<u8>>,
}

/// Puts frames together from datagrams: whole ones and fragments, in any order and any number of times.
///
/// **Nothing in a fragment is authentic.** Where the link tells senders apart, keep one for each of them.
pub struct ScReassembler(Reassembler);

/// The most that a reassembler keeps, which is what a stranger can make it keep.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScFragmentBounds {
    /// How many frames may be incomplete.
    pub frames: u32,
    /// How many bytes of them may be kept.
    pub bytes: u32,
    /// How long a frame may be silent before it is given up: longer than the pause between two sendings.
    pub patience_ms: u64,
}

impl ScFragmentBounds {
    fn read(&self) -> Result<FragmentBounds, Fault> {
        let mut bounds = FragmentBounds::default();
        bounds.frames = self.frames.try_into().map_err(|_| Own::Value)?;
        bounds.bytes = self.bytes.try_into().map_err(|_| Own::Value)?;
        bounds.patience = Duration::from_millis(self.patience_ms);
        Ok(bounds)
    }
}

/// Cuts a frame that is alone and whole into datagrams of at most `mtu` bytes. One that fits is not cut. A frame that is
/// sent again has the same fragments.
#[unsafe(no_mangle)]
pub extern "C" fn sc_fragments_new(
    frame: In<u8>,
    len: usize,
    mtu: usize,
    out: Out<Option<Box<ScFragments>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let frame = frame.slice(len)?;
        let fragments = fragment(frame, mtu)?;
        out.hand(ScFragments { id: fragments.id(), datagrams: fragments.map(|fragment| fragment.to_vec()).collect() });
        Ok(())
    })
}

/// Returns how many datagrams there are.
#[unsafe(no_mangle)]
pub extern "C" fn sc_fragments_count(fragments: Option<&ScFragments>) -> usize {
    fragments.map_or(0, |fragments| fragments.datagrams.len())
}

/// Returns a datagram by its number from 0; null after the last. It is valid until the fragments are freed.
#[unsafe(no_mangle)]
pub extern "C" fn sc_fragments_datagram(fragments: Option<&ScFragments>, number: usize) -> ScBytes {
    ScBytes::of_some(fragments.and_then(|fragments| fragments.datagrams.get(number)).map(|datagram| &datagram[..]))
}

/// Returns the id of the frame, which `sc_reassembler_missing` names it by. It is valid until the fragments are freed.
#[unsafe(no_mangle)]
pub extern "C" fn sc_fragments_id(fragments: Option<&ScFragments>) -> ScBytes {
    fragments.map_or(ScBytes::NONE, |fragments| ScBytes::of(&fragments.id.0))
}

/// Frees the datagrams of a frame.
#[unsafe(no_mangle)]
pub extern "C" fn sc_fragments_free(fragments: Option<Box<ScFragments>>) {
    drop(fragments);
}

/// Fills the bounds with their defaults.
#[unsafe(no_mangle)]
pub extern "C" fn sc_fragment_bounds_init(out: Out<ScFragmentBounds>) -> ScStatus {
    guard(|| {
        out.check()?;
        let FragmentBounds { frames, bytes, patience, .. } = FragmentBounds::default();
        let [frames, bytes] = [frames, bytes].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        out.put(ScFragmentBounds { frames, bytes, patience_ms: millis(patience) });
        Ok(())
    })
}

/// Creates a reassembler. `bounds` may be null, for the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn sc_reassembler_new(bounds: In<ScFragmentBounds>, out: Out<Option<Box<ScReassembler>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        let bounds = bounds.get().map_or(Ok(FragmentBounds::default()), ScFragmentBounds::read)?;
        out.hand(ScReassembler(Reassembler::new(bounds)));
        Ok(())
    })
}

/// Takes one datagram at the time `now_ms`, in milliseconds since 1970. `out` gets the frame that it is, or that it
/// completes; the kind is `SC_FRAME_NONE` if it does not. What the frame points to is valid until the next call on this
/// handle, and as long as the datagram. After an error go on with the next datagram.
#[unsafe(no_mangle)]
pub extern "C" fn sc_reassembler_take(
    reassembler: Option<&mut ScReassembler>,
    datagram: In<u8>,
    len: usize,
    now_ms: u64,
    out: Out<ScFrame>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let (reassembler, datagram) = (reassembler.ok_or(Own::Null)?, datagram.slice(len)?);
        let whole = reassembler.0.take(datagram, Timestamp::from_millis(now_ms))?;
        out.put(whole.map_or_else(ScFrame::default, |(tag, frame)| ScFrame::of(tag, &frame)));
        Ok(())
    })
}

/// Says what an incomplete frame lacks, by its number from 0: its id, of `SC_FRAME_ID_LEN` bytes, and the numbers of the
/// missing fragments, as many as `room` has place for. `count` gets how many are missing. `SC_ERROR_VALUE` after the last
/// frame.
#[unsafe(no_mangle)]
pub extern "C" fn sc_reassembler_missing(
    reassembler: Option<&ScReassembler>,
    number: usize,
    frame_id: Out<u8>,
    fragments: Out<u16>,
    room: usize,
    count: Out<usize>,
) -> ScStatus {
    guard(|| {
        frame_id.check()?;
        count.check()?;
        let (id, missing) = reassembler.ok_or(Own::Null)?.0.missing().nth(number).ok_or(Own::Value)?;
        let missing: Vec<u16> = missing.collect();
        frame_id.put_all(&id.0);
        fragments.put_all(&missing[..missing.len().min(room)]);
        count.put(missing.len());
        Ok(())
    })
}

/// Returns how many bytes of incomplete frames a reassembler holds.
#[unsafe(no_mangle)]
pub extern "C" fn sc_reassembler_byte_count(reassembler: Option<&ScReassembler>) -> usize {
    reassembler.map_or(0, |reassembler| reassembler.0.byte_count())
}

/// Frees a reassembler.
#[unsafe(no_mangle)]
pub extern "C" fn sc_reassembler_free(reassembler: Option<Box<ScReassembler>>) {
    drop(reassembler);
}

impl fmt::Debug for ScFragments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScFragments").field("id", &self.id).field("count", &self.datagrams.len()).finish()
    }
}

impl fmt::Debug for ScReassembler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
