//! `fragments-1` (SPEC FRAG-1 to FRAG-3).

use secretchat::Timestamp;
use secretchat::frame::{FragmentBounds, FrameError, FrameId, Reassembler, encode, fragment};
use serde_json::Value;

use super::case::{Case, Checked, equal, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "cut" => cut(case),
        "joined" => joined(case),
        _ => case.unknown_kind(),
    }
}

fn cut(case: &Case<'_>) -> Checked {
    let frame = case.bytes("frame")?;
    let fragments = fragment(&frame, case.number("mtu")?);
    if !case.is_valid()? {
        return case.refused(fragments);
    }
    let fragments = fragments.map_err(words)?;
    equal("frame_id", FrameId(case.array("frame_id")?), fragments.id())?;
    let datagrams: Vec<_> = fragments.map(|fragment| hex::encode(fragment.to_vec())).collect();
    equal("datagrams", case.list("datagrams")?, &datagrams.into_iter().map(Value::from).collect::<Vec<_>>())
}

fn joined(case: &Case<'_>) -> Checked {
    let mut receiver = Reassembler::new(FragmentBounds::default());
    let mut frames = Vec::new();
    let (last, first) = case.list("datagrams")?.split_last().ok_or("no datagrams")?;
    for datagram in first {
        frames.extend(take(&mut receiver, datagram)?.map_err(words)?);
    }
    let last = take(&mut receiver, last)?;
    if !case.is_valid()? {
        return case.refused(last);
    }
    frames.extend(last.map_err(words)?);
    equal("frames", case.list("frames")?, &frames)?;
    let missing: Vec<Value> = receiver.missing().map(|(_, places)| places.collect()).collect();
    equal("missing", case.list("missing")?, &missing)
}

/// Takes a datagram in hex. Returns the frame that it completes, in hex.
fn take(receiver: &mut Reassembler, datagram: &Value) -> Result<Result<Option<Value>, FrameError>, String> {
    let datagram = hex::decode(datagram.as_str().ok_or("a datagram is no text")?).map_err(words)?;
    let whole = receiver.take(&datagram, Timestamp::from_millis(0));
    Ok(whole.and_then(|whole| whole.map(|(tag, frame)| encode(tag, &frame)).transpose()).map(|bytes| bytes.map(hex_of)))
}

fn hex_of(bytes: Vec<u8>) -> Value {
    hex::encode(bytes).into()
}
