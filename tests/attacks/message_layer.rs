//! Messages that come again, or changed (SPEC SEQ-3, ENV-1 to ENV-4), and what their lengths tell (ENV-2).

use rand_core::Rng;
use secretchat::{Chat, Draft, Handled, PeerFault, StoreKey};

use crate::honest::{ALICES_STORE_KEY, Two};
use crate::support::pair::{all_sealed, ciphertext, env, env_at};
use crate::support::profile::{Profile, every_profile};
use crate::support::rng::Seeded;
use crate::support::twin::{self, Twin};

/// Everything that ever reached Bob reaches him again: after each message, after new keys, and after restarts.
#[test]
fn at_09_a_replay_is_never_anything() {
    for profile in every_profile() {
        twin::unchanged(|twin| a_replay_is_never_anything(twin, profile));
    }
}

fn a_replay_is_never_anything(twin: &mut Twin, profile: Profile) {
    let mut two = Two::ready_in(profile);
    for round in 0..3 {
        for n in 0..20 {
            two.alice_says(&format!("{round} {n}"));
            everything_again(twin, &mut two);
        }
        two.bob_says("yes");
        assert_eq!(two.bob.texts().len(), if round == 0 { 20 } else { 22 });
        everything_again(twin, &mut two);
        two.bob_restarts();
        everything_again(twin, &mut two);
        two.renew();
    }
    // Of the first keys nothing opens any more.
    let first = two.to_bob[1].clone();
    assert_eq!(two.bob_gets(&first), Err(PeerFault::UnknownKey));
    twin.records(&two.bob.records());
    twin.compare(&mut two.bob.chat);
}

fn everything_again(twin: &mut Twin, two: &mut Two) {
    let all = two.to_bob.clone();
    twin.idle(&mut two.bob.chat, |bob, env| {
        for (place, bytes) in all.iter().enumerate() {
            let handled = bob.handle(ciphertext(bytes), env);
            let is_nothing = matches!(handled, Ok(Handled::Duplicate) | Err(PeerFault::UnknownKey));
            assert!(is_nothing, "{place} of {}: {handled:?}", all.len());
        }
    });
}

/// Every bit changed, every length cut, up to 64 bytes behind the end, blocks that change places, and noise of all lengths: all
/// of it is refused alike, nothing is answered, and the true message is taken once.
#[test]
fn at_17_every_flip_and_truncation_of_a_ciphertext_is_refused_and_changes_nothing() {
    for profile in every_profile() {
        twin::unchanged(|twin| every_change_is_refused(twin, profile));
    }
}

fn every_change_is_refused(twin: &mut Twin, profile: Profile) {
    let mut two = Two::ready_in(profile);
    let draft = Draft::text("a text of some length, to have a few blocks in the message");
    two.alice.chat.send(&draft, &mut env_at(0, &mut two.rng)).unwrap();
    two.alice.drain();
    let sealed = two.alice.outgoing.pop().unwrap();
    let name = sealed[..8].to_vec();
    twin.bad(&mut two.bob.chat, |bob, env| {
        let mut refused = |bytes: &[u8], what: &str| {
            let other_name = bytes.len() >= 8 && bytes[..8] != name;
            let handled = bob.handle(ciphertext(bytes), env);
            let unknown = handled == Err(PeerFault::UnknownKey);
            assert!(handled == Err(PeerFault::NotAuthentic) || unknown && other_name, "{what}: {handled:?}");
        };
        for bit in 0..sealed.len() * 8 {
            let mut bytes = sealed.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            refused(&bytes, &format!("bit {bit}"));
        }
        for length in 0..sealed.len() {
            refused(&sealed[..length], &format!("{length} bytes"));
        }
        let last = &sealed[sealed.len() - 16..];
        for more in 1..=64 {
            refused(&[&sealed, &last.repeat(4)[..more]].concat(), "the last block again");
            refused(&[&sealed, &[0x3c; 64][..more]].concat(), "more");
        }
        for at in (24..sealed.len() - 16).step_by(16) {
            let (first, second) = (&sealed[at..at + 16], &sealed[at + 16..at + 32]);
            refused(&[&sealed[..at], second, first, &sealed[at + 32..]].concat(), "two blocks");
        }
        refused(&vec![0; 1 << 20], "over the bound");
        let rng = &mut Seeded::new(17);
        for n in 0..20_000_u32 {
            let mut noise = vec![0; usize::try_from(rng.next_u32() % 300).unwrap()];
            rng.fill_bytes(&mut noise);
            if n % 2 == 0 && noise.len() >= 8 {
                noise[..8].copy_from_slice(&name);
            }
            refused(&noise, "noise");
        }
    });
    twin.bad(&mut two.alice.chat, |alice, env| {
        assert_eq!(alice.handle(ciphertext(&sealed), env), Err(PeerFault::NotAuthentic), "its own, mirrored");
    });
    assert_eq!(two.bob_gets(&sealed), Ok(Handled::Applied));
    twin.take(&mut two.bob.chat);
    twin.idle(&mut two.bob.chat, |bob, env| assert_eq!(bob.handle(ciphertext(&sealed), env), Ok(Handled::Duplicate)));
    twin.compare(&mut two.bob.chat);
    twin.compare(&mut two.alice.chat);
}

/// A length shows the class of a text and nothing else (SPEC ENV-2, the classes of TDLib).
#[test]
fn at_61_texts_of_one_class_have_one_length() {
    for profile in every_profile() {
        let records = Two::ready_in(profile).alice.records();
        let mut lengths = vec![];
        for length in 1..=900 {
            let rng = &mut Seeded::new(length);
            let mut alice = Chat::restore(&records, &StoreKey::new(ALICES_STORE_KEY), None, &mut env(rng)).unwrap();
            alice.send(&Draft::text("x".repeat(usize::try_from(length).unwrap())), &mut env(rng)).unwrap();
            lengths.push(all_sealed(&mut alice).pop().unwrap().len() - 24);
        }
        assert!(lengths.is_sorted());
        lengths.dedup();
        assert_eq!(lengths, [128, 192, 256, 384, 512, 768, 1024], "{profile:?}");
    }
}
