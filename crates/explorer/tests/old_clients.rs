//! A chat of the crate and a model of an old client: nothing is violated, and what is planted is found.

use explorer::{Act, Client, Closes, Extent, Failed, Fault, Profile, Script, Settings, configurations, search};

use Act::{MarkRead, Rekey, Send, SetTtl};

fn with(client: Client, side: usize, scripts: [&[Act]; 2]) -> Settings {
    let mut settings = Settings { profile: Profile::Telegram, ..Settings::new("", scripts) };
    settings.clients[side] = client;
    settings
}

#[test]
fn nothing_is_violated_beside_an_old_client() {
    let mut worlds = 0;
    for settings in configurations::old_clients() {
        match search(&settings, Extent { worlds: 200, close_each: 100 }) {
            Ok(tally) => worlds += tally.worlds,
            Err(found) => panic!("{}: {}\n{}", settings.name, found.violation, found.script),
        }
    }
    assert!(worlds >= 5_600, "{worlds}");
}

#[test]
fn nothing_is_violated_while_a_client_is_updated() {
    for settings in configurations::layers() {
        if let Err(found) = search(&settings, Extent { worlds: 150, close_each: 50 }) {
            panic!("{}: {}\n{}", settings.name, found.violation, found.script);
        }
    }
}

// A model that does not get on with another one says nothing about the crate.
#[test]
fn old_clients_get_on_with_each_other() {
    for clients in [[Client::Tdlib; 2], [Client::Android; 2], [Client::Tdlib, Client::Android]] {
        for scripts in [[&[Send, Rekey][..], &[Send]], [&[Rekey], &[Rekey]]] {
            let settings = Settings { clients, ..with(Client::Own, 0, scripts) };
            let tally = search(&settings, Extent { worlds: 2_000, close_each: 0 });
            assert!(tally.is_ok(), "{clients:?}: {tally:?}");
        }
    }
}

// The rule of Android, protocol facts 5.2: the fifth early message ends the chat. The server keeps the order, so only a
// network like this one brings them so.
#[test]
fn android_ends_a_chat_by_its_own_rule_and_is_not_blamed() {
    let settings = with(Client::Android, 1, [&[Send; 6], &[]]);
    let [alice, _] = Script::default().run(&settings).unwrap();
    let missing = alice.view().sent;
    let mut text = "alice user acts\n".repeat(6);
    for early in missing + 1..=missing + 4 {
        text += &format!("bob takes m{early}.0\n");
    }
    let four = Script::parse(&text).unwrap();
    let [_, bob] = four.run(&settings).unwrap();
    assert!(!bob.was_forced() && !bob.view().closed);
    let five = Script::parse(&format!("{text}bob takes m{}.0", missing + 5)).unwrap();
    let [_, bob] = five.run(&settings).unwrap();
    assert!(bob.was_forced() && bob.view().closed);
    let tdlib = Settings { clients: [Client::Own, Client::Tdlib], ..settings.clone() };
    let [_, bob] = five.run(&tdlib).unwrap();
    assert!(!bob.view().closed, "TDLib keeps all that come early");
    let five = Script { closes: Some(Closes::Brought), ..five };
    assert!(five.run(&settings).is_ok() && five.run(&tdlib).is_ok());
}

// What is never met is not checked (SPEC DES-4).
#[test]
fn a_timer_ends_at_both_ends_whoever_reads() {
    for client in [Client::Tdlib, Client::Android] {
        for reader in [0, 1] {
            let writer = 1 - reader;
            let mut scripts: [&[Act]; 2] = [&[SetTtl(30), Send]; 2];
            scripts[reader] = &[MarkRead];
            for old in [0, 1] {
                let settings = Settings { ticks: 1, ..with(client, old, scripts) };
                let [one, other] = [["alice", "bob"][writer], ["alice", "bob"][reader]];
                let ends = |text: &str| Script::parse(text).unwrap().run(&settings).unwrap();
                let acts = format!("{one} user acts\n").repeat(2);
                let text = ends(&acts)[writer].view().sent - 1;
                let set = text - 1;
                let arrived =
                    format!("{other} takes m{set}.0\n{other} takes m{text}.0\n{one} hears accepted m{text}.0\n");
                let read = format!("{acts}{arrived}{other} user acts\n{one} takes k0.0\n");
                let over = format!("{read}{one} time passes\n{other} time passes\n");
                for end in ends(&read) {
                    assert_eq!(end.rows().timers.values().collect::<Vec<_>>(), [&30], "{settings:?}");
                    assert!(end.rows().destroyed.is_empty(), "{settings:?}");
                }
                for end in ends(&over) {
                    assert_eq!(end.rows().destroyed, end.rows().timers.keys().copied().collect(), "{settings:?}");
                }
            }
        }
    }
}

#[test]
fn an_old_client_that_drops_timers_is_found() {
    is_found(&with(Client::Tdlib, 1, [&[SetTtl(30), Send], &[]]), Fault::DropsTimers, explorer::TIMERS);
}

fn is_found(settings: &Settings, fault: Fault, invariant: &str) {
    let broken = Settings { fault: Some(fault), ..settings.clone() };
    let found = search(&broken, Extent { worlds: 20_000, close_each: 100 }).expect_err("the fault was not found");
    assert_eq!(found.violation.invariant, invariant, "{}\n{}", found.violation, found.script);
    assert!(matches!(found.script.run(&broken), Err(Failed::Violation(again)) if again.invariant == invariant));
    assert!(!matches!(found.script.run(settings), Err(Failed::Violation(_))), "{}", found.script);
}

#[test]
fn an_old_client_that_forgets_what_it_sent_is_found() {
    is_found(&with(Client::Tdlib, 1, [&[], &[Rekey]]), Fault::ForgetsWhatItSent, explorer::COUNTERS);
}

#[test]
fn an_old_client_that_counts_what_came_early_is_found() {
    let settings = with(Client::Tdlib, 1, [&[Send, Send], &[Send]]);
    is_found(&settings, Fault::CountsWhatIsEarly, explorer::ACKNOWLEDGED);
}

#[test]
fn an_old_client_with_another_key_of_the_same_name_is_found() {
    is_found(&with(Client::Android, 1, [&[Rekey], &[]]), Fault::DerivesAnotherKey, explorer::SAME_KEY);
}

#[test]
fn an_old_client_that_never_accepts_a_key_is_found() {
    is_found(&with(Client::Tdlib, 1, [&[Rekey], &[]]), Fault::NeverAcceptsAKey, explorer::RESTS);
}

#[test]
fn an_old_client_that_is_given_a_reason_to_end_the_chat_is_found() {
    is_found(&with(Client::Tdlib, 0, [&[], &[Send]]), Fault::ChangesBytes, explorer::OLD_PEER);
}
