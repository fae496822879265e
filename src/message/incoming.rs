//! What the peer wrote, in owned and bounded form. Everything here is authentic and **untrusted**.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::body::Body;
use super::entity::fit;
use super::entity_wire::read_entities;
use super::incoming_media::read_media;
use super::scalars::{lossy, name};
use super::typing::read_typing;
use crate::event::Event;
use crate::id::{ExchangeId, GroupedId, KeyFingerprint, Layer, RandomId};
use crate::media::FileForm;
use crate::rekey::Said;
use crate::time::Ttl;
use crate::wire::{
    Bytes, DecodeError, DecryptedMessage, DecryptedMessageAction, DecryptedMessageMedia, MessageEntity, Service8,
    Service17, Vector, decode_exact,
};

/// The meaning of a message.
pub(crate) enum Meaning<'a> {
    /// What the user wrote.
    Message(Box<Body>),
    /// The host is told, and that is all.
    News(Event),
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

/// Reads the message inside a `decryptedMessageLayer`. Its file has the form of the chat's profile.
pub(crate) fn read_content(body: &[u8], form: FileForm) -> Result<Meaning<'_>, DecodeError> {
    Ok(match decode_exact::<DecryptedMessage<'_>>(body)? {
        DecryptedMessage::Message73(message) => {
            let any = AnyForm {
                random_id: message.random_id,
                ttl: message.ttl,
                text: message.message,
                media: message.media,
                entities: message.entities,
                via_bot_name: message.via_bot_name,
                reply_to_random_id: message.reply_to_random_id,
                grouped_id: message.grouped_id,
                silent: message.silent(),
            };
            any.read(form)
        }
        DecryptedMessage::Message45(message) => {
            let any = AnyForm {
                random_id: message.random_id,
                ttl: message.ttl,
                text: message.message,
                media: message.media,
                entities: message.entities,
                via_bot_name: message.via_bot_name,
                reply_to_random_id: message.reply_to_random_id,
                grouped_id: None,
                silent: false,
            };
            any.read(form)
        }
        // Zero names no message, be it the protocol's own (SPEC MSG-1). The last two are forms of layers that nobody sends
        // inside sequence numbers: TDLib throws their contents away, too.
        DecryptedMessage::Service17(Service17 { random_id: 0, .. })
        | DecryptedMessage::Service8(Service8 { random_id: 0, .. })
        | DecryptedMessage::Message8(_)
        | DecryptedMessage::Message17(_) => Meaning::News(Event::Unsupported),
        DecryptedMessage::Service17(service) => action(&service.action),
        // The protocol's page allows this form for NotifyLayer.
        DecryptedMessage::Service8(service) => action(&service.action),
    })
}

/// Returns whether the message inside a `decryptedMessageLayer` deletes itself: it took the slot of one whose content was
/// destroyed (SPEC SEQ-8).
pub(crate) fn deletes_itself(body: &[u8]) -> bool {
    match decode_exact::<DecryptedMessage<'_>>(body) {
        Ok(DecryptedMessage::Service17(Service17 {
            random_id,
            action: DecryptedMessageAction::DeleteMessages(delete),
        })) => delete.random_ids.iter().eq([random_id]),
        _ => false,
    }
}

/// What the forms of a message have in common.
struct AnyForm<'a> {
    random_id: i64,
    ttl: i32,
    text: Bytes<'a>,
    media: Option<DecryptedMessageMedia<'a>>,
    entities: Option<Vector<'a, MessageEntity<'a>>>,
    via_bot_name: Option<Bytes<'a>>,
    reply_to_random_id: Option<i64>,
    grouped_id: Option<i64>,
    silent: bool,
}

impl<'a> AnyForm<'a> {
    fn read(self, form: FileForm) -> Meaning<'a> {
        // Zero names no message: nothing could be deleted, read or answered by it.
        if self.random_id == 0 {
            return Meaning::News(Event::Unsupported);
        }
        let (media, caption) = match &self.media {
            None => (None, Bytes::EMPTY),
            Some(media) => read_media(media, form),
        };
        let text = joined(self.text, caption);
        let mut entities = self.entities.map(|entities| read_entities(&entities)).unwrap_or_default();
        let mut fits = fit(&text, &entities).into_iter();
        entities.retain(|_| fits.next().unwrap_or(false));
        Meaning::Message(Box::new(Body {
            random_id: RandomId(self.random_id),
            ttl: Ttl::from_wire(self.ttl),
            text,
            entities,
            media,
            reply_to: self.reply_to_random_id.filter(|id| *id != 0).map(RandomId),
            grouped_id: self.grouped_id.filter(|id| *id != 0).map(GroupedId),
            via_bot: self.via_bot_name.map(name).filter(|name| !name.is_empty()),
            silent: self.silent,
        }))
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

/// Joins the text and the caption as TDLib does, with a blank line between them where both are there.
fn joined(text: Bytes<'_>, caption: Bytes<'_>) -> String {
    let mut joined = lossy(text);
    if !caption.as_slice().is_empty() {
        if !joined.is_empty() {
            joined.push_str("\n\n");
        }
        joined.push_str(&lossy(caption));
    }
    joined
}
