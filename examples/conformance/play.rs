//! Passes (b) and (c): a chat in the place of one recorded party, with that party's exponent, in the whole conversation.

use std::collections::{BTreeMap, VecDeque};

use secretchat::hazmat::wire::{
    DecryptedMessage, DecryptedMessage45, DecryptedMessage73, DecryptedMessageAction, DecryptedMessageLayer,
    decode_exact,
};
use secretchat::hazmat::{envelope, fingerprint, kdf};
use secretchat::{
    ApiMisuse, Chat, ChatState, Config, DhGroup, Draft, Env, Event, GroupedId, Handled, IncomingFile, Input,
    Invitation, KeyFingerprint, Layer, Output, PeerFault, PeerPolicy, PrimePolicy, RandomId, Role, SeqNo, StoreKey,
    Timestamp, TransmitKind, Ttl, TypingAction,
};
use serde_json::Value;

use super::differences::{Difference, Differences};
use super::draft::{Written, string, typing};
use super::meaning;
use super::rng::Scripted;
use super::transcript::{Party, Recorded, Transcript, bytes, number};

/// After everything that was recorded, so that recorded dates are not in the future.
const NOW: Timestamp = Timestamp::from_unix_seconds(2_000_000_000);

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
    /// Slots of ours that the public calls could not fill with what was recorded.
    stand_ins: BTreeMap<u32, Difference>,
    /// Messages of the other party that arrive after later steps.
    late: VecDeque<usize>,
    played: Played,
}

fn env(rng: &mut Scripted) -> Env<'_> {
    Env::new(NOW, rng)
}

fn layer_of(message: &Recorded) -> Option<DecryptedMessageLayer<'_>> {
    decode_exact(message.tl.as_deref()?).ok()
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
        prepare(transcript, our_first.get(&0), &mut rng);
        let config = Config::telegram(group, policy)
            .with_layer(announced(transcript, &our_first))
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
            stand_ins: BTreeMap::new(),
            late: VecDeque::new(),
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
            Some(message) => self.theirs(n, message),
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
        let handled = self.chat.handle(input, &mut env(&mut self.rng));
        self.rng.forget();
        self.drain();
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
        while self.chat.counters().sent <= slot {
            let next = self.chat.counters().sent;
            self.say(next).map_err(|error| format!("in slot {next}: {error}"))?;
        }
        let value = &self.transcript.steps[n].value;
        let first = self.our_first.get(&slot).copied().unwrap_or(n);
        let times = self.transcript.steps[..n]
            .iter()
            .filter_map(|step| step.message.as_ref().filter(|message| message.from == self.us))
            .filter(|message| layer_of(message).is_some_and(|layer| slot_of(&layer) == slot))
            .count();
        if self.carried.get(&slot).map_or(0, Vec::len) <= times {
            // Nobody asked for it again.
            if times > 0 && self.us == Party::Tdlib {
                self.played.differences.note(Difference::Unasked);
            }
            self.chat.retransmit(&mut env(&mut self.rng));
            self.drain();
        }
        let carried = self.carried.get(&slot).cloned().unwrap_or_default();
        let Some(((sealed, silent), last)) = carried.first().zip(carried.last()) else {
            return Err(format!("expected something in slot {slot}, actual nothing"));
        };
        if value["note"] == "resent" && (carried.len() < 2 || last.0 != *sealed) {
            return Err("expected the same bytes when they were asked for, actual others or none".into());
        }
        if times == 0 {
            return self.compare(value, &recorded, sealed, *silent, slot);
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
        self.compare(value, &recorded, &last.0, last.1, slot)
    }

    /// Makes our chat say what was recorded for its next slot.
    fn say(&mut self, slot: u32) -> Result<(), Failure> {
        let transcript = self.transcript;
        let first = self.our_first.get(&slot);
        let recorded = first.and_then(|n| transcript.steps[*n].message.as_ref()).and_then(layer_of);
        let Some(recorded) = recorded else { return self.stand_in(slot, Difference::NoCall) };
        self.prepare_next();
        let done = self.call(&recorded.message, slot);
        self.rng.forget();
        self.drain();
        match done {
            Ok(()) if self.chat.counters().sent > slot => Ok(()),
            Ok(()) => {
                let own = matches!(
                    &recorded.message,
                    DecryptedMessage::Service17(service) if matches!(
                        service.action,
                        DecryptedMessageAction::NotifyLayer(_)
                            | DecryptedMessageAction::Resend(_)
                            | DecryptedMessageAction::Noop
                    )
                );
                self.stand_in(slot, if own { Difference::OwnAccord } else { Difference::NoCall })
            }
            Err(ApiMisuse::EmptyMessage) => self.stand_in(slot, Difference::EmptyText),
            Err(misuse) => Err(format!("expected to be able to say it, actual {misuse:?}")),
        }
    }

    /// Takes a slot with something, so that the other party's acknowledgements fit.
    fn stand_in(&mut self, slot: u32, reason: Difference) -> Result<(), Failure> {
        let done = self.chat.typing(TypingAction::Cancel, &mut env(&mut self.rng));
        self.drain();
        self.stand_ins.insert(slot, reason);
        done.map_err(|misuse| format!("expected to be able to send, actual {misuse:?}"))
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

    /// What is random in the recorded message of our next slot is what our chat draws.
    fn prepare_next(&mut self) {
        let next = self.our_first.get(&self.chat.counters().sent);
        prepare(self.transcript, next, &mut self.rng);
    }

    fn drain(&mut self) {
        while let Some(output) = self.chat.poll_output() {
            match output {
                Output::Event(event) if meaning::is_news(&event) => self.news.push_back(event),
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

    /// Field by field.
    fn compare(
        &mut self,
        step: &Value,
        recorded: &DecryptedMessageLayer<'_>,
        sealed: &[u8],
        silent: bool,
        slot: u32,
    ) -> Result<(), Failure> {
        let chat_key = &self.transcript.keys.first().ok_or("no key")?.chat_key;
        let x = kdf::Offset::telegram(self.transcript.role(self.us));
        let key = envelope::MessageKey { chat_key, fingerprint: fingerprint::key_fingerprint(chat_key), x };
        let mut wire = sealed.to_vec();
        let plaintext = envelope::open(&key, &mut wire).map_err(|fault| format!("ours does not open: {fault:?}"))?;
        let ours: DecryptedMessageLayer<'_> =
            decode_exact(plaintext).map_err(|error| format!("ours cannot be read: {error}"))?;

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
        found.field("in_seq_no", &recorded.in_seq_no, &ours.in_seq_no, || {
            (first_notice && ours.in_seq_no / 2 == 0).then_some(Difference::FirstNotice)
        });
        found.field("out_seq_no", &recorded.out_seq_no, &ours.out_seq_no, || None);
        let random = |layer: &DecryptedMessageLayer<'_>| layer.random_bytes.as_slice().len();
        found.field("random_bytes", &random(recorded), &random(&ours), || {
            (random(&ours) == 31).then_some(Difference::RandomBytes)
        });
        let stand_in = self.stand_ins.get(&slot).copied();
        match stand_in {
            Some(reason) => found.listed.push(reason),
            None => {
                found.message(&recorded.message, &ours.message);
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
        let tl = bytes(&step["tl"])?;
        if tl == *plaintext {
            self.played.identical += 1;
        }
        for difference in found.listed {
            self.played.differences.note(difference);
        }
        Ok(())
    }
}

/// What two messages differ in.
#[derive(Default)]
struct Compared {
    listed: Vec<Difference>,
    wrong: Vec<String>,
}

impl Compared {
    fn field<T: PartialEq + std::fmt::Debug>(
        &mut self,
        name: &str,
        expected: &T,
        actual: &T,
        listed: impl FnOnce() -> Option<Difference>,
    ) {
        if expected == actual {
            return;
        }
        match listed() {
            Some(difference) => self.listed.push(difference),
            None => self.wrong.push(format!("{name}: expected {expected:?}, actual {actual:?}")),
        }
    }

    fn message(&mut self, recorded: &DecryptedMessage<'_>, ours: &DecryptedMessage<'_>) {
        let (Some(expected), Some(actual)) = (Written::of(recorded), Written::of(ours)) else {
            return self.service(recorded, ours);
        };
        self.field("constructor", &expected.form, &actual.form, || {
            let older = (expected.form, actual.form) == (DecryptedMessage45::ID, DecryptedMessage73::ID);
            older.then_some(Difference::Form)
        });
        self.field("flags", &expected.flags, &actual.flags, || None);
        self.field("random_id", &expected.random_id, &actual.random_id, || None);
        self.field("ttl", &expected.ttl, &actual.ttl, || (actual.ttl == 0).then_some(Difference::Timer));
        self.field("text", &string(expected.text), &string(actual.text), || None);
        if expected.media != actual.media {
            let form = |written: &Written<'_>| written.media.map(|media| media.id());
            let content = |written: &Written<'_>| {
                let draft = written.draft();
                (draft.media.as_ref().map(meaning::told_media), draft.text)
            };
            let other_form = form(&expected) != form(&actual);
            match (content(&expected), content(&actual)) {
                (recorded, ours) if recorded == ours && other_form => self.listed.push(Difference::OlderMedia),
                (recorded, ours) => self.wrong.push(format!("media: expected {recorded:?}, actual {ours:?}")),
            }
        }
        if expected.entities != actual.entities {
            let count = |written: &Written<'_>| written.entities.map_or(0, |entities| entities.len());
            self.field("entities", &count(&expected), &count(&actual), || None);
            self.wrong.push("entities: expected the recorded ones, actual others".into());
        }
        self.field("via_bot_name", &expected.via_bot.map(string), &actual.via_bot.map(string), || None);
        self.field("reply_to_random_id", &expected.reply_to, &actual.reply_to, || None);
        self.field("grouped_id", &expected.grouped_id, &actual.grouped_id, || {
            actual.grouped_id.is_none().then_some(Difference::Ungrouped)
        });
    }

    fn service(&mut self, recorded: &DecryptedMessage<'_>, ours: &DecryptedMessage<'_>) {
        match (action(recorded), action(ours)) {
            (
                Some(DecryptedMessageAction::NotifyLayer(expected)),
                Some(DecryptedMessageAction::NotifyLayer(actual)),
            ) => {
                self.field("announced layer", &expected.layer, &actual.layer, || {
                    (actual.layer == expected.layer.clamp(73, 144)).then_some(Difference::AnnouncedLayer)
                });
            }
            (Some(expected), Some(actual)) => {
                if expected != actual {
                    self.wrong.push(format!("action: expected {expected:?}, actual {actual:?}"));
                }
            }
            _ => self.wrong.push(format!("message: expected {recorded:?}, actual {ours:?}")),
        }
        self.field("constructor", &recorded.id(), &ours.id(), || None);
    }
}

fn action<'a>(message: &DecryptedMessage<'a>) -> Option<DecryptedMessageAction<'a>> {
    match message {
        DecryptedMessage::Service17(service) => Some(service.action),
        DecryptedMessage::Service8(service) => Some(service.action),
        _ => None,
    }
}

/// Where the first record of each slot is: of ours, and of the other party's that arrived.
fn slots(transcript: &Transcript, us: Party) -> (BTreeMap<u32, usize>, BTreeMap<u32, usize>) {
    let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
    for (n, step) in transcript.steps.iter().enumerate() {
        let Some(message) = step.message.as_ref().filter(|message| message.key_index == Some(0)) else { continue };
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

fn prepare(transcript: &Transcript, next: Option<&usize>, rng: &mut Scripted) {
    let Some(layer) = next.and_then(|n| transcript.steps[*n].message.as_ref()).and_then(layer_of) else { return };
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
        while self.chat.state() == ChatState::Ready && self.chat.counters().sent <= slot_of(&layer) {
            self.say(self.chat.counters().sent)?;
        }
        Ok(())
    }

    fn attacked(&mut self, message: &Recorded) -> Result<(), Failure> {
        let before = format!("{:?}", self.chat);
        let input = Input::Ciphertext { bytes: &message.wire, file: None, date: None };
        let handled = self.chat.handle(input, &mut env(&mut self.rng));
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
        Ok(())
    }
}
