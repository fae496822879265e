//! `frame-1` (SPEC FRM-1, FRM-2, FRM-4, FRM-6).

use secretchat::frame::{ChatTag, FileId, Frame, RangeList, decode_one, encode};
use secretchat::{DiscardProof, KeyFingerprint, TransmitId};
use serde_json::Value;

use super::case::{Case, Checked, equal, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let encoded = case.bytes("frame")?;
    if !case.is_valid()? {
        return case.refused(decode_one(&encoded));
    }
    let tag = ChatTag(case.part(case.file).array("tag")?);
    // The values that a frame borrows.
    let bytes =
        ["public", "sealed", "part"].iter().find(|name| case.has(name)).map_or(Ok(vec![]), |name| case.bytes(name))?;
    let missing = missing(case)?;
    let frame = match case.text("frame_kind")? {
        "Request" => Frame::Request { public: &bytes },
        "Accept" => {
            Frame::Accept { fingerprint: KeyFingerprint::from_bytes(case.array("fingerprint")?), public: &bytes }
        }
        "Ciphertext" => {
            let file = if case.has("file") { Some(FileId(case.array("file")?)) } else { None };
            Frame::Ciphertext { transmit_id: TransmitId(case.number("transmit_id")?), file, bytes: &bytes }
        }
        "Discard" => {
            let proof = if case.has("proof") {
                Some(DiscardProof { sent: case.number("sent")?, mac: case.array("proof")? })
            } else {
                None
            };
            Frame::Discard { history: case.flag("history")?.into(), proof }
        }
        "Receipt" => {
            let proof = if case.has("proof") { Some(case.array("proof")?) } else { None };
            Frame::Receipt { transmit_id: TransmitId(case.number("transmit_id")?), proof }
        }
        "FilePart" => Frame::FilePart {
            file_id: FileId(case.array("file")?),
            offset: case.number("offset")?,
            total: case.number("total")?,
            bytes: &bytes,
        },
        "FileRequest" => {
            let missing = RangeList::try_from(missing.as_slice()).map_err(words)?;
            Frame::FileRequest { file_id: FileId(case.array("file")?), missing }
        }
        "FileCancel" => Frame::FileCancel { file_id: FileId(case.array("file")?) },
        kind => return Err(format!("no frame is a {kind}")),
    };
    same_bytes("frame", &encoded, encode(tag, &frame).map_err(words)?)?;
    equal("read again", (tag, frame), decode_one(&encoded).map_err(words)?)
}

/// Returns the ranges of a request as its frame encodes them: start and end of each.
fn missing(case: &Case<'_>) -> Result<Vec<u8>, String> {
    let ends =
        case.value["missing"].as_array().into_iter().flatten().flat_map(|range| range.as_array().into_iter().flatten());
    let number = |end: &Value| end.as_str().and_then(|end| end.parse::<u64>().ok()).ok_or("no end of a range");
    Ok(ends.map(number).collect::<Result<Vec<_>, _>>()?.into_iter().flat_map(u64::to_le_bytes).collect())
}
