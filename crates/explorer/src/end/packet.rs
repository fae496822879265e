//! What ends send each other.

use secretchat::{History, SeqNo, Transmit, TransmitId, TransmitKind};
use sha2::{Digest, Sha256};

use crate::old::Said;
use crate::step::{Kind, PacketName};

/// Something that an end has sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Packet {
    /// Its name.
    pub name: PacketName,
    /// Its contents. A receipt of a Discard has a proof instead.
    pub sent: Sent,
    /// What it is called in a set, apart from `name`: its bytes.
    pub(super) digest: [u8; 16],
}

/// The contents of a packet.
#[derive(Debug, PartialEq, Eq)]
pub enum Sent {
    /// What the chat asked its host to send.
    Transmit(Transmit),
    /// The proof that an end is closed.
    Receipt(Option<[u8; 32]>),
    /// What an old client says.
    Said(Said),
}

impl Packet {
    /// Returns what tells it from others of its name.
    #[must_use]
    pub fn digest_text(&self) -> String {
        hex(&self.digest)
    }
}

pub(super) fn transmit_id(name: PacketName) -> TransmitId {
    match name.kind {
        Kind::Discard => TransmitId::DISCARD,
        _ => SeqNo::new(name.slot.into()).map_or(TransmitId::DISCARD, TransmitId::of_slot),
    }
}

pub(super) fn bytes_of(transmit: &Transmit) -> Vec<u8> {
    match &transmit.kind {
        TransmitKind::Request { public, .. } | TransmitKind::Accept { public, .. } => public.clone(),
        TransmitKind::Ciphertext { bytes, .. } => bytes.clone(),
        TransmitKind::Discard { history, proof, .. } => {
            let mac = proof.as_ref().map(|proof| [&proof.sent.to_le_bytes()[..], &proof.mac].concat());
            [vec![u8::from(*history == History::Delete)], mac.unwrap_or_default()].concat()
        }
        TransmitKind::Read { max_date, .. } => max_date.as_millis().to_le_bytes().to_vec(),
        _ => Vec::new(),
    }
}

pub(super) fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    first
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
