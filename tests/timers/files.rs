//! The files that go with messages that end or are deleted, by name, over restarts too (SPEC DES-15, ACT-2, LIM-3).

use secretchat::hazmat::wire::{ActionDeleteMessages, ActionReadMessages, DecryptedMessageAction, Vector};
use secretchat::{Draft, Event, IncomingFile, Input, Output, RandomId};

use crate::support::forger::{Forger, service};
use crate::support::pair::{BOBS_STORE_KEY, env, env_at};
use crate::support::rng::Seeded;
use crate::support::timed::{Kept, SECOND, on_the_wire, photo, text, ttl};

/// What was told to have ended, and the names of files with it.
type Ended = Vec<(RandomId, Option<Vec<u8>>)>;

fn kept() -> (Forger, Kept) {
    let (forger, bob, batches) = Forger::meet_and_keep();
    (forger, Kept::new(bob, &batches, BOBS_STORE_KEY))
}

/// A text of the peer, with a timer or none, and a file beside it.
fn arrives(forger: &mut Forger, bob: &mut Kept, id: i64, seconds: i32, file: &[u8]) {
    let sealed = forger.say_next(&on_the_wire(id, seconds, None));
    let input = Input::ciphertext(&sealed, Some(IncomingFile::new(file)), None);
    bob.chat.handle(input, &mut env(&mut Seeded::new(9))).unwrap();
    bob.outputs();
}

fn ended(bob: &mut Kept, millis: u64) -> Ended {
    bob.chat.handle_timeout(&mut env_at(millis, &mut Seeded::new(8)));
    let told = bob.outputs().into_iter().filter_map(|output| match output {
        Output::Event(Event::Expired { random_id, file, .. }) => Some((random_id, file)),
        _ => None,
    });
    told.collect()
}

fn deleted(forger: &mut Forger, bob: &mut Kept, ids: &[i64]) -> Vec<(RandomId, Vec<u8>)> {
    let random_ids = Vector::new(ids).unwrap();
    let action = DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids });
    forger.give_next(&mut bob.chat, &service(action));
    let told = bob.outputs().into_iter().find_map(|output| match output {
        Output::Event(Event::Deleted { files, .. }) => Some(files),
        _ => None,
    });
    told.unwrap()
}

#[test]
fn what_ends_names_its_file_also_after_a_restart() {
    for restart in [false, true] {
        let (mut forger, mut bob) = kept();
        let rng = &mut Seeded::new(3);
        arrives(&mut forger, &mut bob, 1, 30, b"theirs");
        arrives(&mut forger, &mut bob, 2, 30, &[7; 1024]);
        arrives(&mut forger, &mut bob, 3, 30, &[7; 1025]);
        arrives(&mut forger, &mut bob, 4, 30, b"");
        forger.give_next(&mut bob.chat, &on_the_wire(5, 30, None));
        let own = photo(ttl(30)).with_random_id(RandomId(6)).with_file("ours");
        bob.chat.send(&own, &mut env(rng)).unwrap();
        bob.chat.send(&text(ttl(30)).with_random_id(RandomId(7)), &mut env(rng)).unwrap();
        bob.chat.mark_read(&[1, 2, 3, 4, 5].map(RandomId), &mut env(rng)).unwrap();
        bob.outputs();
        let ids = [6, 7];
        let read = ActionReadMessages { random_ids: Vector::new(&ids).unwrap() };
        forger.give_next(&mut bob.chat, &service(DecryptedMessageAction::ReadMessages(read)));
        bob.outputs();
        if restart {
            bob.restart(0, rng);
        }
        let files = [Some(&b"theirs"[..]), Some(&[7; 1024]), None, None, None, Some(b"ours"), None];
        let expected: Ended = (1..).map(RandomId).zip(files).map(|(id, file)| (id, file.map(<[u8]>::to_vec))).collect();
        assert_eq!(ended(&mut bob, 31 * SECOND), expected, "{restart}");
        assert_eq!(ended(&mut bob, 99 * SECOND), [], "once");
        assert_eq!(deleted(&mut forger, &mut bob, &[1, 6]), [], "they have ended");
    }
}

#[test]
fn what_is_deleted_names_the_files_that_are_known() {
    for restart in [false, true] {
        let (mut forger, mut bob) = kept();
        let rng = &mut Seeded::new(3);
        arrives(&mut forger, &mut bob, 1, 30, b"timed");
        arrives(&mut forger, &mut bob, 2, 0, b"the host alone knows it");
        bob.chat.send(&Draft::text("a").with_random_id(RandomId(3)).with_file("on its way"), &mut env(rng)).unwrap();
        bob.chat.send(&photo(ttl(30)).with_random_id(RandomId(4)).with_file("both"), &mut env(rng)).unwrap();
        bob.outputs();
        if restart {
            bob.restart(0, rng);
        }
        let files = deleted(&mut forger, &mut bob, &[4, 99, 3, 2, 1, 4, 1]);
        let expected = [(1, &b"timed"[..]), (3, b"on its way"), (4, b"both")];
        assert_eq!(files, expected.map(|(id, file)| (RandomId(id), file.to_vec())), "{restart}");
        assert_eq!(deleted(&mut forger, &mut bob, &[1, 3, 4]), [], "once");
    }
}
