//! Processing a message in its turn: sequence, layer, content, and the outcomes of the table (SPEC OUT-1, ACT-1).

use crate::chat::model::{Arrived, Meaning, deletes_itself};
use crate::chat::turn::Turn;
use crate::message::{Outside, Received};
use crate::output::Event;
use crate::profile::PeerPolicy;
use crate::rekey::Said;
use crate::types::error::Violation;
use crate::types::id::{Layer, Position};
use crate::types::time::Ttl;

impl Turn<'_> {
    /// Judges sequence, layer and content, and does what the message asks for (SPEC OUT-1).
    pub(super) fn process(&mut self, arrived: &Arrived) -> Result<(), Violation> {
        let policy = self.chat.setup.profile.policy();
        let before = self.state.slots;
        self.state.slots = self.chat.slots_after(before, arrived)?;
        if arrived.layer >= self.state.seen_layer {
            // It was sealed later than the slots after it, and those may name a lower layer: TDLib seals its
            // replacements this way.
            if arrived.layer > self.state.seen_layer && !arrived.resent && !deletes_itself(&arrived.body) {
                self.state.seen_layer = arrived.layer;
            }
            self.raise_layer(arrived.layer);
        } else if policy == PeerPolicy::Strict {
            return Err(Violation::LayerBack);
        }
        self.acknowledgement_news(before.acknowledged);
        self.wipe_old_key(arrived);

        let content = match self.chat.meaning_of(arrived) {
            Ok(content) => content,
            Err(_) if policy == PeerPolicy::Strict => return Err(Violation::BodyNotUnderstood),
            Err(_) => {
                self.tell_layer();
                Meaning::News(Event::Unsupported)
            }
        };
        let content = if arrived.is_old { self.meaning_under_old(content, arrived) } else { content };
        // The Noop of a switch acknowledges CommitKey, at its own time (SPEC REKEY-4). A request that was answered
        // early means nothing any more, but is still acknowledged.
        let silent = matches!(content, Meaning::Noop | Meaning::Rekey(Said::Commit { .. }));
        self.state.owes_acknowledgement |= arrived.answered || !silent;
        self.take_in(content, arrived)?;
        self.count_unanswered();
        Ok(())
    }

    /// Accepts a higher layer of the peer, and notifies the host.
    pub(in crate::chat) fn raise_layer(&mut self, layer: Layer) {
        if layer > self.state.peer_layer {
            self.state.peer_layer = layer;
            self.group.tell(Event::PeerLayer { layer });
        }
    }

    /// Sends our layer to a peer that uses a higher one, once for each layer of the peer (SPEC OUT-1).
    fn tell_layer(&mut self) {
        let at = Some(self.state.peer_layer);
        if self.state.told_at != at && self.notify_layer().is_ok() {
            self.state.told_at = at;
        }
    }

    /// Does what an in-order message asks for (SPEC ACT-1).
    fn take_in(&mut self, content: Meaning<'_>, arrived: &Arrived) -> Result<(), Violation> {
        let chat = self.chat;
        let news = match content {
            Meaning::Message(body) => {
                let Arrived { slot, date, layer, ref file, .. } = *arrived;
                let position = Position::new(chat.setup.role.peer(), slot, self.state.slots.acknowledged);
                let (now, notification_cap) = (self.now, chat.setup.notification_cap);
                let outside = Outside { date, now, position, layer, file: file.clone(), notification_cap };
                let Received { message, kind, held } = Received::new(body, outside, chat.rules());
                let refused = self.keep_timed(&message, kind, held, &arrived.body).err();
                self.group.tell(Event::Message(message));
                if let Some(random_id) = refused {
                    self.group.tell(Event::KeyRefused { random_id });
                }
                return Ok(());
            }
            Meaning::SetTtl(ttl) => self.take_ttl(Ttl::from_wire(ttl)),
            Meaning::Read(random_ids) => {
                self.read_by_peer(&random_ids);
                Event::ReadByPeer { random_ids }
            }
            Meaning::Delete(random_ids) => {
                let files = self.delete_for_peer(&random_ids);
                Event::Deleted { random_ids, files }
            }
            Meaning::FlushHistory => {
                self.destroy_all();
                self.timed.forget_all();
                Event::HistoryFlushed
            }
            Meaning::NotifyLayer(layer)
                if chat.setup.profile.policy() == PeerPolicy::Strict && layer < self.state.seen_layer =>
            {
                return Err(Violation::LayerBack);
            }
            Meaning::NotifyLayer(layer) => {
                // The layer that a peer can read is not the one it writes: it continues at the lower layer of both
                // ends.
                self.raise_layer(layer);
                return Ok(());
            }
            Meaning::Resend { start, end } => return self.note_resend(start, end),
            Meaning::Rekey(rekey) => return self.take_rekey(rekey, arrived),
            Meaning::Noop => return Ok(()),
            Meaning::News(news) => news,
        };
        self.group.tell(news);
        Ok(())
    }
}
