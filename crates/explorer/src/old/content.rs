//! What an old client says and understands, as TL values.

use secretchat::KeyFingerprint;
use secretchat::hazmat::wire::{
    ActionAbortKey, ActionAcceptKey, ActionCommitKey, ActionDeleteMessages, ActionNotifyLayer, ActionRequestKey,
    ActionResend, ActionSetMessageTTL, Bytes, DecryptedMessage, DecryptedMessage45, DecryptedMessage73,
    DecryptedMessageAction, DecryptedMessageLayer, Encode, Flags, Service17, Vector, decode_exact, encode_exact,
};

/// Something that leaves an old client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Its public value.
    Request(Vec<u8>),
    /// Its public value, and the name of the key.
    Accept(Vec<u8>, KeyFingerprint),
    /// A sealed message.
    Message {
        /// Its slot.
        slot: u32,
        /// Its `random_id`.
        random_id: i64,
        /// Its bytes.
        sealed: Vec<u8>,
    },
    /// The end of the chat.
    Discard,
    /// The date up to which its user has read, in milliseconds since 1970.
    Read(u64),
}

/// The part of a message that matters to an old client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text {
        id: i64,
        /// In seconds; 0 for none.
        ttl: i32,
    },
    Delete(Vec<i64>),
    Flush,
    NotifyLayer(i32),
    SetTtl(i32),
    Resend(i32, i32),
    RequestKey(i64, Vec<u8>),
    AcceptKey(i64, Vec<u8>, i64),
    CommitKey(i64, i64),
    AbortKey(i64),
    Noop,
    /// What changes nothing here: screenshots, reading of media, typing.
    Other,
}

/// A message that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrived {
    pub(super) layer: i32,
    pub(super) in_seq_no: i32,
    pub(super) out_seq_no: i32,
    pub(super) under: KeyFingerprint,
    pub(super) content: Content,
}

/// What stands around a message.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    pub(super) random_bytes: &'a [u8],
    pub(super) layer: i32,
    pub(super) in_seq_no: i32,
    pub(super) out_seq_no: i32,
}

impl Content {
    /// Writes a whole body.
    pub(super) fn body(&self, random_id: i64, header: Header<'_>) -> Vec<u8> {
        let ids = match self {
            Self::Delete(ids) => ids.as_slice(),
            _ => &[],
        };
        let message = match self {
            Self::Text { ttl, .. } if header.layer < 73 => DecryptedMessage::Message45(DecryptedMessage45 {
                flags: Flags::NONE,
                random_id,
                ttl: *ttl,
                message: bytes(b"x"),
                media: None,
                entities: None,
                via_bot_name: None,
                reply_to_random_id: None,
            }),
            Self::Text { ttl, .. } => DecryptedMessage::Message73(DecryptedMessage73 {
                flags: Flags::NONE,
                random_id,
                ttl: *ttl,
                message: bytes(b"x"),
                media: None,
                entities: None,
                via_bot_name: None,
                reply_to_random_id: None,
                grouped_id: None,
            }),
            _ => DecryptedMessage::Service17(Service17 { random_id, action: self.action(ids) }),
        };
        let Header { random_bytes, layer, in_seq_no, out_seq_no } = header;
        let random_bytes = bytes(random_bytes);
        let layered = DecryptedMessageLayer { random_bytes, layer, in_seq_no, out_seq_no, message };
        let mut body = vec![0; layered.encoded_len()];
        assert!(encode_exact(&layered, &mut body));
        body
    }

    fn action<'a>(&'a self, ids: &'a [i64]) -> DecryptedMessageAction<'a> {
        match *self {
            Self::Delete(_) => {
                let random_ids = Vector::new(ids).unwrap_or_default();
                DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids })
            }
            Self::Flush => DecryptedMessageAction::FlushHistory,
            Self::NotifyLayer(layer) => DecryptedMessageAction::NotifyLayer(ActionNotifyLayer { layer }),
            Self::SetTtl(ttl_seconds) => DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds }),
            Self::Resend(start_seq_no, end_seq_no) => {
                DecryptedMessageAction::Resend(ActionResend { start_seq_no, end_seq_no })
            }
            Self::RequestKey(exchange_id, ref g_a) => {
                DecryptedMessageAction::RequestKey(ActionRequestKey { exchange_id, g_a: bytes(g_a) })
            }
            Self::AcceptKey(exchange_id, ref g_b, key_fingerprint) => {
                DecryptedMessageAction::AcceptKey(ActionAcceptKey { exchange_id, g_b: bytes(g_b), key_fingerprint })
            }
            Self::CommitKey(exchange_id, key_fingerprint) => {
                DecryptedMessageAction::CommitKey(ActionCommitKey { exchange_id, key_fingerprint })
            }
            Self::AbortKey(exchange_id) => DecryptedMessageAction::AbortKey(ActionAbortKey { exchange_id }),
            Self::Text { .. } | Self::Noop | Self::Other => DecryptedMessageAction::Noop,
        }
    }
}

impl Arrived {
    /// Reads a body that was sealed under a key of this name.
    pub(super) fn read(body: &[u8], under: KeyFingerprint) -> Option<Self> {
        let layered: DecryptedMessageLayer<'_> = decode_exact(body).ok()?;
        let DecryptedMessageLayer { layer, in_seq_no, out_seq_no, message, .. } = layered;
        let content = match message {
            DecryptedMessage::Message73(text) => Content::Text { id: text.random_id, ttl: text.ttl },
            DecryptedMessage::Message45(text) => Content::Text { id: text.random_id, ttl: text.ttl },
            DecryptedMessage::Service17(service) => read_action(service.action),
            // Counted, and thrown away.
            _ => Content::Other,
        };
        Some(Self { layer, in_seq_no, out_seq_no, under, content })
    }
}

fn read_action(action: DecryptedMessageAction<'_>) -> Content {
    match action {
        DecryptedMessageAction::DeleteMessages(delete) => Content::Delete(delete.random_ids.iter().collect()),
        DecryptedMessageAction::FlushHistory => Content::Flush,
        DecryptedMessageAction::SetMessageTTL(set) => Content::SetTtl(set.ttl_seconds),
        DecryptedMessageAction::NotifyLayer(notice) => Content::NotifyLayer(notice.layer),
        DecryptedMessageAction::Resend(resend) => Content::Resend(resend.start_seq_no, resend.end_seq_no),
        DecryptedMessageAction::RequestKey(ask) => Content::RequestKey(ask.exchange_id, ask.g_a.as_slice().to_vec()),
        DecryptedMessageAction::AcceptKey(accept) => {
            Content::AcceptKey(accept.exchange_id, accept.g_b.as_slice().to_vec(), accept.key_fingerprint)
        }
        DecryptedMessageAction::CommitKey(commit) => Content::CommitKey(commit.exchange_id, commit.key_fingerprint),
        DecryptedMessageAction::AbortKey(abort) => Content::AbortKey(abort.exchange_id),
        DecryptedMessageAction::Noop => Content::Noop,
        _ => Content::Other,
    }
}

fn bytes(slice: &[u8]) -> Bytes<'_> {
    Bytes::new(slice).unwrap_or(Bytes::EMPTY)
}
