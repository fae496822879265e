//! Conversations recorded with TDLib's own secret-chat code: every message opens, reads, is written and sealed the
//! same, and a chat of ours takes what either side said (SPEC MODP-1 to MODP-5, ENV-1, TL-1, OUT-1).
#![cfg(all(feature = "telegram", feature = "std"))]

mod hostile_rekeys;
mod play;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::time::Duration;

use play::{counted, keep_up, play, prepare_answer};
use recordings::{Message, Party, Recording, Scripted};
use secretchat::hazmat::Secret;
use secretchat::hazmat::wire::{DecryptedMessageLayer, Encode, decode_exact, encode_exact};
use secretchat::hazmat::{envelope, fingerprint, kdf};
use secretchat::{
    Chat, ChatState, Config, DhGroup, Env, Event, Handled, Input, Invitation, Output, PeerFault, PeerPolicy,
    RekeyPolicy, Role, StoreKey, Timestamp, TransmitKind,
};
use support::{pair, twin};

const HOUR: u64 = 3_600_000;

/// Reads the recordings in a folder of the test vectors.
fn all(folder: &str) -> Vec<Recording> {
    Recording::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors/tdlib").join(folder)).unwrap()
}

fn role(recording: &Recording, party: Party) -> Role {
    if party == recording.initiator { Role::Initiator } else { Role::Responder }
}

/// Reads the hostile recordings in which the chat comes to a key. In the others the key exchange itself is wrong.
fn hostile() -> Vec<Recording> {
    let is_about_keys = |name: &str| name.starts_with("dh") || name.starts_with("early_traffic");
    let files = all("hostile").into_iter();
    files.filter(|recording| !recording.keys.is_empty() && !is_about_keys(&recording.name)).collect()
}

fn env(rng: &mut Scripted) -> Env<'_> {
    Env::new(Timestamp::from_millis(1_700_000_000_000), rng)
}

/// Makes pass (a), which is about the bytes, and returns how many messages there were.
fn check_bytes(recording: &Recording) -> usize {
    let mut checked = 0;
    for message in recording.messages() {
        let (Some(key), Some(tl), Some(padding)) = (message.key_index, &message.tl, &message.padding) else { continue };
        let name = &recording.name;
        let chat_key = Secret::new(recording.keys[key].chat_key);
        let fingerprint = fingerprint::key_fingerprint(&chat_key);
        let x = kdf::Offset::telegram(role(recording, message.from));
        let key = envelope::DirectionKey { chat_key: &chat_key, fingerprint, x };
        let mut wire = message.wire.clone();
        let opened = envelope::open(&key, &mut wire);
        let Ok(layout) = envelope::Layout::with_padding(tl.len(), padding.len()) else {
            // TDLib lets an empty body pass and stumbles over it later.
            assert_eq!(opened.unwrap_err(), PeerFault::NotAuthentic, "{name}");
            assert!(message.tampered.is_some(), "{name}");
            continue;
        };
        assert_eq!(opened.unwrap(), &tl[..], "{name}");

        let mut sealed = vec![0; layout.sealed_len()];
        let mut rng = Scripted::new([padding.clone()]);
        envelope::seal(&key, layout, &mut rng, &mut sealed, |body| body.copy_from_slice(tl)).unwrap();
        assert_eq!(sealed, message.wire, "{name}");

        match decode_exact::<DecryptedMessageLayer<'_>>(tl) {
            Ok(value) => {
                let mut written = vec![0; value.encoded_len()];
                assert!(encode_exact(&value, &mut written), "{name}");
                assert_eq!(written, *tl, "{name}");
            }
            // What TDLib could not read either, and the two forms of strings that it is lax about.
            Err(error) => assert!(message.is_malformed || message.tampered.is_some(), "{name}: {error}"),
        }
        checked += 1;
    }
    checked
}

/// Creates a chat in the place of one party, with that party's exponent, and brings it to its key.
fn enter(recording: &Recording, us: Party, policy: PeerPolicy) -> (Chat, Scripted) {
    let key = &recording.keys[0];
    let chat_key = Secret::new(key.chat_key);
    let (private, other_public) = (&key.half(us).private, &key.half(us.peer()).public);
    let group = DhGroup::published(recording.generator).unwrap();
    let config = Config::telegram(group, policy).with_rekey(only_when_asked()).with_store(StoreKey::new([9; 32]));
    let mut rng = Scripted::new([private.clone()]);
    let mut chat = match role(recording, us) {
        Role::Initiator => {
            let mut chat = Chat::request(config, &mut env(&mut rng)).unwrap();
            let fingerprint = fingerprint::key_fingerprint(&chat_key);
            let input = Input::accepted(other_public, fingerprint);
            assert_eq!(chat.handle(input, &mut env(&mut rng)), Ok(Handled::Applied), "{}", recording.name);
            chat
        }
        Role::Responder => Invitation::parse(other_public, config).unwrap().accept(&mut env(&mut rng)).unwrap(),
    };
    assert_eq!(chat.state(), ChatState::Ready);
    assert_eq!(chat.verification().unwrap().to_bytes()[..], recording.verification, "{}", recording.name);
    assert_eq!(chat.key_fingerprint(), Some(fingerprint::key_fingerprint(&chat_key)));
    drain(&mut chat);
    (chat, rng)
}

/// Returns a policy that asks for nothing by itself: the recorded party says when.
fn only_when_asked() -> RekeyPolicy {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    let mut policy = RekeyPolicy::telegram();
    (policy.initiator_messages, policy.responder_messages, policy.limit_messages) = (u32::MAX, u32::MAX, u32::MAX);
    (policy.age, policy.limit_age) = (CENTURY, CENTURY);
    policy
}

fn drain(chat: &mut Chat) -> Vec<Output> {
    std::iter::from_fn(|| chat.poll_output()).collect()
}

#[test]
fn every_recorded_message_opens_reads_and_is_sealed_to_the_same_bytes() {
    let (mut files, mut messages) = (0, 0);
    for directory in ["conversations", "hostile"] {
        for recording in all(directory) {
            messages += check_bytes(&recording);
            files += 1;
        }
    }
    assert!(files >= 180 && messages >= 1_400, "{files} files, {messages} messages");
}

#[test]
fn a_chat_takes_what_either_side_said() {
    let (mut plays, mut messages, mut keys) = (0, 0, 0);
    for recording in all("conversations") {
        for us in [Party::Python, Party::Tdlib] {
            let (taken, rekeys) = play(&recording, us);
            messages += taken;
            keys += rekeys;
            plays += 1;
        }
    }
    assert!(plays >= 100 && messages >= 900 && keys >= 40, "{plays} plays, {messages} messages, {keys} new keys");
}

/// Messages that were written before an earlier message of the file reached their writer count what they counted when they
/// were recorded.
#[test]
fn fa_39_messages_that_crossed_are_followed() {
    let recordings = all("conversations");
    let crossing = recordings.iter().find(|recording| recording.name == "gap_delivered_late_py_orig").unwrap();
    let (ours, recorded) = counted(crossing, Party::Python);
    // The first notice, in slot 0, leaves with the key.
    assert_eq!(
        recorded.iter().skip(1).map(|(slot, counts)| (*slot, *counts)).collect::<Vec<_>>(),
        [(1, 1), (2, 1), (3, 1)]
    );
    assert!(recorded.iter().skip(1).all(|(slot, counts)| ours[slot] == *counts), "{ours:?}");
}

#[test]
fn hostile_inputs_have_an_outcome_and_forged_ones_change_nothing() {
    let (files, mut refused, mut old) = (hostile(), 0, 0);
    for policy in [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant] {
        for recording in &files {
            let (mut chat, mut rng) = enter(recording, Party::Tdlib, policy);
            // It never sees what is refused.
            let (mut other, mut others_rng) = enter(recording, Party::Tdlib, policy);
            let refused_before = refused;
            for (n, message) in recording.messages().into_iter().enumerate() {
                if message.from == Party::Tdlib {
                    if chat.state() == ChatState::Ready {
                        keep_up(recording, Party::Tdlib, &mut chat, message, &mut rng);
                        keep_up(recording, Party::Tdlib, &mut other, message, &mut others_rng);
                    }
                    continue;
                }
                rng = prepare_answer(recording, Party::Tdlib, n);
                others_rng = rng.clone();
                // Every other one comes an hour later: what is refused moves no clock.
                let now = pair::at(n as u64 % 2 * HOUR);
                let handled = chat.handle(pair::ciphertext(&message.wire), &mut Env::new(now, &mut rng));
                let said = drain(&mut chat);
                if begins_under_the_old_protocol(recording, message) && policy != PeerPolicy::Strict {
                    assert_eq!(handled, Ok(Handled::Applied), "{}", recording.name);
                    check_what_is_told_of_the_old_protocol(&said);
                    old += 1;
                } else if message.key_index.is_none() {
                    let forged =
                        matches!(handled, Err(PeerFault::NotAuthentic | PeerFault::UnknownKey) | Ok(Handled::Ignored));
                    assert!(forged, "{}: {handled:?}", recording.name);
                }
                if handled.is_err() {
                    assert!(said.is_empty());
                    refused += 1;
                    continue;
                }
                assert_eq!(other.handle(pair::ciphertext(&message.wire), &mut Env::new(now, &mut others_rng)), handled);
                for output in drain(&mut other) {
                    // Whatever is told to carry can be carried.
                    if let Output::Transmit(transmit) = output {
                        assert!(!matches!(transmit.kind, TransmitKind::Request { .. }));
                    }
                }
            }
            if refused > refused_before {
                twin::assert_same(&twin::life(&mut chat), &twin::life(&mut other));
            }
        }
    }
    assert!(refused >= 60, "{refused}");
    // One recording, under the two policies that live with it.
    assert_eq!(old, 2);
}

/// Returns whether the peer's first message is under MTProto 1.0. In the other such recording it has spoken 2.0 before
/// (SPEC ENV-5).
fn begins_under_the_old_protocol(recording: &Recording, message: &Message) -> bool {
    let is_old = message.tampered.as_deref() == Some("MTProto 1.0 envelope, layer 46");
    is_old && recording.name == "mtproto1_layer46_td_orig"
}

/// Checks that nothing is shown of a text under MTProto 1.0 (SPEC ENV-5).
fn check_what_is_told_of_the_old_protocol(said: &[Output]) {
    let events =
        |is: fn(&Event) -> bool| said.iter().filter(|o| matches!(o, Output::Event(event) if is(event))).count();
    assert_eq!(events(|event| matches!(event, Event::OldProtocol)), 1, "{said:?}");
    assert_eq!(events(|event| matches!(event, Event::Unsupported)), 1, "{said:?}");
    assert_eq!(events(|event| matches!(event, Event::Message(_))), 0, "{said:?}");
}

/// Returns whether a recorded hostile input ends the chat, by the outcome table and what each file's title says.
fn ends_the_chat(name: &str, policy: PeerPolicy) -> bool {
    const ALWAYS: [&str; 8] = [
        "seq_parity_in",
        "seq_parity_out",
        "seq_parity_old",
        "seq_in_negative",
        "seq_out_negative",
        // Raw 2^30 - 1, which is a count and no slot (SPEC SEQ-6).
        "seq_out_max",
        "tl_bare_message8",
        "tl_unknown_top",
    ];
    const UNLESS_TOLERANT: [&str; 4] = ["seq_in_beyond", "seq_in_backwards", "seq_in_max", "seq_gap_bad_in_seq"];
    // The bare notice is the first thing that the peer says.
    const IF_STRICT: [&str; 19] = [
        "tl_bare_notify8",
        "layer_down_46",
        "layer_negative",
        "layer_future",
        "length_plus_4",
        "tl_unknown_message",
        "tl_unknown_media",
        "tl_unknown_entity",
        "tl_string_huge",
        "tl_string_nonminimal",
        "tl_string_padding_nonzero",
        "resend_future",
        "resend_all_future",
        "resend_parity",
        "resend_ack_same",
        "rekey_accept_unexpected",
        "rekey_accept_wrong_exchange",
        "rekey_commit_wrong_exchange",
        // The first request was answered, as ours is at once. Under another id it is answered instead (SPEC REKEY-2).
        "rekey_second_request_same_id",
    ];
    let is_one_of = |names: &[&str]| names.iter().any(|prefix| name.starts_with(prefix));
    is_one_of(&ALWAYS)
        || (policy != PeerPolicy::Tolerant && is_one_of(&UNLESS_TOLERANT))
        || (policy == PeerPolicy::Strict && is_one_of(&IF_STRICT))
}

#[test]
fn recorded_hostile_inputs_have_the_outcome_of_the_table_under_each_policy() {
    let (files, mut wrong, mut plays) = (hostile(), Vec::new(), 0);
    for policy in [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant] {
        for recording in &files {
            let (mut chat, mut rng) = enter(recording, Party::Tdlib, policy);
            for (n, message) in recording.messages().into_iter().enumerate() {
                if message.from == Party::Python {
                    rng = prepare_answer(recording, Party::Tdlib, n);
                    let input = Input::ciphertext(&message.wire, None, None);
                    let _forged = chat.handle(input, &mut env(&mut rng));
                } else if chat.state() == ChatState::Ready {
                    keep_up(recording, Party::Tdlib, &mut chat, message, &mut rng);
                }
                drain(&mut chat);
            }
            let ended = chat.state() != ChatState::Ready;
            if ended != ends_the_chat(&recording.name, policy) {
                wrong.push(format!("{} {policy:?}: {:?}", recording.name, chat.state()));
            }
            plays += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(plays >= 300, "{plays}");
}
