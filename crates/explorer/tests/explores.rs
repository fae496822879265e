//! The explorer finds nothing in the crate, and finds what is planted.

use explorer::{Act, Extent, Failed, Fault, Profile, Script, Settings, configurations, play, search};

use Act::{Delete, MarkRead, Rekey, Send, SetTtl};

const QUICK: Extent = Extent { worlds: 1_000, close_each: 100 };

#[test]
fn nothing_is_violated_in_the_first_states_of_each_search() {
    let mut worlds = 0;
    for settings in configurations::broad() {
        match search(&settings, QUICK) {
            Ok(tally) => worlds += tally.worlds,
            Err(found) => panic!("{}: {}\n{}", settings.name, found.violation, found.script),
        }
    }
    assert!(worlds > 15_000, "{worlds}");
}

// What is never met is not checked.
#[test]
fn searches_meet_what_they_are_for() {
    let crossing = Settings::new("crossing", [&[Rekey], &[Rekey]]);
    let tally = search(&crossing, QUICK).unwrap();
    assert!(tally.crossed > 100 && tally.closings > 2, "{tally:?}");
    let closing = Settings { from_request: true, ..Settings::new("closing early", [&[Act::Close], &[Act::Close]]) };
    let tally = search(&closing, QUICK).unwrap();
    assert!(tally.complete && tally.closed > 100, "{tally:?}");
}

#[test]
fn equal_settings_give_equal_searches() {
    let settings = Settings::new("texts", [&[Send, Send], &[Send]]);
    let [one, other] = [1, 2].map(|_| search(&settings, QUICK).unwrap());
    assert_eq!((one.worlds, one.ends, one.steps, one.calls), (other.worlds, other.ends, other.steps, other.calls));
}

#[test]
fn plays_beside_twins_violate_nothing() {
    let settings =
        Settings { ticks: 3, refusals: 1, ..Settings::new("", [&[Send, Rekey, Delete], &[Send, Rekey, Send]]) };
    for profile in [Profile::X25519, Profile::Hybrid] {
        let settings = Settings { profile, ..settings.clone() };
        match play(&settings, 1, 10, 60) {
            Ok(played) => assert!(played.twins > 500 && played.rekeys > 0, "{played:?}"),
            Err(found) => panic!("{}\n{}", found.violation, found.script),
        }
    }
}

/// The search finds the fault by this invariant, the script that it prints leads there, and without the fault it does not.
fn is_found(settings: &Settings, fault: Fault, invariant: &str) {
    let broken = Settings { fault: Some(fault), ..settings.clone() };
    let found = search(&broken, Extent { worlds: 100_000, close_each: 20_000 }).expect_err("the fault was not found");
    assert_eq!(found.violation.invariant, invariant, "{}\n{}", found.violation, found.script);
    let script = Script::parse(&found.script.to_string()).unwrap();
    assert_eq!(script, found.script);
    match script.run(&broken) {
        Err(Failed::Violation(again)) => assert_eq!(again.invariant, invariant),
        other => panic!("{other:?}"),
    }
    // Without the fault the step of the violation may not be possible.
    assert!(!matches!(script.run(settings), Err(Failed::Violation(_))), "{script}");
}

fn texts() -> Settings {
    Settings::new("texts", [&[Send], &[Send]])
}

#[test]
fn a_host_that_sends_before_it_writes_is_found() {
    is_found(&texts(), Fault::SendsBeforeWriting, explorer::PERSIST_BEFORE_TRANSMIT);
}

#[test]
fn a_host_that_shows_before_it_writes_is_found() {
    is_found(&texts(), Fault::ShowsBeforeWriting, explorer::ONCE_IN_ORDER);
}

#[test]
fn a_host_that_loses_a_batch_is_found() {
    is_found(&texts(), Fault::LosesABatch, explorer::FOLLOWS);
}

#[test]
fn a_host_that_keeps_first_copies_is_found() {
    let settings = Settings { refusals: 1, ..texts() };
    is_found(&settings, Fault::SendsFirstCopies, explorer::SEALED_ONCE);
    is_found(&Settings::new("deletion", [&[Send, Delete], &[]]), Fault::SendsFirstCopies, explorer::SEALED_ONCE);
}

#[test]
fn a_host_that_never_acknowledges_is_found() {
    is_found(&texts(), Fault::NeverAcknowledges, explorer::RESTS);
}

#[test]
fn a_network_that_loses_one_slot_for_ever_is_found() {
    is_found(&texts(), Fault::LosesASlot, explorer::RESTS);
}

#[test]
fn a_transport_that_changes_bytes_is_found() {
    is_found(&texts(), Fault::ChangesBytes, explorer::TAKEN);
}

#[test]
fn a_host_that_calls_too_early_is_found() {
    let settings = Settings { ticks: 1, ..Settings::new("timers", [&[SetTtl(30), Send], &[MarkRead]]) };
    is_found(&settings, Fault::IgnoresTimers, explorer::TIMERS);
}

#[test]
fn a_transport_that_refuses_what_it_brings_is_found() {
    let settings = Settings { refusals: 1, ..texts() };
    is_found(&settings, Fault::RefusesWhatItBrings, explorer::FAILED);
}

#[test]
fn a_store_that_keeps_replaced_rows_is_found() {
    is_found(&Settings::new("a key", [&[Rekey], &[]]), Fault::KeepsReplacedRows, explorer::KEYS);
}

#[test]
fn a_process_that_does_not_go_on_as_before_is_found() {
    let settings = Settings::new("texts", [&[Send, Send], &[Send]]);
    let broken = Settings { fault: Some(Fault::DrawsAnew), ..settings.clone() };
    let found = play(&broken, 1, 1, 40).expect_err("the fault was not found");
    assert_eq!(found.violation.invariant, explorer::TWIN, "{}\n{}", found.violation, found.script);
    assert!(matches!(found.script.run(&broken), Err(Failed::Violation(again)) if again.invariant == explorer::TWIN));
    assert!(found.script.run(&settings).is_ok(), "{}", found.script);
}

#[test]
fn every_copy_can_be_put_back() {
    let settings = Settings { rollbacks: 1, copies: 3, ..Settings::new("set back", [&[Send; 3], &[]]) };
    let mut sent = Vec::new();
    for copy in 0..3 {
        let text = format!("{}alice rolls back to copy {copy}", "alice user acts\n".repeat(3));
        let [alice, _] = Script::parse(&text).unwrap().run(&settings).unwrap();
        assert!(alice.was_set_back(&settings));
        sent.push(alice.view().sent);
    }
    let first = sent[0];
    assert_eq!(sent, [first, first + 1, first + 2]);
}

#[test]
fn scripts_are_read_as_they_are_written() {
    let text = "beside a twin\nalice user acts\nbob takes m1.0, dies after 2\nbob hears accepted d0.0\n\
                alice hears refused for now m1.0\nalice rolls back to copy 2\nthen all is lost, and comes to rest\n";
    assert_eq!(Script::parse(text).unwrap().to_string(), text);
    for wrong in ["carol dies", "bob takes x1.0", "bob takes m1", "alice laughs", "alice dies, dies after x"] {
        assert!(Script::parse(wrong).is_err(), "{wrong}");
    }
}
