//! Received messages, as the host gets them.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::body::Body;
use super::{Entity, Held, IncomingFile, Media};
use crate::destruct::{ContentKind, Notification, Rights};
use crate::profile::Rules;
use crate::types::id::{GroupedId, Layer, Position, RandomId};
use crate::types::time::{Timestamp, Ttl};

/// A message that arrived. Only a chat makes it, so there is no constructor.
///
/// ```
#[doc = include_str!("../guide/two_ends.txt")]
/// use secretchat::{Draft, Event, Media};
///
/// alice.send(&Draft::text("See you at eight"), env)?;
/// carry(&mut alice, &mut bob, env)?;
/// let events = carry(&mut bob, &mut alice, env)?;
/// let [Event::Message(message)] = &events[..] else { panic!("Bob's user has something to read") };
/// match &message.content.media {
///     None => println!("{} {}", message.date.as_unix_seconds(), message.content.text),
///     Some(Media::Photo(photo)) => println!("a photo of {} x {}", photo.width, photo.height),
///     Some(_) => println!("something else"),
/// }
/// // The app's history has it under its id, once, however often the event comes.
/// let row = (message.random_id, &message.content.text);
/// # assert_eq!(row.1, "See you at eight");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
pub struct Message {
    /// The id of the message, the same in replies, deletes and reads. A repeated event has the same id.
    pub random_id: RandomId,
    /// The place of the message in the history, among those of both ends: see [`Position`].
    pub position: Position,
    /// The arrival time, as reported by the transport.
    pub date: Timestamp,
    /// The content. Show, store or forward it only as its `rights` allow.
    pub content: Content,
    /// The file that the transport delivered with the message.
    pub file: Option<IncomingFile>,
    /// The message that this one answers.
    pub reply_to: Option<RandomId>,
    /// The album that this one belongs to.
    pub grouped_id: Option<GroupedId>,
    /// The bot through which the message was made.
    pub via_bot: Option<String>,
    /// Whether the device should stay quiet.
    pub silent: bool,
    /// The self-destruct timer fixed in the message. If there is one, the key of its medium and the preview of a
    /// hidden medium come with [`Event::Opened`](crate::Event::Opened). So does all the content of a message that
    /// its sender hides.
    pub ttl: Ttl,
    /// The layer at which the message was written.
    pub layer: Layer,
}

/// The content of a message, with what its host may do with it.
#[non_exhaustive]
pub struct Content {
    /// The rights of the host to the content.
    pub rights: Rights,
    /// The text, or the caption. **Untrusted**, like everything that the peer writes. It may change the writing
    /// direction of what is next to it on a screen, unless `isolate` of the crate `secretchat-markdown` encloses
    /// it.
    pub text: String,
    /// The formatting of parts of the text. Entities that do not fit the text are left out.
    pub entities: Vec<Entity>,
    /// A medium.
    pub media: Option<Media>,
}

/// The facts about a message besides its body.
pub(crate) struct Outside {
    /// The arrival time, as reported by the transport.
    pub(crate) date: Option<Timestamp>,
    /// The time at which it is processed.
    pub(crate) now: Timestamp,
    /// The place of the message in the history.
    pub(crate) position: Position,
    /// The layer at which it was written.
    pub(crate) layer: Layer,
    /// The file that the transport delivered with the message.
    pub(crate) file: Option<IncomingFile>,
    /// The most that the host lets a notification show.
    pub(crate) notification_cap: Notification,
}

/// A message, and what the chat keeps of it while its timer runs.
pub(crate) struct Received {
    pub(crate) message: Box<Message>,
    /// The kind of the content, for timers.
    pub(crate) kind: ContentKind,
    /// The key and the preview of its medium. Nothing is held back from a message without a timer.
    pub(crate) held: Option<Held>,
}

impl Received {
    /// Puts a message together. A date in the future counts as now. If the transport's file is not the one
    /// described, the medium has no key: there is nothing to decrypt (SPEC MED-3). The key of a medium with a
    /// timer, and the preview of a hidden medium, never reach the host with the message (SPEC DES-3). Neither does
    /// any content of a message that its sender hides (SPEC DES-14).
    pub(crate) fn new(body: Body, outside: Outside, rules: &Rules) -> Self {
        let Body {
            random_id,
            ttl,
            text,
            entities,
            mut media,
            reply_to,
            grouped_id,
            via_bot,
            silent,
            protected,
            hidden,
        } = body;
        let Outside { date, now, position, layer, file, notification_cap } = outside;
        if let (Some(media), Some(file)) = (&mut media, &file) {
            media.keep_key_if(|size, key| file.fits(size, key, (rules.file_fingerprint)(key)));
        }
        // Without a timer there is nothing that opening would start, and nothing is hidden.
        let hidden = hidden && rules.senders_ask && !ttl.is_off();
        let kind = Media::kind_of(media.as_ref());
        let kind = if hidden { kind.hidden() } else { kind };
        let rights = (rules.rights)(ttl, kind).with_notification_cap(notification_cap);
        let rights = if protected && rules.senders_ask { rights.protected() } else { rights };
        // What its sender hides is kept whole, with the preview.
        let with_preview = kind.is_hidden(ttl) && !hidden;
        let held = media.as_mut().filter(|_| !ttl.is_off()).and_then(|media| media.take_held(with_preview));
        let date = date.unwrap_or(now).min(now);
        let mut content = Content { rights, text, entities, media };
        if hidden {
            content.wipe();
        }
        let message = Box::new(Message {
            random_id,
            position,
            date,
            content,
            file,
            reply_to,
            grouped_id,
            via_bot,
            silent,
            ttl,
            layer,
        });
        Self { message, kind, held }
    }
}

impl Content {
    /// Returns the content of a body, with the rights to it.
    pub(super) fn of(Body { text, entities, media, .. }: Body, rights: Rights) -> Self {
        Self { rights, text, entities, media }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rights, text: _, entities: _, media } = self;
        f.debug_struct("Content").field("rights", rights).field("media", media).finish_non_exhaustive()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { random_id, position, date, content, file: _, reply_to, grouped_id, via_bot: _, silent, ttl, layer } =
            self;
        f.debug_struct("Message")
            .field("random_id", random_id)
            .field("position", position)
            .field("date", date)
            .field("content", content)
            .field("reply_to", reply_to)
            .field("grouped_id", grouped_id)
            .field("silent", silent)
            .field("ttl", ttl)
            .field("layer", layer)
            .finish_non_exhaustive()
    }
}
