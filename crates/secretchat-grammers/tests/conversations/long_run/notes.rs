//! What a host writes down of the events of its chat.

use secretchat::{Event, Media};
use secretchat_grammers::{Download, FileLocation};

use super::disk::{Coming, Disk, Row};
use super::world::Truth;

impl Disk {
    pub(crate) fn note(&mut self, event: &Event, truth: &Truth) {
        match event {
            Event::Message(message) => {
                let (id, wish) = (message.random_id, truth.made[&message.random_id]);
                assert!(wish.is(message), "{wish:?} came as {message:?}");
                self.open.rows.push(Row::Message(id, message.ttl.to_wire() != 0));
                let medium = message.content.media.as_ref().and_then(Media::file);
                assert_eq!((message.file.is_some(), medium.is_some()), (wish.has_file(), wish.has_file()));
                if let (Some(file), Some((_, key))) = (&message.file, medium) {
                    let location = FileLocation::of_reference(&file.reference).unwrap();
                    assert_eq!(file.size, Some(location.size));
                    let token = Download::new(location, 1 << 30).unwrap().to_bytes();
                    let key = key.map(|key| (*key.parts().0, *key.parts().1));
                    self.open.coming.push((id, Coming { got: Vec::new(), token, is_whole: false, key }));
                }
            }
            Event::Opened { random_id, lease, .. } => {
                // Its file may have been deleted meanwhile.
                if let (Some(lease), Some(coming)) = (lease, self.coming.get(random_id)) {
                    let content = truth.made[random_id].content();
                    assert!(lease.open(&coming.got).unwrap() == content, "the file of {random_id}");
                    self.open.rows.push(Row::Opened(*random_id));
                }
            }
            Event::Sent { random_id, .. } => self.open.rows.push(Row::Sent(*random_id)),
            Event::Failed { random_id, .. } => self.open.rows.push(Row::Failed(*random_id)),
            Event::Expired { random_id, .. } => self.open.rows.push(Row::Expired(*random_id)),
            Event::Deleted { random_ids, .. } => {
                self.open.rows.extend(random_ids.iter().map(|id| Row::Deleted(*id)));
            }
            Event::HistoryFlushed => self.open.rows.push(Row::Flushed(truth.last())),
            Event::Closed { .. } => self.open.rows.push(Row::Closed),
            Event::Ready { .. }
            | Event::Acknowledged { .. }
            | Event::ReadByPeer { .. }
            | Event::ReadUpTo { .. }
            | Event::Typing { .. }
            | Event::PeerLayer { .. }
            | Event::Screenshot { .. }
            | Event::Rekeyed { .. }
            | Event::TtlChanged { .. }
            | Event::RekeyOverdue
            // Repeats from before a new key look like this, after a restart (SPEC REC-8).
            | Event::RollbackSuspected => {}
            other => panic!("{other:?}"),
        }
    }
}
