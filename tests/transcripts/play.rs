//! Passes (b) and (c): a chat in the place of one party through a whole conversation.

use std::collections::{BTreeSet, VecDeque};

use secretchat::hazmat::fingerprint;
use secretchat::hazmat::wire::{DecryptedMessageLayer, decode_exact};
use secretchat::{
    ApiMisuse, Chat, ChatState, Draft, Event, Handled, Input, KeyFingerprint, Output, PeerFault, PeerPolicy, RekeyState,
};

use super::rng::Scripted;
use super::transcript::{Party, Rekey, Step, Transcript};
use super::{drain, enter, env};

/// Takes everything that the other side said. Returns how many messages there were, and how many new keys.
pub(crate) fn play(transcript: &Transcript, us: Party) -> (usize, usize) {
    let (chat, rng) = enter(transcript, us, PeerPolicy::Default);
    let (told, rekeyed) = (Vec::new(), Vec::new());
    let mut play =
        Play { transcript, us, chat, rng, taken: 0, expected: Vec::new(), told, rekeyed, seen: BTreeSet::new() };
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
            assert_eq!(play.chat.rekey(&mut env(&mut play.rng)), Err(ApiMisuse::RekeyInProgress));
            return play.end();
        }
        let in_seq_no = step.tl.as_ref().and_then(|tl| decode_exact::<DecryptedMessageLayer<'_>>(tl).ok());
        let received = in_seq_no.map_or(0, |layer| u32::try_from(layer.in_seq_no / 2).unwrap_or(0));
        while play.chat.counters().received < received
            && let Some(n) = late.pop_front()
        {
            play.take(n);
        }
        keep_up(transcript, us, &mut play.chat, step, &mut play.rng);
    }
    late.drain(..).for_each(|n| play.take(n));
    play.end()
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
}

impl Play<'_> {
    fn take(&mut self, n: usize) {
        let Transcript { name, steps, .. } = self.transcript;
        let step = &steps[n];
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
