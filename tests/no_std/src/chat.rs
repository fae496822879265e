//! Whole chats on a heap without std: a text, a new key, and texts under it both ways.

use secretchat::{Chat, Config, Draft, Env, Event, Input, Invitation, Output, Timestamp, TransmitKind};

use crate::drawn;
use crate::stack::{self, step};

/// What a step of a chat with X25519 may take of the stack, in bytes. With the hybrid profile in the same program it
/// takes more.
const LITTLE_STACK: usize = match (cfg!(target_pointer_width = "32"), cfg!(feature = "hybrid")) {
    (true, false) => 12 * 1024,
    (true, true) => 16 * 1024,
    (false, _) => 24 * 1024,
};

pub fn x25519(flip: u8) -> bool {
    Config::x25519("alice", "bob")
        .is_ok_and(|alice| Config::x25519("bob", "alice").is_ok_and(|bob| holds(alice, bob, flip)))
}

pub fn x25519_on_little_stack(flip: u8) -> bool {
    stack::taken();
    x25519(0) && stack::taken() <= LITTLE_STACK * usize::from(1 - flip)
}

#[cfg(feature = "hybrid")]
pub fn hybrid(flip: u8) -> bool {
    Config::hybrid("alice", "bob")
        .is_ok_and(|alice| Config::hybrid("bob", "alice").is_ok_and(|bob| holds(alice, bob, flip)))
}

fn holds(alice: Config, bob: Config, flip: u8) -> bool {
    // Two draws are never alike.
    let mut rng = drawn((1_u64..).flat_map(|draw| draw.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()));
    let env = &mut Env::new(Timestamp::default(), &mut rng);
    let Ok(mut alice) = step(|| Chat::request(alice, env)) else { return false };
    let Some(Output::Transmit(request)) = alice.poll_output() else { return false };
    let TransmitKind::Request { public, .. } = &request.kind else { return false };
    let Ok(invitation) = step(|| Invitation::parse(public, bob)) else { return false };
    let Ok(mut bob) = step(|| invitation.accept(env)) else { return false };

    let mut texts = 0;
    let mut talk = |alice: &mut Chat, bob: &mut Chat, env: &mut Env<'_>| {
        while carry(alice, bob, &mut texts, flip, env) | carry(bob, alice, &mut texts, flip, env) {}
    };
    talk(&mut alice, &mut bob, env);
    let sent = step(|| alice.send(&Draft::text("now"), env)).is_ok() && step(|| alice.rekey(env)).is_ok();
    talk(&mut alice, &mut bob, env);
    let answered = bob.send(&Draft::text("now"), env).is_ok();
    talk(&mut alice, &mut bob, env);
    // The one who answered keeps the old key until it sees a message under the new one.
    let ended = alice.send(&Draft::text("now"), env).is_ok();
    talk(&mut alice, &mut bob, env);
    let one_key = alice.check().is_some() && alice.check() == bob.check();
    sent && answered && ended && texts == 3 && (alice.rekeys(), bob.rekeys(), one_key) == (1, 1, true)
}

/// Carries what there is, counts the texts that are right, and returns whether there was anything.
fn carry(from: &mut Chat, to: &mut Chat, texts: &mut u8, flip: u8, env: &mut Env<'_>) -> bool {
    let mut carried = false;
    while let Some(output) = from.poll_output() {
        match output {
            Output::Event(Event::Message(message)) => {
                *texts += u8::from(message.content.text.as_bytes() == [b'n' ^ flip, b'o', b'w']);
            }
            Output::Transmit(transmit) => {
                let input = match &transmit.kind {
                    TransmitKind::Accept { public, fingerprint, .. } => Input::accepted(public, *fingerprint),
                    TransmitKind::Ciphertext { bytes, .. } => Input::ciphertext(bytes, None, None),
                    _ => return false,
                };
                carried |= step(|| to.handle(input, env)).is_ok();
            }
            _ => {}
        }
    }
    carried
}
