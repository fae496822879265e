//! States that nobody thought of together, calls at once, and what a message may cause (SPEC OUT-1, OUT-2).

use std::collections::BTreeMap;
use std::panic::RefUnwindSafe;

use rand_core::Rng;
use secretchat::{
    Chat, ChatState, Contact, DiscardProof, Draft, Entity, EntityKind, GeoPoint, Handled, History, Input, Invitation,
    KeyFingerprint, Media, Output, RandomId, TransmitId, TransmitKind, Ttl, TypingAction, Venue, WebPage,
};

use crate::honest::Two;
use crate::support::pair::{accept_of, at, ciphertext, env_at, outputs, request_of};
use crate::support::profile::{Profile, every_profile};
use crate::support::rng::Seeded;

/// How far a chat is in its life (SPEC 8, CLOSE-1): it never goes back.
fn stage(state: ChatState) -> u8 {
    match state {
        ChatState::Requested | ChatState::Accepted => 0,
        ChatState::Ready => 1,
        ChatState::Closed(_) => 2,
        other => panic!("{other:?}"),
    }
}

/// One of everything that a host and the world can do, with what came from the other end and what nobody sent. Returns
/// whether it was taken.
fn one_step(
    chat: &mut Chat,
    step: u32,
    heard: &[Vec<u8>],
    answer: &(Vec<u8>, KeyFingerprint),
    now: u64,
    rng: &mut Seeded,
) -> bool {
    let pick = usize::try_from(rng.next_u32() % 7).unwrap();
    let env = &mut env_at(now, rng);
    let garbage = [0x3c; 88];
    match step {
        0 => chat.send(&Draft::text("a word"), env).is_ok(),
        1 => chat.rekey(env).is_ok(),
        2 => chat.set_ttl(Ttl::from_seconds(5).unwrap(), env).is_ok(),
        3 => chat.delete(&[RandomId(1)], env).is_ok(),
        4 => chat.mark_read(&[RandomId(1)], env).is_ok(),
        5 => chat.typing(TypingAction::Typing, env).is_ok(),
        6 => chat.flush_history(env).is_ok(),
        7 => {
            chat.retransmit(env);
            true
        }
        8 => chat.acknowledge(env).is_ok(),
        9 => {
            chat.handle_timeout(env);
            true
        }
        10 => chat.handle(ciphertext(&garbage), env).is_ok(),
        11 => chat.handle(Input::accepted(&answer.0, answer.1), env).is_ok(),
        12 => chat.handle(Input::accepted(&garbage[..32], answer.1), env).is_ok(),
        13 => chat.handle(Input::carried(TransmitId(16), None), env).is_ok(),
        14 => chat.handle(Input::refused(TransmitId(17)), env).is_ok(),
        15 => chat.handle(Input::refused_for_good(TransmitId(18)), env).is_ok(),
        16 => chat.handle(Input::read(at(0), None), env).is_ok(),
        17 => chat.handle(Input::Typing, env).is_ok(),
        18 => chat.handle(Input::discarded(History::Keep, Some(DiscardProof { sent: 1, mac: [7; 32] })), env).is_ok(),
        19 => chat.open_view(RandomId(1), env).is_ok(),
        20 if pick == 0 => chat.handle(Input::discarded(History::Keep, None), env).is_ok(),
        21 if pick == 0 => chat.handle(Input::AcceptedElsewhere, env).is_ok(),
        22 if pick == 0 => {
            chat.close(History::Delete, env);
            true
        }
        _ => heard
            .get(heard.len().saturating_sub(pick + 1))
            .is_some_and(|bytes| chat.handle(ciphertext(bytes), env).is_ok()),
    }
}

/// Random words over the alphabet of all calls and inputs, from the beginning of a chat: no panic, no step back in its life,
/// and from a chat that is over nothing but its end.
#[test]
fn at_62_no_word_of_calls_and_inputs_leads_off_the_table() {
    let (mut reached, mut taken) = (BTreeMap::new(), [0, 0]);
    for profile in every_profile() {
        // A handshake of Telegram takes a hundred times as long.
        let words = if matches!(profile, Profile::Bound(_)) { 1_200 } else { 25 };
        for seed in 0..words {
            let rng = &mut Seeded::new(seed);
            let mut alice = Chat::request(profile.alice(), &mut env_at(0, rng)).unwrap();
            let request = request_of(&mut alice);
            let mut bob = Invitation::parse(&request, profile.bob()).unwrap().accept(&mut env_at(0, rng)).unwrap();
            let answer = accept_of(&mut bob);
            let mut ends = [alice, bob];
            let mut heard = [vec![], vec![]];
            let mut now = 0;
            for _ in 0..40 {
                let (end, step) = (usize::try_from(rng.next_u32() % 2).unwrap(), rng.next_u32() % 30);
                now += u64::from(rng.next_u32() % 3) * 60_000;
                let before = ends[end].state();
                taken[usize::from(one_step(&mut ends[end], step, &heard[end], &answer, now, rng))] += 1;
                let after = ends[end].state();
                assert!(stage(after) >= stage(before), "{profile:?} {seed}: {before:?} to {after:?} by {step}");
                for output in outputs(&mut ends[end]) {
                    let Output::Transmit(transmit) = output else { continue };
                    match transmit.kind {
                        TransmitKind::Ciphertext { bytes, .. } => {
                            assert_ne!(stage(before), 2, "{profile:?} {seed}: a message of a chat that is over");
                            heard[1 - end].push(bytes);
                        }
                        TransmitKind::Accept { public, fingerprint, .. } => {
                            assert!((&public, &fingerprint) == (&answer.0, &answer.1));
                        }
                        _ => {}
                    }
                }
                *reached.entry((stage(before), stage(after))).or_insert(0) += 1;
            }
        }
    }
    assert!(reached.len() == 6 && reached.values().all(|times| *times > 20), "{reached:?}");
    assert!(taken.iter().all(|times| *times > 1_000), "{taken:?}");
}

/// A chat has no part that changes behind a shared reference, so no two calls are in it at once.
#[test]
fn at_63_calls_at_once_do_not_compile() {
    fn has_no_cell<T: RefUnwindSafe>() {}
    has_no_cell::<Chat>();
    // A call that changes a chat has it to itself.
    let _: fn(&mut Chat, &Draft, &mut secretchat::Env<'_>) -> _ = Chat::send;
    let _: fn(&mut Chat, Input<'_>, &mut secretchat::Env<'_>) -> _ = Chat::handle;
    let _: fn(&mut Chat, &mut secretchat::Env<'_>) -> _ = Chat::rekey;
    let _: fn(&mut Chat) -> _ = Chat::poll_output;
}

/// A host that makes calls for several tasks before it takes an output gets no number twice: whatever was sent and received in
/// between, each slot leaves with one content.
#[test]
fn at_63_no_slot_is_used_twice_however_calls_and_outputs_mix() {
    for profile in every_profile() {
        for seed in 0..20 {
            let mut two = Two::ready_in(profile);
            let rng = &mut Seeded::new(seed);
            let (mut slots, mut waiting, mut written) = (BTreeMap::new(), vec![], 0);
            for _ in 0..100 {
                match rng.next_u32() % 5 {
                    0 | 1 => {
                        two.alice.chat.send(&Draft::text(format!("{written}")), &mut env_at(0, rng)).unwrap();
                        written += 1;
                    }
                    2 => {
                        two.bob.chat.send(&Draft::text("and back"), &mut env_at(0, rng)).unwrap();
                        two.bob.drain();
                        for bytes in std::mem::take(&mut two.bob.outgoing) {
                            assert_eq!(
                                two.alice.chat.handle(ciphertext(&bytes), &mut env_at(0, rng)),
                                Ok(Handled::Applied)
                            );
                        }
                    }
                    3 => {
                        for _ in 0..rng.next_u32() % 4 {
                            waiting.extend(two.alice.chat.poll_output());
                        }
                    }
                    _ => two.alice.chat.retransmit(&mut env_at(0, rng)),
                }
            }
            waiting.extend(outputs(&mut two.alice.chat));
            for output in waiting {
                if let Output::Transmit(transmit) = output
                    && let TransmitKind::Ciphertext { bytes, .. } = transmit.kind
                {
                    assert_eq!(*slots.entry(transmit.id).or_insert_with(|| bytes.clone()), bytes, "{:?}", transmit.id);
                }
            }
            for bytes in slots.into_values() {
                two.bob_gets(&bytes).unwrap();
            }
            two.bob.drain();
            let numbers: Vec<_> = (0..written).map(|number| number.to_string()).collect();
            assert_eq!(two.bob.texts(), numbers, "{profile:?} {seed}");
        }
    }
}

/// A link, a place, a contact or a page in a message makes a chat ask for nothing: what comes out is an event for the host, a
/// batch, and messages of this chat.
#[test]
fn at_78_nothing_is_fetched_because_of_a_message() {
    for profile in every_profile() {
        let place = GeoPoint { latitude: 48.5, longitude: -7.25 };
        let words = "look at https://example.org/preview";
        let drafts = [
            Draft::text(words).with_entities([
                Entity::new(EntityKind::Url, 8, 27),
                Entity::new(EntityKind::TextUrl("https://example.org/hidden".into()), 0, 4),
            ]),
            Draft::media(Media::WebPage(WebPage::new("https://example.org/page")), words),
            Draft::media(Media::GeoPoint(place), ""),
            Draft::media(Media::Venue(Venue::new(place, "hall", "street")), ""),
            Draft::media(Media::Contact(Contact::new("555", "Carol")), ""),
        ];
        let mut two = Two::ready_in(profile);
        for draft in drafts {
            two.alice.chat.send(&draft, &mut env_at(0, &mut two.rng)).unwrap();
            two.alice.drain();
            for bytes in std::mem::take(&mut two.alice.outgoing) {
                assert_eq!(two.bob_gets(&bytes), Ok(Handled::Applied));
            }
            let given = outputs(&mut two.bob.chat);
            assert!(given.iter().any(|output| matches!(output, Output::Event(_))), "{draft:?}");
            assert!(given.iter().all(|output| matches!(output, Output::Event(_) | Output::Persist(_))), "{given:?}");
        }
    }
}

/// And it could not: no source of the crate names a socket or another program.
#[cfg(feature = "std")]
#[test]
fn at_78_no_source_names_a_network() {
    fn read(folder: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut sources = vec![];
    read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    assert!(sources.len() > 100);
    let code = |text: &str| -> String {
        text.lines().filter(|line| !line.trim().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    for (path, text) in &sources {
        for name in ["std::net", "TcpStream", "UdpSocket", "UnixStream", "process::Command"] {
            assert!(!code(text).contains(name), "{path}: {name}");
        }
    }
}
