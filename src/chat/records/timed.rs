//! The record of a message with a timer.

use crate::chat::model::{TimedMessage, TimedOptions};
use crate::destruct::ContentKind;
use crate::destruct::Timer;
use crate::media::FileForm;
use crate::message::{Held, Hidden, Thumbnail};
use crate::record::{Decode, Decoder, Encode, Encoder, Written, fields, if_option, if_set, options, stored_as};
use crate::types::error::StoreError;

/// Facts about the message that the reader already has: its record's head, and the form of files in its chat.
pub(in crate::chat) struct Known {
    pub(in crate::chat) written: Written,
    pub(in crate::chat) form: FileForm,
}

fields! {
    TimedMessage, layout 1, known: Known { timer, date, carried, held: if_set, options; written: known.written }
}

options! { TimedOptions { 1 file, 2 hidden: if_option } }

fields! { Timer { ttl, kind, side, deadline } }

stored_as! { ContentKind = (u8, u32): |kind| kind.to_parts(), ContentKind::from_parts; }

fields! { Thumbnail { width, height, jpeg } }

// The size shows whether there is a key.
impl Encode for Held {
    fn encode(&self, to: &mut Encoder<'_>) {
        let Self { key, size, thumbnail } = self;
        let (key, iv) = key.parts();
        key.encode(to);
        iv.encode(to);
        size.encode(to);
        if_set::encode(thumbnail, to);
    }
}

impl Decode<Known> for Held {
    fn decode(from: &mut Decoder<'_>, known: &Known) -> Result<Self, StoreError> {
        let (key, iv): ([u8; 32], [u8; 32]) = Decode::decode(from, known)?;
        let size = Decode::decode(from, known)?;
        let key = known.form.key(size, key, iv).ok_or(StoreError::Damaged)?;
        Ok(Self { key, size, thumbnail: if_set::decode(from, known)? })
    }
}

impl Encode for Hidden {
    fn encode(&self, to: &mut Encoder<'_>) {
        self.as_bytes().encode(to);
    }
}

impl<K: ?Sized> Decode<K> for Hidden {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        Self::new(Decode::decode(from, known)?).ok_or(StoreError::Damaged)
    }
}
