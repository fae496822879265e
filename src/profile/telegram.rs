//! The Telegram profile: official apps at the other end, and a server that names both ends.

use super::rules::{Lengths, Rules};
use crate::crypto::kdf::Offset;
use crate::destruct::Rights;
use crate::envelope::old;
use crate::media::{FileForm, MediaKey};
use crate::rekey::RekeyPolicy;
use crate::types::id::Layer;

pub(super) const RULES: Rules = Rules {
    keys_are_bound: false,
    lengths: Lengths {
        // A message with a public value, sealed (SPEC ENV-2).
        step: 24 + 384,
        // 64 messages of a few numbers.
        service_reserve: 64 * (24 + 128),
    },
    responder_offset: Offset::TELEGRAM_RESPONDER,
    rekey: RekeyPolicy::telegram(),
    // TDLib closes the chat on an AbortKey for an exchange that it has accepted.
    aborts_accepted: false,

    responder_waits: false,
    wrong_answer_ends: true,
    keeps_unopened: true,
    other_devices: true,
    discards_are_proved: false,

    transport_is_trusted: true,
    receipts_outside: true,
    typing_outside: true,

    first_layer: Layer::L73,
    layer_is_fixed: false,
    padding_is_fixed: true,
    open_old: Some(old::open),

    // Telegram's apps have no such rule.
    initiator_timer_wins: false,
    view_once: false,
    rights: Rights::telegram,
    senders_ask: false,
    file_form: FileForm::Chain,
    file_fingerprint: |key| match key {
        MediaKey::Chain(key) => Some(key.fingerprint()),
        MediaKey::Segments(_) => None,
    },
};
