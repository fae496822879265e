//! Conversations recorded with TDLib's own secret-chat code: every message opens, reads, is written and sealed the
//! same, and a chat of ours takes what either side said (SPEC MODP-1 to MODP-5, ENV-1, TL-1, OUT-1).
#![cfg(all(feature = "telegram", feature = "std"))]

#[path = "../support/rng.rs"]
mod rng;
mod transcript;

use rng::Scripted;
use secretchat::hazmat::wire::{DecryptedMessageLayer, Encode, decode_exact, encode_exact};
use secretchat::hazmat::{envelope, fingerprint, kdf};
use secretchat::{
    Chat, ChatState, Config, DhGroup, Draft, Env, Event, Handled, Input, Invitation, Output, PeerFault, PeerPolicy,
    Role, StoreKey, Timestamp, TransmitKind,
};
use transcript::{Party, Step, Transcript};

fn env(rng: &mut Scripted) -> Env<'_> {
    Env::new(Timestamp::from_millis(1_700_000_000_000), rng)
}

/// Pass (a): the bytes.
fn check_bytes(transcript: &Transcript) -> usize {
    let mut checked = 0;
    for step in &transcript.steps {
        let (Some(key), Some(tl), Some(padding)) = (step.key_index, &step.tl, &step.padding) else { continue };
        let name = &transcript.name;
        let chat_key = &transcript.keys[key].chat_key;
        let x = kdf::Offset::telegram(transcript.role(step.from));
        let key = envelope::MessageKey { chat_key, fingerprint: fingerprint::key_fingerprint(chat_key), x };
        let mut wire = step.wire.clone();
        let opened = envelope::open(&key, &mut wire);
        let Ok(layout) = envelope::Layout::with_padding(tl.len(), padding.len()) else {
            // TDLib lets an empty body pass and stumbles over it later.
            assert_eq!(opened.unwrap_err(), PeerFault::NotAuthentic, "{name}");
            assert!(step.tampered.is_some(), "{name}");
            continue;
        };
        assert_eq!(opened.unwrap(), &tl[..], "{name}");

        let mut sealed = vec![0; layout.sealed_len()];
        let mut rng = Scripted::new([padding.clone()]);
        envelope::seal(&key, layout, &mut rng, &mut sealed, |body| body.copy_from_slice(tl)).unwrap();
        assert_eq!(sealed, step.wire, "{name}");

        match decode_exact::<DecryptedMessageLayer<'_>>(tl) {
            Ok(value) => {
                let mut written = vec![0; value.encoded_len()];
                assert!(encode_exact(&value, &mut written), "{name}");
                assert_eq!(written, *tl, "{name}");
            }
            // What TDLib could not read either, and the two forms of strings that it is lax about.
            Err(error) => assert!(step.is_malformed || step.tampered.is_some(), "{name}: {error}"),
        }
        checked += 1;
    }
    checked
}

/// A chat in the place of one party, with that party's exponent, up to the point where there is a key.
fn enter(transcript: &Transcript, us: Party, policy: PeerPolicy) -> (Chat, Scripted) {
    let key = &transcript.keys[0];
    let (private, other_public) = match us {
        Party::Python => (&key.python_private, &key.td_public),
        Party::Tdlib => (&key.td_private, &key.python_public),
    };
    let group = DhGroup::published(transcript.generator).unwrap();
    let config = Config::telegram(group, policy).with_store(StoreKey::new([9; 32]));
    let mut rng = Scripted::new([private.clone()]);
    let mut chat = match transcript.role(us) {
        Role::Initiator => {
            let mut chat = Chat::request(config, &mut env(&mut rng)).unwrap();
            let fingerprint = fingerprint::key_fingerprint(&key.chat_key);
            let input = Input::Accepted { public: other_public, fingerprint };
            assert_eq!(chat.handle(input, &mut env(&mut rng)), Ok(Handled::Applied), "{}", transcript.name);
            chat
        }
        Role::Responder => Invitation::parse(other_public, config).unwrap().accept(&mut env(&mut rng)).unwrap(),
    };
    assert_eq!(chat.state(), ChatState::Ready);
    assert_eq!(chat.verification().unwrap().to_bytes(), transcript.verification, "{}", transcript.name);
    assert_eq!(chat.key_fingerprint(), Some(fingerprint::key_fingerprint(&key.chat_key)));
    drain(&mut chat);
    (chat, rng)
}

fn drain(chat: &mut Chat) -> Vec<Output> {
    std::iter::from_fn(|| chat.poll_output()).collect()
}

/// Says something in as many slots as the recorded party has used, so that the other one's acknowledgements fit.
fn keep_up(chat: &mut Chat, step: &Step, rng: &mut Scripted) {
    let Some(tl) = &step.tl else { return };
    let Ok(layer) = decode_exact::<DecryptedMessageLayer<'_>>(tl) else { return };
    while chat.counters().sent <= u32::try_from(layer.out_seq_no / 2).unwrap_or(0) {
        chat.send(&Draft::text("in this slot"), &mut env(rng)).unwrap();
        drain(chat);
    }
}

/// Passes (b) and (c): a chat of ours takes everything that the other side said. Returns how many messages it took.
fn play(transcript: &Transcript, us: Party) -> usize {
    let (mut chat, mut rng) = enter(transcript, us, PeerPolicy::Default);
    let (mut taken, mut expected, mut told) = (0, Vec::new(), Vec::new());
    let mut seen = std::collections::BTreeSet::new();
    for step in &transcript.steps {
        if step.from == us {
            keep_up(&mut chat, step, &mut rng);
            continue;
        }
        if step.lost {
            continue;
        }
        let input = Input::Ciphertext { bytes: &step.wire, file: None, date: None };
        let handled = chat.handle(input, &mut env(&mut rng)).unwrap();
        assert!(
            matches!(handled, Handled::Applied | Handled::Waiting | Handled::Duplicate),
            "{}: {handled:?}",
            transcript.name
        );
        taken += 1;
        if let (Some(text), Some(tl)) = (&step.text, &step.tl) {
            // What comes again in a slot counts once, whatever it says.
            let slot = decode_exact::<DecryptedMessageLayer<'_>>(tl).unwrap().out_seq_no;
            if seen.insert(slot) {
                expected.push(text.clone());
            }
        }
        told.extend(drain(&mut chat).into_iter().filter_map(|output| match output {
            Output::Event(Event::Message(message)) => Some(message.text),
            _ => None,
        }));
    }
    assert_eq!(chat.state(), ChatState::Ready, "{}", transcript.name);
    // The recorded order is that of arrival, ours that of slots; captions stand in the media.
    let mut missing: Vec<&String> = expected.iter().filter(|text| !text.is_empty()).collect();
    for text in &told {
        if let Some(position) = missing.iter().position(|expected| *expected == text) {
            missing.remove(position);
        }
    }
    assert!(missing.is_empty(), "{}: {missing:?}", transcript.name);
    taken
}

#[test]
fn every_recorded_message_opens_reads_and_is_sealed_to_the_same_bytes() {
    let (mut files, mut messages) = (0, 0);
    for directory in ["conversations", "hostile"] {
        for transcript in Transcript::all(directory) {
            messages += check_bytes(&transcript);
            files += 1;
        }
    }
    assert!(files >= 180 && messages >= 1_400, "{files} files, {messages} messages");
}

#[test]
fn a_chat_takes_what_either_side_said() {
    let (mut plays, mut messages) = (0, 0);
    for transcript in Transcript::all("conversations") {
        // Re-keying is not there yet, and messages after it are under another key.
        if transcript.keys.len() > 1 || transcript.has_rekey {
            continue;
        }
        for us in [Party::Python, Party::Tdlib] {
            messages += play(&transcript, us);
            plays += 1;
        }
    }
    assert!(plays >= 60 && messages >= 250, "{plays} plays, {messages} messages");
}

#[test]
fn hostile_inputs_have_an_outcome_and_forged_ones_change_nothing() {
    let mut refused = 0;
    for policy in [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant] {
        for transcript in Transcript::all("hostile") {
            if transcript.keys.is_empty()
                || transcript.keys.len() > 1
                || transcript.has_rekey
                || transcript.is_about_keys()
            {
                continue;
            }
            let (mut chat, mut rng) = enter(&transcript, Party::Tdlib, policy);
            for step in &transcript.steps {
                if step.from == Party::Tdlib {
                    if chat.state() == ChatState::Ready {
                        keep_up(&mut chat, step, &mut rng);
                    }
                    continue;
                }
                let before = format!("{chat:?}");
                let input = Input::Ciphertext { bytes: &step.wire, file: None, date: None };
                let handled = chat.handle(input, &mut env(&mut rng));
                if handled.is_err() {
                    assert_eq!(format!("{chat:?}"), before, "{}", transcript.name);
                    assert!(drain(&mut chat).is_empty());
                    refused += 1;
                }
                if step.key_index.is_none() {
                    let forged =
                        matches!(handled, Err(PeerFault::NotAuthentic | PeerFault::UnknownKey) | Ok(Handled::Ignored));
                    assert!(forged, "{}: {handled:?}", transcript.name);
                }
                for output in drain(&mut chat) {
                    // Whatever is told to carry can be carried.
                    if let Output::Transmit(transmit) = output {
                        assert!(!matches!(transmit.kind, TransmitKind::Request { .. }));
                    }
                }
            }
        }
    }
    assert!(refused >= 60, "{refused}");
}

/// Which recorded hostile inputs end the chat, worked out from the outcome table and what each file's title says.
fn ends_the_chat(name: &str, policy: PeerPolicy) -> bool {
    const ALWAYS: [&str; 7] = [
        "seq_parity_in",
        "seq_parity_out",
        "seq_parity_old",
        "seq_in_negative",
        "seq_out_negative",
        "tl_bare_message8",
        "tl_unknown_top",
    ];
    const UNLESS_TOLERANT: [&str; 4] = ["seq_in_beyond", "seq_in_backwards", "seq_in_max", "seq_gap_bad_in_seq"];
    // The bare notice is the first thing that the peer says.
    const IF_STRICT: [&str; 15] = [
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
    ];
    let is_one_of = |names: &[&str]| names.iter().any(|prefix| name.starts_with(prefix));
    is_one_of(&ALWAYS)
        || (policy != PeerPolicy::Tolerant && is_one_of(&UNLESS_TOLERANT))
        || (policy == PeerPolicy::Strict && is_one_of(&IF_STRICT))
}

#[test]
fn recorded_hostile_inputs_have_the_outcome_of_the_table_under_each_policy() {
    let mut wrong = Vec::new();
    let mut files = 0;
    for policy in [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant] {
        for transcript in Transcript::all("hostile") {
            if transcript.keys.len() != 1 || transcript.has_rekey || transcript.is_about_keys() {
                continue;
            }
            let (mut chat, mut rng) = enter(&transcript, Party::Tdlib, policy);
            for step in &transcript.steps {
                if step.from == Party::Python {
                    let input = Input::Ciphertext { bytes: &step.wire, file: None, date: None };
                    let _forged = chat.handle(input, &mut env(&mut rng));
                } else if chat.state() == ChatState::Ready {
                    keep_up(&mut chat, step, &mut rng);
                }
                drain(&mut chat);
            }
            let ended = chat.state() != ChatState::Ready;
            if ended != ends_the_chat(&transcript.name, policy) {
                wrong.push(format!("{} {policy:?}: {:?}", transcript.name, chat.state()));
            }
            files += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(files >= 200, "{files}");
}
