//! Records that come back, and generators that fail (SPEC RNG-1 to RNG-4, REC-6).

use std::panic::{AssertUnwindSafe, catch_unwind};

use secretchat::{Chat, Draft, Env, Handled, History, Invitation, StoreKey, Ttl};

use crate::honest::{ALICES_STORE_KEY, Two};
use crate::support::pair::{all_sealed, ciphertext, env, env_at, outputs, request_of};
use crate::support::profile::{Profile, every_profile};
use crate::support::rng::{Failing, Seeded};
use crate::support::twin::{self, Twin};

/// A snapshot is restored with its generator: one text gives one message, two texts give messages that share no block.
#[test]
fn at_44_a_generator_that_repeats_shows_equal_messages_and_no_more() {
    for profile in every_profile() {
        let records = Two::ready_in(profile).alice.records();
        let sends = |text: &str| {
            let rng = &mut Seeded::new(44);
            let mut alice = Chat::restore(&records, &StoreKey::new(ALICES_STORE_KEY), None, &mut env(rng)).unwrap();
            alice.send(&Draft::text(text), &mut env(rng)).unwrap();
            all_sealed(&mut alice).pop().unwrap()
        };
        let [first, again, other] = ["attack at dawn", "attack at dawn", "attack at dusk"].map(sends);
        assert_eq!(first, again);
        assert_eq!((first.len(), &first[..8]), (other.len(), &other[..8]), "of one key and one class");
        let blocks = |sealed: &[u8]| sealed[8..].as_chunks::<16>().0.to_vec();
        assert!(blocks(&first).iter().all(|block| !blocks(&other).contains(block)), "{profile:?}");
    }
}

/// Makes a call with a generator that dies at one draw. Returns whether it died.
fn dies(draw: u32, env: &Env<'_>, call: impl FnOnce(&mut Env<'_>)) -> bool {
    let (now, mut rng) = (env.now, Failing::after(draw));
    catch_unwind(AssertUnwindSafe(|| call(&mut Env::new(now, &mut rng)))).is_err()
}

type Call = (&'static str, fn(&mut Chat, &[u8], &mut Env<'_>));

/// Calls of a chat that is ready, with a RequestKey of its peer.
const CALLS: [Call; 6] = [
    ("send", |alice, _, env| assert!(alice.send(&Draft::text("x"), env).is_ok())),
    ("set_ttl", |alice, _, env| assert!(alice.set_ttl(Ttl::from_seconds(9).unwrap(), env).is_ok())),
    ("flush_history", |alice, _, env| assert!(alice.flush_history(env).is_ok())),
    ("rekey", |alice, _, env| assert!(alice.rekey(env).is_ok())),
    ("close", |alice, _, env| alice.close(History::Keep, env)),
    ("RequestKey", |alice, asked, env| assert_eq!(alice.handle(ciphertext(asked), env), Ok(Handled::Applied))),
];

fn ready_and_asked(profile: Profile) -> (Two, Vec<u8>) {
    let mut two = Two::ready_in(profile);
    two.bob.chat.rekey(&mut env_at(0, &mut two.rng)).unwrap();
    two.bob.drain();
    let asked = two.bob.outgoing.pop().unwrap();
    (two, asked)
}

/// A generator that dies, at whichever draw of whichever call, leaves a chat as it was; where there is none yet, none begins.
#[test]
fn at_47_a_generator_that_dies_at_any_draw_changes_nothing() {
    for profile in every_profile() {
        let rng = &mut Seeded::new(47);
        let request = request_of(&mut Chat::request(profile.alice(), &mut env(rng)).unwrap());
        assert!(dies(0, &env(rng), |env| drop(Chat::request(profile.alice(), env))));
        let invitation = Invitation::parse(&request, profile.bob()).unwrap();
        assert!(dies(0, &env(rng), |env| drop(invitation.accept(env))));
        twin::unchanged(|twin| a_generator_that_dies(twin, profile));
    }
}

fn a_generator_that_dies(twin: &mut Twin, profile: Profile) {
    let (mut two, asked) = ready_and_asked(profile);
    for (name, call) in CALLS {
        // At how many draws it may die is seen with another chat, since the one that does not die takes effect.
        let (mut other, same) = ready_and_asked(profile);
        let mut draws = 0;
        while dies(draws, &env_at(0, &mut Seeded::new(1)), |env| call(&mut other.alice.chat, &same, env)) {
            draws += 1;
        }
        assert!((1..=12).contains(&draws), "{profile:?} {name}: {draws}");
        twin.bad(&mut two.alice.chat, |alice, env| {
            for draw in 0..draws {
                assert!(dies(draw, env, |env| call(alice, &asked, env)), "{name}");
                assert!(outputs(alice).is_empty(), "{name}");
            }
        });
    }
    assert_eq!(two.alice.chat.handle(ciphertext(&asked), &mut env_at(0, &mut two.rng)), Ok(Handled::Applied));
    twin.compare(&mut two.alice.chat);
}
