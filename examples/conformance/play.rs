//! Passes (b) and (c): a chat in the place of one recorded party, with that party's exponent, in the whole conversation.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessageAction, DecryptedMessageLayer, decode_exact};
use secretchat::hazmat::{envelope, fingerprint, kdf};
use secretchat::{
    ApiMisuse, Chat, ChatState, Config, DhGroup, Draft, Env, Event, GroupedId, Handled, IncomingFile, Input,
    Invitation, KeyFingerprint, Layer, Output, PeerFault, PeerPolicy, PrimePolicy, RandomId, RekeyPolicy, RekeyState,
    Role, SeqNo, StoreKey, Timestamp, TransmitKind, Ttl, TypingAction,
};
use serde_json::Value;

use super::compare::{Compared, action};
use super::differences::{Difference, Differences};
use super::draft::{Written, typing};
use super::meaning;
use super::rekey::{self, Step as RekeyStep};
use super::rng::Scripted;
use super::transcript::{Party, Recorded, Transcript, bytes, number};

/// After everything that was recorded, so that recorded dates are not in the future.
const NOW: Timestamp = Timestamp::from_unix_seconds(2_000_000_000);

const A_CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A recorded party makes the next step of a re-keying within so many of its slots.
const SOON: usize = 4;

/// What a pass did.
#[derive(Debug, Default)]
pub(crate) struct Played {
    pub(crate) received: usize,
    pub(crate) sent: usize,
    /// Of those, equal to the recording in every byte of the plaintext.
    pub(crate) identical: usize,
    pub(crate) differences: Differences,
}

/// Another thing than expected, at a step of the file.
type Failure = String;

pub(crate) struct Player<'t> {
    transcript: &'t Transcript,
    us: Party,
    chat: Chat,
    rng: Scripted,
    /// What our chat gave to the transport for each of its slots, each time.
    carried: BTreeMap<u32, Vec<(Vec<u8>, bool)>>,
    /// News that no recorded message has explained yet.
    news: VecDeque<Event>,
    /// The first record of each slot of ours, and of theirs that arrived.
    our_first: BTreeMap<u32, usize>,
    their_first: BTreeMap<u32, usize>,
    /// In which slot of ours each recorded one is said: the same, unless a step of a re-keying came earlier than recorded.
    places: BTreeMap<u32, u32>,
    /// Slots of ours that the public calls could not fill with what was recorded.
    stand_ins: BTreeMap<u32, Difference>,
    /// Messages of the other party that arrive after later steps.
    late: VecDeque<usize>,
    /// Each new key's number and name, when it became current.
    new_keys: Vec<(u32, Option<KeyFingerprint>)>,
    /// Exchanges of keys that gave none.
    failed_exchanges: Vec<String>,
    /// The recorded party asked for a key where ours may not, so ours has no key for what follows.
    is_over: bool,
    played: Played,
}

fn env(rng: &mut Scripted) -> Env<'_> {
    Env::new(NOW, rng)
}

fn layer_of(message: &Recorded) -> Option<DecryptedMessageLayer<'_>> {
    decode_exact(message.tl.as_deref()?).ok()
}

fn read(plaintext: &[u8]) -> Result<DecryptedMessageLayer<'_>, Failure> {
    decode_exact(plaintext).map_err(|error| format!("ours cannot be read: {error}"))
}

fn slot_of(layer: &DecryptedMessageLayer<'_>) -> u32 {
    (layer.out_seq_no / 2).max(0).unsigned_abs()
}

impl<'t> Player<'t> {
    /// A chat with a key, if there can be one with what was recorded.
    pub(crate) fn enter(transcript: &'t Transcript, us: Party, policy: PeerPolicy) -> Result<Option<Self>, Failure> {
        let key = transcript.keys.first();
        let (private, recorded_public) = match (key, us) {
            (None, _) => (None, None),
            (Some(key), Party::Python) => (Some(&key.python_private), Some(&key.python_public)),
            (Some(key), Party::Tdlib) => (Some(&key.td_private), Some(&key.td_public)),
        };
        let mut rng = Scripted::default();
        let Some(group) = group(transcript, us, &mut rng)? else { return Ok(None) };
        let (our_first, their_first) = slots(transcript, us);
        if let Some(private) = private {
            rng.push(private.clone());
        }
        prepare(transcript, us, our_first.get(&0), &mut rng);
        let config = Config::telegram(group, policy)
            .with_layer(announced(transcript, &our_first))
            .with_rekey(only_when_asked())
            .with_store(StoreKey::new([9; 32]));
        let Some(chat) = agree(transcript, us, config, &mut rng)? else { return Ok(None) };
        rng.forget();
        let mut player = Self {
            transcript,
            us,
            chat,
            rng,
            carried: BTreeMap::new(),
            news: VecDeque::new(),
            our_first,
            their_first,
            places: BTreeMap::new(),
            stand_ins: BTreeMap::new(),
            late: VecDeque::new(),
            new_keys: Vec::new(),
            failed_exchanges: Vec::new(),
            is_over: false,
            played: Played::default(),
        };
        let mut public = None;
        while let Some(output) = player.chat.poll_output() {
            match output {
                Output::Transmit(transmit) => match transmit.kind {
                    TransmitKind::Request { public: ours } | TransmitKind::Accept { public: ours, .. } => {
                        public = Some(ours);
                    }
                    _ => player.carry(transmit.id.slot().map(SeqNo::get), transmit.kind),
                },
                Output::Event(event) if meaning::is_news(&event) => player.news.push_back(event),
                _ => {}
            }
        }
        player.settle(0)?;
        let Some(key) = key else { return Ok(Some(player)) };
        // A recorded value that was shorter on the wire is the same number.
        let expected = recorded_public.map(|public| [vec![0; 256 - public.len().min(256)], public.clone()].concat());
        let ends_with = public.as_ref().zip(expected.as_ref()).is_some_and(|(ours, theirs)| theirs.ends_with(ours));
        if player.chat.state() == ChatState::Ready {
            if !ends_with {
                return Err(format!(
                    "public value: expected {}, actual {}",
                    expected.map(hex::encode).unwrap_or_default(),
                    public.map(hex::encode).unwrap_or_default()
                ));
            }
            let expected = Some(fingerprint::key_fingerprint(&key.chat_key));
            let actual = player.chat.key_fingerprint();
            if actual != expected {
                return Err(format!("key: expected {expected:?}, actual {actual:?}"));
            }
            let verification = player.chat.verification().map(|value| value.to_bytes().to_vec()).unwrap_or_default();
            if verification != transcript.verification && !transcript.verification.is_empty() {
                return Err(format!(
                    "verification value: expected {}, actual {}",
                    hex::encode(&transcript.verification),
                    hex::encode(verification)
                ));
            }
        }
        Ok(Some(player))
    }

    /// Goes through a conversation.
    pub(crate) fn play(mut self) -> Result<Played, Failure> {
        if self.chat.state() != ChatState::Ready {
            return Err(format!("expected a chat that is ready, actual {:?}", self.chat.state()));
        }
        for n in 0..self.transcript.steps.len() {
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
        let step = &self.transcript.steps[n];
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
                self.theirs(n, message)
            }
            None => self.server(n),
        }
    }

    /// The chat closes where it was closed.
    fn server(&mut self, n: usize) -> Result<(), Failure> {
        let decoded = &self.transcript.steps[n].value["decoded"];
        let name = decoded["_"].as_str().unwrap_or_default();
        let by_tdlib = name == "messages.discardEncryption";
        if !by_tdlib && name != "encryptedChatDiscarded" {
            return Ok(());
        }
        if !by_tdlib && self.transcript.steps[..n].iter().any(|s| s.value["method"] == "messages.discardEncryption") {
            return Ok(());
        }
        let history = if by_tdlib { number(&decoded["flags"]) & 1 != 0 } else { decoded["history_deleted"] == true };
        if by_tdlib == (self.us == Party::Tdlib) {
            self.chat.close(history, &mut env(&mut self.rng));
            self.drain();
            self.news.clear();
            return Ok(());
        }
        if by_tdlib {
            // Python learns it at the end of the file: it still wrote after it.
            return Ok(());
        }
        self.discarded(history)
    }

    fn discarded(&mut self, history: bool) -> Result<(), Failure> {
        let handled = self.chat.handle(Input::Discarded { history, proof: None }, &mut env(&mut self.rng));
        self.drain();
        match self.news.pop_front() {
            Some(Event::Closed { history: actual, .. }) if actual == history => Ok(()),
            other => Err(format!("expected Closed with history {history}, actual {handled:?} and {other:?}")),
        }
    }

    fn end(mut self) -> Result<Played, Failure> {
        let discard = self.transcript.server("messages.discardEncryption");
        if self.chat.state() == ChatState::Ready {
            // Nothing waits for what never came, and nothing was said that the recorded party did not say.
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
            self.discarded(history)?;
        }
        if let Some(event) = self.news.pop_front() {
            return Err(format!("expected no more news, actual {event:?}"));
        }
        let closed = discard.is_some() || self.transcript.server("encryptedChatDiscarded").is_some();
        match self.chat.state() {
            ChatState::Ready if !closed => Ok(self.played),
            ChatState::Closed(_) if closed => Ok(self.played),
            other => {
                Err(format!("expected a chat that is {}, actual {other:?}", if closed { "closed" } else { "open" }))
            }
        }
    }

    /// A message of the other party arrives.
    fn theirs(&mut self, n: usize, message: &Recorded) -> Result<(), Failure> {
        let value = &self.transcript.steps[n].value;
        let before = self.chat.counters().received;
        let was_open = self.chat.state() == ChatState::Ready;
        self.prepare_next();
        let input = Input::Ciphertext { bytes: &message.wire, file: file(value), date: Some(meaning::date(value)) };
        let sent = self.chat.counters().sent;
        let handled = self.chat.handle(input, &mut env(&mut self.rng));
        self.rng.forget();
        self.drain();
        self.settle(sent)?;
        if message.is_under_old_key {
            return match handled {
                Err(PeerFault::UnknownKey) => Ok(()),
                other => Err(format!("expected UnknownKey of a key that was wiped, actual {other:?}")),
            };
        }
        let expected = match layer_of(message).map(|layer| slot_of(&layer)) {
            _ if !was_open => Handled::Ignored,
            Some(slot) if slot < before => Handled::Duplicate,
            Some(slot) if slot > before => Handled::Waiting,
            _ => Handled::Applied,
        };
        if handled != Ok(expected) {
            return Err(format!("expected {expected:?}, actual {handled:?}"));
        }
        for slot in before..self.chat.counters().received {
            let first = self.their_first.get(&slot).ok_or(format!("slot {slot} never arrived"))?;
            meaning::check(&self.transcript.steps[*first].value, &mut self.news)
                .map_err(|error| format!("message of step {first}: {error}"))?;
        }
        if let Some(event) = self.news.front() {
            return Err(format!("expected nothing more, actual {event:?}"));
        }
        self.played.received += 1;
        Ok(())
    }

    /// Messages on their way arrive until `received` of them are there.
    fn arrive_late(&mut self, received: u32) -> Result<(), Failure> {
        while self.chat.counters().received < received {
            let Some(n) = self.late.pop_front() else { break };
            let transcript = self.transcript;
            if let Some(message) = &transcript.steps[n].message {
                self.theirs(n, message).map_err(|error| format!("late step {n}: {error}"))?;
            }
        }
        Ok(())
    }

    /// A message of ours was recorded: our chat says the same.
    fn ours(&mut self, n: usize, message: &Recorded) -> Result<(), Failure> {
        let Some(recorded) = layer_of(message) else { return Ok(()) };
        self.arrive_late((recorded.in_seq_no / 2).max(0).unsigned_abs())?;
        let slot = slot_of(&recorded);
        if message.is_under_old_key {
            self.played.differences.note(Difference::OldKey);
            return Ok(());
        }
        while self.next_recorded() <= slot {
            let next = self.next_recorded();
            self.say(next).map_err(|error| format!("in slot {next}: {error}"))?;
        }
        if self.is_over {
            return Ok(());
        }
        let place = self.places.get(&slot).copied().unwrap_or(slot);
        let value = &self.transcript.steps[n].value;
        let first = self.our_first.get(&slot).copied().unwrap_or(n);
        let times = self.transcript.steps[..n]
            .iter()
            .filter_map(|step| step.message.as_ref().filter(|message| message.from == self.us))
            .filter(|message| layer_of(message).is_some_and(|layer| slot_of(&layer) == slot))
            .count();
        if self.carried.get(&place).map_or(0, Vec::len) <= times {
            // Nobody asked for it again.
            if times > 0 && self.us == Party::Tdlib {
                self.played.differences.note(Difference::Unasked);
            }
            self.chat.retransmit(&mut env(&mut self.rng));
            self.drain();
        }
        let carried = self.carried.get(&place).cloned().unwrap_or_default();
        let Some(((sealed, silent), last)) = carried.first().zip(carried.last()) else {
            return Err(format!("expected something in slot {place}, actual nothing"));
        };
        if value["note"] == "resent" && (carried.len() < 2 || last.0 != *sealed) {
            return Err("expected the same bytes when they were asked for, actual others or none".into());
        }
        if times == 0 {
            return self.compare(value, &recorded, sealed, *silent, slot, place);
        }
        let first_tl = self.transcript.steps[first].message.as_ref().and_then(|message| message.tl.as_ref());
        if first_tl == message.tl.as_ref() {
            if last.0 != *sealed {
                return Err("expected the same bytes again, actual others".into());
            }
            self.played.sent += 1;
            return Ok(());
        }
        if self.us == Party::Python {
            // The recorded party put another content into a slot.
            self.played.differences.note(Difference::OneContent);
            return Ok(());
        }
        self.compare(value, &recorded, &last.0, last.1, slot, place)
    }

    /// Makes our chat say what was recorded in `slot`.
    fn say(&mut self, slot: u32) -> Result<(), Failure> {
        let place = self.chat.counters().sent;
        let said = self.say_in(slot, place);
        // An album takes several.
        for place in place..self.chat.counters().sent {
            self.places.insert(self.next_recorded(), place);
        }
        said
    }

    fn say_in(&mut self, slot: u32, place: u32) -> Result<(), Failure> {
        let transcript = self.transcript;
        let first = self.our_first.get(&slot);
        let recorded = first.and_then(|n| transcript.steps[*n].message.as_ref()).and_then(layer_of);
        let Some(recorded) = recorded else { return self.stand_in(place, Difference::NoCall) };
        self.prepare_next();
        let done = self.call(&recorded.message, slot);
        self.rng.forget();
        self.drain();
        match done {
            Ok(()) if self.chat.counters().sent > place => Ok(()),
            Ok(()) => match action(&recorded.message) {
                Some(
                    DecryptedMessageAction::NotifyLayer(_)
                    | DecryptedMessageAction::Resend(_)
                    | DecryptedMessageAction::Noop,
                ) => self.stand_in(place, Difference::OwnAccord),
                Some(action) if RekeyStep::of(&action).is_some() && !transcript.is_hostile => {
                    Err(format!("expected {action:?} by itself, actual nothing"))
                }
                _ => self.stand_in(place, Difference::NoCall),
            },
            Err(ApiMisuse::EmptyMessage) => self.stand_in(place, Difference::EmptyText),
            Err(ApiMisuse::RekeyInProgress) if transcript.is_hostile => self.stand_in(place, Difference::NoCall),
            Err(ApiMisuse::RekeyInProgress)
                if self.chat.rekeys() > 0 && self.chat.rekey_state() == RekeyState::Idle =>
            {
                self.is_over = true;
                self.played.differences.note(Difference::TooSoon);
                self.stand_in(place, Difference::TooSoon)
            }
            Err(misuse) => Err(format!("expected to be able to say it, actual {misuse:?}")),
        }
    }

    /// Takes a slot with something, so that the other party's acknowledgements fit.
    fn stand_in(&mut self, place: u32, reason: Difference) -> Result<(), Failure> {
        let done = self.chat.typing(TypingAction::Cancel, &mut env(&mut self.rng));
        self.drain();
        self.stand_ins.insert(place, reason);
        done.map_err(|misuse| format!("expected to be able to send, actual {misuse:?}"))
    }

    /// The first recorded slot of ours that our chat has said nothing for.
    fn next_recorded(&self) -> u32 {
        (0..).find(|slot| !self.places.contains_key(slot)).unwrap_or(u32::MAX)
    }

    /// Finds for what our chat said by itself, from the slot `from` on, which recorded message it is.
    fn settle(&mut self, from: u32) -> Result<(), Failure> {
        let transcript = self.transcript;
        for place in from..self.chat.counters().sent {
            let sealed = self.carried.get(&place).and_then(|carried| carried.first());
            let Some((sealed, _)) = sealed else { return Err(format!("nothing was carried in slot {place}")) };
            let mut wire = sealed.clone();
            let slot = self.next_recorded();
            let opened = self.open(&mut wire);
            if opened.is_err() && transcript.is_hostile {
                // Some of those files hold no key.
                self.places.insert(slot, place);
                continue;
            }
            let ours = read(opened?.0)?;
            let recorded = |slot: &u32| {
                let layer = layer_of(transcript.steps[*self.our_first.get(slot)?].message.as_ref()?)?;
                action(&layer.message)
            };
            let next = recorded(&slot);
            let said = action(&ours.message);
            let is_same = match (&next, &said) {
                (Some(next), Some(said)) => std::mem::discriminant(next) == std::mem::discriminant(said),
                _ => false,
            };
            let step = said.as_ref().and_then(RekeyStep::of);
            let later = || (slot..).take(SOON).find(|slot| recorded(slot).as_ref().and_then(RekeyStep::of) == step);
            let (slot, stands_in) = match (is_same, step) {
                (false, Some(_)) => (later().unwrap_or(slot), None),
                (false, None) if said == Some(DecryptedMessageAction::Noop) => (slot, Some(Difference::Confirmation)),
                (false, None) if self.stand_ins.values().any(|reason| *reason == Difference::Confirmation) => {
                    (slot, Some(Difference::Displaced))
                }
                _ => (slot, None),
            };
            self.places.insert(slot, place);
            if let Some(reason) = stands_in {
                self.stand_ins.insert(place, reason);
            }
        }
        Ok(())
    }

    fn call(&mut self, message: &DecryptedMessage<'_>, slot: u32) -> Result<(), ApiMisuse> {
        let ids = |ids: secretchat::hazmat::wire::Vector<'_, i64>| ids.iter().map(RandomId).collect::<Vec<_>>();
        if let Some(written) = Written::of(message) {
            return match self.album(&written, slot) {
                Some(drafts) => self.chat.send_album(&drafts, &mut env(&mut self.rng)).map(drop),
                None => self.chat.send(&written.draft(), &mut env(&mut self.rng)).map(drop),
            };
        }
        let DecryptedMessage::Service17(service) = message else { return Ok(()) };
        let (chat, env) = (&mut self.chat, &mut env(&mut self.rng));
        match service.action {
            DecryptedMessageAction::SetMessageTTL(action)
                if Ttl::from_wire(action.ttl_seconds).to_wire() == action.ttl_seconds =>
            {
                chat.set_ttl(Ttl::from_wire(action.ttl_seconds), env)
            }
            DecryptedMessageAction::ReadMessages(action) => chat.mark_read(&ids(action.random_ids), env),
            DecryptedMessageAction::DeleteMessages(action) => chat.delete(&ids(action.random_ids), env),
            DecryptedMessageAction::ScreenshotMessages(action) => chat.report_screenshot(&ids(action.random_ids), env),
            DecryptedMessageAction::FlushHistory => chat.flush_history(env),
            DecryptedMessageAction::Typing(action) => chat.typing(typing(action.action), env),
            DecryptedMessageAction::Noop => chat.acknowledge(env),
            DecryptedMessageAction::RequestKey(_) => chat.rekey(env),
            // The others come by themselves.
            _ => Ok(()),
        }
    }

    /// The drafts of an album that begins here.
    fn album(&mut self, first: &Written<'_>, slot: u32) -> Option<Vec<Draft>> {
        let grouped_id = GroupedId(first.grouped_id?);
        let mut drafts = Vec::new();
        for n in (slot..).map_while(|slot| self.our_first.get(&slot)) {
            let Some(layer) = self.transcript.steps[*n].message.as_ref().and_then(layer_of) else { break };
            let Some(written) = Written::of(&layer.message) else { break };
            if written.grouped_id != first.grouped_id || written.media.is_none() {
                break;
            }
            drafts.push(written.draft());
        }
        self.rng.push(grouped_id.0.to_le_bytes().to_vec());
        (drafts.len() >= 2).then_some(drafts)
    }

    /// What is random in the recorded message that comes next is what our chat draws: a step of a re-keying, which it
    /// makes at once, else that of the next slot.
    fn prepare_next(&mut self) {
        let recorded = |slot: &u32| self.transcript.steps[*self.our_first.get(slot)?].message.as_ref();
        let next = self.next_recorded();
        let step = |slot: &u32| {
            let layer = recorded(slot).and_then(layer_of)?;
            action(&layer.message).as_ref().and_then(RekeyStep::of)
        };
        let speaks_by_itself = recorded(&next).and_then(layer_of).is_some_and(|layer| action(&layer.message).is_some());
        let later = (next..).take(SOON).find(|slot| !self.places.contains_key(slot) && step(slot).is_some());
        let slots = if speaks_by_itself { [None, Some(next)] } else { [later, Some(next)] };
        for slot in slots.into_iter().flatten() {
            prepare(self.transcript, self.us, self.our_first.get(&slot), &mut self.rng);
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.chat.poll_output() {
            match output {
                Output::Event(event) if meaning::is_news(&event) => self.news.push_back(event),
                Output::Event(Event::Rekeyed { rekeys }) => {
                    self.new_keys.push((rekeys, self.chat.key_fingerprint()));
                }
                Output::Event(Event::RekeyFailed { reason }) => self.failed_exchanges.push(reason.to_string()),
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

    /// Our message under the recorded keys, and the number of its key.
    fn open<'w>(&self, wire: &'w mut [u8]) -> Result<(&'w [u8], usize), Failure> {
        let x = kdf::Offset::telegram(self.transcript.role(self.us));
        let name = envelope::fingerprint(wire);
        let keys = self.transcript.keys.iter().map(|key| &key.chat_key);
        let key = keys.map(|chat_key| envelope::MessageKey {
            chat_key,
            fingerprint: fingerprint::key_fingerprint(chat_key),
            x,
        });
        let found = key.enumerate().find(|(_, key)| Some(key.fingerprint) == name);
        let Some((index, key)) = found else { return Err("ours is under a key that was not recorded".into()) };
        let plaintext = envelope::open(&key, wire).map_err(|fault| format!("ours does not open: {fault:?}"))?;
        Ok((plaintext, index))
    }

    /// Every recorded key was current in its turn, and nothing is left of an exchange.
    fn check_keys(&self) -> Result<(), Failure> {
        if let Some(reason) = self.failed_exchanges.first() {
            return Err(format!("expected a key of each exchange, actual {reason}"));
        }
        let names = self.transcript.keys.iter().map(|key| Some(fingerprint::key_fingerprint(&key.chat_key)));
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

    /// Field by field.
    fn compare(
        &mut self,
        step: &Value,
        recorded: &DecryptedMessageLayer<'_>,
        sealed: &[u8],
        silent: bool,
        slot: u32,
        place: u32,
    ) -> Result<(), Failure> {
        let mut wire = sealed.to_vec();
        let (plaintext, key) = self.open(&mut wire)?;
        let ours = read(plaintext)?;

        let mut found = Compared::default();
        let is_notice = matches!(action(&recorded.message), Some(DecryptedMessageAction::NotifyLayer(_)));
        let first_notice = slot == 0 && is_notice && self.us == Party::Python;
        let rounded = [144, 101].into_iter().find(|layer| *layer <= recorded.layer).unwrap_or(73);
        found.field("layer", &recorded.layer, &ours.layer, || {
            if first_notice && ours.layer == 73 {
                Some(Difference::FirstNotice)
            } else {
                (ours.layer == rounded).then_some(Difference::HeaderLayer)
            }
        });
        let stand_in = self.stand_ins.get(&place).copied();
        let own_step = action(&ours.message).as_ref().and_then(RekeyStep::of).is_some();
        let by_itself = own_step || matches!(stand_in, Some(Difference::Confirmation | Difference::Displaced));
        found.field("in_seq_no", &recorded.in_seq_no, &ours.in_seq_no, || {
            if by_itself && ours.in_seq_no < recorded.in_seq_no {
                return Some(Difference::AtOnce);
            }
            (first_notice && ours.in_seq_no / 2 == 0).then_some(Difference::FirstNotice)
        });
        found.field("out_seq_no", &recorded.out_seq_no, &ours.out_seq_no, || {
            (slot != place && slot_of(&ours) == place).then_some(Difference::AtOnce)
        });
        let recorded_key = step["key_index"].as_u64().and_then(|index| usize::try_from(index).ok());
        found.field("key", &recorded_key, &Some(key), || match recorded_key {
            // It was said before a CommitKey that we have said already.
            Some(before) if slot < place && before + 1 == key => Some(Difference::AtOnce),
            // The recording breaks the rules here, and says so.
            Some(before) if self.us == Party::Python && before + 1 == key => Some(Difference::OldKey),
            _ => None,
        });
        let random = |layer: &DecryptedMessageLayer<'_>| layer.random_bytes.as_slice().len();
        found.field("random_bytes", &random(recorded), &random(&ours), || {
            (random(&ours) == 31).then_some(Difference::RandomBytes)
        });
        match stand_in {
            Some(reason) => found.listed.push(reason),
            None => {
                let other_exponent = rekey::exponent_of(self.transcript, self.us, &recorded.message).is_none();
                found.message(&recorded.message, &ours.message, self.chat.ttl(), other_exponent);
                if step["silent"].is_boolean() {
                    found.field("silent", &(step["silent"] == true), &silent, || None);
                }
            }
        }
        if !found.wrong.is_empty() {
            return Err(found.wrong.join("; "));
        }
        if stand_in.is_none() {
            self.played.sent += 1;
        }
        if bytes(&step["tl"])? == *plaintext {
            self.played.identical += 1;
        }
        for difference in found.listed {
            self.played.differences.note(difference);
        }
        Ok(())
    }
}

/// A policy that asks for nothing by itself: the recorded party says when.
fn only_when_asked() -> RekeyPolicy {
    let mut policy = RekeyPolicy::telegram();
    (policy.initiator_messages, policy.responder_messages, policy.limit_messages) = (u32::MAX, u32::MAX, u32::MAX);
    (policy.age, policy.limit_age) = (A_CENTURY, A_CENTURY);
    policy
}

/// Where the first record of each slot is: of ours, and of the other party's that arrived.
fn slots(transcript: &Transcript, us: Party) -> (BTreeMap<u32, usize>, BTreeMap<u32, usize>) {
    let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
    for (n, step) in transcript.steps.iter().enumerate() {
        let Some(message) = step.message.as_ref().filter(|message| message.key_index.is_some()) else { continue };
        if message.is_under_old_key {
            continue;
        }
        let Some(layer) = layer_of(message) else { continue };
        if message.from == us {
            ours.entry(slot_of(&layer)).or_insert(n);
        } else if !message.lost {
            theirs.entry(slot_of(&layer)).or_insert(n);
        }
    }
    (ours, theirs)
}

/// The layer that our party announces in its first message.
fn announced(transcript: &Transcript, our_first: &BTreeMap<u32, usize>) -> Layer {
    let message = our_first.get(&0).and_then(|n| transcript.steps[*n].message.as_ref());
    match message.and_then(layer_of).as_ref().and_then(|layer| action(&layer.message)) {
        Some(DecryptedMessageAction::NotifyLayer(notice)) => Layer(notice.layer),
        _ => Layer::L144,
    }
}

fn prepare(transcript: &Transcript, us: Party, next: Option<&usize>, rng: &mut Scripted) {
    let Some(layer) = next.and_then(|n| transcript.steps[*n].message.as_ref()).and_then(layer_of) else { return };
    if let Some(DecryptedMessageAction::RequestKey(request)) = action(&layer.message) {
        rng.push(request.exchange_id.to_le_bytes().to_vec());
    }
    if let Some(exponent) = rekey::exponent_of(transcript, us, &layer.message) {
        rng.push(exponent);
    }
    rng.push(layer.random_bytes.as_slice().to_vec());
    if let DecryptedMessage::Service17(service) = layer.message {
        rng.push(service.random_id.to_le_bytes().to_vec());
    }
}

fn file(step: &Value) -> Option<IncomingFile> {
    let file = &step["file"];
    Some(IncomingFile {
        reference: file["id"].as_str()?.into(),
        size: u64::try_from(number(&file["size"])).ok(),
        fingerprint: i32::try_from(number(&file["key_fingerprint"])).ok(),
    })
}

/// The group of the server's parameters; `None` if they make none.
fn group(transcript: &Transcript, us: Party, rng: &mut Scripted) -> Result<Option<DhGroup>, Failure> {
    let config = transcript.server("messages.dhConfig").filter(|_| us == Party::Tdlib);
    let Some(config) = config else {
        return DhGroup::published(transcript.generator).map(Some).map_err(|misuse| format!("{misuse:?}"));
    };
    let generator = u32::try_from(number(&config["g"])).unwrap_or(0);
    Ok(DhGroup::check(generator, &bytes(&config["p"])?, PrimePolicy::AllowSafePrime, rng).ok())
}

/// The key agreement with the recorded value of the other party, as it was on the way; `None` if it is refused.
fn agree(transcript: &Transcript, us: Party, config: Config, rng: &mut Scripted) -> Result<Option<Chat>, Failure> {
    let request = match us {
        Party::Python => transcript.server("messages.requestEncryption"),
        Party::Tdlib => transcript.server("encryptedChatRequested"),
    };
    let answer = match us {
        Party::Python => transcript.server("messages.acceptEncryption").map(|answer| (answer, "g_b")),
        Party::Tdlib => transcript.server("encryptedChat").map(|answer| (answer, "g_a_or_b")),
    };
    if transcript.role(us) == Role::Responder {
        let public = bytes(&request.ok_or("no request was recorded")?["g_a"])?;
        let Ok(invitation) = Invitation::parse(&public, config) else { return Ok(None) };
        return invitation.accept(&mut env(rng)).map(Some).map_err(|misuse| format!("{misuse:?}"));
    }
    let mut chat = Chat::request(config, &mut env(rng)).map_err(|misuse| format!("{misuse:?}"))?;
    if let Some((answer, public)) = answer {
        let public = bytes(&answer[public])?;
        let fingerprint = KeyFingerprint::from_long(number(&answer["key_fingerprint"]));
        let input = Input::Accepted { public: &public, fingerprint };
        if chat.handle(input, &mut env(rng)).is_err() {
            return Ok(None);
        }
    }
    Ok(Some(chat))
}

/// Wrong and unusual inputs in the place of TDLib: no panic, and what is not authentic changes nothing. Returns how many
/// checks there were.
pub(crate) fn withstand(transcript: &Transcript) -> Result<(usize, Differences), Failure> {
    let (mut checks, mut differences) = (0, Differences::default());
    for policy in [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant] {
        let player = Player::enter(transcript, Party::Tdlib, policy).map_err(|error| format!("{policy:?}: {error}"))?;
        let is_ready = player.as_ref().is_some_and(|player| player.chat.state() == ChatState::Ready);
        let agreement = ["encryptedChat", "encryptedChatRequested", "messages.dhConfig"];
        checks += usize::from(agreement.iter().any(|name| transcript.server(name).is_some()));
        let accepted = transcript.server("messages.acceptEncryption").is_some();
        let was_ready = accepted
            || transcript.steps.iter().any(|step| {
                step.value["tdlib_events"].as_array().into_iter().flatten().any(|event| event["state"] == "active")
            });
        // Without the server's parameters, or without the exponent, there is nothing to compare with.
        let unknown_group = transcript.server("messages.dhConfig").is_none();
        let unknown_exponent = transcript.keys.is_empty() && transcript.role(Party::Tdlib) == Role::Initiator;
        let is_open = if is_ready { unknown_group } else { unknown_exponent };
        if was_ready && !is_ready && is_in_range(transcript)? {
            differences.note(Difference::Subgroup);
        } else if was_ready != is_ready && !is_open {
            let word = |ready| if ready { "a key" } else { "no key" };
            return Err(format!("{policy:?}: expected {}, actual {}", word(was_ready), word(is_ready)));
        }
        let Some(mut player) = player else { continue };
        for (n, step) in transcript.steps.iter().enumerate() {
            let Some(message) = &step.message else { continue };
            let result = if message.from == Party::Tdlib {
                player.keep_up(message)
            } else {
                checks += 1;
                player.attacked(message)
            };
            result.map_err(|error| format!("{policy:?}, step {n}: {error}"))?;
        }
    }
    Ok((checks, differences))
}

/// Whether a requested chat's public value, which has no known exponent, keeps 2^1984 away from zero and the prime.
fn is_in_range(transcript: &Transcript) -> Result<bool, Failure> {
    let (Some(request), Some(config)) =
        (transcript.server("encryptedChatRequested"), transcript.server("messages.dhConfig"))
    else {
        return Ok(false);
    };
    let (value, prime) = (bytes(&request["g_a"])?, bytes(&config["p"])?);
    if value.len() != 256 || prime.len() != 256 || !transcript.keys.is_empty() {
        return Ok(false);
    }
    let mut borrow = false;
    let mut rest: Vec<u8> = Vec::with_capacity(256);
    for (p, v) in prime.iter().zip(&value).rev() {
        let (once, first) = p.overflowing_sub(*v);
        let (digit, second) = once.overflowing_sub(borrow.into());
        borrow = first || second;
        rest.insert(0, digit);
    }
    let is_large = |number: &[u8]| number[..8].iter().any(|byte| *byte != 0);
    Ok(!borrow && is_large(&value) && is_large(&rest))
}

impl Player<'_> {
    /// Says something in as many slots as the recorded party has used.
    fn keep_up(&mut self, message: &Recorded) -> Result<(), Failure> {
        let Some(layer) = layer_of(message) else { return Ok(()) };
        while self.chat.state() == ChatState::Ready && self.next_recorded() <= slot_of(&layer) {
            self.say(self.next_recorded())?;
        }
        Ok(())
    }

    fn attacked(&mut self, message: &Recorded) -> Result<(), Failure> {
        let before = format!("{:?}", self.chat);
        let sent = self.chat.counters().sent;
        self.prepare_next();
        let input = Input::Ciphertext { bytes: &message.wire, file: None, date: None };
        let handled = self.chat.handle(input, &mut env(&mut self.rng));
        self.rng.forget();
        let after = format!("{:?}", self.chat);
        let is_forged = message.key_index.is_none();
        if is_forged {
            let kept = self.chat.state() == ChatState::Requested && handled == Ok(Handled::Waiting);
            let refused =
                matches!(handled, Err(PeerFault::NotAuthentic | PeerFault::UnknownKey) | Ok(Handled::Ignored));
            if !refused && !kept {
                return Err(format!("expected to refuse what is not authentic, actual {handled:?}"));
            }
        }
        if (handled.is_err() || (is_forged && handled == Ok(Handled::Ignored))) && before != after {
            return Err(format!("expected {before}, actual {after}"));
        }
        self.drain();
        if self.chat.state() == ChatState::Ready { self.settle(sent) } else { Ok(()) }
    }
}
