//! An initiator of the Telegram profile to which so much came before it had the key (SPEC MODP-6).

use secretchat::hazmat::wire::DecryptedMessageAction;
use secretchat::{Chat, Handled, PeerPolicy};

use super::forger::{Forger, service, text};
use super::pair::{ciphertext, env, outputs, request_of};
use super::piles::timed_text;
use super::profile::Profile;
use super::rng::Seeded;
use super::telegram;

/// A name, and how each of so many messages is made.
type Early = (&'static str, fn(usize) -> Vec<u8>);

pub(crate) const EARLY: [Early; 3] = [
    ("texts", |_| text(5, "early")),
    ("timers", timed_text),
    ("flushes", |_| service(DecryptedMessageAction::FlushHistory)),
];

/// Returns a chat that has asked, with so many messages that wait for the key, and the peer that will answer.
pub(crate) fn asked(size: usize, message: impl Fn(usize) -> Vec<u8>) -> (Chat, Forger) {
    let start = telegram::config(PeerPolicy::Default).map(|config| config.with_limits(Profile::limits(size)));
    let mut alice = Chat::request(start, &mut env(&mut Seeded::new(44))).unwrap();
    let mut forger = telegram::answer(&request_of(&mut alice));
    for at in 1..=size {
        let sealed = forger.say_next(&message(at));
        assert_eq!(alice.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Waiting));
        outputs(&mut alice);
    }
    (alice, forger)
}
