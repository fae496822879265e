//! A chat leaves no secret on the stack below its caller, in memory that it gives back, or in memory that it keeps
//! longer than the secret (SPEC REKEY-4, HYB-7, DES-7, DES-10, DES-11, EXP-2, CLOSE-1).

mod exchanges;
#[path = "../../../../tests/support/key_watch.rs"]
#[allow(dead_code)] // The tests of `secretchat` use the rest.
mod key_watch;
mod learning;
mod lives;
mod old_peer;
#[path = "../../../../tests/support/old_protocol.rs"]
mod old_protocol;
mod planted;
mod sealing;
mod searching;
mod story;

use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use key_traces::Heap;

use learning::{Learned, secrets_of};
use lives::Life;
use searching::{Found, Searcher, search};
use story::Kind;

#[global_allocator]
static HEAP: Heap = Heap::new();

const KINDS: [Kind; 3] = [Kind::X25519, Kind::Hybrid, Kind::Telegram];

#[test]
fn fa_37_a_chat_leaves_no_secret_behind() {
    for kind in KINDS {
        let Found { traces, unseen } = with_secrets(kind, move |learned| search(&HEAP, kind, learned));
        assert!(traces.is_empty(), "{} traces:\n{}", traces.len(), traces.join("\n"));
        // So each check fails before its life is over.
        assert!(unseen.is_empty(), "never seen where they may be:\n{}", unseen.join("\n"));
    }
}

#[test]
fn the_search_finds_each_secret_in_each_place() {
    for kind in KINDS {
        let missed = with_secrets(kind, |learned| planted::missed(&HEAP, &learned.secrets));
        assert!(missed.is_empty(), "{kind:?}: {} leaks are not found:\n{}", missed.len(), missed.join("\n"));
    }
}

#[test]
fn a_secret_that_is_kept_is_found_when_its_life_is_over() {
    let of_each = [
        ("draw 0 of request 0", Life::Handshake),
        ("draw 0 of answer 2", Life::Handshake),
        ("key of message 9", Life::Handshake),
        ("chat key 0", Life::FirstRekey),
        ("draw 0 of request 1", Life::FirstRekey),
        ("chat key 1", Life::SecondRekey),
        ("file key of View", Life::View),
        ("a preview of View", Life::View),
        ("file key of ViewOnce", Life::ViewOnce),
        ("a preview of ViewOnce", Life::ViewOnce),
        ("file key of Deletion", Life::Deletion),
        ("a preview of Deletion", Life::Deletion),
        ("file iv of Flush", Life::Flush),
        ("a preview of Flush", Life::Flush),
        ("chat key 2", Life::Close),
        ("a text that waits", Life::Close),
        ("record key", Life::Drop),
    ];
    let of_bound = [
        ("root 1", Life::Handshake),
        ("chain 0", Life::FirstRekey),
        ("initiator's discard key 1", Life::SecondRekey),
        ("a hidden text of View", Life::View),
        ("a hidden text of ViewOnce", Life::ViewOnce),
        ("a hidden text of Deletion", Life::Deletion),
        ("a hidden text of Flush", Life::Flush),
        ("responder's discard key 2", Life::Close),
    ];
    let of_exporting = [
        ("exported secret 0", Life::Handshake),
        ("exporter 0", Life::FirstRekey),
        ("exporter 1", Life::SecondRekey),
        ("exporter 2", Life::Forget),
    ];
    let of_not_exporting = [("exporter 0", Life::Handshake), ("exporter 2", Life::Handshake)];
    let of_telegram = [
        ("draw 0 of request 3", Life::OldProtocol),
        ("chat key 3", Life::OldProtocol),
        ("key of old message 1", Life::Handshake),
    ];
    for kind in KINDS {
        let expected = match kind {
            Kind::Telegram => [&of_each[..], &of_telegram].concat(),
            Kind::X25519 => [&of_each[..], &of_bound, &of_not_exporting].concat(),
            Kind::Hybrid => [&of_each[..], &of_bound, &of_exporting].concat(),
        };
        with_secrets(kind, move |Learned { secrets, .. }| {
            let mut searcher = Searcher::new(&HEAP, secrets);
            for (name, life) in expected {
                assert_eq!(planted::first_reported(&mut searcher, secrets, name), Some(life), "{kind:?}: {name}");
            }
        });
    }
}

/// Works with the secrets of a story. Only one test at a time has any: each would find those of the others.
fn with_secrets<R: Send + 'static>(kind: Kind, work: impl FnOnce(&Learned) -> R + Send + 'static) -> R {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let learned = apart(move || secrets_of(kind));
    apart(move || work(&learned))
}

/// Works in a thread of its own, whose stack nobody else has used. The thread stays, because the next one would get its stack with
/// all that this one computed.
fn apart<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, result) = mpsc::channel();
    let stays = move || {
        done.send(work()).unwrap();
        loop {
            thread::park();
        }
    };
    thread::Builder::new().stack_size(4 << 20).spawn(stays).unwrap();
    result.recv().unwrap()
}
