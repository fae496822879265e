//! The records of single messages: ours that are not acknowledged, the peer's that wait.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::super::queue::{Arrived, Delivery, Outgoing};
use super::super::repeat::Rest;
use super::{layer, seq_no};
use crate::error::StoreError;
use crate::id::{KeyFingerprint, RandomId, SeqNo};
use crate::message::IncomingFile;
use crate::record::{Fields, Put, Written};
use crate::time::{Timestamp, Ttl};

/// A change of a layout is a new number.
const OUTGOING: u8 = 1;
const WAITING: u8 = 1;

pub(in crate::chat) fn encode_outgoing(outgoing: &Outgoing) -> Put {
    let Outgoing {
        slot: _,
        in_seq_no,
        random_id,
        layer,
        kind,
        ttl,
        noop,
        silent,
        delivery,
        told,
        emptied,
        file,
        sealed,
        replacement,
        rest: _,
        written: _,
    } = outgoing;
    let replacement_len = replacement.as_ref().map_or(0, Vec::len);
    let mut put = Put::new(OUTGOING, 48 + sealed.len() + replacement_len);
    put.array(&in_seq_no.get().to_le_bytes())
        .array(&random_id.0.to_le_bytes())
        .array(&layer.0.to_le_bytes())
        .code(*kind)
        .array(&ttl.to_wire().to_le_bytes())
        .flag(*noop)
        .flag(*silent)
        .code(*delivery)
        .flag(*told)
        .flag(*emptied)
        .flag(file.is_some())
        .bytes(file.as_deref().unwrap_or_default())
        .bytes(sealed)
        .flag(replacement.is_some())
        .bytes(replacement.as_deref().unwrap_or_default());
    put
}

pub(in crate::chat) fn decode_outgoing(plain: &[u8], slot: SeqNo, written: Written) -> Result<Outgoing, StoreError> {
    let mut fields = Fields::new(OUTGOING, plain)?;
    let in_seq_no = seq_no(&mut fields)?;
    let random_id = RandomId(i64::from_le_bytes(fields.array()?));
    let layer = layer(&mut fields)?;
    let kind = fields.code()?;
    let ttl = Ttl::from_wire(fields.u32()?.cast_signed());
    let (noop, silent) = (fields.flag()?, fields.flag()?);
    let delivery = fields.code()?;
    let (told, emptied, has_file) = (fields.flag()?, fields.flag()?, fields.flag()?);
    let file = fields.bytes()?;
    let file = has_file.then(|| file.to_vec());
    let sealed = fields.bytes()?.to_vec();
    let (has_replacement, replacement) = (fields.flag()?, fields.bytes()?);
    let replacement = has_replacement.then(|| replacement.to_vec());
    fields.finish()?;
    Ok(Outgoing {
        slot,
        in_seq_no,
        random_id,
        layer,
        kind,
        ttl,
        noop,
        silent,
        delivery,
        told,
        emptied,
        file,
        sealed,
        replacement,
        rest: if delivery == Delivery::Carried { Rest::FIRST } else { Rest::default() },
        written,
    })
}

pub(in crate::chat) fn encode_waiting(arrived: &Arrived) -> Put {
    let Arrived {
        slot: _,
        in_seq_no,
        fingerprint,
        layer,
        is_old,
        enough_random_bytes,
        resent,
        answered,
        file,
        date,
        body,
        written: _,
    } = arrived;
    let mut put = Put::new(WAITING, 64 + body.len());
    put.array(&in_seq_no.get().to_le_bytes())
        .array(&fingerprint.to_bytes())
        .array(&layer.0.to_le_bytes())
        .flag(*is_old)
        .flag(*enough_random_bytes)
        .flag(*resent)
        .flag(*answered)
        .flag(date.is_some())
        .array(&date.unwrap_or_default().as_millis().to_le_bytes())
        .flag(file.is_some());
    if let Some(IncomingFile { reference, size, fingerprint }) = file {
        put.bytes(reference)
            .flag(size.is_some())
            .array(&size.unwrap_or_default().to_le_bytes())
            .flag(fingerprint.is_some())
            .array(&fingerprint.unwrap_or_default().to_le_bytes());
    }
    put.bytes(body);
    put
}

pub(in crate::chat) fn decode_waiting(plain: &[u8], slot: SeqNo, written: Written) -> Result<Arrived, StoreError> {
    let mut fields = Fields::new(WAITING, plain)?;
    let in_seq_no = seq_no(&mut fields)?;
    let fingerprint = KeyFingerprint::from_bytes(fields.array()?);
    let layer = layer(&mut fields)?;
    let is_old = fields.flag()?;
    let (enough_random_bytes, resent) = (fields.flag()?, fields.flag()?);
    let (answered, has_date) = (fields.flag()?, fields.flag()?);
    let date = Timestamp::from_millis(fields.u64()?);
    let file = if fields.flag()? {
        let reference = fields.bytes()?.to_vec();
        let (has_size, size) = (fields.flag()?, fields.u64()?);
        let (has_fingerprint, fingerprint) = (fields.flag()?, fields.u32()?.cast_signed());
        Some(IncomingFile {
            reference,
            size: has_size.then_some(size),
            fingerprint: has_fingerprint.then_some(fingerprint),
        })
    } else {
        None
    };
    let body = Zeroizing::new(fields.bytes()?.to_vec());
    fields.finish()?;
    let date = has_date.then_some(date);
    Ok(Arrived {
        slot,
        in_seq_no,
        fingerprint,
        layer,
        is_old,
        enough_random_bytes,
        resent,
        answered,
        file,
        date,
        body,
        written,
    })
}
