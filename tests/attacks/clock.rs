//! Clocks that are set, and timers that a peer or a new key would stretch (SPEC TIME-1, TIME-2, DES-1, DES-3).

use secretchat::hazmat::wire::{ActionSetMessageTTL, DecryptedMessageAction};
use secretchat::{Chat, Draft, Event, Handled, Output, RandomId, StoreKey, Ttl};

use crate::honest::Two;
use crate::support::forger::{Forger, service};
use crate::support::pair::{BOBS_STORE_KEY, ciphertext, env, env_at, outputs};
use crate::support::profile::every_profile;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const ID: RandomId = RandomId(58);

fn ttl(seconds: i32) -> Ttl {
    Ttl::from_seconds(seconds.try_into().unwrap()).unwrap()
}

/// Bob has read a text that lives for two minutes.
fn read_by_bob(two: &mut Two) {
    let draft = Draft::text("for a while").with_random_id(ID).with_ttl(ttl(120));
    two.alice.chat.send(&draft, &mut env_at(two.now, &mut two.rng)).unwrap();
    two.carry();
    two.bob.chat.mark_read(&[ID], &mut env_at(two.now, &mut two.rng)).unwrap();
    two.carry();
}

fn ends(chat: &mut Chat) -> usize {
    outputs(chat).iter().filter(|output| matches!(output, Output::Event(Event::Expired { random_id: ID, .. }))).count()
}

/// No new key gives a chat a timer, takes it away or changes it.
#[test]
fn at_58_new_keys_do_not_touch_the_timer_of_a_chat() {
    for profile in every_profile() {
        let mut two = Two::ready_in(profile);
        for of_the_chat in [Ttl::OFF, ttl(3_600)] {
            if of_the_chat != Ttl::OFF {
                two.alice.chat.set_ttl(of_the_chat, &mut env_at(two.now, &mut two.rng)).unwrap();
                two.carry();
            }
            for _ in 0..3 {
                two.renew();
                assert_eq!((two.alice.chat.ttl(), two.bob.chat.ttl()), (of_the_chat, of_the_chat), "{profile:?}");
            }
        }
    }
}

/// A clock that is set back an hour after the timer has begun costs the minute that nobody saw pass, once; one that stands
/// still ends nothing; one that jumps a century ends it at once, and once.
#[test]
fn at_58_a_clock_that_is_set_does_not_stretch_a_life() {
    for profile in every_profile() {
        let reading = || {
            let mut two = Two::ready_in(profile);
            two.now = 2 * HOUR;
            two.alice_says("the clock is seen");
            read_by_bob(&mut two);
            (two.bob.chat, two.rng)
        };

        let (mut back, mut rng) = reading();
        for (now, ended) in [(HOUR, 0), (HOUR + 2 * MINUTE - 1, 0), (HOUR + 2 * MINUTE, 1), (HOUR, 0)] {
            back.handle_timeout(&mut env_at(now, &mut rng));
            assert_eq!(ends(&mut back), ended, "{profile:?}: what is left is what was left");
        }

        let (mut still, mut rng) = reading();
        for _ in 0..10 {
            still.handle_timeout(&mut env_at(2 * HOUR, &mut rng));
        }
        assert_eq!(ends(&mut still), 0, "{profile:?}");

        let (mut ahead, mut rng) = reading();
        for _ in 0..2 {
            ahead.handle_timeout(&mut env_at(100 * 365 * 24 * HOUR, &mut rng));
        }
        assert_eq!((ends(&mut ahead), ahead.deadline(ID)), (1, None), "{profile:?}");
    }
}

/// What ended while no process ran is told before anything else that the next one says of it.
#[test]
fn at_58_a_life_that_ended_meanwhile_ends_with_the_restart() {
    for profile in every_profile() {
        let mut two = Two::ready_in(profile);
        read_by_bob(&mut two);
        let (records, key) = (two.bob.records(), StoreKey::new(BOBS_STORE_KEY));
        let env = &mut env_at(3 * MINUTE, &mut two.rng);
        let mut bob = Chat::restore(&records, &key, None, env).unwrap();
        assert!(bob.poll_timeout().is_some_and(|due| due <= env.now), "{profile:?}: it is due");
        assert!(bob.open_view(ID, env).is_err(), "{profile:?}");
        bob.handle_timeout(env);
        assert_eq!(ends(&mut bob), 1, "{profile:?}");
    }
}

/// A message that comes again does not begin a timer anew.
#[test]
fn at_58_a_repeated_message_does_not_begin_a_timer_anew() {
    for profile in every_profile() {
        let mut two = Two::ready_in(profile);
        read_by_bob(&mut two);
        let before = two.bob.chat.deadline(ID);
        assert!(before.is_some());
        two.now = MINUTE;
        for bytes in two.to_bob.clone() {
            assert_eq!(two.bob_gets(&bytes), Ok(Handled::Duplicate), "{profile:?}");
        }
        assert_eq!(two.bob.chat.deadline(ID), before, "{profile:?}");
        two.bob.chat.handle_timeout(&mut env_at(2 * MINUTE, &mut two.rng));
        assert_eq!(ends(&mut two.bob.chat), 1, "{profile:?}");
    }
}

/// The bounds of a timer that the peer names: below zero is none, beyond a year is a year.
#[test]
fn at_58_a_timer_of_the_peer_has_bounds() {
    const YEAR: i32 = 365 * 24 * 60 * 60;
    for (ttl_seconds, becomes) in [(-1, 0), (i32::MIN, 0), (0, 0), (1, 1), (YEAR, YEAR), (YEAR + 1, YEAR)] {
        let (mut forger, mut bob) = Forger::meet();
        let action = DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds });
        let sealed = forger.say_next(&service(action));
        assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Applied));
        let expected = if becomes == 0 { Ttl::OFF } else { ttl(becomes) };
        assert_eq!(bob.ttl(), expected, "{ttl_seconds}");
    }
}
