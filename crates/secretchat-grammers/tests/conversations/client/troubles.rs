//! Errors, pauses, lost answers and futures that nobody waits for.

use grammers_client::session::updates::State;
use secretchat::{ChatState, CloseReason, Event};
use secretchat_grammers::client::BeginError;
use secretchat_grammers::tl::{Identifiable, enums, functions as f, types};
use secretchat_grammers::{Failure, ServerError};

use super::host::{Host, NOW, net, pair, settle};
use super::line::{
    Trouble::{Error, Hangs, Lost, None as Nothing},
    poll, run,
};

#[test]
fn a_flood_wait_holds_up_its_own_chat_alone() {
    let (mut alice, mut bob, with_bob) = pair();
    let mut carol = Host::new(&alice.line.net, 33);
    let with_carol = alice.ask(33).unwrap();
    settle(&mut alice, &mut carol);

    alice.write(with_bob, "to Bob");
    alice.line.trouble([Error(420, "FLOOD_WAIT_17")]);
    settle(&mut alice, &mut bob);
    alice.write(with_carol, "to Carol");
    settle(&mut alice, &mut carol);
    bob.go_on();
    assert_eq!((bob.texts(), carol.texts()), (vec![], vec!["to Carol".to_owned()]));

    let texts = alice.until(&mut bob, Host::texts);
    assert_eq!((texts, alice.line.net.borrow().server.now), (vec!["to Bob".to_owned()], NOW + 17));
}

#[test]
fn errors_have_their_fates() {
    let (mut alice, mut bob, id) = pair();
    alice.write(id, "refused");
    alice.write(id, "taken");
    alice.line.trouble([Error(400, "DATA_INVALID")]);
    settle(&mut alice, &mut bob);
    assert!(alice.events.iter().any(|(_, event)| matches!(event, Event::Failed { .. })));
    assert_eq!(bob.texts(), ["taken"], "no gap is left");

    alice.write(id, "again");
    alice.line.trouble([Error(400, "MSG_WAIT_FAILED")]);
    let texts = alice.until(&mut bob, Host::texts);
    assert_eq!((texts, alice.line.net.borrow().server.now), (vec!["again".to_owned()], NOW + 1));

    alice.write(id, "too late");
    alice.line.trouble([Error(403, "USER_IS_BLOCKED")]);
    alice.go_on();
    let state = alice.chats.get(id).unwrap().chat().state();
    assert_eq!(state, ChatState::Closed(CloseReason::ByServerOrPeer));
}

#[test]
fn a_call_that_nobody_waits_for_is_made_again() {
    let (mut alice, mut bob, id) = pair();
    alice.write(id, "one");
    alice.write(id, "two");
    alice.line.trouble([Hangs, Lost]);
    assert!(poll(alice.chats.next()).is_none());
    // The first one is in its pause, and the second one waits for it.
    settle(&mut alice, &mut bob);
    assert_eq!(bob.texts(), ["one"]);
    let texts = alice.until(&mut bob, Host::texts);
    assert_eq!(texts, ["two"], "the server tells that it has the first one");
    assert_eq!(alice.line.times(f::messages::SendEncrypted::CONSTRUCTOR_ID), 4);
}

/// The server answers the second acceptance as if another device had made the first.
#[test]
fn an_acceptance_that_nobody_waited_for_is_our_own() {
    let net = net();
    net.borrow_mut().server.rules.accepts_again = false;
    let (mut alice, mut bob) = (Host::new(&net, 11), Host::new(&net, 22));
    let id = alice.ask(22).unwrap();
    alice.drain();
    let batch = bob.receive().unwrap();
    for asked in bob.chats.updates(&batch).requests {
        run(bob.chats.accept(&asked, b"")).unwrap();
    }
    bob.line.trouble([Hangs]);
    while let Some(Ok(Some(_))) = poll(bob.chats.next()) {}
    alice.go_on();
    alice.write(id, "welcome");
    let accepted = |bob: &Host| bob.line.times(f::messages::AcceptEncryption::CONSTRUCTOR_ID);
    assert_eq!(accepted(&bob), 1);
    alice.until(&mut bob, |bob| vec![(); accepted(bob) - 1]);
    assert_eq!(bob.chats.get(id).unwrap().chat().state(), ChatState::Ready);
}

#[test]
fn beginning_waits_as_long_as_the_server_asks() {
    let net = net();
    let (mut alice, _bob) = (Host::new(&net, 11), Host::new(&net, 22));
    alice.line.trouble([Error(420, "FLOOD_WAIT_5"), Lost, Nothing, Error(420, "FLOOD_WAIT_9")]);
    alice.ask(22).unwrap();
    assert_eq!(net.borrow().pauses, [5, 2, 9]);
    // A request whose answer is lost is not made again: the server may have it.
    alice.line.trouble([Nothing, Lost]);
    assert_eq!(alice.ask(22), Err(BeginError::Call(Failure::Lost)));
    // Patience ends.
    alice.line.trouble((0..9).map(|_| Error(500, "RPC_CALL_FAIL")));
    assert_eq!(alice.ask(22), Err(BeginError::Call(ServerError::new(500, "RPC_CALL_FAIL").into())));
    assert!(alice.line.troubles.borrow().is_empty());
}

#[test]
fn a_confirmation_that_fails_is_said_again_after_a_while() {
    let (mut alice, mut bob, id) = pair();
    let told = |bob: &Host| bob.line.times(f::messages::ReceivedQueue::CONSTRUCTOR_ID);
    for (trouble, pause) in [(Error(420, "FLOOD_WAIT_31"), 31), (Lost, 60)] {
        settle(&mut alice, &mut bob);
        alice.write(id, "text");
        alice.go_on();
        bob.line.trouble([trouble]);
        let before = told(&bob);
        bob.go_on();
        bob.confirm();
        assert_eq!((told(&bob), bob.unconfirmed()), (before + 1, 1));
        bob.line.net.borrow_mut().server.now += pause;
        bob.confirm();
        assert_eq!((told(&bob), bob.unconfirmed()), (before + 2, 0));
        bob.confirm();
        assert_eq!(told(&bob), before + 2, "once is enough");
    }
}

/// Messages that overtake the acceptance wait for the key, up to a number.
#[test]
fn a_message_without_room_is_kept_and_not_confirmed() {
    let net = net();
    let (mut alice, mut bob) = (Host::new(&net, 11), Host::new(&net, 22));
    let id = alice.ask(22).unwrap();
    bob.go_on();
    bob.write(id, "early");
    bob.go_on();
    let batches: Vec<_> = std::iter::from_fn(|| alice.receive()).collect();
    let (accepted, early): (Vec<_>, Vec<_>) =
        batches.into_iter().flatten().partition(|(update, _)| matches!(update, enums::Update::Encryption(_)));
    let numbered = early.len();
    // 1,000 is the limit of a chat.
    let junk = (0..1_000_u16).map(|number| {
        let bytes = [&number.to_le_bytes()[..], &[0; 54]].concat();
        let message = types::EncryptedMessageService { random_id: 1, chat_id: id, date: NOW, bytes }.into();
        let state = State { date: NOW, seq: 0, message_box: None };
        (types::UpdateNewEncryptedMessage { message, qts: 0 }.into(), state)
    });
    alice.chats.updates(&junk.collect::<Vec<_>>());
    alice.chats.updates(&early);
    alice.drain();
    alice.confirm();
    assert_eq!((alice.unconfirmed(), alice.numbers.qts), (numbered, 0), "they are still to be handled");

    alice.chats.updates(&accepted);
    alice.drain();
    alice.confirm();
    assert_eq!(alice.texts(), ["early"]);
    assert_eq!((alice.unconfirmed(), usize::try_from(alice.numbers.qts)), (0, Ok(numbered)));
}

#[test]
fn wrong_messages_are_told_and_done_with() {
    let (mut alice, mut bob, id) = pair();
    let bytes = vec![7; 56];
    let message = types::EncryptedMessageService { random_id: 1, chat_id: id, date: NOW, bytes }.into();
    let update: enums::Update = types::UpdateNewEncryptedMessage { message, qts: 0 }.into();
    alice.write(id, "one");
    alice.go_on();
    let mut batch = bob.receive().unwrap();
    batch.insert(0, (update, batch[0].1.clone()));
    let taken = bob.chats.updates(&batch);
    assert_eq!(taken.faults.iter().map(|(chat, _)| *chat).collect::<Vec<_>>(), [id]);
    bob.drain();
    bob.confirm();
    assert_eq!((bob.texts(), bob.unconfirmed()), (vec!["one".to_owned()], 0));
}
