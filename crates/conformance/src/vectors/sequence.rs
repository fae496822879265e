//! `sequence-1` (SPEC SEQ-1 to SEQ-6).

use secretchat::hazmat::seq::{Arrival, Parity, Slots, WireSeqNo};
use secretchat::{Role, SeqNo};

use super::case::{Case, Checked, equal, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "wire" => wire(case),
        "arrival" => {
            let slots = Slots { received: raw(case, "received")?, ..Slots::default() };
            let arrival = match slots.arrival(raw(case, "slot")?) {
                Arrival::Next => "next",
                Arrival::Duplicate => "duplicate",
                Arrival::Early => "early",
            };
            equal("arrival", case.text("arrival")?, arrival)
        }
        "receiving" => {
            let [sent, received, acknowledged] = ["sent", "received", "acknowledged"].map(|name| raw(case, name));
            let slots = Slots { sent: sent?, received: received?, acknowledged: acknowledged? };
            let after = slots.after_receiving(raw(case, "in_seq_no")?);
            if !case.is_valid()? {
                return case.refused(after);
            }
            let after = after.map_err(words)?;
            equal("sent", slots.sent, after.sent)?;
            equal("received", raw(case, "received_after")?, after.received)?;
            equal("acknowledged", raw(case, "acknowledged_after")?, after.acknowledged)
        }
        "sending" => {
            let slots = Slots { sent: raw(case, "sent")?, ..Slots::default() };
            match (case.is_valid()?, slots.after_sending()) {
                (false, None) => equal("error", case.text("error")?, "SeqExhausted"),
                (false, Some(_)) => case.refused(Ok::<_, ()>(())),
                (true, made) => {
                    let (slot, after) = made.ok_or("no slot is left")?;
                    equal("slot", raw(case, "slot")?, slot)?;
                    equal("sent", raw(case, "sent_after")?, after.sent)
                }
            }
        }
        _ => case.unknown_kind(),
    }
}

/// Checks a number, whose parity depends on the counter and on the side that wrote it.
fn wire(case: &Case<'_>) -> Checked {
    let sender = if case.text("sender")? == "initiator" { Role::Initiator } else { Role::Responder };
    let wire = WireSeqNo::from_wire(case.number("wire")?);
    let (parity, read) = match case.text("number")? {
        "out_seq_no" => (Parity::of_out_seq_no(sender), wire.to_slot(Parity::of_out_seq_no(sender))),
        "in_seq_no" => (Parity::of_in_seq_no(sender), wire.to_raw(Parity::of_in_seq_no(sender))),
        other => return Err(format!("no number is named {other}")),
    };
    if !case.is_valid()? {
        return case.refused(read);
    }
    equal("raw", raw(case, "raw")?, read.map_err(words)?)?;
    equal("wire", case.number("wire")?, WireSeqNo::new(raw(case, "raw")?, parity).to_wire())
}

fn raw(case: &Case<'_>, name: &str) -> Result<SeqNo, String> {
    SeqNo::new(case.number(name)?).ok_or_else(|| format!("{name} is no raw number"))
}
