//! Two chats from their handshake to their end, told life by life.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Read;
use std::mem;

use key_traces::Masked;
use rand_core::utils::next_word_via_fill;
use rand_core::{TryCryptoRng, TryRng};
use secretchat::media::{self, FileForm, MediaKey};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Batch, Chat, ChatId, ChatState, Config, DhGroup, Draft, Env, Event, History, Input, Invitation, Output, PeerFault,
    PeerPolicy, Photo, RandomId, RekeyState, Start, StoreKey, Thumbnail, Timestamp, TransmitKind, Ttl,
};

use super::exchanges::Drawn;
use super::lives::Life;

pub(crate) const STORE_KEYS: [[u8; 32]; 2] =
    [*b"of all that alice's phone keeps.", *b"that of the records on bob's one"];
/// What a user says. A chat keeps none of it between calls: a message is sealed, or the host's.
pub(crate) const TEXT: &str = "An ordinary text, which lives for as long as the hosts keep it.";
pub(crate) const TIMED_TEXT: &str = "This text is read at once, and ends half a minute after that.";
pub(crate) const CAPTION: &str = "A caption is told with its message, whatever the medium hides.";
/// What the receiver's chat keeps until the end of the timer (SPEC DES-10, DES-14).
pub(crate) const HIDDEN_TEXT: &str = "Nobody sees this text before it is opened, nor after its end.";
pub(crate) const PREVIEW: [u8; 96] = scattered(3);
/// What a file shows to those who open it.
pub(crate) const PICTURE: [u8; 1_000] = scattered(7);
/// What the receiver's chat keeps until what is missing before it has come (SPEC SEQ-3).
pub(crate) const EARLY_TEXT: &str = "This text waits for another, which is lost on the way for good.";

const PHOTO: RandomId = RandomId(7);
const TIMED: RandomId = RandomId(8);
const HIDDEN: RandomId = RandomId(9);
const NOW: u64 = 1_700_000_000_000;

/// Returns bytes in which no part occurs twice.
const fn scattered<const N: usize>(mut state: u32) -> [u8; N] {
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes[at] = state.to_be_bytes()[0];
        at += 1;
    }
    bytes
}

/// Who watches a story while it is played.
pub(crate) trait Audience {
    /// Runs a call on a chat.
    fn chat(&mut self, name: &str, call: &mut dyn FnMut());

    /// Runs a call that seals or opens a file.
    fn file(&mut self, name: &str, call: &mut dyn FnMut());

    /// Looks around between two calls, while the hosts hold nothing.
    fn rest(&mut self, life: Life);

    /// Sees a batch of one end.
    fn batch(&mut self, _end: usize, _batch: &Batch) {}

    /// Sees a message that one end sends.
    fn sealed_message(&mut self, _end: usize, _sealed: &[u8]) {}

    /// Sees a file that was sealed.
    fn sealed_file(&mut self, _key: &MediaKey, _sealed: &[u8]) {}
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    X25519,
    Hybrid,
    Telegram,
}

/// xorshift64*: writes each byte where it is asked for, and keeps none.
#[derive(Debug)]
struct Draws {
    state: u64,
    /// Draws as long as a secret of the profile, if they are noted.
    noted: Option<Vec<Masked>>,
    secret_lens: &'static [usize],
}

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for byte in to.iter_mut() {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            *byte = self.state.to_be_bytes()[3];
        }
        if self.secret_lens.contains(&to.len())
            && let Some(noted) = &mut self.noted
        {
            noted.push(Masked::new(to));
        }
        Ok(())
    }
}

impl TryCryptoRng for Draws {}

/// Both ends, and what is on its way.
pub(crate) struct Story {
    kind: Kind,
    ends: [Option<Chat>; 2],
    ids: [Option<ChatId>; 2],
    stores: [MemoryStore; 2],
    wire: VecDeque<(usize, TransmitKind)>,
    /// What was lent and is not dropped yet.
    lent: Vec<Event>,
    rng: Draws,
    now: u64,
    life: Life,
    /// The names of the exchanges, and whether the responder began them.
    rekeys: Vec<(i64, bool)>,
}

impl Story {
    /// Begins a story. `learns` notes the secrets that are drawn.
    pub(crate) fn new(kind: Kind, learns: bool) -> Self {
        let secret_lens: &[usize] = match kind {
            Kind::X25519 => &[32],
            Kind::Hybrid => &[32, 64],
            Kind::Telegram => &[256],
        };
        let rng = Draws { state: 0x1234_5678_9abc_def1, noted: learns.then(Vec::new), secret_lens };
        Self {
            kind,
            ends: [None, None],
            ids: [None, None],
            stores: Default::default(),
            wire: VecDeque::new(),
            lent: Vec::new(),
            rng,
            now: NOW,
            life: Life::Handshake,
            rekeys: Vec::new(),
        }
    }

    /// Plays one life.
    pub(crate) fn play(&mut self, life: Life, audience: &mut dyn Audience) {
        self.life = life;
        match life {
            Life::Handshake => self.shake_hands(audience),
            Life::FirstRekey => self.rekey(0, audience),
            Life::SecondRekey => self.rekey(1, audience),
            Life::View => self.view(audience),
            Life::Close => self.close(audience),
            Life::Drop => self.drop_both(audience),
        }
    }

    /// Returns what the ends drew for each exchange.
    pub(crate) fn drawn(&mut self) -> Vec<Drawn> {
        let noted = self.rng.noted.take().unwrap();
        let of_one_end = self.rng.secret_lens.len();
        let mut draws = noted.iter().map(Masked::unmasked);
        let mut next = || draws.by_ref().take(of_one_end).collect();
        let names = mem::take(&mut self.rekeys);
        let exchanges = [None].into_iter().chain(names.into_iter().map(Some));
        exchanges.map(|rekey| Drawn { request: next(), answer: next(), rekey }).collect()
    }

    /// A new process goes on with the request. Then what nobody meant comes before the answer.
    fn shake_hands(&mut self, audience: &mut dyn Audience) {
        let config = self.config(0);
        let Self { ends, rng, now, .. } = self;
        let (mut config, mut env) = (Some(config), Env::new(Timestamp::from_millis(*now), rng));
        audience.chat("request", &mut || ends[0] = Some(Chat::request(config.take().unwrap(), &mut env).unwrap()));
        self.take(0, audience);
        self.drop_and_restore(0, "restore what asked", audience);
        self.deliver_one("accept", audience);
        self.wrong_answers(audience);
        self.deliver("accepted", audience);
        self.texts(audience);
    }

    /// New processes go on with the request, and with the answer.
    fn rekey(&mut self, asks: usize, audience: &mut dyn Audience) {
        self.call(asks, "rekey", audience, |chat, env| chat.rekey(env).unwrap());
        if let RekeyState::Requested { exchange_id } = self.ends[asks].as_ref().unwrap().rekey_state() {
            self.rekeys.push((exchange_id.0, asks == 1));
        }
        let before = self.ends[asks].as_ref().unwrap().rekeys();
        self.drop_and_restore(asks, "restore what asked for a key", audience);
        self.deliver_one("a request for a key", audience);
        self.drop_and_restore(1 - asks, "restore what answered", audience);
        self.deliver("exchange", audience);
        self.texts(audience);
        self.texts(audience);
        assert!(self.ends.iter().flatten().all(|chat| chat.rekeys() == before + 1), "both have a new key");
    }

    /// A photo, a text, and where there are such a hidden text: each lives for half a minute.
    fn view(&mut self, audience: &mut dyn Audience) {
        let (key, sealed) = self.sealed_picture(audience);
        let ttl = Ttl::from_seconds(30).unwrap();
        let size = u64::try_from(PICTURE.len()).unwrap();
        let photo = Photo::new(9, 6, size, key).with_thumbnail(Thumbnail::new(PREVIEW, 9, 6));
        self.send(Draft::media(photo, CAPTION).with_ttl(ttl).with_random_id(PHOTO), audience);
        self.send(Draft::text(TIMED_TEXT).with_ttl(ttl).with_random_id(TIMED), audience);
        let hides = self.kind != Kind::Telegram;
        if hides {
            self.send(Draft::text(HIDDEN_TEXT).with_ttl(ttl).with_random_id(HIDDEN).hidden(), audience);
        }
        self.call(1, "open", audience, |chat, env| _ = chat.open_view(PHOTO, env).unwrap());
        self.look_at_picture(&sealed, audience);
        if hides {
            self.call(1, "open a text", audience, |chat, env| _ = chat.open_view(HIDDEN, env).unwrap());
        }
        let lent = &mut self.lent;
        audience.chat("drop what was lent", &mut || lent.clear());
        self.call(1, "read", audience, |chat, env| _ = chat.mark_read(&[TIMED], env).unwrap());
        self.deliver("opened", audience);
        self.now += 40_000;
        for end in [0, 1] {
            self.call(end, "the end of the timer", audience, Chat::handle_timeout);
        }
    }

    /// Chats that are open, or that are closed. Open ones still hold what goes when they are closed.
    fn drop_both(&mut self, audience: &mut dyn Audience) {
        let are_closed = self.ends.iter().flatten().all(|chat| matches!(chat.state(), ChatState::Closed(_)));
        audience.rest(if are_closed { Life::Drop } else { Life::Close });
        for chat in &mut self.ends {
            audience.chat("drop", &mut || *chat = None);
        }
    }

    /// New processes go on with the chats. Alice closes while a text waits in vain at bob's end.
    fn close(&mut self, audience: &mut dyn Audience) {
        for end in [0, 1] {
            self.restore(end, "restore", audience);
        }
        self.deliver("after the restart", audience);
        for text in [TEXT, EARLY_TEXT] {
            let draft = Draft::text(text);
            self.call(0, "send", audience, |chat, env| _ = chat.send(&draft, env).unwrap());
        }
        _ = self.wire.pop_front();
        self.deliver_one("an early text", audience);
        // The request for what was lost is lost too.
        self.wire.clear();
        audience.rest(self.life);
        self.call(0, "close", audience, |chat, env| chat.close(History::Keep, env));
        self.deliver("closed", audience);
    }

    fn sealed_picture(&self, audience: &mut dyn Audience) -> (MediaKey, Vec<u8>) {
        let form = match self.kind {
            Kind::X25519 | Kind::Hybrid => FileForm::Segments,
            Kind::Telegram => FileForm::Chain,
        };
        let mut rng = Draws { state: 0x0f1e_2d3c_4b5a_6978, noted: None, secret_lens: &[] };
        let mut made = None;
        audience.file("seal a picture", &mut || made = Some(media::seal(form, &PICTURE, &mut rng).unwrap()));
        let (key, sealed) = made.unwrap();
        audience.sealed_file(&key, &sealed);
        (key, sealed)
    }

    /// Opens the picture with what was lent, as a whole and by a reader. Its bytes are the host's.
    fn look_at_picture(&self, sealed: &[u8], audience: &mut dyn Audience) {
        let [Event::Opened { lease: Some(lease), .. }] = &self.lent[..] else { panic!("a lease") };
        assert!(lease.thumbnail().is_some_and(|thumbnail| thumbnail.jpeg == PREVIEW));
        let mut whole = Vec::new();
        audience.file("open a picture", &mut || whole = lease.open(sealed).unwrap());
        let mut read = vec![0; PICTURE.len()];
        audience.file("read a picture", &mut || lease.reader(sealed).unwrap().read_exact(&mut read).unwrap());
        assert!(whole == PICTURE && read == PICTURE);
    }

    fn send(&mut self, draft: Draft, audience: &mut dyn Audience) {
        self.call(0, "send", audience, |chat, env| _ = chat.send(&draft, env).unwrap());
        drop(draft);
        self.deliver("message", audience);
    }

    fn texts(&mut self, audience: &mut dyn Audience) {
        for end in [0, 1] {
            let draft = Draft::text(TEXT);
            self.call(end, "send", audience, |chat, env| _ = chat.send(&draft, env).unwrap());
            drop(draft);
            self.deliver("message", audience);
        }
    }

    fn config(&self, end: usize) -> Start {
        let names = [["alice", "bob"], ["bob", "alice"]][end];
        let config = match self.kind {
            Kind::X25519 => Config::x25519(names[0], names[1]).unwrap(),
            Kind::Hybrid => Config::hybrid(names[0], names[1]).unwrap(),
            Kind::Telegram => Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default),
        };
        config.with_store(StoreKey::new(STORE_KEYS[end]))
    }

    fn call(
        &mut self,
        end: usize,
        name: &str,
        audience: &mut dyn Audience,
        mut call: impl FnMut(&mut Chat, &mut Env<'_>),
    ) {
        let Self { ends, rng, now, .. } = self;
        let chat = ends[end].as_mut().unwrap();
        audience.chat(name, &mut || call(chat, &mut Env::new(Timestamp::from_millis(*now), rng)));
        self.take(end, audience);
    }

    /// Takes the outputs: batches are kept, what is lent waits, the rest goes on its way.
    fn take(&mut self, end: usize, audience: &mut dyn Audience) {
        while let Some(output) = self.ends[end].as_mut().unwrap().poll_output() {
            match output {
                Output::Persist(batch) => {
                    self.ids[end] = Some(batch.chat);
                    self.stores[end].apply(&batch).unwrap();
                    audience.batch(end, &batch);
                }
                Output::Transmit(transmit) => {
                    if let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind {
                        audience.sealed_message(end, bytes);
                    }
                    self.wire.push_back((1 - end, transmit.kind));
                }
                Output::Event(event @ Event::Opened { .. }) => self.lent.push(event),
                _ => {}
            }
        }
    }

    /// Everything that is on its way arrives.
    fn deliver(&mut self, name: &str, audience: &mut dyn Audience) {
        while !self.wire.is_empty() {
            self.deliver_one(name, audience);
        }
    }

    fn deliver_one(&mut self, name: &str, audience: &mut dyn Audience) {
        audience.rest(self.life);
        let (to, kind) = self.wire.pop_front().unwrap();
        if let TransmitKind::Request { public, .. } = &kind {
            let config = self.config(to);
            let Self { ends, rng, now, .. } = self;
            let (mut config, mut env) = (Some(config), Env::new(Timestamp::from_millis(*now), rng));
            audience.chat("accept", &mut || {
                let invitation = Invitation::parse(public, config.take().unwrap()).unwrap();
                ends[to] = Some(invitation.accept(&mut env).unwrap());
            });
            return self.take(to, audience);
        }
        if let TransmitKind::Ciphertext { bytes, .. } = &kind {
            self.peek(to, bytes, audience);
        }
        self.call(to, name, audience, |chat, env| {
            let input = match &kind {
                TransmitKind::Accept { public, fingerprint, .. } => Input::accepted(public, *fingerprint),
                TransmitKind::Discard { history, proof, .. } => Input::discarded(*history, *proof),
                TransmitKind::Ciphertext { bytes, .. } => Input::ciphertext(bytes, None, None),
                other => panic!("{other:?}"),
            };
            chat.handle(input, env).unwrap();
        });
    }

    /// Looks into a message for a notification, which is the host's.
    fn peek(&self, end: usize, bytes: &[u8], audience: &mut dyn Audience) {
        let chat = self.ends[end].as_ref().unwrap();
        let mut seen = None;
        audience.chat("peek", &mut || seen = Some(chat.peek(bytes).unwrap()));
    }

    /// The process of one end dies, and a new one goes on.
    fn drop_and_restore(&mut self, end: usize, name: &str, audience: &mut dyn Audience) {
        let chat = &mut self.ends[end];
        audience.chat("drop", &mut || *chat = None);
        self.restore(end, name, audience);
    }

    /// Goes on from the records.
    fn restore(&mut self, end: usize, name: &str, audience: &mut dyn Audience) {
        let Self { ends, stores, rng, now, .. } = self;
        let records = stores[end].load(self.ids[end].unwrap()).unwrap().unwrap();
        let (key, mut env) = (StoreKey::new(STORE_KEYS[end]), Env::new(Timestamp::from_millis(*now), rng));
        audience.chat(name, &mut || ends[end] = Some(Chat::restore(&records, &key, None, &mut env).unwrap()));
        self.take(end, audience);
    }

    /// What nobody meant comes before the answer: another fingerprint, and another value with the right one.
    fn wrong_answers(&mut self, audience: &mut dyn Audience) {
        let Some((0, TransmitKind::Accept { public, fingerprint, .. })) = self.wire.front().cloned() else {
            panic!("an answer")
        };
        // A server that makes such things up is believed and ends the chat.
        if self.kind == Kind::Telegram {
            return;
        }
        let mut other = fingerprint.to_bytes();
        other[0] ^= 1;
        let mut damaged = public.clone();
        // In the hybrid profile this is the ciphertext, elsewhere the X25519 value.
        damaged[public.len() / 2] ^= 1;
        for (public, fingerprint) in [(&public, secretchat::KeyFingerprint::from_bytes(other)), (&damaged, fingerprint)]
        {
            self.call(0, "a wrong answer", audience, |chat, env| {
                let refused = chat.handle(Input::accepted(public, fingerprint), env);
                assert_eq!(refused, Err(PeerFault::FingerprintMismatch));
            });
        }
    }
}
