//! An initiator of the Telegram profile to which so much came before it had the key (SPEC MODP-6).

use secretchat::{Chat, Handled, PeerPolicy};

use super::forger::Forger;
use super::meeting::Profile;
use super::pair::{ciphertext, env, outputs, request_of};
use super::rng::Seeded;
use super::telegram;

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
