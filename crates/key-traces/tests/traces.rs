//! A chat leaves no secret on the stack below its caller, in memory that it gives back, or in memory that it keeps
//! longer than the secret (SPEC REKEY-4, DES-10, CLOSE-1).

#[path = "../../../tests/support/key_watch.rs"]
#[allow(dead_code)] // The tests of `secretchat` use the rest.
mod key_watch;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::thread;

use hkdf::Hkdf;
use key_traces::{Heap, Masked, Watch};
use key_watch::KeyWatch;
use rand_core::{TryCryptoRng, TryRng};
use secretchat::media::{ChainKey, MediaKey, SegmentKey};
use secretchat::{
    Chat, Config, DhGroup, Draft, Env, History, Input, Invitation, Media, Output, PeerPolicy, Photo, RandomId, Start,
    StoreKey, Timestamp, TransmitKind, Ttl,
};
use sha2::Sha256;

#[global_allocator]
static HEAP: Heap = Heap::new();

const STORE_KEYS: [[u8; 32]; 2] = [[0x51; 32], [0x52; 32]];
const FILE_KEY: [u8; 32] = *b"the key of a photo with a timer.";
const FILE_IV: [u8; 32] = *b"and its iv, which is secret too.";
const PHOTO: RandomId = RandomId(7);
const NOW: u64 = 1_700_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    X25519,
    Telegram,
}

/// xorshift64*: writes each byte where it is asked for, and keeps none.
#[derive(Debug)]
struct Draws {
    state: u64,
    /// Draws as long as a secret of the profile, if they are noted.
    noted: Option<Vec<Masked>>,
    secret_len: usize,
}

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for byte in to.iter_mut() {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            *byte = self.state.to_be_bytes()[3];
        }
        if to.len() == self.secret_len
            && let Some(noted) = &mut self.noted
        {
            noted.push(Masked::new(to));
        }
        Ok(())
    }
}

impl TryCryptoRng for Draws {}

/// Both ends, and what is on its way.
struct Story {
    kind: Kind,
    ends: [Option<Chat>; 2],
    wire: VecDeque<(usize, TransmitKind)>,
    rng: Draws,
    /// Reads what the chats write, if the secrets are to be learned.
    learns: Option<[KeyWatch; 2]>,
    now: u64,
    first_secrets: usize,
    secrets: Vec<(String, Vec<u8>)>,
}

type Step<'a> = dyn FnMut(&str, &mut dyn FnMut()) + 'a;

impl Story {
    fn new(kind: Kind, learns: bool) -> Self {
        let secret_len = if kind == Kind::X25519 { 32 } else { 256 };
        let rng = Draws { state: 0x1234_5678_9abc_def1, noted: learns.then(Vec::new), secret_len };
        let learns = learns.then(|| STORE_KEYS.map(|key| KeyWatch::new(StoreKey::new(key))));
        let (ends, wire) = ([None, None], VecDeque::new());
        Self { kind, ends, wire, rng, learns, now: NOW, first_secrets: 0, secrets: Vec::new() }
    }

    fn config(&self, end: usize) -> Start {
        let names = [["alice", "bob"], ["bob", "alice"]][end];
        let config = match self.kind {
            Kind::X25519 => Config::x25519(names[0], names[1]).unwrap(),
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

    /// Takes the outputs: batches are read, leases dropped, the rest goes on its way.
    fn take(&mut self, end: usize) {
        while let Some(output) = self.ends[end].as_mut().unwrap().poll_output() {
            match output {
                Output::Persist(batch) => {
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
        while let Some((to, kind)) = self.wire.pop_front() {
            let Self { ends, rng, now, .. } = self;
            if let TransmitKind::Request { public, .. } = &kind {
                let config = self.config(to);
                let Self { ends, rng, now, .. } = self;
                let (mut config, mut env) = (Some(config), Env::new(Timestamp::from_millis(*now), rng));
                step("accept", &mut || {
                    let invitation = Invitation::parse(public, config.take().unwrap()).unwrap();
                    ends[to] = Some(invitation.accept(&mut env).unwrap());
                });
                self.take(to);
                continue;
            }
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
    }

    fn texts(&mut self, step: &mut Step<'_>) {
        for end in [0, 1] {
            self.call(end, "send", step, |chat, env| assert!(chat.send(&Draft::text("hello"), env).is_ok()));
            self.deliver("message", step);
        }
    }

    /// From the request to a new key.
    fn begin(&mut self, step: &mut Step<'_>) {
        let config = self.config(0);
        let Self { ends, rng, now, .. } = self;
        let (mut config, mut env) = (Some(config), Env::new(Timestamp::from_millis(*now), rng));
        step("request", &mut || ends[0] = Some(Chat::request(config.take().unwrap(), &mut env).unwrap()));
        self.take(0);
        self.deliver("accepted", step);
        self.texts(step);
        self.first_secrets = self.secrets.len();
        self.call(0, "rekey", step, |chat, env| chat.rekey(env).unwrap());
        self.deliver("exchange", step);
        self.texts(step);
        self.texts(step);
        assert!(self.ends.iter().flatten().all(|chat| chat.rekeys() == 1), "both have a new key");
    }

    /// A photo that lives for half a minute.
    fn photo(&mut self, step: &mut Step<'_>) {
        let key: MediaKey = match self.kind {
            Kind::X25519 => SegmentKey::from_parts(FILE_KEY, FILE_IV).into(),
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

    fn end(&mut self, step: &mut Step<'_>) {
        self.call(0, "close", step, |chat, env| chat.close(History::Keep, env));
        self.deliver("closed", step);
        let ends = &mut self.ends;
        step("drop", &mut || *ends = [None, None]);
    }
}

/// All secrets of a story, and how many of them are older than the new key.
fn learned(kind: Kind) -> (Vec<(String, Masked)>, usize) {
    let mut story = Story::new(kind, true);
    let step = &mut |_: &str, call: &mut dyn FnMut()| call();
    story.begin(step);
    let ids: Vec<_> = story.ends.iter().flatten().map(|chat| chat.id().unwrap()).collect();
    story.photo(step);
    story.end(step);
    let mut secrets: Vec<(String, Masked)> =
        story.secrets.iter().map(|(name, secret)| (name.clone(), Masked::new(secret))).collect();
    let noted = story.rng.noted.take().unwrap();
    secrets.extend(noted.into_iter().enumerate().map(|(n, draw)| (format!("draw {n}"), draw)));
    for (store_key, id) in STORE_KEYS.iter().zip(ids) {
        let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&id.0), store_key);
        secrets.push(("a record's prk".into(), Masked::new(&prk)));
        for label in ["record key", "record set"] {
            let mut key = [0; 32];
            hkdf.expand(format!("secretchat/1 {label}").as_bytes(), &mut key).unwrap();
            secrets.push((label.into(), Masked::new(&key)));
        }
    }
    secrets.push(("file key".into(), Masked::new(&FILE_KEY)));
    secrets.push(("file iv".into(), Masked::new(&FILE_IV)));
    (secrets, story.first_secrets)
}

/// In a thread of its own, whose stack nobody else has used.
fn apart<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    thread::Builder::new().stack_size(4 << 20).spawn(work).unwrap().join().unwrap()
}

fn traces(kind: Kind) -> Vec<String> {
    let (secrets, _) = apart(move || learned(kind));
    assert!(secrets.len() >= 12, "{}", secrets.len());
    apart(move || {
        let watch = Watch::new(secrets);
        let mut traces = vec![];
        let mut story = Story::new(kind, false);
        let step = &mut |name: &str, call: &mut dyn FnMut()| {
            traces.extend(watch.step(call).into_iter().map(|trace| format!("{kind:?}, {name}: {trace}")));
        };
        story.begin(step);
        story.photo(step);
        story.end(step);
        drop(story);
        for (name, count) in watch.names().iter().zip(HEAP.in_use(&watch)) {
            if count > 0 {
                traces.push(format!("{kind:?}, after the end: {name} in use: {count} parts"));
            }
        }
        traces
    })
}

#[test]
fn fa_37_a_chat_leaves_no_secret_behind() {
    let traces: Vec<String> = [Kind::X25519, Kind::Telegram].into_iter().flat_map(traces).collect();
    assert!(traces.is_empty(), "{} traces:\n{}", traces.len(), traces.join("\n"));
}
