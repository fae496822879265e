//! An end of a chat built by hand on `hazmat`: it has the keys and may say anything. One of the Telegram profile is made in
//! `telegram.rs`.

use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::hazmat::kdf::{ChatKey, Offset};
use secretchat::hazmat::schedule::{DiscardKeys, Ends, Transcript};
use secretchat::hazmat::wire::{
    ActionAbortKey, ActionAcceptKey, ActionCommitKey, ActionNotifyLayer, ActionRequestKey, Bytes, DecryptedMessage,
    DecryptedMessage73, DecryptedMessageAction, DecryptedMessageLayer, Encode, Flags, Service17, decode_exact,
    encode_exact,
};
use secretchat::{
    Batch, Chat, Draft, Handled, Invitation, KeyFingerprint, Limits, Output, Role, Start, Transmit, TransmitKind,
};

use super::agreement::{Agreement, Part};
use super::pair::{self, Pair, env};
use super::rng::Seeded;

pub(crate) struct Forger {
    pub(crate) role: Role,
    pub(crate) chat_key: ChatKey,
    pub(crate) fingerprint: KeyFingerprint,
    /// In a profile that binds its keys.
    pub(crate) bound: Option<Bound>,
    pub(crate) rng: Seeded,
    /// Messages made, and messages of the chat that it says it has processed.
    pub(crate) sent: i32,
    pub(crate) received: i32,
    /// What stands in the header.
    pub(crate) layer: i32,
    /// Where the key of a sender's messages begins.
    offset: fn(Role) -> Offset,
    /// The last message of the chat that was read.
    opened: Vec<u8>,
}

/// What a bound key is made with.
pub(crate) struct Bound {
    pub(crate) transcript: Transcript,
    pub(crate) chain: Secret<32>,
    pub(crate) discard_keys: DiscardKeys,
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
    /// Returns a forger that asked in the X25519 profile, and the chat that Bob accepted from it.
    pub(crate) fn meet() -> (Self, Chat) {
        Self::meet_with(Limits::default())
    }

    pub(crate) fn meet_with(limits: Limits) -> (Self, Chat) {
        let bob = Pair::bob_config().map(|config| config.with_limits(limits));
        let (forger, bob, _) = Self::meet_seeded(Agreement::X25519, bob, 41);
        (forger, bob)
    }

    /// As [`Forger::meet`], with the batches that Bob's chat begins with.
    pub(crate) fn meet_and_keep() -> (Self, Chat, Vec<Batch>) {
        Self::meet_seeded(Agreement::X25519, Pair::bob_config(), 41)
    }

    /// With a chat of the same agreement.
    pub(crate) fn meet_seeded(agreement: Agreement, config: Start, seed: u64) -> (Self, Chat, Vec<Batch>) {
        let mut rng = Seeded::new(seed);
        let secret = 0x33;
        let Accepted { chat, batches, answer, fingerprint } = accepted(&agreement.request(secret), config, &mut rng);
        let ends = Ends::new(b"alice", b"bob", b"").unwrap();
        let (transcript, root) = agreement.handshake(Part::Asks { secret, answer: &answer }, &ends);
        assert_eq!(root.fingerprint(), fingerprint);
        let bound = Bound { transcript, chain: root.chain(), discard_keys: root.discard_keys() };
        let forger = Self::with_key(Role::Initiator, Offset::x25519, root.chat_key(), fingerprint, rng);
        (Self { bound: Some(bound), layer: 144, ..forger }, chat, batches)
    }

    pub(crate) fn with_key(
        role: Role,
        offset: fn(Role) -> Offset,
        chat_key: ChatKey,
        fingerprint: KeyFingerprint,
        rng: Seeded,
    ) -> Self {
        let (sent, received, layer, opened) = (0, 0, 73, Vec::new());
        Self { role, chat_key, fingerprint, bound: None, rng, sent, received, layer, offset, opened }
    }

    pub(crate) fn discard_keys(&self) -> &DiscardKeys {
        &self.bound.as_ref().unwrap().discard_keys
    }

    /// Reads a message of the chat.
    pub(crate) fn read(&mut self, sealed: &[u8]) -> DecryptedMessageLayer<'_> {
        let x = (self.offset)(self.role.peer());
        let key = DirectionKey { chat_key: &self.chat_key, fingerprint: self.fingerprint, x };
        self.opened = sealed.to_vec();
        decode_exact(envelope::open(&key, &mut self.opened).unwrap()).unwrap()
    }

    /// Returns the action of a service message of the chat.
    pub(crate) fn read_service(&mut self, sealed: &[u8]) -> DecryptedMessageAction<'_> {
        let DecryptedMessage::Service17(service) = self.read(sealed).message else { panic!("no service message") };
        service.action
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

    /// Seals a whole body.
    pub(crate) fn seal(&mut self, body: &[u8]) -> Vec<u8> {
        let x = (self.offset)(self.role);
        let key = DirectionKey { chat_key: &self.chat_key, fingerprint: self.fingerprint, x };
        seal(&key, &mut self.rng, body)
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

/// What Bob's chat says and writes first.
pub(crate) struct Accepted {
    pub(crate) chat: Chat,
    pub(crate) batches: Vec<Batch>,
    pub(crate) answer: Vec<u8>,
    pub(crate) fingerprint: KeyFingerprint,
}

/// Lets Bob accept a request with this public value.
pub(crate) fn accepted(public: &[u8], config: Start, rng: &mut Seeded) -> Accepted {
    let mut chat = Invitation::parse(public, config).unwrap().accept(&mut env(rng)).unwrap();
    let (mut batches, mut accept) = (Vec::new(), None);
    for output in pair::outputs(&mut chat) {
        match output {
            Output::Persist(batch) => batches.push(batch),
            Output::Transmit(Transmit { kind: TransmitKind::Accept { public, fingerprint, .. }, .. }) => {
                accept = Some((public, fingerprint));
            }
            _ => {}
        }
    }
    let (answer, fingerprint) = accept.unwrap();
    Accepted { chat, batches, answer, fingerprint }
}

/// Seals a body under a key, with padding of the right size.
pub(crate) fn seal(key: &DirectionKey<'_>, rng: &mut Seeded, body: &[u8]) -> Vec<u8> {
    let layout = Layout::size_class(body.len()).unwrap();
    let mut sealed = vec![0; layout.sealed_len()];
    envelope::seal(key, layout, rng, &mut sealed, |out| out.copy_from_slice(body)).unwrap();
    sealed
}

pub(crate) fn wrap(around: Around, message: &[u8]) -> Vec<u8> {
    let mut body = 0x1be3_1789_u32.to_le_bytes().to_vec();
    match u8::try_from(around.random_bytes) {
        Ok(len @ ..254) => body.push(len),
        _ => body.extend(u32::try_from(around.random_bytes << 8 | 254).unwrap().to_le_bytes()),
    }
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

/// Returns a message with nothing but a text.
pub(crate) fn plain(random_id: i64, text: &str) -> DecryptedMessage73<'_> {
    DecryptedMessage73 {
        flags: Flags::NONE,
        random_id,
        ttl: 0,
        message: Bytes::new(text.as_bytes()).unwrap(),
        media: None,
        entities: None,
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    }
}

pub(crate) fn text(random_id: i64, text: &str) -> Vec<u8> {
    encoded(&DecryptedMessage::Message73(plain(random_id, text)))
}

pub(crate) fn service(action: DecryptedMessageAction<'_>) -> Vec<u8> {
    encoded(&DecryptedMessage::Service17(Service17 { random_id: 5, action }))
}

pub(crate) fn notice(layer: i32) -> Vec<u8> {
    service(DecryptedMessageAction::NotifyLayer(ActionNotifyLayer { layer }))
}

pub(crate) fn request(exchange_id: i64, g_a: &[u8]) -> Vec<u8> {
    let g_a = Bytes::new(g_a).unwrap();
    service(DecryptedMessageAction::RequestKey(ActionRequestKey { exchange_id, g_a }))
}

pub(crate) fn accept(exchange_id: i64, g_b: &[u8], key_fingerprint: i64) -> Vec<u8> {
    let g_b = Bytes::new(g_b).unwrap();
    service(DecryptedMessageAction::AcceptKey(ActionAcceptKey { exchange_id, g_b, key_fingerprint }))
}

pub(crate) fn commit(exchange_id: i64, key_fingerprint: i64) -> Vec<u8> {
    service(DecryptedMessageAction::CommitKey(ActionCommitKey { exchange_id, key_fingerprint }))
}

pub(crate) fn abort(exchange_id: i64) -> Vec<u8> {
    service(DecryptedMessageAction::AbortKey(ActionAbortKey { exchange_id }))
}
