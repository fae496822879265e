//! `timers-1` (SPEC TIME-1, TIME-2, TIME-4, DES-2 to DES-9).

use std::time::Duration;

use secretchat::hazmat::destruct::{Side, Timer, ViewEvent, read_since};
use secretchat::hazmat::time::{Elapsed, LogicalClock};
use secretchat::{ContentKind, Monotonic, Timestamp, Ttl};

use super::case::{Case, Checked, equal, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "clock" => clock(case),
        "peer-ttl" => equal("meaning", case.number("meaning")?, Ttl::from_wire(case.number("wire")?).to_wire()),
        "own-ttl" => {
            let ttl = Ttl::from_seconds(case.number("seconds")?);
            if !case.is_valid()? {
                return case.refused(ttl);
            }
            equal("wire", case.number("wire")?, ttl.map_err(words)?.to_wire())
        }
        "hidden" => {
            let ttl = Ttl::from_wire(case.number("ttl")?);
            equal("hidden", case.flag("hidden")?, content(case)?.is_hidden(ttl))
        }
        "timer" => timer(case),
        "read-date" => {
            let date = if case.has("date") { Some(timestamp(case, "date")?) } else { None };
            let clock = LogicalClock::resume(timestamp(case, "now")?, elapsed(case, "elapsed")?);
            equal("since", elapsed(case, "since")?, read_since(date, timestamp(case, "sealed")?, clock))
        }
        _ => case.unknown_kind(),
    }
}

fn clock(case: &Case<'_>) -> Checked {
    let mut clock = LogicalClock::start(timestamp(case, "start")?);
    let mut last = None;
    for step in case.list("steps")? {
        let step = case.part(step);
        let (now, reading) = (timestamp(&step, "now")?, monotonic(&step)?);
        clock = match reading.zip(last).and_then(|(reading, last)| reading.since(last)) {
            Some(passed) => clock.advanced_by(now, passed),
            None => clock.advanced(now),
        };
        last = reading;
        equal("elapsed", elapsed(&step, "elapsed")?, clock.elapsed())?;
    }
    equal("told", timestamp(case, "told")?, clock.raw_deadline(elapsed(case, "deadline")?))
}

/// Checks the deadline after each event, and that the message is destroyed at the deadline and not before.
fn timer(case: &Case<'_>) -> Checked {
    let side = if case.text("side")? == "receiver" { Side::Received } else { Side::Sent };
    let mut timer = Timer::new(Ttl::from_wire(case.number("ttl")?), content(case)?, side);
    for step in case.list("events")? {
        let step = case.part(step);
        let event = match step.text("event")? {
            "read" => ViewEvent::MarkRead,
            "opened" => ViewEvent::OpenView,
            "closed" => ViewEvent::CloseView,
            "read date" => ViewEvent::PeerReadUpTo,
            "ReadMessages" => ViewEvent::PeerReadMessages,
            other => return Err(format!("no event is named {other}")),
        };
        timer = timer.on(event, elapsed(&step, "at")?, case.number("view_once_limit")?);
        let deadline = if step.has("deadline") { Some(elapsed(&step, "deadline")?) } else { None };
        equal("deadline", deadline, timer.deadline)?;
        if let Some(deadline) = deadline {
            equal("destroyed at it", true, timer.is_over(deadline))?;
            let before = deadline.as_millis().checked_sub(1).map(Elapsed::from_millis);
            equal("destroyed before it", false, before.is_some_and(|before| timer.is_over(before)))?;
        }
    }
    Ok(())
}

fn content(case: &Case<'_>) -> Result<ContentKind, String> {
    Ok(match case.text("content")? {
        "text" => ContentKind::Text,
        "file" => ContentKind::File,
        "hideable" => ContentKind::Hideable { duration: case.number("plays")? },
        "hidden" => ContentKind::Hidden { duration: case.number("plays")? },
        other => return Err(format!("no content is named {other}")),
    })
}

fn timestamp(case: &Case<'_>, name: &str) -> Result<Timestamp, String> {
    case.number(name).map(Timestamp::from_millis)
}

fn monotonic(case: &Case<'_>) -> Result<Option<Monotonic>, String> {
    if !case.has("monotonic") {
        return Ok(None);
    }
    let since_boot = case.number("monotonic").map(Duration::from_millis)?;
    Ok(Some(Monotonic::new(case.number("boot")?, since_boot)))
}

fn elapsed(case: &Case<'_>, name: &str) -> Result<Elapsed, String> {
    case.number(name).map(Elapsed::from_millis)
}
