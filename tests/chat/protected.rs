//! The sender's own word on what becomes of its message, and the host's on what is notified (SPEC RIGHT-5 to RIGHT-7).

#[cfg(feature = "telegram")]
use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessage73, Flags};
use secretchat::{Draft, Notification, Rights};

use crate::support::agreement::Agreement;
use crate::support::forger::{self, Forger};
use crate::support::pair::{BOBS_STORE_KEY, Pair, ciphertext, env, outputs, sealed};
use crate::support::rng::Seeded;
use crate::support::timed::{Kept, message_in};
#[cfg(feature = "telegram")]
use {
    crate::support::forger::{encoded, plain},
    crate::support::telegram,
    secretchat::{ApiMisuse, PeerPolicy},
};

/// What Bob may do with what Alice writes.
fn rights_of(draft: &Draft) -> Rights {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    alice.send(draft, &mut env(&mut rng)).unwrap();
    let bytes = sealed(&mut alice);
    bob.handle(ciphertext(&bytes), &mut env(&mut rng)).unwrap();
    message_in(&outputs(&mut bob)).content.rights
}

#[test]
fn a_message_is_kept_unless_its_sender_asks_otherwise() {
    let kept = rights_of(&Draft::text("a"));
    assert!(kept.may_save() && kept.may_copy() && kept.may_screenshot());
    assert_eq!(kept.notification(), Notification::All);
    let protected = rights_of(&Draft::text("a").protected());
    assert!(!protected.may_save() && !protected.may_copy() && !protected.may_screenshot() && !protected.may_forward());
    assert!(!protected.is_hidden_until_opened());
    assert_eq!(protected.notification(), Notification::Sender);
}

// SPEC RIGHT-7: of what arrives and of what is opened, and after a restart.
#[test]
fn notifications_show_no_more_than_the_host_allows() {
    use secretchat::Notification::{All, Nothing, Sender};
    use secretchat::{Chat, Event, Output, Ttl};

    for (cap, of_text, of_timed) in [(All, All, Sender), (Sender, Sender, Sender), (Nothing, Nothing, Nothing)] {
        let bob = Pair::bob_config().map(|config| config.with_notification_cap(cap));
        let Pair { mut alice, mut bob, mut rng } = Pair::of(Pair::alice_config(), bob);
        let notified = |alice: &mut Chat, bob: &mut Chat, draft: &Draft, rng: &mut Seeded| {
            let random_id = alice.send(draft, &mut env(rng)).unwrap();
            bob.handle(ciphertext(&sealed(alice)), &mut env(rng)).unwrap();
            (random_id, message_in(&outputs(bob)).content.rights.notification())
        };
        assert_eq!(notified(&mut alice, &mut bob, &Draft::text("a"), &mut rng).1, of_text, "{cap:?}");
        let minute = Ttl::from_seconds(60).unwrap();
        let timed = Draft::text("a").with_ttl(minute).hidden();
        let (id, shown) = notified(&mut alice, &mut bob, &timed, &mut rng);
        assert_eq!(shown, of_timed, "{cap:?}");
        bob.open_view(id, &mut env(&mut rng)).unwrap();
        let opened = outputs(&mut bob).into_iter().find_map(|output| match output {
            Output::Event(Event::Opened { content, .. }) => content,
            _ => None,
        });
        assert_eq!(opened.unwrap().content().rights.notification(), of_timed, "{cap:?}");
    }

    // The set-up keeps it.
    let config = Pair::bob_config().map(|config| config.with_notification_cap(Nothing));
    let (mut forger, bob, batches) = Forger::meet_seeded(Agreement::X25519, config, 41);
    let mut bob = Kept::new(bob, &batches, BOBS_STORE_KEY);
    forger.give_next(&mut bob.chat, &forger::text(1, "a"));
    bob.outputs();
    let mut rng = Seeded::new(3);
    bob.restart(0, &mut rng);
    forger.give_next(&mut bob.chat, &forger::text(2, "b"));
    assert_eq!(message_in(&bob.outputs()).content.rights.notification(), Nothing);
}

#[cfg(feature = "telegram")]
#[test]
fn telegram_knows_no_such_word() {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    let mut rng = Seeded::new(1);
    let refused = bob.send(&Draft::text("a").protected(), &mut env(&mut rng));
    assert_eq!(refused, Err(ApiMisuse::NotInProfile.into()));
    let message = DecryptedMessage73 { flags: Flags::new(1 << 26), ..plain(7, "a") };
    outputs(&mut bob);
    forger.give_next(&mut bob, &encoded(&DecryptedMessage::Message73(message)));
    let rights = message_in(&outputs(&mut bob)).content.rights;
    assert!(rights.may_save());
    assert_eq!(rights.notification(), Notification::Nothing);
}
