//! The X25519 profile: both ends run this crate, and nobody in between is trusted.

use super::rules::{Lengths, Rules};
use crate::crypto::kdf::Offset;
use crate::destruct::Rights;
use crate::media::FileForm;
use crate::rekey::RekeyPolicy;
use crate::types::id::Layer;

pub(super) const RULES: Rules = Rules {
    keys_are_bound: true,
    lengths: Lengths {
        // As in the Telegram profile.
        step: 24 + 384,
        service_reserve: 64 * (24 + 128),
    },
    responder_offset: Offset::X25519_RESPONDER,
    rekey: RekeyPolicy::x25519(),
    aborts_accepted: true,

    responder_waits: true,
    wrong_answer_ends: false,
    keeps_unopened: false,
    other_devices: false,
    discards_are_proved: true,

    transport_is_trusted: false,
    receipts_outside: false,
    typing_outside: false,

    first_layer: Layer::L144,
    layer_is_fixed: true,
    padding_is_fixed: false,
    open_old: None,

    initiator_timer_wins: true,
    view_once: true,
    rights: Rights::x25519,
    senders_ask: true,
    file_form: FileForm::Segments,
    file_fingerprint: |_| None,
};
