//! Whole conversations, and restarts.

use secretchat::{ChatState, CloseReason, Event, History, Timestamp};
use secretchat_grammers::client::BeginError;
use secretchat_grammers::{Failure, ServerError};

use super::host::{Host, NOW, net, pair, settle};
use super::line::{Trouble, poll, run};

#[test]
fn a_chat_begins_talks_and_ends() {
    let (mut alice, mut bob, id) = pair();
    assert!(matches!(alice.events[..], [(_, Event::Ready { .. }), ..]));
    assert_eq!(bob.chats.get(id).unwrap().own_data(), b"own");
    let pictures = [&alice, &bob].map(|host| host.chats.get(id).unwrap().chat().verification().unwrap().to_string());
    assert_eq!(pictures[0], pictures[1]);

    for text in ["one", "two", "three"] {
        alice.write(id, text);
        bob.write(id, text);
    }
    settle(&mut alice, &mut bob);
    assert_eq!(
        (alice.texts(), bob.texts()),
        (vec!["one".into(), "two".into(), "three".into()], vec!["one".to_owned(), "two".into(), "three".into()])
    );
    assert_eq!((alice.unconfirmed(), bob.unconfirmed()), (0, 0));

    let read = |chat: &mut secretchat::Chat, env: &mut secretchat::Env<'_>| {
        chat.mark_read_up_to(Timestamp::from_telegram(NOW), env)
    };
    bob.chats.with(id, |chat, env| chat.act(env, read)).unwrap().unwrap();
    settle(&mut alice, &mut bob);
    assert!(matches!(alice.events[..], [(_, Event::ReadUpTo { .. })]));

    bob.chats.with(id, |chat, env| chat.close(History::Delete, env)).unwrap();
    settle(&mut alice, &mut bob);
    assert!(matches!(alice.events[..], [_, (_, Event::Closed { history: History::Delete, .. })]));
    let state = alice.chats.get(id).unwrap().chat().state();
    assert_eq!(state, ChatState::Closed(CloseReason::ByServerOrPeer));

    // What is over is gone after a restart.
    assert_eq!(alice.restart().chats.ids().count(), 0);
}

#[test]
fn a_message_that_was_stored_and_not_confirmed_comes_once() {
    let (mut alice, mut bob, id) = pair();
    let before = bob.numbers.qts;
    for text in ["one", "two", "three"] {
        alice.write(id, text);
    }
    alice.go_on();
    let batch = bob.receive().unwrap();
    bob.chats.updates(&batch);
    bob.drain();
    assert_eq!(bob.texts(), ["one"]);
    // The process dies before it confirms.
    assert_eq!(bob.unconfirmed(), 3);
    let mut bob = bob.restart();
    settle(&mut alice, &mut bob);
    assert_eq!(bob.texts(), ["two", "three"]);
    assert_eq!((bob.unconfirmed(), bob.numbers.qts), (0, before + 3));
}

#[test]
fn a_message_that_was_not_stored_comes_again() {
    let (mut alice, mut bob, id) = pair();
    let before = bob.numbers.qts;
    alice.write(id, "one");
    alice.go_on();
    let batch = bob.receive().unwrap();
    bob.chats.updates(&batch);
    // Nothing is stored yet, so nothing is confirmed.
    bob.confirm();
    assert_eq!((bob.unconfirmed(), bob.numbers.qts), (1, before));
    let mut bob = bob.restart();
    bob.go_on();
    assert_eq!(bob.texts(), ["one"]);
    assert_eq!((bob.unconfirmed(), bob.numbers.qts), (0, before + 1));
}

#[test]
fn a_difference_is_confirmed_once_all_of_it_is_stored() {
    let (mut alice, bob, id) = pair();
    let before = bob.numbers.qts;
    for text in 0..70 {
        alice.write(id, &text.to_string());
    }
    alice.go_on();
    let mut bob = bob.restart();
    // The stand-in brings 50 at once.
    let batch = bob.receive().unwrap();
    bob.chats.updates(&batch);
    for _ in 0..49 {
        assert!(run(bob.chats.next()).unwrap().is_some());
        bob.confirm();
        assert_eq!((bob.unconfirmed(), bob.numbers.qts), (70, before));
    }
    bob.drain();
    bob.confirm();
    assert_eq!((bob.unconfirmed(), bob.numbers.qts), (20, before + 50));
    bob.go_on();
    assert_eq!((bob.unconfirmed(), bob.numbers.qts), (0, before + 70));
}

#[test]
fn what_was_not_answered_is_sent_after_a_restart() {
    let (mut alice, mut bob, id) = pair();
    alice.write(id, "one");
    alice.line.trouble([Trouble::Hangs]);
    assert!(poll(alice.chats.next()).is_none());
    let mut alice = alice.restart();
    settle(&mut alice, &mut bob);
    assert_eq!(bob.texts(), ["one"], "the server took it the first time");
}

#[test]
fn a_user_who_blocks_is_not_asked() {
    let net = net();
    let (mut alice, _bob) = (Host::new(&net, 11), Host::new(&net, 22));
    net.borrow_mut().server.block(22, 11);
    let refused = BeginError::Call(Failure::Server(ServerError::new(403, "USER_IS_BLOCKED")));
    assert_eq!(alice.ask(22), Err(refused));
    assert_eq!(alice.chats.ids().count(), 0);
}

#[test]
fn a_chat_is_declined_once() {
    let net = net();
    let (mut alice, mut bob) = (Host::new(&net, 11), Host::new(&net, 22));
    let id = alice.ask(22).unwrap();
    alice.drain();
    let batch = bob.receive().unwrap();
    let requests = bob.chats.updates(&batch).requests;
    assert_eq!(requests.iter().map(|asked| asked.id).collect::<Vec<_>>(), [id]);
    for _ in 0..2 {
        // The second one is told that it is over already.
        run(bob.chats.decline(id, History::Keep)).unwrap();
    }
    alice.go_on();
    assert!(matches!(alice.events[..], [(_, Event::Closed { .. })]));
}
