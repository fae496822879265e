//! Plays one recording of TDLib's own secret-chat code through all passes:
//!
//! * pass (a): every message of both directions can be opened and read, and is written and sealed to the same bytes;
//! * pass (b): a chat in the place of the Python party receives every message with its recorded meaning, and sends what that
//!   party sent;
//! * pass (c): the same in the place of TDLib. Wrong and unusual inputs cause no panic, and inputs that are not authentic
//!   change nothing, under each policy.

mod bytes;
mod compare;
mod differences;
mod draft;
mod keys;
pub(crate) mod meaning;
mod player;

use recordings::{Party, Recording};
use secretchat::PeerPolicy;

pub(crate) use differences::Differences;
use player::{Player, withstand};

/// Runs all passes over one recording.
pub(crate) fn check(recording: &Recording, differences: &mut Differences) -> Result<String, String> {
    let mut failures = Vec::new();
    let mut line = Vec::new();
    let mut checks = 0;
    match bytes::check(recording) {
        Ok(messages) => {
            checks += messages;
            line.push(format!("(a) {messages} messages"));
        }
        Err(error) => failures.push(error),
    }
    if recording.is_hostile {
        match withstand(recording) {
            Ok((inputs, found)) => {
                checks += inputs;
                differences.add(&found);
                line.push(format!("(c) {inputs} checks with three policies"));
            }
            Err(error) => failures.push(format!("pass (c), {error}")),
        }
    } else {
        for (pass, us) in [("(b)", Party::Python), ("(c)", Party::Tdlib)] {
            let played = Player::enter(recording, us, PeerPolicy::Default)
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
