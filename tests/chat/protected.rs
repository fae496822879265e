//! The sender's own word on what becomes of its message (SPEC RIGHT-5, RIGHT-6).

#[cfg(feature = "telegram")]
use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessage73, Flags};
use secretchat::{Draft, Notification, Rights};

use crate::support::pair::{Pair, ciphertext, env, sealed};
use crate::support::timed::message_in;
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
    message_in(&crate::support::pair::outputs(&mut bob)).content.rights
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

#[cfg(feature = "telegram")]
#[test]
fn telegram_knows_no_such_word() {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    let mut rng = crate::support::rng::Seeded::new(1);
    let refused = bob.send(&Draft::text("a").protected(), &mut env(&mut rng));
    assert_eq!(refused, Err(ApiMisuse::NotInProfile.into()));
    let message = DecryptedMessage73 { flags: Flags::new(1 << 26), ..plain(7, "a") };
    crate::support::pair::outputs(&mut bob);
    forger.give_next(&mut bob, &encoded(&DecryptedMessage::Message73(message)));
    let rights = message_in(&crate::support::pair::outputs(&mut bob)).content.rights;
    assert!(rights.may_save());
    assert_eq!(rights.notification(), Notification::Nothing);
}
