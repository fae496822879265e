//! Sealing and opening alone, beside the least work for it and a peer.

use grammers_crypto::{AuthKey, DequeBuffer, decrypt_data_v2, encrypt_data_v2};
use secretchat::KeyFingerprint;
use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::hazmat::fingerprint::key_fingerprint;
use secretchat::hazmat::kdf::{ChatKey, Offset};

use super::envelope::{BODY_LEN, COUNT, Messages};
use super::{CODE_FLOOR, ENVELOPE, GRAMMERS, LATENCY_FLOOR, floor};
use crate::limits::Units;
use crate::measure::random::Constant;
use crate::measure::{Case, Lap};

const KEY: [u8; 256] = [0x33; 256];

pub(super) fn cases() -> Vec<Case> {
    let latency = Units::detect().map(|units| Case::new(LATENCY_FLOOR, floor::latency(units)));
    let [mut sealer, mut opener] = [Messages::new(), Messages::new()];
    let envelope = [Lap::new(COUNT, move || sealer.seal()), Lap::new(COUNT, move || opener.open())];
    let others = [Case::new(CODE_FLOOR, floor::code()), Case::new(ENVELOPE, envelope), Case::new(GRAMMERS, grammers())];
    latency.into_iter().chain(others).collect()
}

/// As a client: it seals what a server would open, and opens what a server has sealed.
fn grammers() -> [Lap; 2] {
    let key = AuthKey::from_bytes(KEY);
    let mut buffer = DequeBuffer::with_capacity(BODY_LEN + 32, 24);
    let seal = Lap::new(COUNT, move || {
        buffer.clear();
        buffer.extend(&[0x55; BODY_LEN]);
        encrypt_data_v2(&mut buffer, &key);
        assert_eq!(buffer.len(), 24 + 192);
    });
    let key = AuthKey::from_bytes(KEY);
    let sealed = from_a_server();
    let mut buffer = sealed.clone();
    let open = Lap::new(COUNT, move || {
        buffer.copy_from_slice(&sealed);
        assert_eq!(decrypt_data_v2(&mut buffer, &key).unwrap().len(), 192);
    });
    [seal, open]
}

/// The same cipher under the same key, in the direction that grammers opens.
fn from_a_server() -> Vec<u8> {
    let chat_key = ChatKey::new(KEY);
    let fingerprint: KeyFingerprint = key_fingerprint(&chat_key);
    let key = DirectionKey { chat_key: &chat_key, fingerprint, x: Offset::TELEGRAM_RESPONDER };
    let layout = Layout::size_class(BODY_LEN).unwrap();
    let mut sealed = vec![0; layout.sealed_len()];
    envelope::seal(&key, layout, &mut Constant, &mut sealed, |body| body.fill(0x55)).unwrap();
    sealed
}
