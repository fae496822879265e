//! One recording of TDLib's own secret-chat code, through all passes:
//!
//! * pass (a): every message of both directions opens, reads, is written and sealed to the same bytes;
//! * pass (b): a chat in the place of the Python party takes every message with its recorded meaning and says what that
//!   party said;
//! * pass (c): the same in the place of TDLib. Of wrong and unusual inputs: no panic, and what is not authentic changes
//!   nothing, with each policy.

mod bytes;
mod compare;
mod differences;
mod draft;
mod meaning;
mod player;
mod rekey;
pub(crate) mod transcript;

use secretchat::PeerPolicy;

pub(crate) use differences::Differences;
use player::{Player, withstand};
use transcript::{Party, Transcript};

/// All passes over one file.
pub(crate) fn check(transcript: &Transcript, differences: &mut Differences) -> Result<String, String> {
    let mut failures = Vec::new();
    let mut line = Vec::new();
    let mut checks = 0;
    match bytes::check(transcript) {
        Ok(messages) => {
            checks += messages;
            line.push(format!("(a) {messages} messages"));
        }
        Err(error) => failures.push(error),
    }
    if transcript.is_hostile {
        match withstand(transcript) {
            Ok((inputs, found)) => {
                checks += inputs;
                differences.add(&found);
                line.push(format!("(c) {inputs} checks with three policies"));
            }
            Err(error) => failures.push(format!("pass (c), {error}")),
        }
    } else {
        for (pass, us) in [("(b)", Party::Python), ("(c)", Party::Tdlib)] {
            let played = Player::enter(transcript, us, PeerPolicy::Default)
                .and_then(|player| player.ok_or("expected a key, actual none".into()))
                .and_then(Player::play);
            match played {
                Ok(played) => {
                    checks += played.received + played.sent;
                    differences.add(&played.differences);
                    line.push(format!(
                        "{pass} {} received, {} sent, {} of them equal to the byte, {} listed differences",
                        played.received,
                        played.sent,
                        played.identical,
                        played.differences.total()
                    ));
                }
                Err(error) => failures.push(format!("pass {pass}, {error}")),
            }
        }
    }
    match (failures.is_empty(), checks) {
        (true, 0) => Err("nothing to check".into()),
        (true, _) => Ok(line.join("; ")),
        (false, _) => Err(failures.join("; ")),
    }
}
