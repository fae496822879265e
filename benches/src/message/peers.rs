//! The same message in other protocols: encrypted at one end, decrypted at the other, in memory.

use vodozemac::megolm::{self, GroupSession, InboundGroupSession};
use vodozemac::olm::Session;

use super::mls;
use crate::agreement::olm;
use crate::measure::{Case, Lap};

const TEXT: [u8; 100] = [b'x'; 100];
/// The messages of a lap.
const COUNT: u32 = 16;

pub(super) fn cases() -> Vec<Case> {
    let (mut there, mut to_and_fro) = (olm::sessions(), olm::sessions());
    let one_chain = Lap::new(COUNT, move || say(&mut there, 0));
    let ping_pong = Lap::of(COUNT, move || {
        for _ in 0..COUNT / 2 {
            say(&mut to_and_fro, 0);
            say(&mut to_and_fro, 1);
        }
    });

    let mut sender = GroupSession::new(megolm::SessionConfig::version_1());
    let mut receiver = InboundGroupSession::new(&sender.session_key(), megolm::SessionConfig::version_1());
    let megolm = Lap::new(COUNT, move || {
        let message = sender.encrypt(TEXT);
        assert_eq!(receiver.decrypt(&message).unwrap().plaintext, TEXT);
    });

    let mut group = mls::Group::ready();
    let mls = Lap::new(COUNT, move || group.say(&TEXT));
    vec![
        Case::new(super::OLM_CHAIN, [one_chain]),
        Case::new("vodozemac, Olm, to and fro", [ping_pong]),
        Case::new("vodozemac, Megolm", [megolm]),
        Case::new("openmls, a group of two, with its encoding", [mls]),
    ]
}

fn say(sessions: &mut [Session; 2], from: usize) {
    let message = sessions[from].encrypt(TEXT).unwrap();
    assert_eq!(sessions[1 - from].decrypt(&message).unwrap(), TEXT);
}
