//! The meaning of a message of the peer. Everything here is authentic and **untrusted**.

use alloc::vec::Vec;

use crate::media::FileForm;
use crate::message::{Body, read_body, read_typing};
use crate::output::Event;
use crate::rekey::Said;
use crate::types::id::{ExchangeId, KeyFingerprint, Layer, RandomId};
use crate::wire::{DecodeError, DecryptedMessage, DecryptedMessageAction, Service8, Service17, Vector, decode_exact};

/// The meaning of a message.
#[expect(clippy::large_enum_variant, reason = "most are messages of a user, and none is kept")]
pub(in crate::chat) enum Meaning<'a> {
    /// A message that the user wrote.
    Message(Body),
    /// News for the host, with no other effect.
    News(Event),
    // Messages of the protocol itself.
    SetTtl(i32),
    Read(Vec<RandomId>),
    Delete(Vec<RandomId>),
    FlushHistory,
    NotifyLayer(Layer),
    Noop,
    Resend {
        start: i32,
        end: i32,
    },
    Rekey(Said<'a>),
}

impl<'a> Meaning<'a> {
    /// Reads the message inside a `decryptedMessageLayer`. Its file has the form of the chat's profile.
    pub(in crate::chat) fn read(body: &'a [u8], form: FileForm) -> Result<Self, DecodeError> {
        let message = decode_exact::<DecryptedMessage<'_>>(body)?;
        Ok(Self::of_protocol(&message).unwrap_or_else(|| match read_body(&message, form) {
            Some(body) => Self::Message(body),
            None => Self::News(Event::Unsupported),
        }))
    }

    /// Reads the message inside a `decryptedMessageLayer`. What a user wrote counts as not understood (SPEC ENV-5) and is not
    /// copied, since nobody would wipe the copy.
    pub(in crate::chat) fn read_without_text(body: &'a [u8]) -> Result<Self, DecodeError> {
        let message = decode_exact::<DecryptedMessage<'_>>(body)?;
        Ok(Self::of_protocol(&message).unwrap_or(Self::News(Event::Unsupported)))
    }

    /// Reads the message inside a `decryptedMessageLayer` unless a user wrote it. It is for messages that are not
    /// processed now: what a user wrote is not copied, since nobody would wipe the copy.
    pub(in crate::chat) fn read_protocol(body: &'a [u8]) -> Option<Self> {
        Self::of_protocol(&decode_exact::<DecryptedMessage<'_>>(body).ok()?)
    }

    fn of_protocol(message: &DecryptedMessage<'a>) -> Option<Self> {
        match message {
            // Zero names no message, not even one of the protocol (SPEC MSG-1).
            DecryptedMessage::Service17(Service17 { random_id: 0, .. })
            | DecryptedMessage::Service8(Service8 { random_id: 0, .. }) => Some(Self::News(Event::Unsupported)),
            DecryptedMessage::Service17(service) => Some(action(&service.action)),
            // The protocol's page allows this form for NotifyLayer.
            DecryptedMessage::Service8(service) => Some(action(&service.action)),
            DecryptedMessage::Message8(_)
            | DecryptedMessage::Message17(_)
            | DecryptedMessage::Message45(_)
            | DecryptedMessage::Message73(_) => None,
        }
    }
}

/// Returns whether the message inside a `decryptedMessageLayer` deletes itself, because it took the slot of one
/// whose content was destroyed (SPEC SEQ-8).
pub(in crate::chat) fn deletes_itself(body: &[u8]) -> bool {
    match decode_exact::<DecryptedMessage<'_>>(body) {
        Ok(DecryptedMessage::Service17(Service17 {
            random_id,
            action: DecryptedMessageAction::DeleteMessages(delete),
        })) => delete.random_ids.iter().eq([random_id]),
        _ => false,
    }
}

fn action<'a>(action: &DecryptedMessageAction<'a>) -> Meaning<'a> {
    let ids = |ids: Vector<'_, i64>| ids.iter().map(RandomId).collect();
    match action {
        DecryptedMessageAction::SetMessageTTL(action) => Meaning::SetTtl(action.ttl_seconds),
        DecryptedMessageAction::ReadMessages(action) => Meaning::Read(ids(action.random_ids)),
        DecryptedMessageAction::DeleteMessages(action) => Meaning::Delete(ids(action.random_ids)),
        DecryptedMessageAction::FlushHistory => Meaning::FlushHistory,
        DecryptedMessageAction::ScreenshotMessages(action) => {
            Meaning::News(Event::Screenshot { random_ids: ids(action.random_ids) })
        }
        DecryptedMessageAction::Typing(action) => Meaning::News(Event::Typing { action: read_typing(action.action) }),
        DecryptedMessageAction::NotifyLayer(action) => Meaning::NotifyLayer(Layer(action.layer)),
        DecryptedMessageAction::Noop => Meaning::Noop,
        DecryptedMessageAction::Resend(action) => {
            Meaning::Resend { start: action.start_seq_no, end: action.end_seq_no }
        }
        DecryptedMessageAction::RequestKey(action) => {
            Meaning::Rekey(Said::Request { exchange_id: ExchangeId(action.exchange_id), public: action.g_a.as_slice() })
        }
        DecryptedMessageAction::AcceptKey(action) => Meaning::Rekey(Said::Accept {
            exchange_id: ExchangeId(action.exchange_id),
            public: action.g_b.as_slice(),
            fingerprint: KeyFingerprint::from_long(action.key_fingerprint),
        }),
        DecryptedMessageAction::CommitKey(action) => Meaning::Rekey(Said::Commit {
            exchange_id: ExchangeId(action.exchange_id),
            fingerprint: KeyFingerprint::from_long(action.key_fingerprint),
        }),
        DecryptedMessageAction::AbortKey(action) => {
            Meaning::Rekey(Said::Abort { exchange_id: ExchangeId(action.exchange_id) })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;
    use crate::wire::{self, Bytes, DecryptedMessageMedia, Encode, encode_exact};

    fn encoded(value: &impl Encode) -> Vec<u8> {
        let mut bytes = vec![0; value.encoded_len()];
        assert!(encode_exact(value, &mut bytes));
        bytes
    }

    #[test]
    fn the_old_service_form_is_read_and_old_messages_are_not() {
        let random_bytes = Bytes::new(&[0; 15]).unwrap();
        let action = DecryptedMessageAction::NotifyLayer(wire::ActionNotifyLayer { layer: 101 });
        let body = encoded(&DecryptedMessage::Service8(Service8 { random_id: 7, random_bytes, action }));
        assert!(matches!(Meaning::read(&body, FileForm::Chain), Ok(Meaning::NotifyLayer(Layer::L101))));
        let (message, media) = (Bytes::new(b"text").unwrap(), DecryptedMessageMedia::Empty);
        let old = [
            DecryptedMessage::Message8(wire::DecryptedMessage8 { random_id: 7, random_bytes, message, media }),
            DecryptedMessage::Message17(wire::DecryptedMessage17 { random_id: 7, ttl: 0, message, media }),
        ];
        for old in old {
            let body = encoded(&old);
            assert!(matches!(Meaning::read(&body, FileForm::Chain), Ok(Meaning::News(Event::Unsupported))));
        }
    }
}
