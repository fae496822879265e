//! The life of two chats, told step by step.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::mem;

use key_traces::Masked;
use rand_core::utils::next_word_via_fill;
use rand_core::{TryCryptoRng, TryRng};
use secretchat::media::{ChainKey, MediaKey, SegmentKey};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Config, DhGroup, Draft, Env, History, Input, Invitation, Media, Output, PeerFault, PeerPolicy, Photo,
    RandomId, RekeyState, Start, StoreKey, Timestamp, TransmitKind, Ttl,
};

use super::key_watch::KeyWatch;
use super::secrets::{Drawn, Named};

pub(crate) const STORE_KEYS: [[u8; 32]; 2] = [[0x51; 32], [0x52; 32]];
pub(crate) const FILE_KEY: [u8; 32] = *b"the key of a photo with a timer.";
pub(crate) const FILE_IV: [u8; 32] = *b"and its iv, which is secret too.";
const PHOTO: RandomId = RandomId(7);
const NOW: u64 = 1_700_000_000_000;

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
    pub(crate) ends: [Option<Chat>; 2],
    stores: [MemoryStore; 2],
    wire: VecDeque<(usize, TransmitKind)>,
    rng: Draws,
    /// Reads what the chats write, if the secrets are to be learned.
    learns: Option<[KeyWatch; 2]>,
    now: u64,
    pub(crate) secrets: Vec<Named>,
    /// The names of the exchanges, and whether the responder began them.
    rekeys: Vec<(i64, bool)>,
}

pub(crate) type Step<'a> = dyn FnMut(&str, &mut dyn FnMut()) + 'a;

impl Story {
    pub(crate) fn new(kind: Kind, learns: bool) -> Self {
        let secret_lens: &[usize] = match kind {
            Kind::X25519 => &[32],
            Kind::Hybrid => &[32, 64],
            Kind::Telegram => &[256],
        };
        let rng = Draws { state: 0x1234_5678_9abc_def1, noted: learns.then(Vec::new), secret_lens };
        let learns = learns.then(|| STORE_KEYS.map(|key| KeyWatch::new(StoreKey::new(key))));
        let (ends, stores, wire) = ([None, None], Default::default(), VecDeque::new());
        Self { kind, ends, stores, wire, rng, learns, now: NOW, secrets: Vec::new(), rekeys: Vec::new() }
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

    fn call(&mut self, end: usize, name: &str, step: &mut Step<'_>, mut call: impl FnMut(&mut Chat, &mut Env<'_>)) {
        let Self { ends, rng, now, .. } = self;
        let chat = ends[end].as_mut().unwrap();
        step(name, &mut || call(chat, &mut Env::new(Timestamp::from_millis(*now), rng)));
        self.take(end);
    }

    /// Takes the outputs: batches are kept and read, leases dropped, the rest goes on its way.
    fn take(&mut self, end: usize) {
        while let Some(output) = self.ends[end].as_mut().unwrap().poll_output() {
            match output {
                Output::Persist(batch) => {
                    self.stores[end].apply(&batch).unwrap();
                    if let Some(watches) = &mut self.learns {
                        watches[end].apply(&batch);
                        for secret in watches[end].secrets() {
                            if !self.secrets.iter().any(|(_, known)| known == secret) {
                                let name =
                                    format!("{} {} of {}", secret.len(), self.secrets.len(), ["alice", "bob"][end]);
                                self.secrets.push((name, secret.clone()));
                            }
                        }
                    }
                }
                Output::Transmit(transmit) => self.wire.push_back((1 - end, transmit.kind)),
                Output::Event(event) => drop(event),
                _ => {}
            }
        }
    }

    /// Everything that is on its way arrives.
    fn deliver(&mut self, name: &str, step: &mut Step<'_>) {
        while !self.wire.is_empty() {
            self.deliver_one(name, step);
        }
    }

    fn deliver_one(&mut self, name: &str, step: &mut Step<'_>) {
        let (to, kind) = self.wire.pop_front().unwrap();
        if let TransmitKind::Request { public, .. } = &kind {
            let config = self.config(to);
            let Self { ends, rng, now, .. } = self;
            let (mut config, mut env) = (Some(config), Env::new(Timestamp::from_millis(*now), rng));
            step("accept", &mut || {
                let invitation = Invitation::parse(public, config.take().unwrap()).unwrap();
                ends[to] = Some(invitation.accept(&mut env).unwrap());
            });
            return self.take(to);
        }
        let Self { ends, rng, now, .. } = self;
        let chat = ends[to].as_mut().unwrap();
        let mut env = Env::new(Timestamp::from_millis(*now), rng);
        step(name, &mut || {
            let input = match &kind {
                TransmitKind::Accept { public, fingerprint, .. } => Input::accepted(public, *fingerprint),
                TransmitKind::Discard { history, proof, .. } => Input::discarded(*history, *proof),
                TransmitKind::Ciphertext { bytes, .. } => Input::ciphertext(bytes, None, None),
                other => panic!("{other:?}"),
            };
            chat.handle(input, &mut env).unwrap();
        });
        self.take(to);
    }

    fn texts(&mut self, step: &mut Step<'_>) {
        for end in [0, 1] {
            self.call(end, "send", step, |chat, env| assert!(chat.send(&Draft::text("hello"), env).is_ok()));
            self.deliver("message", step);
        }
    }

    /// A new process goes on from the records.
    fn restore(&mut self, end: usize, name: &str, step: &mut Step<'_>) {
        let id = self.ends[end].as_ref().unwrap().id().unwrap();
        let Self { ends, stores, rng, now, .. } = self;
        let records = stores[end].load(id).unwrap().unwrap();
        step("drop", &mut || ends[end] = None);
        step(name, &mut || {
            let mut env = Env::new(Timestamp::from_millis(*now), rng);
            ends[end] = Some(Chat::restore(&records, &StoreKey::new(STORE_KEYS[end]), None, &mut env).unwrap());
        });
        self.take(end);
    }

    /// What nobody meant comes before the answer: another fingerprint, and another value with the right one.
    fn wrong_answers(&mut self, step: &mut Step<'_>) {
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
            self.call(0, "a wrong answer", step, |chat, env| {
                let refused = chat.handle(Input::accepted(public, fingerprint), env);
                assert_eq!(refused, Err(PeerFault::FingerprintMismatch));
            });
        }
    }

    /// From the request to the third key. Each end asks for one; a new process confirms the answer to it.
    pub(crate) fn begin(&mut self, step: &mut Step<'_>) {
        let config = self.config(0);
        let Self { ends, rng, now, .. } = self;
        let (mut config, mut env) = (Some(config), Env::new(Timestamp::from_millis(*now), rng));
        step("request", &mut || ends[0] = Some(Chat::request(config.take().unwrap(), &mut env).unwrap()));
        self.take(0);
        self.restore(0, "restore what asked", step);
        self.deliver_one("accept", step);
        self.wrong_answers(step);
        self.deliver("accepted", step);
        self.texts(step);
        for (asks, answers) in [(0, 1), (1, 0)] {
            self.call(asks, "rekey", step, |chat, env| chat.rekey(env).unwrap());
            if let RekeyState::Requested { exchange_id } = self.ends[asks].as_ref().unwrap().rekey_state() {
                self.rekeys.push((exchange_id.0, asks == 1));
            }
            self.restore(asks, "restore what asked for a key", step);
            self.deliver_one("a request for a key", step);
            self.restore(answers, "restore what answered", step);
            self.deliver("exchange", step);
            self.texts(step);
            self.texts(step);
        }
        assert!(self.ends.iter().flatten().all(|chat| chat.rekeys() == 2), "both have a new key, twice");
    }

    /// A photo that lives for half a minute.
    pub(crate) fn photo(&mut self, step: &mut Step<'_>) {
        let key: MediaKey = match self.kind {
            Kind::X25519 | Kind::Hybrid => SegmentKey::from_parts(FILE_KEY, FILE_IV).into(),
            Kind::Telegram => ChainKey::from_parts(FILE_KEY, FILE_IV).into(),
        };
        let photo = Photo::new(9, 6, 1_000, key);
        let draft =
            Draft::media(Media::Photo(photo), "").with_ttl(Ttl::from_seconds(30).unwrap()).with_random_id(PHOTO);
        let draft = Box::new(draft);
        self.call(0, "send a photo", step, |chat, env| assert_eq!(chat.send(&draft, env), Ok(PHOTO)));
        drop(draft);
        self.deliver("photo", step);
        self.call(1, "open", step, |chat, env| _ = chat.open_view(PHOTO, env).unwrap());
        self.deliver("opened", step);
        self.now += 40_000;
        self.call(1, "end", step, Chat::handle_timeout);
        self.call(0, "end", step, Chat::handle_timeout);
    }

    pub(crate) fn end(&mut self, step: &mut Step<'_>) {
        self.call(0, "close", step, |chat, env| chat.close(History::Keep, env));
        self.deliver("closed", step);
        let ends = &mut self.ends;
        step("drop", &mut || *ends = [None, None]);
    }

    /// Returns the secrets that were drawn, and what the ends drew for each exchange in a profile that binds its keys.
    pub(crate) fn drawn(&mut self) -> (Vec<Masked>, Vec<Drawn>) {
        let noted = self.rng.noted.take().unwrap();
        let of_one_end = self.rng.secret_lens.len();
        if self.kind == Kind::Telegram {
            return (noted, Vec::new());
        }
        let mut draws = noted.iter().map(Masked::unmasked);
        let mut next = || draws.by_ref().take(of_one_end).collect();
        let names = mem::take(&mut self.rekeys);
        let exchanges = [None].into_iter().chain(names.into_iter().map(Some));
        let exchanges = exchanges.map(|rekey| Drawn { request: next(), answer: next(), rekey }).collect();
        (noted, exchanges)
    }
}
