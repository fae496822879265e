//! The same call is refused or not by what the peer did, or by how late it is: that is `Unavailable`, and no mistake of the
//! caller.

use std::collections::BTreeSet;

use secretchat::Unavailable::{
    self, ChatClosed, Expired, NotReady, NotTimed, OutboxFull, RekeyInProgress, RekeyRequired, TooManyTimers,
};
use secretchat::{
    ApiMisuse, CallError, Chat, ChatId, CloseReason, Draft, Handled, History, Input, Limits, ParseIdError, RandomId,
    VerifyError, Violation,
};

use crate::support::pair::{self, Pair, ciphertext, env, env_at};
use crate::support::rng::Seeded;
use crate::support::timed::{SECOND, photo, ttl};

const DAY: u64 = 24 * 3_600 * SECOND;
const ID: RandomId = RandomId(7);

fn sends(chat: &mut Chat, draft: &Draft, millis: u64) -> Result<(), CallError> {
    let sent = chat.send(draft, &mut env_at(millis, &mut Seeded::new(millis))).map(drop);
    pair::outputs(chat);
    sent
}

fn x() -> Draft {
    Draft::text("x")
}

/// Bob says something, so that Alice knows what he has processed.
fn bob_acknowledges(pair: &mut Pair) {
    pair.bob.send(&x(), &mut env(&mut pair.rng)).unwrap();
    let sealed = pair::sealed(&mut pair.bob);
    assert_eq!(pair.alice.handle(ciphertext(&sealed), &mut env(&mut pair.rng)), Ok(Handled::Applied));
    pair::outputs(&mut pair.alice);
}

/// A photo of Alice's with a timer, at Bob's.
fn photo_at_bobs() -> Pair {
    let mut pair = Pair::ready();
    pair.alice.send(&photo(ttl(30)).with_random_id(ID), &mut env(&mut pair.rng)).unwrap();
    let sealed = pair::sealed(&mut pair.alice);
    pair.bob_gets(&sealed).unwrap();
    pair::outputs(&mut pair.bob);
    pair
}

fn opens(pair: &mut Pair, millis: u64) -> Result<(), CallError> {
    let opened = pair.bob.open_view(ID, &mut env_at(millis, &mut pair.rng)).map(drop);
    pair::outputs(&mut pair.bob);
    opened
}

/// Each pair: the call without, and with, what the peer did or what time it is.
fn refused_by_the_peer_or_by_time() -> Vec<(&'static str, CallError)> {
    let mut met = vec![];
    let mut meet = |name, before: Result<(), CallError>, after: Result<(), CallError>| match (before, after) {
        (Ok(()), Err(error)) | (Err(error), Ok(())) => met.push((name, error)),
        other => panic!("{name}: {other:?}"),
    };

    let (mut accepted, ..) = Pair::accepted();
    meet("NotReady", sends(&mut accepted.bob, &x(), 0), sends(&mut Pair::ready().bob, &x(), 0));

    let mut pair = Pair::ready();
    let (history, proof) = pair.alice_closes(History::Keep);
    let before = sends(&mut pair.bob, &x(), 0);
    pair.bob.handle(Input::discarded(history, Some(proof)), &mut env(&mut pair.rng)).unwrap();
    meet("ChatClosed", before, sends(&mut pair.bob, &x(), 0));

    let mut limits = Limits::default();
    limits.outbox_messages = 2;
    let mut pair = Pair::ready_with_limits(limits);
    let sealed = pair.alice_sends("fills it");
    let before = sends(&mut pair.alice, &x(), 0);
    pair.bob_gets(&sealed).unwrap();
    pair::outputs(&mut pair.bob);
    bob_acknowledges(&mut pair);
    meet("OutboxFull", before, sends(&mut pair.alice, &x(), 0));

    let later = sends(&mut Pair::ready().alice, &x(), 31 * DAY);
    meet("RekeyRequired", sends(&mut Pair::ready().alice, &x(), 0), later);

    let rekeys = |pair: &mut Pair| pair.bob.rekey(&mut env(&mut pair.rng));
    let mut pair = Pair::ready();
    pair.alice.rekey(&mut env(&mut pair.rng)).unwrap();
    let request = pair::sealed(&mut pair.alice);
    pair.bob_gets(&request).unwrap();
    meet("RekeyInProgress", rekeys(&mut Pair::ready()), rekeys(&mut pair));

    let draft = x().with_random_id(ID);
    let mut pair = Pair::ready();
    pair.alice.send(&draft, &mut env(&mut pair.rng)).unwrap();
    let sealed = pair::sealed(&mut pair.alice);
    let before = sends(&mut pair.alice, &draft, 0);
    pair.bob_gets(&sealed).unwrap();
    pair::outputs(&mut pair.bob);
    bob_acknowledges(&mut pair);
    meet("RandomId", before, sends(&mut pair.alice, &draft, 0));

    let mut pair = photo_at_bobs();
    let before = opens(&mut pair, 0);
    meet("Expired", before, opens(&mut pair, 30 * SECOND));

    let mut pair = photo_at_bobs();
    let before = opens(&mut pair, 0);
    pair.alice.delete(&[ID], &mut env(&mut pair.rng)).unwrap();
    let sealed = pair::sealed(&mut pair.alice);
    pair.bob_gets(&sealed).unwrap();
    pair::outputs(&mut pair.bob);
    meet("NotTimed", before, opens(&mut pair, 0));

    let mut limits = Limits::default();
    limits.timed_messages = 1;
    let bob = || Pair::of(Pair::alice_config(), Pair::bob_config().map(|config| config.with_limits(limits)));
    let timed = x().with_ttl(ttl(30));
    let mut pair = bob();
    pair.alice.send(&timed, &mut env(&mut pair.rng)).unwrap();
    let sealed = pair::sealed(&mut pair.alice);
    pair.bob_gets(&sealed).unwrap();
    pair::outputs(&mut pair.bob);
    meet("TooManyTimers", sends(&mut bob().bob, &timed, 0), sends(&mut pair.bob, &timed, 0));
    met
}

#[test]
fn fa_38_refusals_that_are_no_mistake_are_named_as_such() {
    let met = refused_by_the_peer_or_by_time();
    let values: [CallError; 9] = [
        NotReady.into(),
        ChatClosed.into(),
        OutboxFull.into(),
        RekeyRequired.into(),
        RekeyInProgress.into(),
        ApiMisuse::RandomId.into(),
        Expired.into(),
        NotTimed.into(),
        TooManyTimers.into(),
    ];
    assert_eq!(met.iter().map(|(_, error)| *error).collect::<Vec<_>>(), values);
    for (name, error) in &met {
        let shown = match error {
            CallError::Unavailable(unavailable) => format!("{unavailable:?}"),
            CallError::Misuse(misuse) => format!("{misuse:?}"),
            other => panic!("{other:?}"),
        };
        assert_eq!(*name, shown);
    }
    // One more depends on the number of messages made, which no test waits for, and one belongs to `export.rs`.
    let elsewhere = [Unavailable::SeqExhausted, Unavailable::NoExporter];
    let named = |wanted: &Unavailable| values.contains(&(*wanted).into()) || elsewhere.contains(wanted);
    assert!(Unavailable::ALL.iter().all(named), "each value of `Unavailable` is met");
    // Two values of `ApiMisuse` are no mistake either: an id that is in use, and the generator. Its page says so.
    let page = include_str!("../../src/types/error/misuse.rs");
    let (page, _) = page.split_once("ApiMisuse {").unwrap();
    assert!(page.contains("`RandomId`") && page.contains("`UnusableRng`"));
}

#[test]
fn an_error_has_the_name_code_and_text_of_what_is_inside() {
    let errors = [
        (CallError::from(ApiMisuse::EmptyMessage), ApiMisuse::EmptyMessage.name(), ApiMisuse::EmptyMessage.code()),
        (NotReady.into(), NotReady.name(), NotReady.code()),
        (VerifyError::OwnCode.into(), VerifyError::OwnCode.name(), VerifyError::OwnCode.code()),
    ];
    assert_eq!(errors.map(|(_, name, _)| name), ["empty_message", "not_ready", "own_code"]);
    for (error, name, code) in errors {
        assert_eq!((error.name(), error.code()), (name, code));
    }
    assert_eq!(CallError::from(NotReady).to_string(), NotReady.to_string());
    assert_eq!(CallError::from(VerifyError::OwnCode).to_string(), VerifyError::OwnCode.to_string());

    let reasons = [
        CloseReason::ByUs,
        CloseReason::ByPeer,
        CloseReason::Unproved,
        CloseReason::ByServerOrPeer,
        CloseReason::AcceptedElsewhere,
        CloseReason::BadAnswer,
        CloseReason::Violation(Violation::SeqNegative),
        CloseReason::RolledBack,
    ];
    let texts: BTreeSet<String> = reasons.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), reasons.len(), "each has its own text");
    assert!(reasons[6].to_string().ends_with(&Violation::SeqNegative.to_string()));
}

#[test]
fn ids_are_read_from_either_case_and_from_nothing_else() {
    let id = ChatId(*b"\x00\x0a\xa0\xaf\xfa\xff\x99\x9a\xa9\x01\x10\x7f\x80\xbc\xcb\xde");
    assert_eq!(id.to_string(), "000aa0affaff999aa901107f80bccbde");
    assert_eq!("000AA0affAFf999aA901107f80BCCBDE".parse(), Ok(id));
    let wrong = [
        "",
        "00",
        "000aa0affaff999aa901107f80bccbd",
        "000aa0affaff999aa901107f80bccbde0",
        "000aa0affaff999aa901107f80bccbdg",
    ];
    for text in wrong {
        let refused: ParseIdError = text.parse::<ChatId>().unwrap_err();
        assert_eq!(refused.to_string(), "this is not an id of that kind", "{text}");
    }
}
