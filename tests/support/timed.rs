//! What happens to messages with a timer, step by step; times are milliseconds after `pair::NOW`.

use secretchat::hazmat::wire::{
    Bytes, DecryptedMessage, DecryptedMessage73, DecryptedMessageMedia, Encode, Flags, encode_exact,
};
use secretchat::media::{MediaKey, SegmentKey};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Batch, Chat, Draft, Event, Handled, Input, Media, Message, Output, Photo, RandomId, RecordName, StoreKey,
    Thumbnail, Timestamp, TransmitId, TransmitKind, Ttl,
};

use super::pair::{self, at, env_at};
use super::rng::Seeded;

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const FILE_KEY: [u8; 32] = [0xa1; 32];
pub(crate) const FILE_IV: [u8; 32] = [0xb2; 32];
pub(crate) const PREVIEW: [u8; 16] = [0xc3; 16];

pub(crate) fn ttl(seconds: u32) -> Ttl {
    Ttl::from_seconds(seconds).unwrap()
}

pub(crate) fn text(ttl: Ttl) -> Draft {
    Draft::text("look").with_ttl(ttl)
}

pub(crate) fn file_key() -> MediaKey {
    SegmentKey::from_parts(FILE_KEY, FILE_IV).into()
}

pub(crate) fn preview() -> Thumbnail {
    Thumbnail::new(PREVIEW.to_vec(), 9, 6)
}

pub(crate) fn photo(ttl: Ttl) -> Draft {
    photo_under(file_key(), ttl)
}

/// Telegram's apps know chains.
#[cfg(feature = "telegram")]
pub(crate) fn telegram_photo(ttl: Ttl) -> Draft {
    photo_under(secretchat::media::ChainKey::from_parts(FILE_KEY, FILE_IV).into(), ttl)
}

pub(crate) fn photo_under(key: MediaKey, ttl: Ttl) -> Draft {
    let photo = Photo::new(90, 60, 1000, key).with_thumbnail(preview());
    Draft::media(Media::Photo(photo), "").with_ttl(ttl)
}

/// A message of the peer as it lies on the wire, with any timer.
pub(crate) fn on_the_wire(random_id: i64, ttl: i32, media: Option<DecryptedMessageMedia<'_>>) -> Vec<u8> {
    let message = DecryptedMessage::Message73(DecryptedMessage73 {
        flags: Flags::NONE,
        random_id,
        ttl,
        message: Bytes::new(b"look").unwrap(),
        media,
        entities: None,
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    });
    let mut bytes = vec![0; message.encoded_len()];
    assert!(encode_exact(&message, &mut bytes));
    bytes
}

/// Sends `draft`; its id and what is to be carried.
pub(crate) fn sends(chat: &mut Chat, draft: &Draft, millis: u64, rng: &mut Seeded) -> (RandomId, Vec<Output>) {
    let random_id = chat.send(draft, &mut env_at(millis, rng)).unwrap();
    (random_id, pair::outputs(chat))
}

/// Gives what one end wants carried to the other, and takes what that one says.
pub(crate) fn gives(carried: &[Output], to: &mut Chat, millis: u64, rng: &mut Seeded) -> Vec<Output> {
    for sealed in sealed_in(carried) {
        assert_eq!(to.handle(pair::ciphertext(&sealed), &mut env_at(millis, rng)), Ok(Handled::Applied));
    }
    pair::outputs(to)
}

pub(crate) fn sealed_in(outputs: &[Output]) -> Vec<Vec<u8>> {
    let sealed = outputs.iter().filter_map(|output| match output {
        Output::Transmit(transmit) => match &transmit.kind {
            TransmitKind::Ciphertext { bytes, .. } => Some(bytes.clone()),
            _ => None,
        },
        _ => None,
    });
    sealed.collect()
}

/// What ends when the host says that it is `millis`.
pub(crate) fn ends_at(chat: &mut Chat, millis: u64, rng: &mut Seeded) -> Vec<RandomId> {
    chat.handle_timeout(&mut env_at(millis, rng));
    expired(&pair::outputs(chat))
}

pub(crate) fn expired(outputs: &[Output]) -> Vec<RandomId> {
    let ended = outputs.iter().filter_map(|output| match output {
        Output::Event(Event::Expired { random_id, .. }) => Some(*random_id),
        _ => None,
    });
    ended.collect()
}

pub(crate) fn message_in(outputs: &[Output]) -> &Message {
    let mut messages = outputs.iter().filter_map(|output| match output {
        Output::Event(Event::Message(message)) => Some(&**message),
        _ => None,
    });
    messages.next().unwrap()
}

/// Kinds of outputs in their order: `Event`s by their names.
pub(crate) fn kinds(outputs: &[Output]) -> Vec<&'static str> {
    let kind = |output: &Output| match output {
        Output::Event(Event::Opened { .. }) => "Opened",
        Output::Event(Event::Expired { .. }) => "Expired",
        Output::Event(Event::Message(_)) => "Message",
        Output::Event(Event::KeyRefused { .. }) => "KeyRefused",
        Output::Event(Event::Deleted { .. }) => "Deleted",
        Output::Event(Event::Screenshot { .. }) => "Screenshot",
        Output::Event(Event::Closed { .. }) => "Closed",
        Output::Event(_) => "Event",
        Output::Persist(_) => "Persist",
        Output::Transmit(_) => "Transmit",
        _ => "other",
    };
    outputs.iter().map(kind).collect()
}

/// Whether there is a lease, and when it ends.
pub(crate) fn opened(outputs: &[Output]) -> (RandomId, bool, Timestamp) {
    let mut views = outputs.iter().filter_map(|output| match output {
        Output::Event(Event::Opened { random_id, lease, deadline, .. }) => {
            Some((*random_id, lease.is_some(), *deadline))
        }
        _ => None,
    });
    views.next().unwrap()
}

pub(crate) fn read_by_peer(outputs: &[Output]) -> Vec<RandomId> {
    let read = outputs.iter().filter_map(|output| match output {
        Output::Event(Event::ReadByPeer { random_ids, .. }) => Some(random_ids.clone()),
        _ => None,
    });
    read.flatten().collect()
}

pub(crate) fn read_date(chat: &mut Chat, max: u64, date: Option<Timestamp>, now: u64, rng: &mut Seeded) -> Vec<Output> {
    let read = Input::read(at(max), date);
    assert_eq!(chat.handle(read, &mut env_at(now, rng)), Ok(Handled::Applied));
    pair::outputs(chat)
}

/// The transport took over everything among `outputs`, so it says.
pub(crate) fn carried(chat: &mut Chat, outputs: &[Output], date: u64, now: u64, rng: &mut Seeded) {
    for id in transmit_ids(outputs) {
        let carried = Input::carried(id, Some(at(date)));
        assert_eq!(chat.handle(carried, &mut env_at(now, rng)), Ok(Handled::Applied));
    }
}

pub(crate) fn transmit_ids(outputs: &[Output]) -> Vec<TransmitId> {
    let ids = outputs.iter().filter_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.id),
        _ => None,
    });
    ids.collect()
}

/// A chat whose host keeps records from its first batch on.
pub(crate) struct Kept {
    pub(crate) chat: Chat,
    pub(crate) store: MemoryStore,
    store_key: [u8; 32],
}

impl Kept {
    /// `batches` is everything that `chat` wrote so far.
    pub(crate) fn new(chat: Chat, batches: &[Batch], store_key: [u8; 32]) -> Self {
        let mut store = MemoryStore::default();
        batches.iter().for_each(|batch| store.apply(batch).unwrap());
        Self { chat, store, store_key }
    }

    /// Takes the outputs: the batches go to the store.
    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        let outputs = pair::outputs(&mut self.chat);
        for output in &outputs {
            if let Output::Persist(batch) = output {
                self.store.apply(batch).unwrap();
            }
        }
        outputs
    }

    pub(crate) fn restart(&mut self, millis: u64, rng: &mut Seeded) {
        let records = self.store.load(self.chat.id().unwrap()).unwrap().unwrap();
        let key = StoreKey::new(self.store_key);
        self.chat = Chat::restore(&records, &key, None, &mut env_at(millis, rng)).unwrap();
    }

    /// The names of the records about timers.
    pub(crate) fn timed(&self) -> Vec<RandomId> {
        let records = self.store.load(self.chat.id().unwrap()).unwrap().unwrap();
        let ids = records.rows.iter().filter_map(|(name, _)| match name {
            RecordName::Timed(random_id) => Some(*random_id),
            _ => None,
        });
        ids.collect()
    }
}

/// A whole conversation in the Telegram profile, ready.
#[cfg(feature = "telegram")]
pub(crate) fn telegram() -> pair::Pair {
    use secretchat::{Config, DhGroup, PeerPolicy};

    let config = |key| {
        Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default).with_store(StoreKey::new([key; 32]))
    };
    pair::Pair::of(config(1), config(2))
}
