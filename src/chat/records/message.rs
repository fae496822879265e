//! The records of single messages: our unacknowledged ones, and the waiting ones of the peer.

use crate::chat::model::{Arrived, Delivery, Outgoing, Rest};
use crate::message::IncomingFile;
use crate::record::{Written, fields, if_set};
use crate::types::id::SeqNo;

/// The facts in the name and the head of a message's record.
pub(in crate::chat) struct Place {
    pub(in crate::chat) slot: SeqNo,
    pub(in crate::chat) written: Written,
}

fields! {
    Outgoing, layout 1, place: Place {
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
        replacement;
        slot: place.slot,
        rest: if delivery == Delivery::Carried { Rest::FIRST } else { Rest::default() },
        written: place.written,
    }
}

fields! {
    Arrived, layout 1, place: Place {
        in_seq_no,
        fingerprint,
        layer,
        is_old,
        enough_random_bytes,
        resent,
        answered,
        date,
        file: if_set,
        body;
        slot: place.slot,
        written: place.written,
    }
}

fields! { IncomingFile { reference, size, fingerprint } }
