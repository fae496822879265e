//! An end of a Telegram chat built by hand on `hazmat`: it has the key and may say anything.

use std::sync::OnceLock;

use secretchat::hazmat::Secret;
use secretchat::hazmat::kdf::{ChatKey, Offset};
use secretchat::hazmat::modp::{DhGroup, KeyPair};
use secretchat::hazmat::wire::{
    ActionNotifyLayer, Bytes, DecryptedMessage, DecryptedMessage73, DecryptedMessageAction, DecryptedMessageLayer,
    Encode, Flags, Service17, decode_exact, encode_exact,
};
use secretchat::hazmat::{envelope, fingerprint};
use secretchat::{
    Batch, Chat, Config, Draft, Event, Handled, Invitation, KeyFingerprint, Limits, Output, PeerPolicy, Role, StoreKey,
    Transmit, TransmitKind,
};

use super::pair::{self, env};
use super::rng::Seeded;

pub(crate) const STORE_KEY: [u8; 32] = [7; 32];

pub(crate) fn group() -> DhGroup {
    DhGroup::published(3).unwrap()
}

pub(crate) fn config(policy: PeerPolicy) -> Config {
    Config::telegram(group(), policy).with_store(StoreKey::new(STORE_KEY))
}

pub(crate) struct Forger {
    pub(crate) role: Role,
    pub(crate) chat_key: ChatKey,
    pub(crate) fingerprint: KeyFingerprint,
    pub(crate) rng: Seeded,
    /// Messages made, and messages of the chat that it says it has processed.
    pub(crate) sent: i32,
    pub(crate) received: i32,
    /// What stands in the header.
    pub(crate) layer: i32,
    /// The last message of the chat that was read.
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

/// A pair for every forger: what it costs to make one is paid once.
fn key_pair() -> &'static KeyPair {
    static PAIR: OnceLock<KeyPair> = OnceLock::new();
    PAIR.get_or_init(|| KeyPair::resume(&group(), Secret::new([0x33; 256])).unwrap())
}

/// A public value that every honest end accepts.
pub(crate) fn public_value() -> Vec<u8> {
    key_pair().public().to_vec()
}

impl Forger {
    /// A forger that asked, and the chat that Bob accepted from it.
    pub(crate) fn meet(policy: PeerPolicy) -> (Self, Chat) {
        let (forger, bob, _) = Self::meet_as(config(policy));
        (forger, bob)
    }

    pub(crate) fn meet_with(policy: PeerPolicy, limits: Limits) -> (Self, Chat) {
        let (forger, bob, _) = Self::meet_as(config(policy).with_limits(limits));
        (forger, bob)
    }

    /// With everything that Bob's chat began with.
    pub(crate) fn meet_as(config: Config) -> (Self, Chat, Vec<Batch>) {
        Self::meet_seeded(config, 41)
    }

    pub(crate) fn meet_seeded(config: Config, seed: u64) -> (Self, Chat, Vec<Batch>) {
        let mut rng = Seeded::new(seed);
        let invitation = Invitation::parse(key_pair().public(), config).unwrap();
        let mut bob = invitation.accept(&mut env(&mut rng)).unwrap();
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
        let forger = Self::with_key(Role::Initiator, key_pair().shared_key(&group(), &answer).unwrap());
        assert_eq!(forger.fingerprint, fingerprint);
        (forger, bob, batches)
    }

    /// A forger that answers a request; its public value is [`public_value`].
    pub(crate) fn answer(request: &[u8]) -> Self {
        Self::with_key(Role::Responder, key_pair().shared_key(&group(), request).unwrap())
    }

    fn with_key(role: Role, chat_key: ChatKey) -> Self {
        let fingerprint = fingerprint::key_fingerprint(&chat_key);
        let rng = Seeded::new(42);
        Self { role, chat_key, fingerprint, rng, sent: 0, received: 0, layer: 73, opened: Vec::new() }
    }

    /// A message of the chat.
    pub(crate) fn read(&mut self, sealed: &[u8]) -> DecryptedMessageLayer<'_> {
        let key = envelope::DirectionKey {
            chat_key: &self.chat_key,
            fingerprint: self.fingerprint,
            x: Offset::telegram(self.role.peer()),
        };
        self.opened = sealed.to_vec();
        decode_exact(envelope::open(&key, &mut self.opened).unwrap()).unwrap()
    }

    /// The actions of those messages that are service messages; a range to resend in wire numbers.
    pub(crate) fn actions(&mut self, sealed: &[Vec<u8>]) -> Vec<String> {
        sealed
            .iter()
            .filter_map(|sealed| match self.read(sealed).message {
                DecryptedMessage::Service17(service) => Some(match service.action {
                    DecryptedMessageAction::NotifyLayer(notice) => format!("NotifyLayer {}", notice.layer),
                    DecryptedMessageAction::Resend(resend) => {
                        format!("Resend {} {}", resend.start_seq_no, resend.end_seq_no)
                    }
                    DecryptedMessageAction::DeleteMessages(delete) => {
                        format!("DeleteMessages {:?}", delete.random_ids.iter().collect::<Vec<_>>())
                    }
                    other => format!("{other:?}"),
                }),
                _ => None,
            })
            .collect()
    }

    /// As an honest end would do it.
    pub(crate) fn around(&self) -> Around {
        let (in_parity, out_parity) = match self.role {
            Role::Initiator => (0, 1),
            Role::Responder => (1, 0),
        };
        Around {
            random_bytes: 15,
            layer: self.layer,
            in_seq_no: 2 * self.received + in_parity,
            out_seq_no: 2 * self.sent + out_parity,
        }
    }

    /// As [`Forger::around`], for another slot.
    pub(crate) fn around_slot(&self, slot: i32) -> Around {
        let around = self.around();
        Around { out_seq_no: around.out_seq_no + 2 * (slot - self.sent), ..around }
    }

    /// A message in `decryptedMessageLayer`, sealed; it uses the forger's next slot.
    pub(crate) fn say(&mut self, around: Around, message: &[u8]) -> Vec<u8> {
        self.sent += 1;
        self.seal(&wrap(around, message))
    }

    /// The next message of an honest end.
    pub(crate) fn say_next(&mut self, message: &[u8]) -> Vec<u8> {
        self.say(self.around(), message)
    }

    pub(crate) fn seal(&mut self, body: &[u8]) -> Vec<u8> {
        let key = envelope::DirectionKey {
            chat_key: &self.chat_key,
            fingerprint: self.fingerprint,
            x: Offset::telegram(self.role),
        };
        let layout = envelope::Layout::size_class(body.len()).unwrap();
        let mut sealed = vec![0; layout.sealed_len()];
        envelope::seal(&key, layout, &mut self.rng, &mut sealed, |out| out.copy_from_slice(body)).unwrap();
        sealed
    }

    pub(crate) fn give(&mut self, chat: &mut Chat, around: Around, message: &[u8]) -> Handled {
        let sealed = self.say(around, message);
        chat.handle(pair::ciphertext(&sealed), &mut env(&mut self.rng)).unwrap()
    }

    pub(crate) fn give_next(&mut self, chat: &mut Chat, message: &[u8]) -> Handled {
        self.give(chat, self.around(), message)
    }

    /// Lets the chat send a text; the sealed bytes come back.
    pub(crate) fn lets_send(&mut self, chat: &mut Chat, text: &str) -> Vec<u8> {
        chat.send(&Draft::text(text), &mut env(&mut self.rng)).unwrap();
        pair::sealed(chat)
    }
}

pub(crate) fn wrap(around: Around, message: &[u8]) -> Vec<u8> {
    let mut body = 0x1be3_1789_u32.to_le_bytes().to_vec();
    body.push(u8::try_from(around.random_bytes).unwrap());
    body.extend(std::iter::repeat_n(0x77, around.random_bytes));
    body.resize(body.len().next_multiple_of(4), 0);
    for number in [around.layer, around.in_seq_no, around.out_seq_no] {
        body.extend(number.to_le_bytes());
    }
    body.extend(message);
    body
}

pub(crate) fn encoded(value: &impl Encode) -> Vec<u8> {
    let mut bytes = vec![0; value.encoded_len()];
    assert!(encode_exact(value, &mut bytes));
    bytes
}

pub(crate) fn text(random_id: i64, text: &str) -> Vec<u8> {
    encoded(&DecryptedMessage::Message73(DecryptedMessage73 {
        flags: Flags::NONE,
        random_id,
        ttl: 0,
        message: Bytes::new(text.as_bytes()).unwrap(),
        media: None,
        entities: None,
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    }))
}

pub(crate) fn service(action: DecryptedMessageAction<'_>) -> Vec<u8> {
    encoded(&DecryptedMessage::Service17(Service17 { random_id: 5, action }))
}

pub(crate) fn notice(layer: i32) -> Vec<u8> {
    service(DecryptedMessageAction::NotifyLayer(ActionNotifyLayer { layer }))
}

/// The events of the outputs, without those about our own messages.
pub(crate) fn events(chat: &mut Chat) -> Vec<Event> {
    pair::outputs(chat)
        .into_iter()
        .filter_map(|output| match output {
            Output::Event(Event::Acknowledged { .. } | Event::Sent { .. }) => None,
            Output::Event(event) => Some(event),
            _ => None,
        })
        .collect()
}
