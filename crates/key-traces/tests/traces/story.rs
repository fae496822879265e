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
    Batch, Chat, ChatId, ChatState, Config, DhGroup, Draft, Env, Event, Handled, History, Input, Invitation, Output,
    PeerFault, PeerPolicy, Photo, RandomId, RekeyState, Start, StoreKey, Thumbnail, Timestamp, TransmitKind, Ttl,
};

use super::exchanges::Drawn;
use super::lives::Life;
use super::old_peer::OldPeer;

pub(crate) const STORE_KEYS: [[u8; 32]; 2] =
    [*b"of all that alice's phone keeps.", *b"that of the records on bob's one"];
/// What a user says. A chat keeps none of it between calls: a message is sealed, or the host's.
pub(crate) const TEXT: &str = "An ordinary text, which lives for as long as the hosts keep it.";
/// What is lost on its way, and deleted by its sender before it is sent again.
pub(crate) const LOST_TEXT: &str = "This one never arrives: an empty message will take its place.";
/// What comes under MTProto 1.0, where nothing is shown (SPEC ENV-5).
pub(crate) const OLD_TEXT: &str = "What an old program writes is read, and then nobody is shown it.";
/// What the receiver's chat keeps until what is missing before it has come (SPEC SEQ-3).
pub(crate) const EARLY_TEXT: &str = "This text waits for another, which is lost on the way for good.";

/// What hosts derive a secret of their own for.
pub(crate) const EXPORT_LABEL: &[u8] = b"a call";
pub(crate) const EXPORT_CONTEXT: &[u8] = b"of alice and bob";
pub(crate) const EXPORTED_LEN: usize = 64;

/// What is shown in one life: a photo, a text with a timer, and where there are such a hidden text.
pub(crate) struct Shown {
    pub(crate) life: Life,
    /// The ids are this one and the next two.
    first_id: i64,
    /// What the photo's file shows to those who open it.
    pub(crate) picture: [u8; 1_000],
    /// What the receiver's chat keeps for as long as the message may be opened (SPEC DES-10, DES-14).
    pub(crate) preview: [u8; 96],
    pub(crate) hidden_text: &'static str,
    /// What is told with its message.
    pub(crate) caption: &'static str,
    pub(crate) timed_text: &'static str,
}

impl Shown {
    fn photo(&self) -> RandomId {
        RandomId(self.first_id)
    }

    fn timed(&self) -> RandomId {
        RandomId(self.first_id + 1)
    }

    fn hidden(&self) -> RandomId {
        RandomId(self.first_id + 2)
    }
}

pub(crate) static SHOWS: [Shown; 4] = [
    Shown {
        life: Life::View,
        first_id: 17,
        picture: scattered(7),
        preview: scattered(3),
        hidden_text: "Nobody sees this text before it is opened, nor after its end.",
        caption: "A caption is told with its message, whatever the medium hides.",
        timed_text: "This text is read at once, and ends half a minute after that.",
    },
    Shown {
        life: Life::ViewOnce,
        first_id: 27,
        picture: scattered(11),
        preview: scattered(13),
        hidden_text: "Whoever opens these words has seen them for the first time and the last.",
        caption: "Under a picture for one look stands what may be read as often as one likes.",
        timed_text: "Beside what is seen once comes a usual message with its half minute.",
    },
    Shown {
        life: Life::Deletion,
        first_id: 37,
        picture: scattered(17),
        preview: scattered(19),
        hidden_text: "The receiver throws away unread what somebody wrote here.",
        caption: "A sender regrets both this line and what is above it.",
        timed_text: "Neither of the two will have asked for these syllables to go.",
    },
    Shown {
        life: Life::Flush,
        first_id: 47,
        picture: scattered(23),
        preview: scattered(29),
        hidden_text: "Everything up to here goes at a stroke, also this sentence.",
        caption: "No history will keep any such remark about a photograph.",
        timed_text: "It runs out of time while the others are swept from the table.",
    },
];

/// Returns what is shown in a life.
fn shown_in(life: Life) -> &'static Shown {
    SHOWS.iter().find(|shown| shown.life == life).unwrap()
}

const LOST: RandomId = RandomId(9);
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
    fn sealed_file(&mut self, _shown: &Shown, _key: &MediaKey, _sealed: &[u8]) {}

    /// Answers a request as a program that speaks MTProto 1.0.
    fn old_peer(&mut self, public: &[u8]) -> OldPeer;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    X25519,
    /// The hosts ask for secrets of their own, too.
    Hybrid,
    Telegram,
}

impl Kind {
    /// Returns whether the chats keep what hosts' own secrets come from.
    pub(crate) fn exports(self) -> bool {
        self == Self::Hybrid
    }

    /// Returns whether there are texts that are hidden until they are opened.
    pub(crate) fn hides(self) -> bool {
        self != Self::Telegram
    }
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
            Life::ViewOnce => self.view_once(audience),
            Life::Deletion => self.delete(audience),
            Life::Flush => self.flush(audience),
            Life::Forget => self.forget(audience),
            Life::Close => self.close(audience),
            Life::Drop => self.drop_both(audience),
            Life::OldProtocol if self.kind == Kind::Telegram => self.hear_an_old_program(audience),
            Life::OldProtocol => {}
        }
    }

    /// Returns what the ends drew for each exchange, and what alice drew for her chat with an old program.
    pub(crate) fn drawn(&mut self) -> (Vec<Drawn>, Option<Vec<u8>>) {
        let noted = self.rng.noted.take().unwrap();
        let of_one_end = self.rng.secret_lens.len();
        let mut draws = noted.iter().map(Masked::unmasked);
        let mut next = || draws.by_ref().take(of_one_end).collect();
        let names = mem::take(&mut self.rekeys);
        let exchanges = [None].into_iter().chain(names.into_iter().map(Some));
        let exchanges = exchanges.map(|rekey| Drawn { request: next(), answer: next(), rekey }).collect();
        (exchanges, draws.next())
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
        self.export(audience);
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
        self.export(audience);
    }

    /// Each host derives a secret of its own, in one of the two ways.
    fn export(&self, audience: &mut dyn Audience) {
        if !self.kind.exports() {
            return;
        }
        let [alice, bob] = self.ends.each_ref().map(|chat| chat.as_ref().unwrap());
        let mut secret = [0; EXPORTED_LEN];
        audience.chat("export", &mut || alice.export_secret_into(EXPORT_LABEL, EXPORT_CONTEXT, &mut secret).unwrap());
        let mut is_same = false;
        audience.chat("export a secret", &mut || {
            let exported = bob.export_secret::<EXPORTED_LEN>(EXPORT_LABEL, EXPORT_CONTEXT).unwrap();
            is_same = *exported.expose() == secret;
        });
        assert!(is_same);
    }

    /// The hosts have what they wanted for good.
    fn forget(&mut self, audience: &mut dyn Audience) {
        audience.rest(self.life);
        if self.kind.exports() {
            for end in [0, 1] {
                self.call(end, "forget", audience, Chat::forget_exporter);
            }
        }
    }

    /// What is shown lives for half a minute after it was opened or read.
    fn view(&mut self, audience: &mut dyn Audience) {
        let shown = shown_in(Life::View);
        let sealed = self.show(shown, Ttl::from_seconds(30).unwrap(), audience);
        self.call(1, "open", audience, |chat, env| _ = chat.open_view(shown.photo(), env).unwrap());
        self.look_at_picture(shown, &sealed, audience);
        if self.kind.hides() {
            self.call(1, "open a text", audience, |chat, env| _ = chat.open_view(shown.hidden(), env).unwrap());
        }
        self.drop_what_was_lent(audience);
        self.read_and_wait(shown, audience);
    }

    /// The chat has nothing of what was lent once that is opened. The ends of the views come after that.
    fn view_once(&mut self, audience: &mut dyn Audience) {
        let shown = shown_in(Life::ViewOnce);
        let sealed = self.show(shown, Ttl::VIEW_ONCE, audience);
        self.call(1, "open once", audience, |chat, env| _ = chat.open_view(shown.photo(), env).unwrap());
        self.look_at_picture(shown, &sealed, audience);
        if self.kind.hides() {
            self.call(1, "open a text once", audience, |chat, env| _ = chat.open_view(shown.hidden(), env).unwrap());
        }
        self.drop_what_was_lent(audience);
    }

    /// What nobody has opened goes: the photo because alice deletes it, the hidden text because bob does. What was lost on its
    /// way goes too.
    fn delete(&mut self, audience: &mut dyn Audience) {
        // One view is closed, the other goes on for longer than it may.
        let once = shown_in(Life::ViewOnce);
        self.call(1, "close the view", audience, |chat, env| chat.close_view(once.photo(), env).unwrap());
        self.now += 400_000;
        self.call(1, "the limit of a view", audience, Chat::handle_timeout);

        let shown = shown_in(Life::Deletion);
        self.show(shown, Ttl::from_seconds(30).unwrap(), audience);
        let lost = Draft::text(LOST_TEXT).with_random_id(LOST);
        self.call(0, "send", audience, |chat, env| _ = chat.send(&lost, env).unwrap());
        drop(lost);
        self.wire.clear();
        self.call(0, "delete", audience, |chat, env| _ = chat.delete(&[shown.photo(), LOST], env).unwrap());
        self.deliver("what was deleted", audience);
        if self.kind.hides() {
            audience.rest(self.life);
            self.call(1, "delete a text", audience, |chat, env| _ = chat.delete(&[shown.hidden()], env).unwrap());
        }
        self.deliver("deleted", audience);
        self.read_and_wait(shown, audience);
    }

    /// What nobody has opened goes when alice flushes the history.
    fn flush(&mut self, audience: &mut dyn Audience) {
        let shown = shown_in(Life::Flush);
        self.show(shown, Ttl::from_seconds(30).unwrap(), audience);
        self.call(0, "flush", audience, |chat, env| _ = chat.flush_history(env).unwrap());
        self.deliver("flushed", audience);
    }

    /// Sends a photo, a text, and where there are such a hidden text. Returns the photo's file.
    fn show(&mut self, shown: &Shown, ttl: Ttl, audience: &mut dyn Audience) -> Vec<u8> {
        let (draft, sealed) = self.sealed_picture(shown, ttl, audience);
        self.send(draft, audience);
        // A text for one view is hidden, too.
        let timed = Ttl::from_seconds(30).unwrap();
        self.send(Box::new(Draft::text(shown.timed_text).with_ttl(timed).with_random_id(shown.timed())), audience);
        if self.kind.hides() {
            let draft = Draft::text(shown.hidden_text).with_ttl(ttl).with_random_id(shown.hidden());
            self.send(Box::new(draft.hidden()), audience);
        }
        audience.rest(self.life);
        sealed
    }

    fn drop_what_was_lent(&mut self, audience: &mut dyn Audience) {
        let lent = &mut self.lent;
        audience.chat("drop what was lent", &mut || lent.clear());
    }

    /// Bob reads the text with a timer, and the timers of both ends run out.
    fn read_and_wait(&mut self, shown: &Shown, audience: &mut dyn Audience) {
        self.call(1, "read", audience, |chat, env| _ = chat.mark_read(&[shown.timed()], env).unwrap());
        self.deliver("opened", audience);
        self.now += 40_000;
        for end in [0, 1] {
            self.call(end, "the end of the timer", audience, Chat::handle_timeout);
        }
    }

    /// Another chat of alice, whose peer answers and writes before it has read what she announces.
    fn hear_an_old_program(&mut self, audience: &mut dyn Audience) {
        let config = self.config(0);
        let Self { ends, rng, now, .. } = self;
        let (mut config, mut env) = (Some(config), Env::new(Timestamp::from_millis(*now), rng));
        audience.chat("request", &mut || ends[0] = Some(Chat::request(config.take().unwrap(), &mut env).unwrap()));
        self.take(0, audience);
        audience.rest(self.life);
        let Some((_, TransmitKind::Request { public, .. })) = self.wire.pop_front() else { panic!("a request") };
        let OldPeer { public, fingerprint, sealed } = audience.old_peer(&public);
        self.call(0, "accepted", audience, |chat, env| {
            assert_eq!(chat.handle(Input::accepted(&public, fingerprint), env), Ok(Handled::Applied));
        });
        for sealed in &sealed {
            audience.rest(self.life);
            self.peek(0, sealed, audience);
            self.call(0, "an old message", audience, |chat, env| {
                assert_eq!(chat.handle(Input::ciphertext(sealed, None, None), env), Ok(Handled::Applied));
            });
        }
        audience.rest(self.life);
        self.wire.clear();
        let chat = &mut self.ends[0];
        audience.chat("drop", &mut || *chat = None);
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

    /// Seals a picture and writes its draft. Both are done where the stack is cleared: what moves of a host leave of a key on its
    /// own stack is in the padding of what it moves into its own heap later.
    fn sealed_picture(&self, shown: &Shown, ttl: Ttl, audience: &mut dyn Audience) -> (Box<Draft>, Vec<u8>) {
        let form = match self.kind {
            Kind::X25519 | Kind::Hybrid => FileForm::Segments,
            Kind::Telegram => FileForm::Chain,
        };
        // Another key for each file.
        let state = 0x0f1e_2d3c_4b5a_6978 ^ shown.first_id.cast_unsigned() << 32;
        let mut rng = Draws { state, noted: None, secret_lens: &[] };
        let mut made = None;
        audience.file("seal a picture", &mut || {
            made = Some(Box::new(media::seal(form, &shown.picture, &mut rng).unwrap()));
        });
        let mut made = made.unwrap();
        let (key, sealed) = &mut *made;
        audience.sealed_file(shown, key, sealed);
        let size = u64::try_from(shown.picture.len()).unwrap();
        let mut draft = None;
        audience.file("write a draft", &mut || {
            let photo = Photo::new(9, 6, size, key.duplicate()).with_thumbnail(Thumbnail::new(shown.preview, 9, 6));
            let media = Draft::media(photo, shown.caption).with_ttl(ttl).with_random_id(shown.photo());
            draft = Some(Box::new(media));
        });
        (draft.unwrap(), mem::take(sealed))
    }

    /// Opens the picture with what was lent, as a whole and by a reader. Its bytes are the host's.
    fn look_at_picture(&self, shown: &Shown, sealed: &[u8], audience: &mut dyn Audience) {
        let [Event::Opened { lease: Some(lease), .. }] = &self.lent[..] else { panic!("a lease") };
        assert!(lease.thumbnail().is_some_and(|thumbnail| thumbnail.jpeg == shown.preview));
        let mut whole = Vec::new();
        audience.file("open a picture", &mut || whole = lease.open(sealed).unwrap());
        let mut read = vec![0; shown.picture.len()];
        audience.file("read a picture", &mut || lease.reader(sealed).unwrap().read_exact(&mut read).unwrap());
        assert!(whole == shown.picture && read == shown.picture);
    }

    fn send(&mut self, draft: Box<Draft>, audience: &mut dyn Audience) {
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
            Kind::Hybrid => Config::hybrid(names[0], names[1]).unwrap().with_exporter().unwrap(),
            Kind::Telegram => Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default).with_view_once(),
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
