//! Attacks that no code can prevent, or that need no code: what is claimed about them, and what is not.

use secretchat::{Event, RandomId, Ttl};

use crate::honest::Two;
use crate::support::pair::env_at;
use crate::support::profile::every_profile;

const SECURITY: &str = include_str!("../../SECURITY.md");
const README: &str = include_str!("../../README.md");
const DOCUMENTS: [&str; 6] = [
    SECURITY,
    README,
    include_str!("../../SPEC.md"),
    include_str!("../../ARCHITECTURE.md"),
    include_str!("../../CHANGELOG.md"),
    include_str!("../../src/lib.rs"),
];

/// What the page does not claim.
fn not_claimed() -> Vec<&'static str> {
    let list = SECURITY.split("\n## What is not claimed\n").nth(1).unwrap().split("\n## ").next().unwrap();
    list.lines().filter_map(|line| line.strip_prefix("* ")).collect()
}

/// The published proofs are about another exchange of keys, with a server; that one is not here (SPEC 21).
#[test]
fn at_07_no_document_calls_the_protocol_proven() {
    assert!(not_claimed().contains(&"**No** proof of security of MTProto 2.0 for secret chats is known to us."));
    for words in ["proven secure", "provably", "unbreakable", "uncrackable", "military", "bank-grade", "nsa-proof"] {
        assert!(DOCUMENTS.iter().all(|document| !document.to_lowercase().contains(words)), "{words}");
    }
    // Neither RSA nor a login: no name of such an exchange is in the public API.
    for words in ["rsa", "auth_key", "login", "server_salt"] {
        assert!(!names_of_the_api().iter().any(|name| name == words), "{words}");
    }
}

/// A peer can find two messages of its own with one `msg_key` in 2^64 steps: a message proves nothing to a third person, and
/// nothing is offered for that.
#[test]
fn at_13_nothing_proves_to_others_who_wrote_a_message() {
    let line = "**No** deniability, **no** non-repudiation, **no** proof of authorship to others.";
    assert!(not_claimed().contains(&line));
    for words in ["sign", "signature", "franking", "franked", "authorship", "attest", "attestation", "witness"] {
        assert!(!names_of_the_api().iter().any(|name| name == words), "{words}");
    }
}

/// Words of the names in the public API.
fn names_of_the_api() -> Vec<String> {
    let list = include_str!("../../api/secretchat.txt").replace(|c: char| !c.is_ascii_alphanumeric(), " ");
    let mut words: Vec<String> = list.split(' ').map(str::to_ascii_lowercase).collect();
    assert!(["verification", "chat", "fingerprint"].iter().all(|word| words.iter().any(|name| name == word)));
    words.sort();
    words.dedup();
    words
}

/// A peer deletes or does not, and says nothing about it: Alice is told that her request was read, and nothing more.
#[test]
fn at_57_no_word_says_that_the_peers_copy_is_gone() {
    assert!(not_claimed().iter().any(|line| {
        line.starts_with("Deleting, screenshot notices, rights and timers are cooperative: a modified client")
    }));
    for profile in every_profile() {
        let mut two = Two::ready_in(profile);
        let draft = secretchat::Draft::text("delete this").with_random_id(RandomId(57)).with_ttl(Ttl::OFF);
        two.alice.chat.send(&draft, &mut env_at(0, &mut two.rng)).unwrap();
        two.carry();
        two.bob_says("I have it");
        two.alice.told.clear();
        two.alice.chat.delete(&[RandomId(57)], &mut env_at(0, &mut two.rng)).unwrap();
        two.carry();
        two.bob_says("and keep it");
        let told: Vec<_> = two.alice.told.iter().filter(|event| !matches!(event, Event::Message(_))).collect();
        assert!(told.iter().all(|event| matches!(event, Event::Acknowledged { .. })), "{profile:?} {told:?}");
    }
}

/// Traffic that is recorded today opens to a quantum computer of tomorrow, in two profiles; the table to choose by says so.
#[test]
fn at_76_recorded_traffic_is_said_to_be_open_to_a_later_quantum_computer() {
    let row =
        README.lines().find(|line| line.starts_with("| recorded traffic and a later quantum computer |")).unwrap();
    let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
    assert_eq!(cells[1..], ["secret as long as one of the two holds", "**not** secret", "**not** secret"]);
    let head = README.lines().find(|line| line.starts_with("| | `Config::hybrid` |")).unwrap();
    assert_eq!(head, "| | `Config::hybrid` | `Config::x25519` | `Config::telegram` |");
    assert!(not_claimed().iter().any(|line| {
        line.starts_with("**No** post-quantum security in the X25519 and Telegram profiles: a future quantum computer")
    }));
}
