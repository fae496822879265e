//! Wrong and unusual inputs in the place of TDLib.

use recordings::{Message, Party, Recording, bytes};
use secretchat::{ChatState, Handled, Input, PeerFault, PeerPolicy, Role};

use super::{Failure, Player, env, layer_of, slot_of};
use crate::play::differences::{Difference, Differences};
use crate::play::keys::role;

/// Gives wrong and unusual inputs to a chat in the place of TDLib. Checks that nothing panics, and that inputs that are not
/// authentic change nothing. Returns the number of checks.
pub(crate) fn withstand(recording: &Recording) -> Result<(usize, Differences), Failure> {
    let (mut checks, mut differences) = (0, Differences::default());
    for policy in [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant] {
        let player = Player::enter(recording, Party::Tdlib, policy).map_err(|error| format!("{policy:?}: {error}"))?;
        let is_ready = player.as_ref().is_some_and(|player| player.chat.state() == ChatState::Ready);
        let agreement = ["encryptedChat", "encryptedChatRequested", "messages.dhConfig"];
        checks += usize::from(agreement.iter().any(|name| recording.server(name).is_some()));
        let accepted = recording.server("messages.acceptEncryption").is_some();
        let was_ready = accepted
            || recording.steps.iter().any(|step| {
                step.value["tdlib_events"].as_array().into_iter().flatten().any(|event| event["state"] == "active")
            });
        // Without the server's parameters, or without the exponent, there is nothing to compare with.
        let unknown_group = recording.server("messages.dhConfig").is_none();
        let unknown_exponent = recording.keys.is_empty() && role(recording, Party::Tdlib) == Role::Initiator;
        let is_open = if is_ready { unknown_group } else { unknown_exponent };
        if was_ready && !is_ready && is_in_range(recording)? {
            differences.note(Difference::Subgroup);
        } else if was_ready != is_ready && !is_open {
            let word = |ready| if ready { "a key" } else { "no key" };
            return Err(format!("{policy:?}: expected {}, actual {}", word(was_ready), word(is_ready)));
        }
        let Some(mut player) = player else { continue };
        for (n, step) in recording.steps.iter().enumerate() {
            let Some(message) = &step.message else { continue };
            let result = if message.from == Party::Tdlib {
                player.keep_up(message)
            } else {
                checks += 1;
                player.attacked(message, policy)
            };
            result.map_err(|error| format!("{policy:?}, step {n}: {error}"))?;
        }
    }
    Ok((checks, differences))
}

impl Player<'_> {
    /// Sends something in as many slots as the recorded party has used.
    fn keep_up(&mut self, message: &Message) -> Result<(), Failure> {
        let Some(layer) = layer_of(message) else { return Ok(()) };
        while self.chat.state() == ChatState::Ready && self.next_recorded() <= slot_of(&layer) {
            self.say(self.next_recorded())?;
        }
        Ok(())
    }

    fn attacked(&mut self, message: &Message, policy: PeerPolicy) -> Result<(), Failure> {
        let before = format!("{:?}", self.chat);
        let (sent, is_first) = (self.chat.counters().sent, self.chat.counters().received == 0);
        self.prepare_next();
        let input = Input::ciphertext(&message.wire, None, None);
        let handled = self.chat.handle(input, &mut env(&mut self.rng));
        self.rng.forget();
        let after = format!("{:?}", self.chat);
        let is_forged = message.key_index.is_none();
        if is_forged {
            let kept = self.chat.state() == ChatState::Requested && handled == Ok(Handled::Waiting);
            let refused = matches!(
                handled,
                Err(PeerFault::NotAuthentic | PeerFault::UnknownKey) | Ok(Handled::Ignored | Handled::NoRoom)
            );
            // SPEC ENV-5: the first messages of a peer may be under MTProto 1.0.
            let is_old = policy != PeerPolicy::Strict && message.is_under_old_protocol() && is_first;
            if is_old && handled != Ok(Handled::Applied) {
                return Err(format!("expected to take what begins under MTProto 1.0, actual {handled:?}"));
            }
            if !refused && !kept && !is_old {
                return Err(format!("expected to refuse what is not authentic, actual {handled:?}"));
            }
        }
        if (handled.is_err() || (is_forged && matches!(handled, Ok(Handled::Ignored | Handled::NoRoom))))
            && before != after
        {
            return Err(format!("expected {before}, actual {after}"));
        }
        self.drain();
        if self.chat.state() == ChatState::Ready { self.settle(sent) } else { Ok(()) }
    }
}

/// Returns whether a requested chat's public value, which has no known exponent, keeps 2^1984 away from zero and the
/// prime.
fn is_in_range(recording: &Recording) -> Result<bool, Failure> {
    let (Some(request), Some(config)) =
        (recording.server("encryptedChatRequested"), recording.server("messages.dhConfig"))
    else {
        return Ok(false);
    };
    let (value, prime) = (bytes(&request["g_a"])?, bytes(&config["p"])?);
    if value.len() != 256 || prime.len() != 256 || !recording.keys.is_empty() {
        return Ok(false);
    }
    let mut borrow = false;
    let mut rest: Vec<u8> = Vec::with_capacity(256);
    for (p, v) in prime.iter().zip(&value).rev() {
        let (once, first) = p.overflowing_sub(*v);
        let (digit, second) = once.overflowing_sub(borrow.into());
        borrow = first || second;
        rest.insert(0, digit);
    }
    let is_large = |number: &[u8]| number[..8].iter().any(|byte| *byte != 0);
    Ok(!borrow && is_large(&value) && is_large(&rest))
}
