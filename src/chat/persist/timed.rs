//! The record of a message with a timer.

use super::super::timed::TimedMessage;
use crate::content::ContentKind;
use crate::destruct::Timer;
use crate::error::StoreError;
use crate::media::FileForm;
use crate::message::{Held, Thumbnail};
use crate::record::{Fields, Put, Written};
use crate::time::{Elapsed, Timestamp, Ttl};

/// A change of the layout is a new number.
const TIMED: u8 = 1;

pub(in crate::chat) fn encode_timed(message: &TimedMessage) -> Put {
    let TimedMessage { timer, date, carried, held, written: _ } = message;
    let Timer { ttl, kind, side, deadline } = timer;
    let preview = held.as_ref().and_then(|held| held.thumbnail.as_ref()).map_or(0, |thumbnail| thumbnail.jpeg.len());
    let mut put = Put::new(TIMED, 160 + preview);
    let (code, duration) = kind.to_parts();
    put.array(&ttl.to_wire().to_le_bytes())
        .array(&[code])
        .array(&duration.to_le_bytes())
        .code(*side)
        .flag(deadline.is_some())
        .array(&deadline.unwrap_or_default().as_millis().to_le_bytes())
        .array(&date.as_millis().to_le_bytes())
        .flag(carried.is_some())
        .array(&carried.unwrap_or_default().as_millis().to_le_bytes())
        .flag(held.is_some());
    if let Some(Held { key, size, thumbnail }) = held {
        let (key, iv) = key.parts();
        put.array(key).array(iv).array(&size.to_le_bytes()).flag(thumbnail.is_some());
        if let Some(Thumbnail { jpeg, width, height }) = thumbnail {
            put.array(&width.to_le_bytes()).array(&height.to_le_bytes()).bytes(jpeg);
        }
    }
    put
}

pub(in crate::chat) fn decode_timed(
    plain: &[u8],
    written: Written,
    form: FileForm,
) -> Result<TimedMessage, StoreError> {
    let mut fields = Fields::new(TIMED, plain)?;
    let ttl = Ttl::from_wire(fields.u32()?.cast_signed());
    let [code] = fields.array()?;
    let kind = ContentKind::from_parts((code, fields.u32()?)).ok_or(StoreError::Damaged)?;
    let side = fields.code()?;
    let mut optional = || Ok((fields.flag()?, fields.u64()?));
    let (has_deadline, deadline) = optional()?;
    let deadline = has_deadline.then(|| Elapsed::from_millis(deadline));
    let date = Timestamp::from_millis(fields.u64()?);
    let (was_carried, carried) = (fields.flag()?, fields.u64()?);
    let carried = was_carried.then(|| Timestamp::from_millis(carried));
    let held = if fields.flag()? { Some(decode_held(&mut fields, form)?) } else { None };
    fields.finish()?;
    Ok(TimedMessage { timer: Timer { ttl, kind, side, deadline }, date, carried, held, written })
}

fn decode_held(fields: &mut Fields<'_>, form: FileForm) -> Result<Held, StoreError> {
    let (key, iv) = (fields.array()?, fields.array()?);
    let size = fields.u64()?;
    let key = form.key(size, key, iv).ok_or(StoreError::Damaged)?;
    let thumbnail = if fields.flag()? {
        let (width, height) = (fields.u32()?, fields.u32()?);
        Some(Thumbnail { jpeg: fields.bytes()?.to_vec(), width, height })
    } else {
        None
    };
    Ok(Held { key, size, thumbnail })
}
