//! What TDLib was told about exchanges of keys has the outcome of the table: where TDLib closes, most of it has no effect
//! here (SPEC REKEY-2, REKEY-3).

use recordings::{Key, Party, Recording};
use secretchat::hazmat::Secret;
use secretchat::hazmat::fingerprint;
use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessageAction, DecryptedMessageLayer, decode_exact};
use secretchat::{ChatState, Event, Input, Output, PeerPolicy, RekeyFailure, TransmitKind};

use super::play::{keep_up, opened, prepare_answer};
use super::{all, ends_the_chat, enter, env};

/// What a file leads to, unless the strict policy ends the chat.
struct Outcome {
    name: &'static str,
    failures: &'static [RekeyFailure],
    new_keys: usize,
    /// How many messages of ours are `AbortKey`.
    aborts: usize,
}

/// Worked out from the tables and what each file's title says, the names without their ends.
const OUTCOMES: [Outcome; 22] = {
    use RekeyFailure::{Aborted, BadValue, FingerprintMismatch};
    const fn outcome(name: &'static str, failures: &'static [RekeyFailure], new_keys: usize, aborts: usize) -> Outcome {
        Outcome { name, failures, new_keys, aborts }
    }
    [
        outcome("abort_theirs", &[Aborted], 0, 0),
        outcome("abort_theirs_wrong_id", &[], 0, 0),
        outcome("abort_wrong_id", &[], 0, 0),
        outcome("accept_unexpected", &[], 0, 0),
        outcome("accept_wrong_exchange", &[], 0, 0),
        outcome("accept_wrong_fingerprint", &[FingerprintMismatch], 0, 0),
        // Ours was answered at once, so this is a CommitKey to a wrong key.
        outcome("commit_before_accept", &[FingerprintMismatch], 0, 0),
        outcome("commit_under_new_key", &[], 1, 0),
        outcome("commit_wrong_exchange", &[], 0, 0),
        outcome("commit_wrong_fingerprint", &[FingerprintMismatch], 0, 0),
        outcome("g_a_1", &[BadValue], 0, 1),
        outcome("g_a_2", &[BadValue], 0, 1),
        outcome("g_a_below_2_1984", &[BadValue], 0, 1),
        outcome("g_a_p_minus_1", &[BadValue], 0, 1),
        // The square of 2^992.
        outcome("g_a_at_2_1984", &[], 0, 0),
        outcome("late_accept", &[], 0, 0),
        outcome("late_accept_poked_then_request", &[], 0, 0),
        outcome("needs_an_event", &[], 1, 0),
        outcome("new_key_without_commit", &[], 1, 0),
        outcome("second_request", &[], 0, 0),
        outcome("second_request_before_accept", &[], 0, 0),
        outcome("second_request_same_id", &[], 0, 0),
    ]
};

#[test]
fn recorded_hostile_rekeys_have_the_outcome_of_the_table_under_each_policy() {
    let files: Vec<_> = all("hostile").into_iter().filter(|t| t.name.starts_with("rekey_")).collect();
    assert_eq!(files.len(), 23);
    for policy in [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant] {
        for recording in &files {
            let name = recording.name.trim_start_matches("rekey_");
            let name = name.split_once("_td").or(name.split_once("_py")).map_or(name, |(name, _)| name);
            let outcome = OUTCOMES.iter().find(|outcome| outcome.name == name).expect(name);
            let actual = replay(recording, policy);
            let said = format!("{name} {policy:?}");
            if ends_the_chat(&recording.name, policy) {
                assert!(matches!(actual.state, ChatState::Closed(_)), "{said}: {:?}", actual.state);
                continue;
            }
            assert_eq!(actual.state, ChatState::Ready, "{said}");
            assert_eq!(actual.failures, outcome.failures, "{said}");
            assert_eq!(actual.new_keys, (1..=outcome.new_keys).collect::<Vec<_>>(), "{said}");
            assert_eq!(actual.aborts, outcome.aborts, "{said}");
            // Nobody's messages are held up.
            let texts: Vec<_> = recording
                .messages()
                .into_iter()
                .filter(|message| message.from == Party::Python)
                .filter_map(|message| message.text.clone())
                .collect();
            assert_eq!(actual.texts, texts, "{said}");
        }
    }
}

struct Actual {
    state: ChatState,
    failures: Vec<RekeyFailure>,
    /// The recorded key that was current after each switch.
    new_keys: Vec<usize>,
    aborts: usize,
    texts: Vec<String>,
}

/// Plays a chat in the place of TDLib.
fn replay(recording: &Recording, policy: PeerPolicy) -> Actual {
    let us = Party::Tdlib;
    let (mut chat, mut rng) = enter(recording, us, policy);
    let (mut failures, mut new_keys, mut aborts, mut texts) = (Vec::new(), Vec::new(), 0, Vec::new());
    let mut notice = |chat: &secretchat::Chat, output| match output {
        Output::Event(Event::RekeyFailed { reason, .. }) => failures.push(reason),
        Output::Event(Event::Rekeyed { .. }) => {
            let name = |key: &Key| Some(fingerprint::key_fingerprint(&Secret::new(key.chat_key)));
            new_keys.extend(recording.keys.iter().position(|key| name(key) == chat.key_fingerprint()));
        }
        Output::Event(Event::Message(message)) => texts.push(message.content.text),
        Output::Transmit(transmit) => {
            if let TransmitKind::Ciphertext { bytes, .. } = transmit.kind {
                aborts += usize::from(is_abort(recording, bytes));
            }
        }
        _ => {}
    };
    for (n, message) in recording.messages().into_iter().enumerate() {
        if message.from == us {
            if chat.state() == ChatState::Ready {
                for output in keep_up(recording, us, &mut chat, message, &mut rng) {
                    notice(&chat, output);
                }
            }
            continue;
        }
        rng = prepare_answer(recording, us, n);
        let input = Input::ciphertext(&message.wire, None, None);
        chat.handle(input, &mut env(&mut rng)).unwrap_or_else(|fault| panic!("{}, {n}: {fault}", recording.name));
        while let Some(output) = chat.poll_output() {
            notice(&chat, output);
        }
    }
    Actual { state: chat.state(), failures, new_keys, aborts, texts }
}

/// Returns whether a message of ours is `AbortKey`.
fn is_abort(recording: &Recording, sealed: Vec<u8>) -> bool {
    let tl = opened(recording, Party::Tdlib, sealed);
    match decode_exact::<DecryptedMessageLayer<'_>>(&tl).unwrap().message {
        DecryptedMessage::Service17(service) => matches!(service.action, DecryptedMessageAction::AbortKey(_)),
        _ => false,
    }
}
