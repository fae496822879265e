//! A message of the peer as its host gets it.

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
    /// Its id, the same in replies, deletes and reads. Repeats of an event repeat it.
    pub random_id: RandomId,
    /// Where it stands in the history, before and behind those of this end: see [`Position`].
    pub position: Position,
    /// When it arrived, by the transport's account.
    pub date: Timestamp,
    /// What it says. Show it, store it, hand it on as its `rights` allow.
    pub content: Content,
    /// The file that the transport brought with it.
    pub file: Option<IncomingFile>,
    /// The message that this one answers.
    pub reply_to: Option<RandomId>,
    /// The album that this one belongs to.
    pub grouped_id: Option<GroupedId>,
    /// The bot through which it was made.
    pub via_bot: Option<String>,
    /// Whether the device should stay quiet.
    pub silent: bool,
    /// The self-destruct timer fixed in it. The key of its medium, and the preview of a hidden one, come with
    /// [`Event::Opened`](crate::Event::Opened) then, and so does all the content of one that its sender hides.
    pub ttl: Ttl,
    /// The layer it was written at.
    pub layer: Layer,
}

/// What a message says, with what its host may do with it.
#[non_exhaustive]
pub struct Content {
    /// What the host may do with the rest.
    pub rights: Rights,
    /// The text, or the caption. **Untrusted**, like everything the peer writes: it may turn the direction of what stands
    /// beside it on a screen, unless `isolate` of the crate `secretchat-markdown` closes it off.
    pub text: String,
    /// How parts of the text look; those that do not fit the text are left out.
    pub entities: Vec<Entity>,
    /// A medium.
    pub media: Option<Media>,
}

/// What is known of a message besides its body.
pub(crate) struct Outside {
    /// When it arrived, by the transport's account.
    pub(crate) date: Option<Timestamp>,
    /// When it was taken in.
    pub(crate) now: Timestamp,
    /// Where it stands in the history.
    pub(crate) position: Position,
    /// The layer it was written at.
    pub(crate) layer: Layer,
    /// The file that the transport brought with it.
    pub(crate) file: Option<IncomingFile>,
    /// The most that the host lets a notification show.
    pub(crate) notification_cap: Notification,
}

/// A message, and what the chat keeps of it while its timer lasts.
pub(crate) struct Received {
    pub(crate) message: Message,
    /// What timers see in it.
    pub(crate) kind: ContentKind,
    /// What unlocks its medium; nothing is held back of a message without a timer.
    pub(crate) held: Option<Held>,
}

impl Received {
    /// Puts a message together. A date in the future counts as now. Where the transport's file is not the one that is
    /// described, the medium has no key: there is nothing to decrypt (SPEC MED-3). The key of a medium with a timer, and
    /// the preview of a hidden one, never reach the host with the message (SPEC DES-3), nor does anything that is said in
    /// one that its sender hides (SPEC DES-14).
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
        let message =
            Message { random_id, position, date, content, file, reply_to, grouped_id, via_bot, silent, ttl, layer };
        Self { message, kind, held }
    }
}

impl Content {
    /// Returns what a body says, with what may be done with it.
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
