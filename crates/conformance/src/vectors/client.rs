//! `client-1`: a recorded chat with another program. Our end is played, and receives what that program sent.

use std::collections::VecDeque;

use super::case::{Case, Checked, equal};
use super::script;

pub(super) fn check(case: &Case<'_>) -> Checked {
    let client = case.text("client")?;
    if !["initiator", "responder"].contains(&client) {
        return Err(format!("no end is named {client}"));
    }
    nothing_else_arrives(case, client)?;
    script::play(case, |end| end != client)
}

/// Checks that our end receives all messages of the client, as they were sent, in order.
fn nothing_else_arrives(case: &Case<'_>, client: &str) -> Checked {
    let mut sent = VecDeque::new();
    for step in case.list("steps")? {
        let step = case.part(step);
        if step.text("end")? == client {
            sent.extend(step.list("sent")?.iter().filter_map(|sent| sent["ciphertext"].as_str()));
        } else if step.text("call")? == "receive" {
            equal("what arrives", sent.pop_front(), Some(step.text("bytes")?))?;
        }
    }
    equal("what never arrives", None, sent.pop_front())
}
