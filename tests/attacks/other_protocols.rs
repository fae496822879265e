//! What broke other messengers: order that is not authentic, static keys, clear text.

use secretchat::hazmat::ige;
use secretchat::hazmat::kdf::{MsgKey, Offset};
use secretchat::{
    Chat, Draft, Handled, History, Input, Invitation, Output, PeerFault, RecordName, StoreKey, TransmitKind,
};

use crate::honest::Two;
use crate::support::forger::{Forger, text, wrap};
use crate::support::pair::{BOBS_STORE_KEY, accept_of, ciphertext, env, env_at, outputs, request_of};
use crate::support::profile::{Profile, every_profile};
use crate::support::rng::Seeded;
use crate::support::twin::{self, Twin};

fn offset(profile: Profile, forger: &Forger) -> Offset {
    match profile {
        Profile::Bound(_) => Offset::x25519(forger.role),
        #[cfg(feature = "telegram")]
        Profile::Telegram => Offset::telegram(forger.role),
    }
}

/// The length, the random bytes, the layer, both numbers, the id, the text and the padding of a message: a change of any byte
/// is found though it is encrypted under the right key, since all of it is in the hash.
#[test]
fn at_66_everything_that_decides_is_in_the_hash() {
    for profile in every_profile() {
        twin::unchanged(|twin| everything_is_in_the_hash(twin, profile));
    }
}

fn everything_is_in_the_hash(twin: &mut Twin, profile: Profile) {
    let (mut forger, mut bob) = profile.meet_forger();
    outputs(&mut bob);
    let sealed = forger.say_next(&text(7, "first this"));
    let x = offset(profile, &forger);
    let msg_key = MsgKey::from_bytes(sealed[8..24].try_into().unwrap());
    let (key, iv) = msg_key.aes_key_iv(&forger.chat_key, x);
    let mut plain = sealed[24..].to_vec();
    ige::decrypt(key.expose(), iv.expose(), plain.as_chunks_mut().0);
    assert_eq!(MsgKey::of(&forger.chat_key, x, &plain).to_bytes(), msg_key.to_bytes());
    twin.bad(&mut bob, |bob, env| {
        for bit in 0..plain.len() * 8 {
            let mut changed = plain.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            ige::encrypt(key.expose(), iv.expose(), changed.as_chunks_mut().0);
            let changed = [&sealed[..24], &changed].concat();
            assert_eq!(bob.handle(ciphertext(&changed), env), Err(PeerFault::NotAuthentic), "bit {bit}");
        }
    });
    assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Applied));
    twin.compare(&mut bob);
}

/// What was received is known after every restart, and a chat without that knowledge is none: no record of it can be left out.
#[test]
fn at_66_a_chat_does_not_come_back_without_what_it_has_received() {
    for profile in every_profile() {
        let mut two = Two::ready_in(profile);
        two.alice_says("once");
        two.bob.chat.send(&Draft::text("waits"), &mut env_at(0, &mut two.rng)).unwrap();
        two.bob.drain();
        let records = two.bob.records();
        let names: Vec<RecordName> = records.rows.iter().map(|(name, _)| *name).collect();
        assert!(
            names.contains(&RecordName::State) && names.contains(&RecordName::Keys) && names.len() > 2,
            "{names:?}"
        );
        for left_out in names {
            let mut fewer = records.clone();
            fewer.rows.retain(|(name, _)| *name != left_out);
            let key = StoreKey::new(BOBS_STORE_KEY);
            assert!(Chat::restore(&fewer, &key, None, &mut env(&mut two.rng)).is_err(), "{left_out:?}");
        }
        two.bob_restarts();
        let last = two.to_bob.last().unwrap().clone();
        assert_eq!(two.bob_gets(&last), Ok(Handled::Duplicate));
    }
}

/// Every agreement is fresh at both ends: the same two ends, asked again, share nothing with what they shared before.
#[test]
fn at_67_no_key_comes_from_what_stays() {
    for profile in every_profile() {
        twin::unchanged(|twin| {
            let rng = &mut Seeded::new(67);
            let mut seen = std::collections::BTreeSet::new();
            let mut meet = |rng: &mut Seeded| {
                let mut alice = Chat::request(profile.alice(), &mut env(rng)).unwrap();
                let request = request_of(&mut alice);
                let mut bob = Invitation::parse(&request, profile.bob()).unwrap().accept(&mut env(rng)).unwrap();
                let (answer, fingerprint) = accept_of(&mut bob);
                alice.handle(Input::accepted(&answer, fingerprint), &mut env(rng)).unwrap();
                let value = alice.verification().unwrap().to_bytes().to_vec();
                for fresh in [request, answer, fingerprint.to_bytes().to_vec(), value] {
                    assert!(seen.insert(fresh), "{profile:?}");
                }
                (alice, bob)
            };
            let (mut first, _) = meet(rng);
            let (mut alice, mut bob) = meet(rng);
            for _ in 0..5 {
                meet(rng);
            }
            outputs(&mut bob);
            outputs(&mut first);
            first.send(&Draft::text("of the first chat"), &mut env(rng)).unwrap();
            let stray = crate::support::pair::all_sealed(&mut first);
            twin.bad(&mut bob, |bob, env| {
                for sealed in &stray {
                    assert_eq!(bob.handle(ciphertext(sealed), env), Err(PeerFault::UnknownKey));
                }
            });
            for sealed in crate::support::pair::all_sealed(&mut alice) {
                bob.handle(ciphertext(&sealed), &mut env(rng)).unwrap();
            }
            twin.compare(&mut bob);
        });
    }
}

const CLEAR: &str = "this text never leaves in the clear";

/// All bytes that a chat wants carried.
fn carried(chat: &mut Chat) -> Vec<Vec<u8>> {
    let bytes = |output| match output {
        Output::Transmit(transmit) => match transmit.kind {
            TransmitKind::Request { public, .. } | TransmitKind::Accept { public, .. } => Some(public),
            TransmitKind::Ciphertext { bytes, .. } => Some(bytes),
            _ => None,
        },
        _ => None,
    };
    outputs(chat).into_iter().filter_map(bytes).collect()
}

/// In no state does a text leave as it is: it is sealed, or it is refused.
#[test]
fn at_70_no_state_sends_in_the_clear() {
    for profile in every_profile() {
        let rng = &mut Seeded::new(70);
        let mut left = vec![];
        let mut alice = Chat::request(profile.alice(), &mut env(rng)).unwrap();
        assert!(alice.send(&Draft::text(CLEAR), &mut env(rng)).is_err());
        let request = request_of(&mut alice);
        let mut bob = Invitation::parse(&request, profile.bob()).unwrap().accept(&mut env(rng)).unwrap();
        let (answer, fingerprint) = accept_of(&mut bob);
        // In the Telegram profile Bob may write already.
        let early = bob.send(&Draft::text(CLEAR), &mut env(rng)).is_ok();
        assert_eq!(early, !matches!(profile, Profile::Bound(_)));
        left.extend(carried(&mut bob));
        alice.handle(Input::accepted(&answer, fingerprint), &mut env(rng)).unwrap();
        alice.send(&Draft::text(CLEAR), &mut env(rng)).unwrap();
        alice.rekey(&mut env(rng)).unwrap();
        alice.send(&Draft::text(CLEAR), &mut env(rng)).unwrap();
        alice.retransmit(&mut env(rng));
        alice.close(History::Keep, &mut env(rng));
        left.extend(carried(&mut alice));
        assert!(alice.send(&Draft::text(CLEAR), &mut env(rng)).is_err());
        left.extend(carried(&mut alice));
        assert!(left.len() >= 5 && left.iter().map(Vec::len).sum::<usize>() > 5 * CLEAR.len());
        assert!(
            !left.iter().any(|bytes| bytes.windows(10).any(|part| CLEAR.as_bytes().windows(10).any(|c| c == part)))
        );
    }
}

/// A message that is not encrypted is not read, whatever stands in front of it: nothing, no name of a key, the right name, and
/// even the right hash.
#[test]
fn at_70_nothing_is_read_in_the_clear() {
    for profile in every_profile() {
        twin::unchanged(|twin| {
            let (mut forger, mut bob) = profile.meet_forger();
            outputs(&mut bob);
            let body = wrap(forger.around(), &text(7, CLEAR));
            let mut plain = u32::try_from(body.len()).unwrap().to_le_bytes().to_vec();
            plain.extend(&body);
            plain.resize((plain.len() + 12).next_multiple_of(16), 0x5a);
            let name = forger.fingerprint.to_bytes();
            let hash = MsgKey::of(&forger.chat_key, offset(profile, &forger), &plain).to_bytes();
            twin.bad(&mut bob, |bob, env| {
                for clear in [
                    body.clone(),
                    text(7, CLEAR),
                    [&[0; 8][..], &body].concat(),
                    [&[0; 24][..], &plain].concat(),
                    [&name[..], &body].concat(),
                    [&name[..], &[0; 16], &plain].concat(),
                    [&name[..], &hash, &plain].concat(),
                ] {
                    let handled = bob.handle(ciphertext(&clear), env);
                    assert!(matches!(handled, Err(PeerFault::UnknownKey | PeerFault::NotAuthentic)), "{handled:?}");
                }
            });
            let sealed = forger.say_next(&text(7, "sealed"));
            assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Applied));
            twin.compare(&mut bob);
        });
    }
}
