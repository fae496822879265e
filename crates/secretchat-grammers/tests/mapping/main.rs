//! Two chats over serialised calls and updates, and updates that nobody should believe.

macro_rules! env {
    ($rng:expr) => {
        &mut Env::new(now(0), $rng)
    };
}

mod pair;

use pair::{ALICE, BOB, KEY, Pair, deliver, hand, now, server_dh, texts, work};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{MemoryStore, Store};
use secretchat::{ChatState, CloseReason, Draft, Env, Event, Handled, History, PeerPolicy, StoreKey, TransmitId};
use secretchat_grammers::tl::{Serializable, enums, types};
use secretchat_grammers::{Answer, Asking, Failure, FileLocation, Incoming, ServerError, TelegramChat, Work};

#[test]
fn texts_files_reading_typing_and_the_end_go_both_ways() {
    let mut pair = Pair::ready();
    for text in ["one", "two", "three"] {
        pair.alice.send(&Draft::text(text), env!(&mut pair.rng)).unwrap();
        pair.bob.send(&Draft::text(text), env!(&mut pair.rng)).unwrap();
    }
    let (alice, bob) = pair.settle();
    assert_eq!((texts(&alice), texts(&bob)), (vec!["one", "two", "three"], vec!["one", "two", "three"]));

    let (key, sealed) = secretchat::media::seal(pair.alice.chat().file_form(), &[3; 20], &mut pair.rng).unwrap();
    let (k, iv) = key.parts();
    let fingerprint = secretchat::media::ChainKey::from_parts(*k, *iv).fingerprint();
    let mut upload = secretchat_grammers::Upload::new(sealed.len() as u64, fingerprint, now(0), &mut pair.rng).unwrap();
    let part = upload.next_part().unwrap();
    upload.saved(part.index);
    let name = upload.finish(None).unwrap().to_bytes();
    let photo = secretchat::Photo::new(90, 60, 20, key);
    pair.alice.send(&Draft::media(photo, "look").with_file(name), env!(&mut pair.rng)).unwrap();
    let (_, events) = pair.settle();
    let message = events.iter().find_map(|event| match event {
        Event::Message(message) => Some(message),
        _ => None,
    });
    let message = message.expect("a photo");
    let file = message.file.as_ref().unwrap();
    let location = FileLocation { id: 70, access_hash: 71, size: 32, dc_id: 2, fingerprint };
    assert_eq!(FileLocation::of_reference(&file.reference), Some(location));

    pair.bob.act(env!(&mut pair.rng), |chat, env| chat.mark_read_up_to(now(0), env)).unwrap();
    pair.bob.act(env!(&mut pair.rng), |chat, env| chat.typing(secretchat::TypingAction::Typing, env)).unwrap();
    let (events, _) = pair.settle();
    assert!(events.iter().any(|event| matches!(event, Event::ReadUpTo { max_date, .. } if *max_date == now(0))));
    assert!(events.iter().any(|event| matches!(event, Event::Typing { .. })));

    pair.bob.close(History::Delete, env!(&mut pair.rng));
    let (events, _) = pair.settle();
    assert!(events.iter().any(|event| matches!(event, Event::Closed { history: History::Delete, .. })));
    assert_eq!(pair.alice.chat().state(), ChatState::Closed(CloseReason::ByServerOrPeer));
}

#[test]
fn a_restored_chat_finds_its_place_and_sends_what_was_not_answered() {
    let mut pair = Pair::ready();
    pair.alice.send(&Draft::text("before"), env!(&mut pair.rng)).unwrap();
    let (_, calls) = work(&mut pair.alice, &mut pair.rng);
    assert_eq!(calls.len(), 1);
    // The process dies before the answer.
    let store = std::mem::take(pair.alice.driver_mut().store_mut());
    let id = store.chats().unwrap()[0];
    let link = *pair.alice.link();
    let env = env!(&mut pair.rng);
    pair.alice = TelegramChat::restore(store, id, &StoreKey::new(KEY), None, env).unwrap().unwrap();
    assert_eq!((pair.alice.link(), pair.alice.own_data()), (&link, &b"alice's own"[..]));
    let (_, again) = work(&mut pair.alice, &mut pair.rng);
    assert!(again == calls, "the same call, byte for byte");
    let Pair { rng, alice, bob } = &mut pair;
    deliver(alice, bob, again, rng);
    assert_eq!(texts(&pair.settle().1), ["before"]);
}

#[test]
fn each_fate_reaches_the_chat() {
    let error = |code, name: &str| Err(Failure::Server(ServerError::new(code, name)));
    // Again: the same call after the pause that the server names.
    let mut pair = Pair::ready();
    pair.alice.send(&Draft::text("one"), env!(&mut pair.rng)).unwrap();
    pair.alice.send(&Draft::text("two"), env!(&mut pair.rng)).unwrap();
    let (_, calls) = work(&mut pair.alice, &mut pair.rng);
    let [(id, first)] = &calls[..] else { panic!("one at a time") };
    pair.alice.answered(*id, error(420, "FLOOD_WAIT_17"), env!(&mut pair.rng));
    assert_eq!(work(&mut pair.alice, &mut pair.rng).1.len(), 0);
    let due = pair.alice.poll_timeout().unwrap();
    assert!(due <= now(17));
    let later = &mut Env::new(now(17), &mut pair.rng);
    let mut call = None;
    while let Some(work) = pair.alice.next(later).unwrap() {
        if let Work::Call(_, again) = work {
            call = Some(again);
        }
    }
    assert!(call.as_ref() == Some(first));

    // For good: the sender is told, and the slot goes out empty.
    pair.alice.answered(*id, error(400, "DATA_INVALID"), env!(&mut pair.rng));
    let (events, calls) = work(&mut pair.alice, &mut pair.rng);
    assert!(events.iter().any(|event| matches!(event, Event::Failed { id: failed, .. } if failed == id)));
    assert_eq!(calls[0].0, *id);
    let Pair { rng, alice, bob } = &mut pair;
    deliver(alice, bob, calls, rng);
    assert_eq!(texts(&pair.settle().1), ["two"], "no gap is left");

    // Over: as if the peer had ended it.
    pair.alice.send(&Draft::text("three"), env!(&mut pair.rng)).unwrap();
    let (_, calls) = work(&mut pair.alice, &mut pair.rng);
    pair.alice.answered(calls[0].0, error(400, "ENCRYPTION_DECLINED"), env!(&mut pair.rng));
    assert_eq!(pair.alice.chat().state(), ChatState::Closed(CloseReason::ByServerOrPeer));
    assert!(work(&mut pair.alice, &mut pair.rng).1.is_empty());
}

#[test]
fn another_device_accepted_unless_it_was_this_one() {
    let already = || Err(Failure::Server(ServerError::new(400, "ENCRYPTION_ALREADY_ACCEPTED")));
    for lost in [false, true] {
        let (mut rng, _, requested, dh) = Pair::requested();
        let (config, store) = (dh.config(PeerPolicy::Default), MemoryStore::default());
        let mut bob = TelegramChat::accept(&requested, config, None, b"", store, env!(&mut rng)).unwrap();
        let (_, calls) = work(&mut bob, &mut rng);
        assert_eq!(calls[0].0, TransmitId::ACCEPT);
        if lost {
            bob.answered(TransmitId::ACCEPT, Err(Failure::Lost), env!(&mut rng));
        }
        bob.answered(TransmitId::ACCEPT, already(), env!(&mut rng));
        let expected = if lost { ChatState::Ready } else { ChatState::Closed(CloseReason::AcceptedElsewhere) };
        assert_eq!(bob.chat().state(), expected);
    }
}

#[test]
fn updates_that_nobody_should_believe_change_nothing() {
    let mut pair = Pair::ready();
    let chat_id = pair.alice.link().chat_id;
    let message = |chat_id, bytes: &[u8]| {
        let message = types::EncryptedMessageService { random_id: 1, chat_id, date: -1, bytes: bytes.to_vec() };
        let message = enums::EncryptedMessage::Service(message);
        enums::Update::NewEncryptedMessage(types::UpdateNewEncryptedMessage { message, qts: 0 })
    };
    let before = pair.alice.chat().checkpoint();
    for len in [0, 1, 7, 8, 23, 24, 39, 40, 41, 1_000, 70_000] {
        let update = message(chat_id, &vec![0xa5; len]);
        assert!(hand(&mut pair.alice, &update, &mut pair.rng).is_err(), "{len} bytes");
    }
    let elsewhere = [
        message(chat_id + 1, &[0; 40]),
        enums::Update::EncryptedChatTyping(types::UpdateEncryptedChatTyping { chat_id: chat_id + 1 }),
        enums::Update::EncryptedMessagesRead(types::UpdateEncryptedMessagesRead {
            chat_id: -chat_id,
            max_date: i32::MAX,
            date: i32::MIN,
        }),
    ];
    let states = [
        enums::EncryptedChat::Discarded(types::EncryptedChatDiscarded { history_deleted: true, id: chat_id - 1 }),
        enums::EncryptedChat::Empty(types::EncryptedChatEmpty { id: chat_id }),
        enums::EncryptedChat::Waiting(types::EncryptedChatWaiting {
            id: chat_id,
            access_hash: 0,
            date: 0,
            admin_id: 0,
            participant_id: 0,
        }),
        enums::EncryptedChat::Chat(types::EncryptedChat {
            id: chat_id,
            access_hash: 11,
            date: 0,
            admin_id: ALICE,
            participant_id: BOB,
            g_a_or_b: vec![1; 100_000],
            key_fingerprint: 0,
        }),
    ];
    let states = states.map(|chat| enums::Update::Encryption(types::UpdateEncryption { chat, date: 0 }));
    for update in elsewhere.iter().chain(&states) {
        assert_eq!(hand(&mut pair.alice, update, &mut pair.rng), Ok(Handled::Ignored));
    }
    let (events, calls) = work(&mut pair.alice, &mut pair.rng);
    assert!(events.is_empty() && calls.is_empty());
    assert_eq!(pair.alice.chat().checkpoint(), before);
    // Answers to calls that were never made.
    pair.alice.answered(TransmitId(9_999), Ok(Answer::Done(true)), env!(&mut pair.rng));
    pair.alice.answered(TransmitId::ACCEPT, Err(Failure::Lost), env!(&mut pair.rng));
    assert!(work(&mut pair.alice, &mut pair.rng).1.is_empty());
    pair.bob.send(&Draft::text("still here"), env!(&mut pair.rng)).unwrap();
    assert_eq!(texts(&pair.settle().0), ["still here"]);
}

#[test]
fn other_updates_and_bad_answers_are_no_matter() {
    let login = enums::Update::LoginToken;
    assert!(Incoming::of_update(&login).is_none());
    let mut pair = Pair::ready();
    pair.alice.send(&Draft::text("one"), env!(&mut pair.rng)).unwrap();
    let (_, calls) = work(&mut pair.alice, &mut pair.rng);
    let answer = true.to_bytes();
    assert!(calls[0].1.answer(&answer).is_err(), "a Bool is no date");
    assert!(calls[0].1.answer(&[]).is_err());
}

#[test]
fn a_request_is_for_the_chat_that_it_named() {
    let mut rng = UnwrapErr(getrandom::SysRng);
    let dh = server_dh(&mut rng);
    for (other, expected) in [(0, "another chat"), (1, "refused")] {
        let bob = enums::InputUser::User(types::InputUser { user_id: BOB, access_hash: 55 });
        let asking = Asking::new(bob, dh.config(PeerPolicy::Default), None, b"", env!(&mut rng)).unwrap();
        let id = asking.call().random_id;
        let answer = if other == 0 {
            enums::EncryptedChat::Waiting(types::EncryptedChatWaiting {
                id: id ^ 1,
                access_hash: 0,
                date: 0,
                admin_id: 0,
                participant_id: 0,
            })
        } else {
            enums::EncryptedChat::Discarded(types::EncryptedChatDiscarded { history_deleted: false, id })
        };
        let error = asking.answered(&answer, env!(&mut rng)).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
