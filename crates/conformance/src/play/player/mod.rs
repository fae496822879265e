//! Passes (b) and (c): a chat in the place of one recorded party, with that party's exponent, through the whole
//! conversation.

mod enter;
mod ours;
mod receive;
mod say;
mod withstand;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use recordings::{Message, Party, Recording, Scripted, number};
use secretchat::hazmat::Secret;
use secretchat::hazmat::fingerprint;
use secretchat::hazmat::wire::{DecryptedMessageLayer, decode_exact};
use secretchat::{
    Chat, ChatState, Env, Event, History, Input, KeyFingerprint, Output, RekeyState, SeqNo, Timestamp, TransmitKind,
};

use crate::play::differences::{Difference, Differences};
use crate::play::meaning;

pub(crate) use withstand::withstand;

/// After everything that was recorded, so that recorded dates are not in the future.
const NOW: Timestamp = Timestamp::from_unix_seconds(2_000_000_000);

/// The results of a pass.
#[derive(Debug, Default)]
pub(crate) struct Played {
    pub(crate) received: usize,
    pub(crate) sent: usize,
    /// How many sent messages equal the recording in every byte of the plaintext.
    pub(crate) identical: usize,
    pub(crate) differences: Differences,
}

/// A deviation from the expected result, at a step of the file.
type Failure = String;

pub(crate) struct Player<'t> {
    recording: &'t Recording,
    chat_keys: Vec<Secret<256>>,
    us: Party,
    chat: Chat,
    rng: Scripted,
    /// Every transmission of our chat, for each of its slots.
    carried: BTreeMap<u32, Vec<(Vec<u8>, bool)>>,
    /// News that no recorded message has explained yet.
    news: VecDeque<Event>,
    /// The first record of each of our slots, and of each of their slots that arrived.
    our_first: BTreeMap<u32, usize>,
    their_first: BTreeMap<u32, usize>,
    /// The slot of our chat for each recorded slot. It is the same, unless a step of a rekey came earlier than recorded.
    places: BTreeMap<u32, u32>,
    /// The slots that our chat filled by itself, in answer to something that arrived.
    by_itself: BTreeSet<u32>,
    /// The slots that the public API could not fill with the recorded content.
    stand_ins: BTreeMap<u32, Difference>,
    /// Messages of the other party that arrive after later steps.
    late: VecDeque<usize>,
    /// Each new key's number and fingerprint, noted when it became current.
    new_keys: Vec<(u32, Option<KeyFingerprint>)>,
    /// Key exchanges that gave no key.
    failed_exchanges: Vec<String>,
    /// Whether the recorded party asked for a key when ours must not, so that ours has no key for the rest.
    is_over: bool,
    played: Played,
}

fn env(rng: &mut Scripted) -> Env<'_> {
    Env::new(NOW, rng)
}

fn layer_of(message: &Message) -> Option<DecryptedMessageLayer<'_>> {
    decode_exact(message.tl.as_deref()?).ok()
}

fn read(plaintext: &[u8]) -> Result<DecryptedMessageLayer<'_>, Failure> {
    decode_exact(plaintext).map_err(|error| format!("ours cannot be read: {error}"))
}

fn slot_of(layer: &DecryptedMessageLayer<'_>) -> u32 {
    (layer.out_seq_no / 2).max(0).unsigned_abs()
}

impl Player<'_> {
    /// Plays a conversation to its end.
    pub(crate) fn play(mut self) -> Result<Played, Failure> {
        if self.chat.state() != ChatState::Ready {
            return Err(format!("expected a chat that is ready, actual {:?}", self.chat.state()));
        }
        for n in 0..self.recording.steps.len() {
            self.step(n).map_err(|error| format!("step {n}: {error}"))?;
            if self.is_over {
                self.check_keys()?;
                return Ok(self.played);
            }
        }
        self.arrive_late(u32::MAX)?;
        self.end()
    }

    fn step(&mut self, n: usize) -> Result<(), Failure> {
        let step = &self.recording.steps[n];
        match &step.message {
            Some(message) if message.from == self.us => self.ours(n, message),
            Some(message) if message.lost => Ok(()),
            Some(message) if message.late => {
                self.late.push_back(n);
                Ok(())
            }
            Some(message) => {
                // The link keeps the order of one party's messages.
                self.arrive_late(u32::MAX)?;
                self.say_what_crossed(message)?;
                self.theirs(n, message)
            }
            None => self.server(n),
        }
    }

    /// Closes the chat at the step where it was closed in the recording.
    fn server(&mut self, n: usize) -> Result<(), Failure> {
        let decoded = &self.recording.steps[n].value["decoded"];
        let name = decoded["_"].as_str().unwrap_or_default();
        let by_tdlib = name == "messages.discardEncryption";
        if !by_tdlib && name != "encryptedChatDiscarded" {
            return Ok(());
        }
        if !by_tdlib && self.recording.steps[..n].iter().any(|s| s.value["method"] == "messages.discardEncryption") {
            return Ok(());
        }
        let history = if by_tdlib { number(&decoded["flags"]) & 1 != 0 } else { decoded["history_deleted"] == true };
        if by_tdlib == (self.us == Party::Tdlib) {
            self.chat.close(history.into(), &mut env(&mut self.rng));
            self.drain();
            self.news.clear();
            return Ok(());
        }
        if by_tdlib {
            // Python learns it at the end of the file: it still wrote after it.
            return Ok(());
        }
        self.discarded(history.into())
    }

    fn discarded(&mut self, history: History) -> Result<(), Failure> {
        let handled = self.chat.handle(Input::discarded(history, None), &mut env(&mut self.rng));
        self.drain();
        match self.news.pop_front() {
            Some(Event::Closed { history: actual, .. }) if actual == history => Ok(()),
            other => Err(format!("expected Closed with history {history:?}, actual {handled:?} and {other:?}")),
        }
    }

    fn end(mut self) -> Result<Played, Failure> {
        let discard = self.recording.server("messages.discardEncryption");
        if self.chat.state() == ChatState::Ready {
            // Nothing waits for a message that never came, and our chat sent nothing that the recorded party did not send.
            let slots = |first: &BTreeMap<u32, usize>| first.last_key_value().map_or(0, |(slot, _)| slot + 1);
            let expected = (slots(&self.our_first), slots(&self.their_first));
            let actual = (self.chat.counters().sent, self.chat.counters().received);
            if actual != expected {
                return Err(format!("slots sent and received: expected {expected:?}, actual {actual:?}"));
            }
        }
        self.check_keys()?;
        if let (Some(discard), Party::Python) = (discard, self.us) {
            let history = number(&discard["flags"]) & 1 != 0;
            self.discarded(history.into())?;
        }
        if let Some(event) = self.news.pop_front() {
            return Err(format!("expected no more news, actual {event:?}"));
        }
        let closed = discard.is_some() || self.recording.server("encryptedChatDiscarded").is_some();
        match self.chat.state() {
            ChatState::Ready if !closed => Ok(self.played),
            ChatState::Closed(_) if closed => Ok(self.played),
            other => {
                Err(format!("expected a chat that is {}, actual {other:?}", if closed { "closed" } else { "open" }))
            }
        }
    }

    /// Checks that every recorded key was current in its turn, and that no exchange is left open.
    fn check_keys(&self) -> Result<(), Failure> {
        if let Some(reason) = self.failed_exchanges.first() {
            return Err(format!("expected a key of each exchange, actual {reason}"));
        }
        let names = self.chat_keys.iter().map(|key| Some(fingerprint::key_fingerprint(key)));
        let mut expected: Vec<_> = (1..).zip(names.skip(1)).collect();
        if self.is_over {
            expected.truncate(self.new_keys.len());
        }
        if self.new_keys != expected {
            return Err(format!("new keys: expected {expected:?}, actual {:?}", self.new_keys));
        }
        match self.chat.rekey_state() {
            RekeyState::Idle => Ok(()),
            other => Err(format!("expected no open exchange, actual {other:?}")),
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.chat.poll_output() {
            match output {
                Output::Event(event) if meaning::is_news(&event) => self.news.push_back(event),
                Output::Event(Event::Rekeyed { rekeys, .. }) => {
                    self.new_keys.push((rekeys, self.chat.key_fingerprint()));
                }
                Output::Event(Event::RekeyFailed { reason, .. }) => self.failed_exchanges.push(reason.to_string()),
                Output::Transmit(transmit) => self.carry(transmit.id.slot().map(SeqNo::get), transmit.kind),
                _ => {}
            }
        }
    }

    fn carry(&mut self, slot: Option<u32>, kind: TransmitKind) {
        if let (Some(slot), TransmitKind::Ciphertext { bytes, silent, .. }) = (slot, kind) {
            self.carried.entry(slot).or_default().push((bytes, silent));
        }
    }
}
