//! What its sender hides leaves nothing in memory that is given back (SPEC DES-14).

use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::{Chat, Draft, Event, Input, Invitation, RandomId, StoreKey, TransmitKind, Ttl};

use crate::allocator::in_freed_blocks;
use crate::support::pair::{self, BOBS_STORE_KEY, Pair, ciphertext, env, env_at};
use crate::support::rng::Seeded;

/// Like nothing else that is in memory.
const WORDS: &str = "meet me behind the old observatory at nine";
const LOOKED_FOR: &[&[u8]] = &[WORDS.as_bytes()];
const ID: RandomId = RandomId(21);

type Bob = Driver<MemoryStore>;

fn actions(bob: &mut Bob) -> Vec<Action> {
    std::iter::from_fn(|| bob.next_action().unwrap()).collect()
}

/// A receiver, and the sealed messages that it has not got yet.
fn arriving(rng: &mut Seeded) -> (Bob, Vec<Vec<u8>>) {
    let mut alice = Chat::request(Pair::alice_config(), &mut env(rng)).unwrap();
    let public = pair::request_of(&mut alice);
    let bob = Invitation::parse(&public, Pair::bob_config()).unwrap().accept(&mut env(rng)).unwrap();
    let mut bob = Driver::new(bob, MemoryStore::default());
    let accept = actions(&mut bob).into_iter().find_map(|action| match action {
        Action::Transmit(transmit) => Some(transmit.kind),
        _ => None,
    });
    let Some(TransmitKind::Accept { public, fingerprint, .. }) = accept else { panic!("an acceptance") };
    alice.handle(Input::accepted(&public, fingerprint), &mut env(rng)).unwrap();
    let draft = Draft::text(WORDS).with_random_id(ID).with_ttl(Ttl::from_seconds(60).unwrap()).hidden();
    alice.send(&draft, &mut env(rng)).unwrap();
    (bob, pair::all_sealed(&mut alice))
}

/// From the sealed message to the deadline, over a restart.
fn life((mut bob, sealed): (Bob, Vec<Vec<u8>>), rng: &mut Seeded) -> Bob {
    for bytes in sealed {
        bob.handle(ciphertext(&bytes), None, &mut env(rng)).unwrap();
        actions(&mut bob);
    }
    let id = bob.chat().id().unwrap();
    let (_, store) = bob.into_parts();
    let mut bob = Driver::restore(store, id, &StoreKey::new(BOBS_STORE_KEY), None, &mut env(rng)).unwrap();
    bob.act(&mut env(rng), |chat, env| chat.open_view(ID, env)).unwrap();
    let said = actions(&mut bob).into_iter().find_map(|action| match action {
        Action::Event(Event::Opened { content, .. }) => content.map(|content| content.content().text == WORDS),
        _ => None,
    });
    assert_eq!(said, Some(true));
    bob.handle_timeout(&mut env_at(60_000, rng)).unwrap();
    let ended = actions(&mut bob).iter().any(|action| matches!(action, Action::Event(Event::Expired { .. })));
    assert!(ended);
    bob
}

#[test]
fn the_words_of_a_hidden_message_are_wiped() {
    let rng = &mut Seeded::new(21);
    let arriving = arriving(rng);
    assert_eq!(in_freed_blocks(LOOKED_FOR, || WORDS.to_owned()).found, 1, "the detector finds what is not wiped");
    let seen = in_freed_blocks(LOOKED_FOR, || life(arriving, rng));
    assert_eq!(seen.found, 0);
    assert!(seen.looked_at > 10_000);
}
