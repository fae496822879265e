//! A chat that is over keeps no key, whoever ended it (SPEC CLOSE-1 to CLOSE-3).

use secretchat::store::Store;
use secretchat::{
    Chat, ChatState, Draft, Env, Handled, History, Output, RandomId, RecordName, StoreKey, TransmitKind, Ttl,
    TypingAction, Unavailable,
};

use crate::honest::{ALICES_STORE_KEY, End, Two};
use crate::support::key_watch::KeyWatch;
use crate::support::pair::{BOBS_STORE_KEY, ciphertext, env, input_of};
use crate::support::profile::{Profile, every_profile};

type Call = (&'static str, fn(&mut Chat, &mut Env<'_>) -> bool);

/// Everything that needs a key; each says whether it did what a chat that is over does.
const CALLS: [Call; 10] = [
    ("send", |chat, env| chat.send(&Draft::text("x"), env) == Err(Unavailable::ChatClosed.into())),
    ("rekey", |chat, env| chat.rekey(env) == Err(Unavailable::ChatClosed.into())),
    ("set_ttl", |chat, env| chat.set_ttl(Ttl::from_seconds(9).unwrap(), env) == Err(Unavailable::ChatClosed.into())),
    ("mark_read", |chat, env| chat.mark_read(&[RandomId(60)], env) == Err(Unavailable::ChatClosed.into())),
    ("open_view", |chat, env| chat.open_view(RandomId(60), env) == Err(Unavailable::ChatClosed.into())),
    ("delete", |chat, env| chat.delete(&[RandomId(60)], env) == Err(Unavailable::ChatClosed.into())),
    ("flush_history", |chat, env| chat.flush_history(env) == Err(Unavailable::ChatClosed.into())),
    ("typing", |chat, env| chat.typing(TypingAction::Typing, env) == Err(Unavailable::ChatClosed.into())),
    // There is nothing to acknowledge, so this is no error.
    ("acknowledge", |chat, env| chat.acknowledge(env).is_ok()),
    ("export_secret", |chat, _| chat.export_secret::<32>(b"label", b"").err() == Some(Unavailable::ChatClosed.into())),
];

/// A chat in use, with the secrets of its second key, ended by this end or by the other.
#[test]
fn at_60_a_chat_that_is_over_has_no_key_and_refuses_every_call() {
    for profile in every_profile() {
        for history in [History::Keep, History::Delete] {
            let mut two = Two::ready_in(profile);
            two.alice_says("before");
            two.renew();
            let draft = Draft::text("timed").with_random_id(RandomId(60)).with_ttl(Ttl::from_seconds(60).unwrap());
            two.alice.chat.send(&draft, &mut env(&mut two.rng)).unwrap();
            two.carry();
            let late = two.to_bob.clone();
            let secrets =
                [(&two.alice, ALICES_STORE_KEY), (&two.bob, BOBS_STORE_KEY)].map(|(end, key)| secrets_of(end, key));

            two.alice.chat.close(history, &mut env(&mut two.rng));
            let discards = two.alice.drain();
            let discard = discards.iter().find_map(|output| match output {
                Output::Transmit(transmit) if matches!(transmit.kind, TransmitKind::Discard { .. }) => Some(transmit),
                _ => None,
            });
            let handled = two.bob.chat.handle(input_of(discard.unwrap()), &mut env(&mut two.rng));
            assert_eq!(handled, Ok(Handled::ChatClosed), "{profile:?}");
            two.bob.drain();

            for ((end, key), secrets) in
                [(&mut two.alice, ALICES_STORE_KEY), (&mut two.bob, BOBS_STORE_KEY)].into_iter().zip(secrets)
            {
                is_over(end, key, &secrets, profile);
                for bytes in &late {
                    let handled = end.chat.handle(ciphertext(bytes), &mut env(&mut two.rng));
                    assert_eq!(handled, Ok(Handled::Ignored), "{profile:?}: nothing opens");
                }
                for (name, call) in CALLS {
                    assert!(call(&mut end.chat, &mut env(&mut two.rng)), "{profile:?} {name}");
                }
                assert!(end.drain().is_empty() && end.outgoing.is_empty(), "{profile:?}");
            }
        }
    }
}

/// What the records of an end held of keys.
fn secrets_of(end: &End, key: [u8; 32]) -> Vec<Vec<u8>> {
    let mut watch = KeyWatch::new(StoreKey::new(key));
    let records = end.records();
    watch.apply(&secretchat::Batch {
        chat: records.chat,
        follows: None,
        checkpoint: records.checkpoint().unwrap(),
        put: records.rows,
        delete: vec![],
        destroys: false,
    });
    watch.secrets().cloned().collect()
}

fn is_over(end: &End, key: [u8; 32], secrets: &[Vec<u8>], profile: Profile) {
    let chat = &end.chat;
    assert!(matches!(chat.state(), ChatState::Closed(_)), "{profile:?}");
    assert_eq!((chat.key_fingerprint(), chat.deadline(RandomId(60))), (None, None), "{profile:?}");
    assert!(secrets.iter().any(|secret| secret.len() == 256), "{profile:?}: the chat key was found before");
    if let Some(records) = end.store.load(chat.id().unwrap()).unwrap() {
        assert!(!records.rows.iter().any(|(name, _)| matches!(name, RecordName::Keys | RecordName::State)));
        for plain in end.plain(key) {
            for part in secrets.iter().flat_map(|secret| secret.as_chunks::<16>().0) {
                assert!(!plain.windows(16).any(|window| window == part), "{profile:?}: a key in a record");
            }
        }
    }
}
