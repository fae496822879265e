//! Learns all secrets of a story while it is played.

use std::collections::BTreeSet;

use hkdf::Hkdf;
use secretchat::media::MediaKey;
use secretchat::{Batch, ChatId, StoreKey};
use sha2::Sha256;

use super::exchanges;
use super::key_watch::KeyWatch;
use super::lives::{Hold, Known, Life, PLAYED};
use super::old_peer::OldPeer;
use super::sealing;
use super::story::{Audience, EARLY_TEXT, Kind, LOST_TEXT, OLD_TEXT, SHOWS, STORE_KEYS, Shown, Story, TEXT};

/// What has to be known to play a story and to search it.
pub(crate) struct Learned {
    pub(crate) secrets: Vec<Known>,
    /// What a program that speaks MTProto 1.0 says, in the Telegram profile.
    pub(crate) old_peer: Option<OldPeer>,
}

/// Plays a story, and returns its secrets. Each is computed apart from the code that is tested.
pub(crate) fn secrets_of(kind: Kind) -> Learned {
    let mut story = Story::new(kind, true);
    let mut learner = Learner::new(kind);
    for life in PLAYED {
        story.play(life, &mut learner);
    }
    let (exchanges, with_old_peer) = story.drawn();
    let (mut secrets, mut chat_keys) = exchanges::of_exchanges(kind, &exchanges);
    if let (Some(old_peer), Some(drawn)) = (&learner.old_peer, with_old_peer) {
        let (known, chat_key) = old_peer.secrets(&drawn);
        secrets.extend(known);
        chat_keys.push(chat_key);
    }
    let named: Vec<_> = learner.chat_keys.iter().map(|(_, key)| key.clone()).collect();
    assert_eq!(named, chat_keys, "{kind:?}: the records hold other keys than the draws lead to");
    secrets.append(&mut learner.secrets);
    secrets.extend(said(kind));
    for (n, (end, id)) in learner.ids.iter().enumerate() {
        // Those after the first two are of the chat with the old program.
        let last = if n < STORE_KEYS.len() { Life::Drop } else { Life::OldProtocol };
        secrets.extend(of_records(&STORE_KEYS[*end], *id, last));
    }
    for kept in &learner.in_records {
        let is_known = |known: &Known| known.secret.unmasked() == *kept;
        assert!(secrets.iter().any(is_known), "{kind:?}: {} bytes in the record of keys are unknown", kept.len());
    }
    Learned { secrets, old_peer: learner.old_peer }
}

/// Reads what leaves the chats.
struct Learner {
    kind: Kind,
    watches: [KeyWatch; 2],
    /// The chats of each end, in the order in which they begin.
    ids: Vec<(usize, ChatId)>,
    in_records: BTreeSet<Vec<u8>>,
    /// The chat keys by their names, in the order in which they became current.
    chat_keys: Vec<([u8; 8], Vec<u8>)>,
    messages: usize,
    secrets: Vec<Known>,
    old_peer: Option<OldPeer>,
}

impl Learner {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            watches: STORE_KEYS.map(|key| KeyWatch::new(StoreKey::new(key))),
            ids: Vec::new(),
            in_records: BTreeSet::new(),
            chat_keys: Vec::new(),
            messages: 0,
            secrets: Vec::new(),
            old_peer: None,
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
        if !self.ids.contains(&(end, batch.chat)) {
            self.ids.push((end, batch.chat));
        }
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

    fn sealed_file(&mut self, shown: &Shown, key: &MediaKey, sealed: &[u8]) {
        let (key, iv) = key.parts();
        let file = sealing::of_file(self.kind, shown.life, shown.picture.len(), [key, iv], sealed);
        self.secrets.extend(file);
    }

    fn old_peer(&mut self, public: &[u8]) -> OldPeer {
        self.old_peer.insert(OldPeer::answer(public)).clone()
    }
}

/// What the users say and show.
fn said(kind: Kind) -> Vec<Known> {
    let mut said = vec![
        Known::new("a text", TEXT.as_bytes(), Hold::OneCall),
        Known::new("a text that is lost", LOST_TEXT.as_bytes(), Hold::OneCall),
        Known::new("a text that waits", EARLY_TEXT.as_bytes(), Hold::Until(Life::Close)),
    ];
    if kind == Kind::Telegram {
        said.push(Known::new("a text under MTProto 1.0", OLD_TEXT.as_bytes(), Hold::OneCall));
    }
    for Shown { life, picture, preview, caption, timed_text, hidden_text, .. } in &SHOWS {
        let held = Hold::Until(*life);
        let mut know = |name, secret: &[u8], hold| said.push(Known::new(format!("{name} of {life:?}"), secret, hold));
        know("a caption", caption.as_bytes(), Hold::OneCall);
        know("a picture", picture, Hold::OneCall);
        know("a preview", preview, held);
        know("a text with a timer", timed_text.as_bytes(), Hold::OneCall);
        if kind.hides() {
            know("a hidden text", hidden_text.as_bytes(), held);
        }
    }
    said
}

/// The keys of one end's records (SPEC REC-2, REC-6), and what AES makes of one. A closed chat has records too.
fn of_records(store_key: &[u8; 32], chat: ChatId, last: Life) -> [Known; 5] {
    let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&chat.0), store_key);
    let expand = |label: &str| {
        let mut key = [0; 32];
        hkdf.expand(format!("secretchat/1 {label}").as_bytes(), &mut key).unwrap();
        key
    };
    let record_key = expand("record key");
    [
        Known::new("store key", store_key, Hold::OneCall),
        Known::new("a record's prk", &prk, Hold::OneCall),
        Known::new("record key", &record_key, Hold::Until(last)),
        Known::new("record set", &expand("record set"), Hold::Until(last)),
        Known::new("round keys of the records", &sealing::round_keys(&record_key), Hold::OneCall),
    ]
}
