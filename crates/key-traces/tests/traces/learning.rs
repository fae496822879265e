//! Learns all secrets of a story while it is played.

use std::collections::BTreeSet;

use hkdf::Hkdf;
use secretchat::media::MediaKey;
use secretchat::{Batch, ChatId, StoreKey};
use sha2::Sha256;

use super::exchanges;
use super::key_watch::KeyWatch;
use super::lives::{Hold, Known, Life, PLAYED};
use super::sealing;
use super::story::{
    Audience, CAPTION, EARLY_TEXT, HIDDEN_TEXT, Kind, PICTURE, PREVIEW, STORE_KEYS, Story, TEXT, TIMED_TEXT,
};

/// Plays a story, and returns its secrets. Each is computed apart from the code that is tested.
pub(crate) fn secrets_of(kind: Kind) -> Vec<Known> {
    let mut story = Story::new(kind, true);
    let mut learner = Learner::new(kind);
    for life in PLAYED {
        story.play(life, &mut learner);
    }
    let (mut secrets, chat_keys) = exchanges::of_exchanges(kind, &story.drawn());
    let named: Vec<_> = learner.chat_keys.iter().map(|(_, key)| key.clone()).collect();
    assert_eq!(named, chat_keys, "{kind:?}: the records hold other keys than the draws lead to");
    secrets.append(&mut learner.secrets);
    secrets.extend(said(kind));
    for (store_key, id) in STORE_KEYS.iter().zip(learner.ids) {
        secrets.extend(of_records(store_key, id.unwrap()));
    }
    for kept in &learner.in_records {
        let is_known = |known: &Known| known.secret.unmasked() == *kept;
        assert!(secrets.iter().any(is_known), "{kind:?}: {} bytes in the record of keys are unknown", kept.len());
    }
    secrets
}

/// Reads what leaves the chats.
struct Learner {
    kind: Kind,
    watches: [KeyWatch; 2],
    ids: [Option<ChatId>; 2],
    in_records: BTreeSet<Vec<u8>>,
    /// The chat keys by their names, in the order in which they became current.
    chat_keys: Vec<([u8; 8], Vec<u8>)>,
    messages: usize,
    secrets: Vec<Known>,
}

impl Learner {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            watches: STORE_KEYS.map(|key| KeyWatch::new(StoreKey::new(key))),
            ids: [None; 2],
            in_records: BTreeSet::new(),
            chat_keys: Vec::new(),
            messages: 0,
            secrets: Vec::new(),
        }
    }
}

impl Audience for Learner {
    fn chat(&mut self, _name: &str, call: &mut dyn FnMut()) {
        call();
    }

    fn file(&mut self, _name: &str, call: &mut dyn FnMut()) {
        call();
    }

    fn rest(&mut self, _life: Life) {}

    fn batch(&mut self, end: usize, batch: &Batch) {
        self.ids[end] = Some(batch.chat);
        let watch = &mut self.watches[end];
        watch.apply(batch);
        self.in_records.extend(watch.secrets().cloned());
        if let Some(name) = watch.kept().current
            && !self.chat_keys.iter().any(|(known, _)| *known == name)
        {
            self.chat_keys.push((name, watch.current_key()));
        }
    }

    fn sealed_message(&mut self, end: usize, sealed: &[u8]) {
        let (_, chat_key) = self.chat_keys.iter().find(|(name, _)| sealed.starts_with(name)).unwrap();
        self.secrets.extend(sealing::of_message(self.messages, self.kind, chat_key, end, sealed));
        self.messages += 1;
    }

    fn sealed_file(&mut self, key: &MediaKey, sealed: &[u8]) {
        let (key, iv) = key.parts();
        self.secrets.extend(sealing::of_file(self.kind, PICTURE.len(), key, iv, sealed));
    }
}

/// What the users say and show.
fn said(kind: Kind) -> impl Iterator<Item = Known> {
    let shown = [
        ("a text", TEXT.as_bytes(), Hold::OneCall),
        ("a text with a timer", TIMED_TEXT.as_bytes(), Hold::OneCall),
        ("a caption", CAPTION.as_bytes(), Hold::OneCall),
        ("a picture", &PICTURE, Hold::OneCall),
        ("a preview", &PREVIEW, Hold::Until(Life::View)),
        ("a text that waits", EARLY_TEXT.as_bytes(), Hold::Until(Life::Close)),
    ];
    let hidden = ("a hidden text", HIDDEN_TEXT.as_bytes(), Hold::Until(Life::View));
    let hidden = (kind != Kind::Telegram).then_some(hidden);
    shown.into_iter().chain(hidden).map(|(name, secret, hold)| Known::new(name, secret, hold))
}

/// The keys of one end's records (SPEC REC-2, REC-6). A closed chat has records too.
fn of_records(store_key: &[u8; 32], chat: ChatId) -> [Known; 4] {
    let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&chat.0), store_key);
    let expand = |label: &str| {
        let mut key = [0; 32];
        hkdf.expand(format!("secretchat/1 {label}").as_bytes(), &mut key).unwrap();
        Known::new(label, &key, Hold::Until(Life::Drop))
    };
    [
        Known::new("store key", store_key, Hold::OneCall),
        Known::new("a record's prk", &prk, Hold::OneCall),
        expand("record key"),
        expand("record set"),
    ]
}
