//! Passes (b) and (c): a chat in the place of one party through a whole conversation.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use secretchat::hazmat::wire::{DecryptedMessageLayer, decode_exact};
use secretchat::hazmat::{envelope, fingerprint, kdf};
use secretchat::{
    Chat, ChatState, Draft, Event, Handled, Input, KeyFingerprint, Output, PeerFault, PeerPolicy, RekeyState, Transmit,
    TransmitKind, Unavailable,
};

use super::rng::Scripted;
use super::transcript::{Party, Rekey, Step, Transcript};
use super::{drain, enter, env};

/// Takes everything that the other side said. Returns how many messages there were, and how many new keys.
pub(crate) fn play(transcript: &Transcript, us: Party) -> (usize, usize) {
    let play = play_through(transcript, us);
    play.end()
}

/// How many of the other side's messages each of ours counts, by slots; and each recorded one.
pub(crate) fn counted(transcript: &Transcript, us: Party) -> (BTreeMap<u32, u32>, BTreeMap<u32, u32>) {
    let x = kdf::Offset::telegram(transcript.role(us));
    let said = play_through(transcript, us).said;
    let ours = said.iter().filter_map(|output| {
        let Output::Transmit(Transmit { kind: TransmitKind::Ciphertext { bytes, .. }, .. }) = output else {
            return None;
        };
        let mut wire = bytes.to_vec();
        let key = transcript.keys.iter().map(|key| &key.chat_key).find_map(|chat_key| {
            let fingerprint = fingerprint::key_fingerprint(chat_key);
            (envelope::fingerprint(&wire) == Some(fingerprint)).then_some(envelope::MessageKey {
                chat_key,
                fingerprint,
                x,
            })
        });
        numbers(envelope::open(&key.unwrap(), &mut wire).unwrap())
    });
    let recorded = transcript.steps.iter().filter(|step| step.from == us && step.tampered.is_none());
    (ours.collect(), recorded.filter_map(|step| numbers(step.tl.as_ref()?)).collect())
}

/// The slot of a message, and how many it counts.
fn numbers(tl: &[u8]) -> Option<(u32, u32)> {
    let layer = decode_exact::<DecryptedMessageLayer<'_>>(tl).ok()?;
    Some((u32::try_from(layer.out_seq_no / 2).ok()?, u32::try_from(layer.in_seq_no / 2).ok()?))
}

fn play_through(transcript: &Transcript, us: Party) -> Play<'_> {
    let (chat, rng) = enter(transcript, us, PeerPolicy::Default);
    let (told, rekeyed, said) = (Vec::new(), Vec::new(), Vec::new());
    let mut play =
        Play { transcript, us, chat, rng, taken: 0, expected: Vec::new(), told, rekeyed, seen: BTreeSet::new(), said };
    let mut late = VecDeque::new();
    for (n, step) in transcript.steps.iter().enumerate() {
        if step.from != us {
            if step.late {
                late.push_back(n);
            } else if !step.lost {
                // The link keeps the order of one party's messages.
                late.drain(..).for_each(|n| play.take(n));
                play.take(n);
            }
            continue;
        }
        if step.tampered.is_some() {
            continue;
        }
        if is_cut_short(transcript, us) && play.rekeyed.len() == SOAK_KEYS && step.rekey.is_some() {
            assert_eq!(play.chat.rekey(&mut env(&mut play.rng)), Err(Unavailable::RekeyInProgress.into()));
            return play;
        }
        let in_seq_no = step.tl.as_ref().and_then(|tl| decode_exact::<DecryptedMessageLayer<'_>>(tl).ok());
        let received = in_seq_no.map_or(0, |layer| u32::try_from(layer.in_seq_no / 2).unwrap_or(0));
        while play.chat.counters().received < received
            && let Some(n) = late.pop_front()
        {
            play.take(n);
        }
        play.keep_up(step);
    }
    late.drain(..).for_each(|n| play.take(n));
    play
}

/// Says something in as many slots as the recorded party has used, so that the other one's acknowledgements fit, and
/// asks for a new key where that party did.
pub(crate) fn keep_up(
    transcript: &Transcript,
    us: Party,
    chat: &mut Chat,
    step: &Step,
    rng: &mut Scripted,
) -> Vec<Output> {
    let Some(tl) = &step.tl else { return Vec::new() };
    let Ok(layer) = decode_exact::<DecryptedMessageLayer<'_>>(tl) else { return Vec::new() };
    let slot = u32::try_from(layer.out_seq_no / 2).unwrap_or(0);
    let asks = matches!(step.rekey, Some(Rekey::Request { .. }));
    while chat.counters().sent < slot + u32::from(!asks) {
        chat.send(&Draft::text("in this slot"), &mut env(rng)).unwrap();
    }
    if let Some(Rekey::Request { exchange_id, public }) = &step.rekey {
        let exponent = transcript.exponent_of(us, public);
        *rng = Scripted::new([Some(exchange_id.to_le_bytes().to_vec()), exponent].into_iter().flatten());
        chat.rekey(&mut env(rng)).unwrap();
        assert_eq!(chat.rekey_state().exchange_id().map(|id| id.0), Some(*exchange_id), "{}", transcript.name);
    }
    drain(chat)
}

/// The exponent that the next answer of `us` after the step `n` was made with is the one that ours is made with.
pub(crate) fn prepare_answer(transcript: &Transcript, us: Party, n: usize) -> Scripted {
    let answer = transcript.steps[n..].iter().filter(|step| step.from == us).find_map(|step| match &step.rekey {
        Some(Rekey::Accept { public }) => Some(public),
        _ => None,
    });
    Scripted::new(answer.and_then(|public| transcript.exponent_of(us, public)))
}

/// Passes (b) and (c): a chat of ours takes everything that the other side said.
struct Play<'t> {
    transcript: &'t Transcript,
    us: Party,
    chat: Chat,
    rng: Scripted,
    taken: usize,
    expected: Vec<String>,
    told: Vec<String>,
    rekeyed: Vec<(u32, KeyFingerprint)>,
    seen: BTreeSet<i32>,
    said: Vec<Output>,
}

impl Play<'_> {
    fn keep_up(&mut self, step: &Step) {
        self.said.extend(keep_up(self.transcript, self.us, &mut self.chat, step, &mut self.rng));
    }

    /// What the recorded party had written before this step reached it, though it stands later in the file: its
    /// `in_seq_no` does not count the step.
    fn say_what_crossed(&mut self, step: &Step) {
        let received = self.chat.counters().received;
        if step.tl.as_deref().and_then(numbers).is_none_or(|(slot, _)| slot != received) {
            return;
        }
        let us = self.us;
        for crossed in self.transcript.steps.iter().filter(|step| step.from == us && step.tampered.is_none()) {
            let Some((slot, counts)) = crossed.tl.as_deref().and_then(numbers) else { continue };
            if counts <= received && slot >= self.chat.counters().sent {
                self.keep_up(crossed);
            }
        }
    }

    fn take(&mut self, n: usize) {
        let Transcript { name, steps, .. } = self.transcript;
        let step = &steps[n];
        self.say_what_crossed(step);
        self.rng = prepare_answer(self.transcript, self.us, n);
        let input = Input::Ciphertext { bytes: &step.wire, file: None, date: None };
        let handled = self.chat.handle(input, &mut env(&mut self.rng));
        if step.tampered.as_deref() == Some("old key") {
            assert_eq!(handled, Err(PeerFault::UnknownKey), "{name}");
            return;
        }
        let handled = handled.unwrap_or_else(|fault| panic!("{name}, step {n}: {fault}"));
        assert!(matches!(handled, Handled::Applied | Handled::Waiting | Handled::Duplicate), "{name}: {handled:?}");
        self.taken += 1;
        if let (Some(text), Some(tl)) = (&step.text, &step.tl) {
            // What comes again in a slot counts once, whatever it says.
            let slot = decode_exact::<DecryptedMessageLayer<'_>>(tl).unwrap().out_seq_no;
            if self.seen.insert(slot) {
                self.expected.push(text.clone());
            }
        }
        for output in drain(&mut self.chat) {
            match output {
                Output::Event(Event::Message(message)) => self.told.push(message.into_content().text),
                Output::Event(Event::Rekeyed { rekeys }) => {
                    self.rekeyed.push((rekeys, self.chat.key_fingerprint().unwrap()));
                }
                Output::Event(Event::RekeyFailed { reason }) => panic!("{name}, step {n}: {reason}"),
                said @ Output::Transmit(_) => self.said.push(said),
                _ => {}
            }
        }
    }

    /// Returns how many messages it took, and how many new keys there were.
    fn end(self) -> (usize, usize) {
        let Self { transcript, chat, expected, told, rekeyed, .. } = self;
        let name = &transcript.name;
        assert_eq!(chat.state(), ChatState::Ready, "{name}");
        // The recorded order is that of arrival, ours that of slots; captions stand in the media.
        let mut missing: Vec<&String> = expected.iter().filter(|text| !text.is_empty()).collect();
        for text in &told {
            if let Some(position) = missing.iter().position(|expected| *expected == text) {
                missing.remove(position);
            }
        }
        assert!(missing.is_empty(), "{name}: {missing:?}");
        let names = transcript.keys.iter().map(|key| fingerprint::key_fingerprint(&key.chat_key));
        let keys: Vec<_> = (1..).zip(names.skip(1)).collect();
        let number = if is_cut_short(transcript, self.us) { SOAK_KEYS } else { keys.len() };
        assert_eq!(rekeyed, keys[..number], "{name}");
        assert_eq!(chat.rekey_state(), RekeyState::Idle, "{name}");
        (self.taken, number)
    }
}

/// One recorded party asks for a key before anything under its current one is acknowledged; ours may not (SPEC
/// REKEY-5), and what follows is under a key that it does not have.
fn is_cut_short(transcript: &Transcript, us: Party) -> bool {
    transcript.name.starts_with("soak_1_py") && us == Party::Python
}

/// New keys of that recording before the request that comes too soon.
const SOAK_KEYS: usize = 4;
