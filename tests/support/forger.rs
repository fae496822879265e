//! An initiator built by hand on `hazmat`: it has the keys and may say anything.

use secretchat::hazmat::Secret;
use secretchat::hazmat::schedule::{DiscardKeys, Ends, Labels, Root, Transcript};
use secretchat::hazmat::wire::{
    DecryptedMessage, DecryptedMessageAction, DecryptedMessageLayer, Encode, decode_exact, encode_exact,
};
use secretchat::hazmat::{envelope, kdf, x25519};
use secretchat::{Batch, Chat, Config, Invitation, KeyFingerprint, Limits, Output, Role, Transmit, TransmitKind};

use super::pair::{self, Pair, env};
use super::rng::Seeded;

pub(crate) struct Forger {
    pub(crate) chat_key: Secret<256>,
    pub(crate) fingerprint: KeyFingerprint,
    /// What a new key is bound to.
    pub(crate) transcript: Transcript,
    pub(crate) chain: Secret<32>,
    /// Of the first root.
    pub(crate) discard_keys: DiscardKeys,
    pub(crate) rng: Seeded,
    /// Messages made, and messages of Bob that it says it has processed.
    pub(crate) sent: i32,
    pub(crate) received: i32,
    /// The last message of Bob's that was read.
    opened: Vec<u8>,
}

/// What stands around a message.
#[derive(Clone, Copy)]
pub(crate) struct Around {
    pub(crate) random_bytes: usize,
    pub(crate) layer: i32,
    pub(crate) in_seq_no: i32,
    pub(crate) out_seq_no: i32,
}

impl Forger {
    /// A forger and the chat that Bob accepted from it.
    pub(crate) fn meet() -> (Self, Chat) {
        Self::meet_with(Limits::default())
    }

    pub(crate) fn meet_with(limits: Limits) -> (Self, Chat) {
        let (forger, bob, _) = Self::meet_as(Pair::bob_config().with_limits(limits));
        (forger, bob)
    }

    /// With the batch that Bob's chat began with.
    pub(crate) fn meet_and_keep() -> (Self, Chat, Vec<Batch>) {
        Self::meet_as(Pair::bob_config())
    }

    fn meet_as(config: Config) -> (Self, Chat, Vec<Batch>) {
        Self::meet_seeded(config, 41)
    }

    pub(crate) fn meet_seeded(config: Config, seed: u64) -> (Self, Chat, Vec<Batch>) {
        let mut rng = Seeded::new(seed);
        let scalar = Secret::new([0x33; 32]);
        let public = x25519::public_value(&scalar);
        let mut bob = Invitation::parse(&public, config).unwrap().accept(&mut env(&mut rng)).unwrap();
        let (mut batches, mut accept) = (Vec::new(), None);
        for output in pair::outputs(&mut bob) {
            match output {
                Output::Persist(batch) => batches.push(batch),
                Output::Transmit(Transmit { kind: TransmitKind::Accept { public, fingerprint }, .. }) => {
                    accept = Some((public, fingerprint));
                }
                _ => {}
            }
        }
        let (answer, fingerprint) = accept.unwrap();
        let answer: [u8; 32] = answer.try_into().unwrap();
        let ends = Ends::new(b"alice", b"bob", b"").unwrap();
        let shared = x25519::shared_secret(&scalar, &answer).unwrap();
        let transcript = Transcript::new(&Labels::X25519, &ends, &public, &answer);
        let root = Root::of_handshake(&Labels::X25519, &shared, &transcript);
        assert_eq!(root.fingerprint(), fingerprint);
        let (chat_key, chain) = (root.chat_key(), root.chain());
        let discard_keys = root.discard_keys();
        let forger = Self {
            chat_key,
            fingerprint,
            transcript,
            chain,
            discard_keys,
            rng,
            sent: 0,
            received: 0,
            opened: Vec::new(),
        };
        (forger, bob, batches)
    }

    /// The action of a service message of Bob's.
    pub(crate) fn read_service(&mut self, sealed: &[u8]) -> DecryptedMessageAction<'_> {
        let DecryptedMessage::Service17(service) = self.read(sealed).message else { panic!("no service message") };
        service.action
    }

    /// A message of Bob's.
    pub(crate) fn read(&mut self, sealed: &[u8]) -> DecryptedMessageLayer<'_> {
        let key = envelope::DirectionKey {
            chat_key: &self.chat_key,
            fingerprint: self.fingerprint,
            x: kdf::Offset::x25519(Role::Responder),
        };
        self.opened = sealed.to_vec();
        decode_exact(envelope::open(&key, &mut self.opened).unwrap()).unwrap()
    }

    /// As an honest end would do it.
    pub(crate) fn around(&self) -> Around {
        Around { random_bytes: 15, layer: 144, in_seq_no: 2 * self.received, out_seq_no: 2 * self.sent + 1 }
    }

    /// A message in `decryptedMessageLayer`, sealed; it uses the forger's next slot.
    pub(crate) fn say(&mut self, around: Around, message: &[u8]) -> Vec<u8> {
        self.sent += 1;
        let mut body = 0x1be3_1789_u32.to_le_bytes().to_vec();
        body.push(u8::try_from(around.random_bytes).unwrap());
        body.extend(std::iter::repeat_n(0x77, around.random_bytes));
        body.resize(body.len().next_multiple_of(4), 0);
        for number in [around.layer, around.in_seq_no, around.out_seq_no] {
            body.extend(number.to_le_bytes());
        }
        body.extend(message);
        self.seal(&body)
    }

    pub(crate) fn seal(&mut self, body: &[u8]) -> Vec<u8> {
        let key = envelope::DirectionKey {
            chat_key: &self.chat_key,
            fingerprint: self.fingerprint,
            x: kdf::Offset::x25519(Role::Initiator),
        };
        let layout = envelope::Layout::size_class(body.len()).unwrap();
        let mut sealed = vec![0; layout.sealed_len()];
        envelope::seal(&key, layout, &mut self.rng, &mut sealed, |out| out.copy_from_slice(body)).unwrap();
        sealed
    }
}

pub(crate) fn encoded(value: &impl Encode) -> Vec<u8> {
    let mut bytes = vec![0; value.encoded_len()];
    assert!(encode_exact(value, &mut bytes));
    bytes
}
