//! Events of a chat.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use secretchat::{CloseReason, Event, UserAction};

use super::unknown;
use crate::lease::{ContentLease, MediaLease};
use crate::make::make;
use crate::value::{ids, message};
use crate::verification::Verification;

/// Returns an event of the package.
pub(super) fn event(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
    Ok(match event {
        Event::Ready { verification, .. } => {
            make!(py, "events" Ready { verification: Bound::new(py, Verification(verification))? })
        }
        Event::Message(told) => message(py, &told)?,
        Event::Sent { id, random_id, date, .. } => {
            make!(py, "events" Sent { id: id.0, random_id: random_id.0, date: date.as_millis() })
        }
        Event::Failed { id, random_id, .. } => make!(py, "events" Failed { id: id.0, random_id: random_id.0 }),
        Event::ActionFailed { id, action, .. } => {
            let ttl = if let UserAction::SetTtl { ttl, .. } = action { Some(ttl.to_wire()) } else { None };
            make!(py, "events" ActionFailed { id: id.0, action: action.name(), ttl: ttl })
        }
        Event::Acknowledged { random_ids, .. } => {
            make!(py, "events" Acknowledged { random_ids: ids(py, &random_ids)? })
        }
        Event::ReadByPeer { random_ids, .. } => make!(py, "events" ReadByPeer { random_ids: ids(py, &random_ids)? }),
        Event::Screenshot { random_ids, .. } => make!(py, "events" Screenshot { random_ids: ids(py, &random_ids)? }),
        Event::Deleted { random_ids, files, .. } => make!(py, "events" Deleted {
            random_ids: ids(py, &random_ids)?,
            files: PyTuple::new(py, files.iter().map(|(id, name)| (id.0, &name[..])))?,
        }),
        Event::HistoryFlushed => make!(py, "events" HistoryFlushed {}),
        Event::TtlChanged { ttl, asked, crossed, .. } => {
            make!(py, "events" TtlChanged { ttl: ttl.to_wire(), asked: asked.to_wire(), crossed: crossed })
        }
        Event::Opened { random_id, lease, content, deadline, .. } => make!(py, "events" Opened {
            random_id: random_id.0,
            lease: lease.map(|lease| Bound::new(py, MediaLease::new(*lease))).transpose()?,
            content: content.map(|content| Bound::new(py, ContentLease::new(*content))).transpose()?,
            deadline: deadline.as_millis(),
        }),
        Event::Expired { random_id, file, .. } => {
            make!(py, "events" Expired { random_id: random_id.0, file: file.as_deref() })
        }
        Event::KeyRefused { random_id, .. } => make!(py, "events" KeyRefused { random_id: random_id.0 }),
        Event::ReadUpTo { max_date, date, .. } => {
            make!(py, "events" ReadUpTo { max_date: max_date.as_millis(), date: date.as_millis() })
        }
        Event::Typing { action, .. } => make!(py, "events" Typing { action: action.name() }),
        Event::PeerLayer { layer, .. } => make!(py, "events" PeerLayer { layer: layer.0 }),
        Event::Rekeyed { rekeys, .. } => make!(py, "events" Rekeyed { rekeys: rekeys }),
        Event::CheckOutdated { compared_at, .. } => make!(py, "events" CheckOutdated { compared_at: compared_at }),
        Event::RekeyFailed { reason, .. } => make!(py, "events" RekeyFailed { reason: reason.name() }),
        Event::RekeyOverdue => make!(py, "events" RekeyOverdue {}),
        Event::RollbackSuspected => make!(py, "events" RollbackSuspected {}),
        Event::Unsupported => make!(py, "events" Unsupported {}),
        Event::OldProtocol => make!(py, "events" OldProtocol {}),
        Event::Closed { reason, history, missing, set_back, .. } => make!(py, "events" Closed {
            reason: reason.name(), is_violation: matches!(reason, CloseReason::Violation(_)), history: history.name(),
            missing: missing, set_back: set_back,
        }),
        other => return Err(unknown(other.name())),
    })
}
