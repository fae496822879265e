//! Messages of the peer in owned and bounded form. Everything here is authentic and **untrusted**.

use alloc::string::String;

use zeroize::Zeroizing;

use super::body::Body;
use super::entity::Entity;
use super::entity_wire::read_entities;
use super::incoming_media::read_media;
use super::outgoing::{HIDDEN, PROTECTED};
use super::scalars::{lossy, name};
use crate::media::FileForm;
use crate::types::id::{GroupedId, RandomId};
use crate::types::time::Ttl;
use crate::wire::{Bytes, DecryptedMessage, DecryptedMessageMedia, MessageEntity, Vector};

/// Reads what a user wrote. Returns `None` if there is no id, since nothing could then be deleted, read or answered
/// (SPEC MSG-1). Also returns `None` for the forms of layers that nobody sends inside sequence numbers: TDLib
/// discards their contents too.
pub(crate) fn read_body(message: &DecryptedMessage<'_>, form: FileForm) -> Option<Body> {
    let any = match *message {
        DecryptedMessage::Message73(message) => AnyForm {
            random_id: message.random_id,
            ttl: message.ttl,
            text: message.message,
            media: message.media,
            entities: message.entities,
            via_bot_name: message.via_bot_name,
            reply_to_random_id: message.reply_to_random_id,
            grouped_id: message.grouped_id,
            silent: message.silent(),
            protected: message.flags.has(PROTECTED),
            hidden: message.flags.has(HIDDEN),
        },
        DecryptedMessage::Message45(message) => AnyForm {
            random_id: message.random_id,
            ttl: message.ttl,
            text: message.message,
            media: message.media,
            entities: message.entities,
            via_bot_name: message.via_bot_name,
            reply_to_random_id: message.reply_to_random_id,
            grouped_id: None,
            silent: false,
            protected: false,
            hidden: false,
        },
        DecryptedMessage::Message8(_)
        | DecryptedMessage::Message17(_)
        | DecryptedMessage::Service8(_)
        | DecryptedMessage::Service17(_) => return None,
    };
    (any.random_id != 0).then(|| any.read(form))
}

/// The common parts of all forms of a message.
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
    protected: bool,
    hidden: bool,
}

impl AnyForm<'_> {
    fn read(self, form: FileForm) -> Body {
        let (media, caption) = match &self.media {
            None => (None, Bytes::EMPTY),
            Some(media) => read_media(media, form),
        };
        let text = joined(self.text, caption);
        let mut entities = self.entities.map(|entities| read_entities(&entities)).unwrap_or_default();
        let mut fits = Entity::fit(&text, &entities).into_iter();
        entities.retain(|_| fits.next().unwrap_or(false));
        Body {
            random_id: RandomId(self.random_id),
            ttl: Ttl::from_wire(self.ttl),
            text,
            entities,
            media,
            reply_to: self.reply_to_random_id.filter(|id| *id != 0).map(RandomId),
            grouped_id: self.grouped_id.filter(|id| *id != 0).map(GroupedId),
            via_bot: self.via_bot_name.map(name).filter(|name| !name.is_empty()),
            silent: self.silent,
            protected: self.protected,
            hidden: self.hidden,
        }
    }
}

/// Joins the text and the caption as TDLib does, with a blank line between them if both are present. A text that grew
/// would leave a copy behind.
fn joined(text: Bytes<'_>, caption: Bytes<'_>) -> String {
    if caption.as_slice().is_empty() {
        return lossy(text);
    }
    if text.as_slice().is_empty() {
        return lossy(caption);
    }
    let [text, caption] = [text, caption].map(|part| Zeroizing::new(lossy(part)));
    [text.as_str(), "\n\n", caption.as_str()].concat()
}
