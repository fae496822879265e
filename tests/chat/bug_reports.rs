//! Public bug reports about other programs that no other subject stands for: what broke them must not break a chat here.

use secretchat::hazmat::wire::{ActionDeleteMessages, DecryptedMessageAction, Vector};
use secretchat::{
    ChatState, Document, DocumentKind, Draft, Event, Handled, Input, Invitation, Media, Message, Output, PeerFault,
    Photo, RandomId, StoreKey, Ttl,
};

use crate::support::forger::{Forger, service, text};
use crate::support::orders::orders;
use crate::support::pair::{self, BOBS_STORE_KEY, Pair, accept_of, ciphertext, env, outputs};
use crate::support::timed::{self, Kept};
use crate::support::{stored, twin};

/// The report's program deleted on arrival. In whatever order five messages arrive, a deletion and a flush take effect between
/// those that stand between them, and a message that was deleted does not come back.
#[test]
fn br_36_deletions_and_flushes_take_effect_in_slot_order() {
    let orders = orders(5);
    assert_eq!(orders.len(), 120);
    for order in orders {
        let (mut forger, mut bob) = Forger::meet();
        let ids = Vector::new(&[1_i64]).unwrap();
        let delete = DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids: ids });
        let messages = [
            text(1, "one"),
            service(delete),
            text(2, "two"),
            service(DecryptedMessageAction::FlushHistory),
            text(3, "three"),
        ];
        let sealed: Vec<_> =
            (0..).zip(messages).map(|(slot, message)| forger.say(forger.around_slot(slot), &message)).collect();
        let mut told = vec![];
        for place in order.iter().chain(&[0, 2]) {
            let handled = bob.handle(ciphertext(&sealed[*place]), &mut env(&mut forger.rng)).unwrap();
            assert!(matches!(handled, Handled::Applied | Handled::Waiting | Handled::Duplicate), "{order:?}");
            for output in outputs(&mut bob) {
                match output {
                    Output::Event(Event::Message(message)) => told.push(message.content.text),
                    Output::Event(Event::Deleted { random_ids, .. }) => told.push(format!("deleted {random_ids:?}")),
                    Output::Event(Event::HistoryFlushed) => told.push("flushed".to_owned()),
                    _ => {}
                }
            }
        }
        assert_eq!(told, ["one", "deleted [RandomId(1)]", "two", "flushed", "three"], "{order:?}");
    }
}

fn message(outputs: Vec<Output>) -> Box<Message> {
    let mut messages = outputs.into_iter().filter_map(|output| match output {
        Output::Event(Event::Message(message)) => Some(message),
        _ => None,
    });
    let message = messages.next().expect("a message");
    assert!(messages.next().is_none(), "one");
    message
}

fn arrives(pair: &mut Pair, draft: &Draft) -> Box<Message> {
    pair.alice.send(draft, &mut env(&mut pair.rng)).unwrap();
    for sealed in pair::all_sealed(&mut pair.alice) {
        assert_eq!(pair.bob_gets(&sealed), Ok(Handled::Applied));
    }
    message(outputs(&mut pair.bob))
}

/// The report's program had one timer for two things: a photo to be viewed once changed the timer of the chat.
#[test]
fn br_57_view_once_leaves_the_timer_of_the_chat_alone() {
    let mut pair = Pair::ready();
    let ten = Ttl::from_seconds(10).unwrap();
    pair.alice.set_ttl(ten, &mut env(&mut pair.rng)).unwrap();
    for sealed in pair::all_sealed(&mut pair.alice) {
        pair.bob_gets(&sealed).unwrap();
    }
    outputs(&mut pair.bob);
    let once = arrives(&mut pair, &timed::photo(Ttl::VIEW_ONCE));
    assert!(once.ttl.is_view_once());
    assert_eq!((pair.alice.ttl(), pair.bob.ttl()), (ten, ten));
    assert_eq!(arrives(&mut pair, &Draft::text("as before")).ttl, ten);
}

/// The report's program looked the id up and fell into a loop of crashes.
#[test]
fn br_59_a_reply_to_a_message_that_nobody_knows_arrives_with_its_id() {
    let mut pair = Pair::ready();
    for unknown in [RandomId(i64::MIN), RandomId(-1), RandomId(59), RandomId(i64::MAX)] {
        let came = arrives(&mut pair, &Draft::text("yes").with_reply_to(unknown));
        assert_eq!((came.content.text.as_str(), came.reply_to), ("yes", Some(unknown)));
    }
    assert_eq!((pair.alice.state(), pair.bob.state()), (ChatState::Ready, ChatState::Ready));
}

/// The report's program showed an album in the order in which it arrived.
#[test]
fn br_60_an_album_that_arrives_backwards_is_shown_in_its_order() {
    let mut pair = Pair::ready();
    let photo = |n: u8| Draft::media(Media::Photo(Photo::new(9, 9, 1_000, timed::file_key())), format!("item {n}"));
    let album: Vec<_> = (0..5).map(photo).collect();
    let ids = pair.alice.send_album(&album, &mut env(&mut pair.rng)).unwrap();
    let mut came = vec![];
    for sealed in pair::all_sealed(&mut pair.alice).iter().rev() {
        pair.bob_gets(sealed).unwrap();
        came.extend(pair::events(&mut pair.bob));
    }
    let shown: Vec<_> = came
        .iter()
        .filter_map(|event| match event {
            Event::Message(message) => Some((message.random_id, message.content.text.clone())),
            _ => None,
        })
        .collect();
    let texts = (0..5).map(|n| format!("item {n}"));
    assert_eq!(shown, ids.into_iter().zip(texts).collect::<Vec<_>>());
}

/// The report's program kept a message with a timer for ever if it could not be sent. The user is told, and nothing of it is in
/// a record afterwards.
#[test]
fn br_62_a_timed_message_that_is_refused_for_good_is_gone() {
    let (mut forger, bob, batches) = Forger::meet_and_keep();
    let mut bob = Kept::new(bob, &batches, BOBS_STORE_KEY);
    forger.give_next(&mut bob.chat, &service(DecryptedMessageAction::Noop));
    bob.outputs();
    let random_id = bob.chat.send(&timed::text(timed::ttl(5)), &mut env(&mut forger.rng)).unwrap();
    let sent = bob.outputs();
    let [id] = timed::transmit_ids(&sent)[..] else { panic!("one message") };
    let [sealed] = &timed::sealed_in(&sent)[..] else { panic!("one message") };
    let holds = |bob: &Kept| {
        let records = stored::records(&bob.chat, &bob.store);
        let opened = secretchat::hazmat::records::open(&records, &StoreKey::new(BOBS_STORE_KEY)).unwrap();
        opened.iter().any(|(.., plain)| plain.windows(sealed.len()).any(|window| window == sealed))
    };
    assert!(holds(&bob), "until it is carried");
    assert_eq!(bob.chat.handle(Input::refused_for_good(id), &mut env(&mut forger.rng)), Ok(Handled::Applied));
    let told = bob.outputs();
    let failed = told.iter().filter(|output| matches!(output, Output::Event(Event::Failed { .. })));
    assert_eq!(failed.count(), 1);
    assert!(!holds(&bob) && bob.timed().is_empty() && bob.chat.deadline(random_id).is_none());
    bob.chat.handle_timeout(&mut pair::env_at(10_000, &mut forger.rng));
    assert!(timed::expired(&bob.outputs()).is_empty(), "it was told once");
}

/// The report's library had one session for two that began at once, and nobody could read. Here they are two chats, and
/// neither takes what belongs to the other.
#[test]
fn br_63_two_that_ask_at_once_have_two_chats() {
    twin::unchanged(|twin| {
        let mut one = Pair::with_seed(1);
        let mut two = Pair::with_seed(2);
        // The second one of Bob's asking.
        let ask_back = pair::request_of(&mut two.alice);
        let ask = one.request();
        let rng = &mut one.rng;
        let mut at_bob = Invitation::parse(&ask, Pair::bob_config()).unwrap().accept(&mut env(rng)).unwrap();
        let mut at_alice = Invitation::parse(&ask_back, Pair::bob_config()).unwrap().accept(&mut env(rng)).unwrap();
        let (answer, name) = accept_of(&mut at_bob);
        let (answer_back, name_back) = accept_of(&mut at_alice);
        assert_ne!(name, name_back);
        twin.bad(&mut one.alice, |alice, env| {
            let crossed = alice.handle(Input::accepted(&answer_back, name_back), env);
            assert_eq!(crossed, Err(PeerFault::FingerprintMismatch));
        });
        let right = one.alice.handle(Input::accepted(&answer, name), &mut env(rng));
        assert_eq!(right, Ok(Handled::Applied));
        let right = two.alice.handle(Input::accepted(&answer_back, name_back), &mut env(rng));
        assert_eq!(right, Ok(Handled::Applied));
        let (first, second) = (pair::all_sealed(&mut one.alice), pair::all_sealed(&mut two.alice));
        twin.bad(&mut at_bob, |bob, env| {
            for sealed in &second {
                assert_eq!(bob.handle(ciphertext(sealed), env), Err(PeerFault::UnknownKey));
            }
        });
        for sealed in &first {
            assert_eq!(at_bob.handle(ciphertext(sealed), &mut env(rng)), Ok(Handled::Applied));
        }
        for sealed in &second {
            assert_eq!(at_alice.handle(ciphertext(sealed), &mut env(rng)), Ok(Handled::Applied));
        }
        assert_ne!(at_bob.verification(), at_alice.verification());
        twin.compare(&mut at_bob);
    });
}

/// The report was about the packing of a voice note's waveform: here its bytes arrive as they are.
#[test]
fn br_65_a_waveform_arrives_as_it_is() {
    let mut pair = Pair::ready();
    for length in [0, 1, 2, 62, 63] {
        let waveform: Vec<u8> = (0..length).map(|n: u8| n.wrapping_mul(37) ^ 0x80).collect();
        let note =
            Document::new("audio/ogg", 1_000, timed::file_key()).with_kind(DocumentKind::voice(3, waveform.clone()));
        let came = arrives(&mut pair, &Draft::media(Media::Document(note), ""));
        let Some(Media::Document(Document { kind, .. })) = &came.content.media else { panic!("{length}: {came:?}") };
        assert_eq!(*kind, DocumentKind::voice(3, waveform));
    }
}
