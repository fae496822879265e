//! The Telegram profile where real use found it wanting (SPEC ACT-3, LAY-2, DES-1, DES-7).
#![cfg(all(feature = "telegram", feature = "std"))]

#[path = "support/telegram_forger.rs"]
mod forger;
#[path = "support/pair.rs"]
mod pair;
#[path = "support/rng.rs"]
mod rng;

use forger::{Forger, events, notice, service};
use pair::{Pair, env, outputs};
use secretchat::frame::{Frame, FrameError};
use secretchat::hazmat::wire::{ActionTyping, DecryptedMessageAction, SendMessageAction};
use secretchat::{
    ApiMisuse, Chat, ChatState, Config, DhGroup, Event, Handled, Input, Output, PeerPolicy, Transmit, TransmitId,
    TransmitKind, TypingAction,
};

fn telegram() -> Config {
    Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default)
}

fn ready() -> Pair {
    Pair::of(telegram().with_store(secretchat::StoreKey::new([1; 32])), telegram())
}

/// The chat without its outputs, which are none.
fn quiet(chat: &mut Chat) -> String {
    assert!(outputs(chat).is_empty(), "take the outputs first");
    format!("{chat:?} {:?} {:?}", chat.counters(), chat.checkpoint())
}

// SPEC ACT-3: whether, not what; no slot, no key, no record, not again.
#[test]
fn fa_15_typing_goes_outside_of_the_encryption() {
    let mut pair = ready();
    let before = quiet(&mut pair.alice);
    for (action, typing) in
        [(TypingAction::Typing, true), (TypingAction::UploadRound, true), (TypingAction::Cancel, false)]
    {
        assert_eq!(pair.alice.typing(action, &mut env(&mut pair.rng)), Ok(()));
        let told = outputs(&mut pair.alice);
        let [Output::Transmit(transmit)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(*transmit, Transmit { id: TransmitId::TYPING, kind: TransmitKind::Typing { typing } });
        assert_eq!(Frame::of(transmit), Err(FrameError::Malformed), "no frame carries it");
    }
    assert_eq!(TransmitId::TYPING, TransmitId(4));
    assert_eq!(quiet(&mut pair.alice), before);
    pair.alice.retransmit(&mut env(&mut pair.rng));
    assert!(
        outputs(&mut pair.alice).iter().all(|output| !format!("{output:?}").contains("Typing")),
        "a lost one is lost"
    );

    let before = quiet(&mut pair.bob);
    assert_eq!(pair.bob.handle(Input::Typing, &mut env(&mut pair.rng)), Ok(Handled::Applied));
    let told = outputs(&mut pair.bob);
    assert!(matches!(told[..], [Output::Event(Event::Typing { action: TypingAction::Typing })]), "{told:?}");
    assert_eq!(quiet(&mut pair.bob), before);
}

// A peer that says it inside is heard, too.
#[test]
fn fa_15_typing_inside_the_encryption_is_told() {
    let (mut forger, mut bob) = Forger::meet(PeerPolicy::Default);
    forger.give_next(&mut bob, &notice(144));
    outputs(&mut bob);
    let action = ActionTyping { action: SendMessageAction::RecordAudio };
    assert_eq!(forger.give_next(&mut bob, &service(DecryptedMessageAction::Typing(action))), Handled::Applied);
    let told = events(&mut bob);
    assert!(matches!(told[..], [Event::Typing { action: TypingAction::RecordAudio }]), "{told:?}");
}

// SPEC OUT-3.
#[test]
fn fa_15_typing_where_it_does_not_fit_is_refused_or_ignored() {
    let mut rng = rng::Seeded::new(3);
    let mut asked = Chat::request(telegram(), &mut env(&mut rng)).unwrap();
    outputs(&mut asked);
    assert_eq!(asked.typing(TypingAction::Typing, &mut env(&mut rng)), Err(ApiMisuse::NotReady));
    assert_eq!(asked.handle(Input::Typing, &mut env(&mut rng)), Ok(Handled::Ignored));
    assert!(outputs(&mut asked).is_empty());

    let mut pair = ready();
    pair.alice.close(false, &mut env(&mut pair.rng));
    outputs(&mut pair.alice);
    assert!(matches!(pair.alice.state(), ChatState::Closed(_)));
    assert_eq!(pair.alice.typing(TypingAction::Typing, &mut env(&mut pair.rng)), Err(ApiMisuse::ChatClosed));
    assert_eq!(pair.alice.handle(Input::Typing, &mut env(&mut pair.rng)), Ok(Handled::Ignored));
    assert!(outputs(&mut pair.alice).is_empty());

    // X25519 says it inside, and believes nobody outside.
    let mut pair = Pair::ready();
    assert_eq!(pair.bob.handle(Input::Typing, &mut env(&mut pair.rng)), Ok(Handled::Ignored));
    assert!(outputs(&mut pair.bob).is_empty());
    let before = pair.alice.counters().sent;
    assert_eq!(pair.alice.typing(TypingAction::Typing, &mut env(&mut pair.rng)), Ok(()));
    assert_eq!(pair.alice.counters().sent, before + 1);
}
