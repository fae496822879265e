//! Passes (b) and (c): a chat in the place of one party through a whole conversation.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use recordings::{Message, Party, Recording, Rekey, Scripted};
use secretchat::hazmat::Secret;
use secretchat::hazmat::wire::{DecryptedMessageLayer, decode_exact};
use secretchat::hazmat::{envelope, fingerprint, kdf};
use secretchat::{
    Chat, ChatState, Draft, Event, Handled, Input, KeyFingerprint, Output, Peek, PeerFault, PeerPolicy, RekeyState,
    SeqNo, Transmit, TransmitKind, Unavailable,
};

use super::{drain, enter, env, role};

/// Takes everything that the other side said. Returns how many messages there were, and how many new keys.
pub(crate) fn play(recording: &Recording, us: Party) -> (usize, usize) {
    let play = play_through(recording, us);
    play.end()
}

/// Returns how many of the other side's messages each of ours counts, by slots; and the same of the recorded ones.
pub(crate) fn counted(recording: &Recording, us: Party) -> (BTreeMap<u32, u32>, BTreeMap<u32, u32>) {
    let said = play_through(recording, us).said;
    let ours = said.iter().filter_map(|output| {
        let Output::Transmit(Transmit { kind: TransmitKind::Ciphertext { bytes, .. }, .. }) = output else {
            return None;
        };
        numbers(&opened(recording, us, bytes.clone()))
    });
    let recorded = recording.messages().into_iter();
    let recorded = recorded.filter(|message| message.from == us && message.tampered.is_none());
    (ours.collect(), recorded.filter_map(|message| numbers(message.tl.as_ref()?)).collect())
}

/// Opens a message of ours. All of ours are under keys of the file.
pub(crate) fn opened(recording: &Recording, us: Party, mut sealed: Vec<u8>) -> Vec<u8> {
    let name = envelope::fingerprint(&sealed).unwrap();
    let mut keys = recording.keys.iter().map(|key| Secret::new(key.chat_key));
    let chat_key = keys.find(|key| fingerprint::key_fingerprint(key) == name).expect("a recorded key");
    let x = kdf::Offset::telegram(role(recording, us));
    let key = envelope::DirectionKey { chat_key: &chat_key, fingerprint: name, x };
    envelope::open(&key, &mut sealed).unwrap().to_vec()
}

/// Returns the slot of a message, and how many it counts.
fn numbers(tl: &[u8]) -> Option<(u32, u32)> {
    let layer = decode_exact::<DecryptedMessageLayer<'_>>(tl).ok()?;
    Some((u32::try_from(layer.out_seq_no / 2).ok()?, u32::try_from(layer.in_seq_no / 2).ok()?))
}

fn play_through(recording: &Recording, us: Party) -> Play<'_> {
    let (chat, rng) = enter(recording, us, PeerPolicy::Default);
    let (told, rekeyed, said) = (Vec::new(), Vec::new(), Vec::new());
    let mut play = Play {
        recording,
        us,
        chat,
        rng,
        taken: 0,
        expected: Vec::new(),
        told,
        rekeyed,
        seen: BTreeSet::new(),
        looked: BTreeSet::new(),
        shown: BTreeSet::new(),
        said,
    };
    let mut late = VecDeque::new();
    for (n, message) in recording.messages().into_iter().enumerate() {
        if message.from != us {
            if message.late {
                late.push_back(n);
            } else if !message.lost {
                // The link keeps the order of one party's messages.
                late.drain(..).for_each(|n| play.take(n));
                play.take(n);
            }
            continue;
        }
        if message.tampered.is_some() {
            continue;
        }
        if is_cut_short(recording, us) && play.rekeyed.len() == SOAK_KEYS && message.rekey.is_some() {
            assert_eq!(play.chat.rekey(&mut env(&mut play.rng)), Err(Unavailable::RekeyInProgress.into()));
            return play;
        }
        let in_seq_no = message.tl.as_ref().and_then(|tl| decode_exact::<DecryptedMessageLayer<'_>>(tl).ok());
        let received = in_seq_no.map_or(0, |layer| u32::try_from(layer.in_seq_no / 2).unwrap_or(0));
        while play.chat.counters().received < received
            && let Some(n) = late.pop_front()
        {
            play.take(n);
        }
        play.keep_up(message);
    }
    late.drain(..).for_each(|n| play.take(n));
    play
}

/// Says something in as many slots as the recorded party has used, so that the other one's acknowledgements fit, and
/// asks for a new key where that party did.
pub(crate) fn keep_up(
    recording: &Recording,
    us: Party,
    chat: &mut Chat,
    message: &Message,
    rng: &mut Scripted,
) -> Vec<Output> {
    let Some(tl) = &message.tl else { return Vec::new() };
    let Ok(layer) = decode_exact::<DecryptedMessageLayer<'_>>(tl) else { return Vec::new() };
    let slot = u32::try_from(layer.out_seq_no / 2).unwrap_or(0);
    let asks = matches!(message.rekey, Some(Rekey::Request { .. }));
    while chat.counters().sent < slot + u32::from(!asks) {
        chat.send(&Draft::text("in this slot"), &mut env(rng)).unwrap();
    }
    if let Some(Rekey::Request { exchange_id, public }) = &message.rekey {
        let exponent = recording.exponent_of(us, public).map(<[u8]>::to_vec);
        *rng = Scripted::new([Some(exchange_id.to_le_bytes().to_vec()), exponent].into_iter().flatten());
        chat.rekey(&mut env(rng)).unwrap();
        assert_eq!(chat.rekey_state().exchange_id().map(|id| id.0), Some(*exchange_id), "{}", recording.name);
    }
    drain(chat)
}

/// Returns a generator for the next answer of `us` after the message `n`: it draws the recorded exponent.
pub(crate) fn prepare_answer(recording: &Recording, us: Party, n: usize) -> Scripted {
    let answer =
        recording.messages()[n..].iter().filter(|message| message.from == us).find_map(|message| {
            match &message.rekey {
                Some(Rekey::Accept { public }) => Some(public),
                _ => None,
            }
        });
    Scripted::new(answer.and_then(|public| recording.exponent_of(us, public)).map(<[u8]>::to_vec))
}

/// Passes (b) and (c): a chat of ours takes everything that the other side said.
struct Play<'t> {
    recording: &'t Recording,
    us: Party,
    chat: Chat,
    rng: Scripted,
    taken: usize,
    expected: Vec<String>,
    told: Vec<String>,
    rekeyed: Vec<(u32, KeyFingerprint)>,
    seen: BTreeSet<i32>,
    /// The slots in which looks for notifications saw messages, and those of the events.
    looked: BTreeSet<SeqNo>,
    shown: BTreeSet<SeqNo>,
    said: Vec<Output>,
}

impl Play<'_> {
    fn keep_up(&mut self, message: &Message) {
        self.said.extend(keep_up(self.recording, self.us, &mut self.chat, message, &mut self.rng));
    }

    /// Says what the recorded party had written before this message reached it, though it stands later in the file: its
    /// `in_seq_no` does not count the message.
    fn say_what_crossed(&mut self, message: &Message) {
        let received = self.chat.counters().received;
        if message.tl.as_deref().and_then(numbers).is_none_or(|(slot, _)| slot != received) {
            return;
        }
        let us = self.us;
        for crossed in
            self.recording.messages().into_iter().filter(|message| message.from == us && message.tampered.is_none())
        {
            let Some((slot, counts)) = crossed.tl.as_deref().and_then(numbers) else { continue };
            if counts <= received && slot >= self.chat.counters().sent {
                self.keep_up(crossed);
            }
        }
    }

    fn take(&mut self, n: usize) {
        let name = &self.recording.name;
        let message = self.recording.messages()[n];
        self.say_what_crossed(message);
        self.rng = prepare_answer(self.recording, self.us, n);
        let input = Input::ciphertext(&message.wire, None, None);
        let looked = self.chat.peek(&message.wire);
        let handled = self.chat.handle(input, &mut env(&mut self.rng));
        if message.tampered.as_deref() == Some("old key") {
            assert_eq!(handled, Err(PeerFault::UnknownKey), "{name}");
            assert_eq!(looked.unwrap_err(), PeerFault::UnknownKey, "{name}");
            return;
        }
        if let Ok(Peek::Message(preview)) = looked {
            self.looked.insert(preview.position.slot());
        }
        let handled = handled.unwrap_or_else(|fault| panic!("{name}, message {n}: {fault}"));
        assert!(matches!(handled, Handled::Applied | Handled::Waiting | Handled::Duplicate), "{name}: {handled:?}");
        self.taken += 1;
        if let (Some(text), Some(tl)) = (&message.text, &message.tl) {
            // What comes again in a slot counts once, whatever it says.
            let slot = decode_exact::<DecryptedMessageLayer<'_>>(tl).unwrap().out_seq_no;
            if self.seen.insert(slot) {
                self.expected.push(text.clone());
            }
        }
        for output in drain(&mut self.chat) {
            match output {
                Output::Event(Event::Message(message)) => {
                    self.shown.insert(message.position.slot());
                    self.told.push(message.content.text);
                }
                Output::Event(Event::Rekeyed { rekeys, .. }) => {
                    self.rekeyed.push((rekeys, self.chat.key_fingerprint().unwrap()));
                }
                Output::Event(Event::RekeyFailed { reason, .. }) => panic!("{name}, message {n}: {reason}"),
                said @ Output::Transmit(_) => self.said.push(said),
                _ => {}
            }
        }
    }

    /// Returns how many messages it took, and how many new keys there were.
    fn end(self) -> (usize, usize) {
        let Self { recording, chat, expected, told, rekeyed, looked, shown, .. } = self;
        let name = &recording.name;
        assert_eq!(looked, shown, "{name}: SPEC PEEK-1");
        assert_eq!(chat.state(), ChatState::Ready, "{name}");
        // The recorded order is that of arrival, ours that of slots; captions stand in the media.
        let mut missing: Vec<&String> = expected.iter().filter(|text| !text.is_empty()).collect();
        for text in &told {
            if let Some(position) = missing.iter().position(|expected| *expected == text) {
                missing.remove(position);
            }
        }
        assert!(missing.is_empty(), "{name}: {missing:?}");
        let names = recording.keys.iter().map(|key| fingerprint::key_fingerprint(&Secret::new(key.chat_key)));
        let keys: Vec<_> = (1..).zip(names.skip(1)).collect();
        let number = if is_cut_short(recording, self.us) { SOAK_KEYS } else { keys.len() };
        assert_eq!(rekeyed, keys[..number], "{name}");
        assert_eq!(chat.rekey_state(), RekeyState::Idle, "{name}");
        (self.taken, number)
    }
}

/// One recorded party asks for a key before anything under its current one is acknowledged; ours may not (SPEC
/// REKEY-5), and what follows is under a key that it does not have.
fn is_cut_short(recording: &Recording, us: Party) -> bool {
    recording.name.starts_with("soak_1_py") && us == Party::Python
}

/// New keys of that recording before the request that comes too soon.
const SOAK_KEYS: usize = 4;
