//! Two chats without a transport, for tests that make every step themselves.

use secretchat::{
    Chat, DiscardProof, Draft, Env, Event, Handled, History, Input, Invitation, KeyFingerprint, Limits, Output,
    PeerFault, Start, StoreKey, Timestamp, Transmit, TransmitKind,
};

use super::agreement::Agreement;
use super::rng::Seeded;

pub(crate) const BOBS_STORE_KEY: [u8; 32] = [2; 32];
pub(crate) const NOW: u64 = 1_700_000_000_000;

pub(crate) struct Pair {
    pub(crate) alice: Chat,
    pub(crate) bob: Chat,
    pub(crate) rng: Seeded,
}

pub(crate) fn env(rng: &mut dyn rand_core::CryptoRng) -> Env<'_> {
    env_at(0, rng)
}

/// So many milliseconds after [`NOW`].
pub(crate) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(NOW + millis)
}

pub(crate) fn env_at(millis: u64, rng: &mut dyn rand_core::CryptoRng) -> Env<'_> {
    Env::new(at(millis), rng)
}

pub(crate) fn ciphertext(bytes: &[u8]) -> Input<'_> {
    Input::ciphertext(bytes, None, None)
}

/// Returns the input that a transmission becomes at the other end. A request becomes an invitation instead.
pub(crate) fn input_of(transmit: &Transmit) -> Input<'_> {
    match &transmit.kind {
        TransmitKind::Accept { public, fingerprint, .. } => Input::accepted(public, *fingerprint),
        TransmitKind::Discard { history, proof, .. } => Input::discarded(*history, *proof),
        TransmitKind::Ciphertext { bytes, .. } => ciphertext(bytes),
        TransmitKind::Read { max_date, .. } => Input::read(*max_date, None),
        TransmitKind::Typing { typing: _, .. } => Input::Typing,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn outputs(chat: &mut Chat) -> Vec<Output> {
    std::iter::from_fn(|| chat.poll_output()).collect()
}

/// Takes the outputs and returns their events, without those about own messages.
pub(crate) fn events(chat: &mut Chat) -> Vec<Event> {
    outputs(chat)
        .into_iter()
        .filter_map(|output| match output {
            Output::Event(Event::Acknowledged { .. } | Event::Sent { .. }) => None,
            Output::Event(event) => Some(event),
            _ => None,
        })
        .collect()
}

pub(crate) fn texts(chat: &mut Chat) -> Vec<String> {
    outputs(chat)
        .into_iter()
        .filter_map(|output| match output {
            Output::Event(Event::Message(message)) => Some(message.content.text),
            _ => None,
        })
        .collect()
}

pub(crate) fn accept_of(chat: &mut Chat) -> (Vec<u8>, KeyFingerprint) {
    outputs(chat)
        .into_iter()
        .find_map(|output| match output {
            Output::Transmit(transmit) => match transmit.kind {
                TransmitKind::Accept { public, fingerprint, .. } => Some((public, fingerprint)),
                _ => None,
            },
            _ => None,
        })
        .unwrap()
}

/// Takes the outputs and returns the public value of the request among them.
pub(crate) fn request_of(chat: &mut Chat) -> Vec<u8> {
    outputs(chat)
        .into_iter()
        .find_map(|output| match output {
            Output::Transmit(transmit) => match transmit.kind {
                TransmitKind::Request { public, .. } => Some(public),
                _ => None,
            },
            _ => None,
        })
        .unwrap()
}

/// The first message that the chat wants carried.
pub(crate) fn sealed(chat: &mut Chat) -> Vec<u8> {
    all_sealed(chat).remove(0)
}

pub(crate) fn all_sealed(chat: &mut Chat) -> Vec<Vec<u8>> {
    outputs(chat)
        .into_iter()
        .filter_map(|output| match output {
            Output::Transmit(transmit) => match transmit.kind {
                TransmitKind::Ciphertext { bytes, .. } => Some(bytes),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

pub(crate) fn discard_in(outputs: &[Output]) -> (History, DiscardProof) {
    outputs
        .iter()
        .find_map(|output| match output {
            Output::Transmit(transmit) => match transmit.kind {
                TransmitKind::Discard { history, proof, .. } => Some((history, proof.unwrap())),
                _ => None,
            },
            _ => None,
        })
        .unwrap()
}

impl Pair {
    pub(crate) fn alice_config() -> Start {
        Self::alice_in(Agreement::X25519)
    }

    pub(crate) fn bob_config() -> Start {
        Self::bob_in(Agreement::X25519)
    }

    pub(crate) fn alice_in(agreement: Agreement) -> Start {
        agreement.config("alice", "bob").with_store(StoreKey::new([1; 32]))
    }

    pub(crate) fn bob_in(agreement: Agreement) -> Start {
        agreement.config("bob", "alice").with_store(StoreKey::new(BOBS_STORE_KEY))
    }

    pub(crate) fn new() -> Self {
        Self::with_seed(5)
    }

    pub(crate) fn with_seed(seed: u64) -> Self {
        Self::asked(Agreement::X25519, seed)
    }

    /// Alice has asked; Bob's chat is a stand-in until he accepts.
    pub(crate) fn asked(agreement: Agreement, seed: u64) -> Self {
        let mut rng = Seeded::new(seed);
        let alice = Chat::request(Self::alice_in(agreement), &mut env(&mut rng)).unwrap();
        let bob = Chat::request(Self::bob_in(agreement), &mut env(&mut Seeded::new(seed + 1))).unwrap();
        Self { alice, bob, rng }
    }

    /// As [`Pair::with_seed`], for tests that keep records from the first batch on.
    pub(crate) fn new_unpolled(seed: u64) -> Self {
        Self::with_seed(seed)
    }

    /// Takes Alice's request from what she offers again, and goes on until both are ready; `keep` takes her outputs.
    pub(crate) fn finish_handshake(&mut self, mut keep: impl FnMut(&mut Chat) -> Vec<Output>) {
        self.alice.retransmit(&mut env(&mut self.rng));
        let public = self.request();
        self.bob = Invitation::parse(&public, Self::bob_config()).unwrap().accept(&mut env(&mut self.rng)).unwrap();
        let (answer, fingerprint) = accept_of(&mut self.bob);
        self.alice.handle(Input::accepted(&answer, fingerprint), &mut env(&mut self.rng)).unwrap();
        for output in keep(&mut self.alice) {
            if let Output::Transmit(transmit) = output
                && let TransmitKind::Ciphertext { bytes, .. } = transmit.kind
            {
                self.bob_gets(&bytes).unwrap();
            }
        }
        outputs(&mut self.bob);
    }

    /// Alice's public value.
    pub(crate) fn request(&mut self) -> Vec<u8> {
        request_of(&mut self.alice)
    }

    /// Bob has accepted and Alice does not know it yet.
    pub(crate) fn accepted() -> (Self, Vec<u8>, KeyFingerprint) {
        Self::accepted_in(Agreement::X25519)
    }

    pub(crate) fn accepted_in(agreement: Agreement) -> (Self, Vec<u8>, KeyFingerprint) {
        Self::asked(agreement, 5).accept(Self::bob_in(agreement))
    }

    fn accept(mut self, bob: Start) -> (Self, Vec<u8>, KeyFingerprint) {
        let public = self.request();
        self.bob = Invitation::parse(&public, bob).unwrap().accept(&mut env(&mut self.rng)).unwrap();
        let (answer, fingerprint) = accept_of(&mut self.bob);
        (self, answer, fingerprint)
    }

    pub(crate) fn ready() -> Self {
        Self::ready_with_seed(5)
    }

    pub(crate) fn ready_with_seed(seed: u64) -> Self {
        Self::with_seed(seed).get_ready()
    }

    /// Two chats of one's own configuration, ready.
    pub(crate) fn of(alice: impl Into<Start>, bob: impl Into<Start>) -> Self {
        let mut rng = Seeded::new(5);
        let mut alice = Chat::request(alice, &mut env(&mut rng)).unwrap();
        let transmit = |chat: &mut Chat| {
            outputs(chat).into_iter().filter_map(|output| match output {
                Output::Transmit(transmit) => Some(transmit),
                _ => None,
            })
        };
        let request = transmit(&mut alice).next().map(|transmit| transmit.kind);
        let Some(TransmitKind::Request { public, .. }) = request else { panic!("a request") };
        let bob = Invitation::parse(&public, bob).unwrap().accept(&mut env(&mut rng)).unwrap();
        let mut pair = Self { alice, bob, rng };
        for _ in 0..2 {
            for transmit in transmit(&mut pair.bob) {
                assert_eq!(pair.alice.handle(input_of(&transmit), &mut env(&mut pair.rng)), Ok(Handled::Applied));
            }
            for sealed in all_sealed(&mut pair.alice) {
                assert_eq!(pair.bob_gets(&sealed), Ok(Handled::Applied));
            }
        }
        outputs(&mut pair.alice);
        outputs(&mut pair.bob);
        pair
    }

    pub(crate) fn ready_with_limits(limits: Limits) -> Self {
        let mut rng = Seeded::new(5);
        let alice =
            Chat::request(Self::alice_config().map(|config| config.with_limits(limits)), &mut env(&mut rng)).unwrap();
        Self { alice, ..Self::new() }.get_ready()
    }

    fn get_ready(self) -> Self {
        let (mut pair, public, fingerprint) = self.accept(Self::bob_config());
        pair.alice.handle(Input::accepted(&public, fingerprint), &mut env(&mut pair.rng)).unwrap();
        let notice = sealed(&mut pair.alice);
        assert_eq!(pair.bob_gets(&notice), Ok(Handled::Applied));
        outputs(&mut pair.bob);
        pair
    }

    pub(crate) fn alice_sends(&mut self, text: &str) -> Vec<u8> {
        self.alice.send(&Draft::text(text), &mut env(&mut self.rng)).unwrap();
        sealed(&mut self.alice)
    }

    pub(crate) fn bob_gets(&mut self, bytes: &[u8]) -> Result<Handled, PeerFault> {
        self.bob.handle(ciphertext(bytes), &mut env(&mut self.rng))
    }

    pub(crate) fn alice_closes(&mut self, history: History) -> (History, DiscardProof) {
        self.alice.close(history, &mut env(&mut self.rng));
        discard_in(&outputs(&mut self.alice))
    }
}
