//! Compares what was sent with what arrived.

use super::Result;
use super::disk::Hash;
use super::phone::Phone;
use super::rows::{self, What};
use super::say::say;
use super::shelf::Shelf;
use super::timers::check_timed;

/// Checks that everything that one phone sent has arrived at the other: once, in order and unchanged.
pub(crate) fn check<S: Shelf>(from: &Phone<S>, to: &Phone<S>) -> Result<()> {
    let sent = from.journal.drafts();
    let lost = sent.iter().filter(|draft| !to.journal.has_received(draft.id)).count();
    if lost > 0 {
        return Err(format!("{lost} of {} messages were lost", sent.len()).into());
    }
    let received = to.journal.received();
    if !received.iter().map(|received| received.id).eq(sent.iter().map(|draft| draft.id)) {
        return Err("messages arrived more than once or out of order".into());
    }
    for (rows::Draft { hash, step, .. }, received) in sent.iter().zip(received) {
        let (content, name) = match &received.what {
            What::Hidden(_) => {
                check_timed(step, *hash, received.id, from, to)?;
                continue;
            }
            What::Grouped(_) => {
                let opened = to.journal.opened(received.id);
                (opened.map(|opened| opened.hash), opened.and_then(|opened| opened.name.as_ref()))
            }
            What::File(_, name) => (Some(received.hash), Some(name)),
            What::Text(_) => (Some(received.hash), None),
        };
        if content != Some(*hash) {
            return Err(format!("{step} arrived changed").into());
        }
        if let Some(name) = name {
            let path = to.desk.received().join(name);
            if Hash::of_file(&path)? != *hash {
                return Err(format!("{} is not what was sent", path.display()).into());
            }
            say!("   {name}: SHA-256 {:.16}… on both sides", hash.to_string())?;
        }
    }
    Ok(())
}
