//! What a message means whose turn it is: sequence, layer, content, and the outcomes of the table (SPEC OUT-1, ACT-1).

use alloc::boxed::Box;
use alloc::vec;

use super::Chat;
use super::group::Change;
use super::queue::{Arrived, Kind};
use crate::env::Env;
use crate::error::Violation;
use crate::event::Event;
use crate::id::{Layer, Role, SeqNo};
use crate::message::{Came, Meaning, deletes_itself, read_content};
use crate::profile::PeerPolicy;
use crate::rekey::Said;
use crate::time::Ttl;

impl Chat {
    /// Sequence, layer, content (SPEC OUT-1).
    pub(super) fn process(&self, arrived: &Arrived, change: &mut Change, env: &mut Env<'_>) -> Result<(), Violation> {
        let policy = self.setup.profile.policy();
        let before = change.state.counters;
        change.state.counters = match before.after_receiving(arrived.in_seq_no) {
            // Apps that build a message anew when it is asked for again get its in_seq_no wrong: it is not taken over.
            Err(violation @ (Violation::InSeqBack | Violation::InSeqAhead))
                if !(violation == Violation::InSeqAhead && self.unproved_restore)
                    && (policy == PeerPolicy::Tolerant || (policy == PeerPolicy::Default && arrived.resent)) =>
            {
                before.after_receiving(before.acknowledged)?
            }
            counters => counters?,
        };
        if arrived.layer >= change.state.seen_layer {
            // Sealed later than the slots behind it, which may say a lower one: TDLib seals so what it replaces.
            if arrived.layer > change.state.seen_layer && !arrived.resent && !deletes_itself(&arrived.body) {
                change.state.seen_layer = arrived.layer;
            }
            raise_layer(arrived.layer, change);
        } else if policy == PeerPolicy::Strict {
            return Err(Violation::LayerBack);
        }
        self.acknowledgement_news(before.acknowledged, change, env);
        self.wipe_old_key(arrived, change);

        let content = if arrived.answered {
            Meaning::Noop
        } else if arrived.enough_random_bytes || policy == PeerPolicy::Tolerant {
            match read_content(&arrived.body, self.rules().file_form) {
                Ok(content) => content,
                Err(_) if policy == PeerPolicy::Strict => return Err(Violation::BodyNotUnderstood),
                Err(_) => {
                    self.tell_layer(change, env);
                    Meaning::Unsupported
                }
            }
        } else {
            Meaning::Unsupported
        };
        let content = if arrived.is_old { self.meaning_under_old(content, arrived, &change.state) } else { content };
        // The Noop of a switch acknowledges CommitKey, at its own time (SPEC REKEY-4). A request that was answered early means
        // nothing any more, and is acknowledged all the same.
        let silent = matches!(content, Meaning::Noop | Meaning::Rekey(Said::Commit { .. }));
        change.state.owes_acknowledgement |= arrived.answered || !silent;
        self.take_in(content, arrived, change, env)?;
        self.count_unanswered(change, env.rng);
        Ok(())
    }

    /// A peer that speaks beyond us is told our layer, once for each layer of its own (SPEC OUT-1).
    pub(super) fn tell_layer(&self, change: &mut Change, env: &mut Env<'_>) {
        let at = Some(change.state.peer_layer);
        if change.state.told_at != at && self.notify_layer(change, env.rng).is_ok() {
            change.state.told_at = at;
        }
    }

    /// What an in-order message means (SPEC ACT-1).
    fn take_in(
        &self,
        content: Meaning<'_>,
        arrived: &Arrived,
        change: &mut Change,
        env: &mut Env<'_>,
    ) -> Result<(), Violation> {
        let news = match content {
            Meaning::Message(writing) => {
                let date = arrived.date.unwrap_or(env.now).min(env.now);
                let came = Came { date, layer: arrived.layer, file: arrived.file.clone() };
                let mut message = writing.received(came, |ttl, kind| self.rights(ttl, kind));
                let refused = self.keep_timed(&mut message, change).err();
                change.news.push(Event::Message(Box::new(message)));
                change.news.extend(refused.map(|random_id| Event::KeyRefused { random_id }));
                return Ok(());
            }
            Meaning::SetTtl(ttl) => {
                let crossed = change.state.ttl_slot.is_some_and(|slot| arrived.in_seq_no <= slot);
                let ttl = self.timer_of_chat(Ttl::from_wire(ttl));
                change.state.ttl_known = ttl;
                if !(crossed && self.own_ttl_wins()) {
                    change.state.ttl = ttl;
                    change.state.ttl_from = change.state.counters.sent;
                }
                Event::TtlChanged { ttl: change.state.ttl, crossed }
            }
            Meaning::Read(random_ids) => {
                self.read_by_peer(&random_ids, change);
                Event::ReadByPeer { random_ids }
            }
            Meaning::Delete(random_ids) => {
                self.destroy(&random_ids, change, env.rng);
                random_ids.iter().for_each(|id| change.forget_timed(self, *id));
                Event::Deleted { random_ids }
            }
            Meaning::FlushHistory => {
                self.destroy_all(change, env.rng);
                change.forget_all_timed();
                Event::HistoryFlushed
            }
            Meaning::Screenshot(random_ids) => Event::Screenshot { random_ids },
            Meaning::Typing(action) => Event::Typing { action },
            Meaning::NotifyLayer(layer)
                if self.setup.profile.policy() == PeerPolicy::Strict && layer < change.state.seen_layer =>
            {
                return Err(Violation::LayerBack);
            }
            Meaning::NotifyLayer(layer) => {
                // What a peer can read is not what it writes at: it goes on at the lower layer of both ends.
                raise_layer(layer, change);
                return Ok(());
            }
            Meaning::Resend { start, end } => {
                return self.note_resend(start, end, change);
            }
            Meaning::Rekey(rekey) => return self.take_rekey(rekey, arrived, change, env.rng),
            Meaning::Noop => return Ok(()),
            Meaning::Unsupported => Event::Unsupported,
        };
        change.news.push(news);
        Ok(())
    }

    /// The timer that the peer sets for the messages of both ends. View once has to be chosen by the host: without that it is
    /// the shortest one that every app honours (SPEC DES-1, DES-7).
    fn timer_of_chat(&self, ttl: Ttl) -> Ttl {
        if self.check_view_once(ttl).is_ok() { ttl } else { Ttl::SHORTEST }
    }

    /// Of two timers that cross, the initiator's holds at both ends (SPEC DES-1).
    fn own_ttl_wins(&self) -> bool {
        self.rules().initiator_timer_wins && self.setup.role == Role::Initiator
    }

    /// Names what this message of the peer acknowledges; a transport that never said so has carried it, too.
    fn acknowledgement_news(&self, before: SeqNo, change: &mut Change, env: &Env<'_>) {
        let mut random_ids = vec![];
        for entry in self.outbox.between(before, change.state.counters.acknowledged) {
            entry.set_ttl_is_known(&mut change.state);
            if entry.kind != Kind::Written {
                continue;
            }
            if !entry.told {
                change.news.push(Event::Sent { id: entry.id(), random_id: entry.random_id, date: env.now });
                // When it was taken over is not known: not before it was sealed.
                if let Some(sealed_at) = change.timed(self, entry.random_id).map(|message| message.date) {
                    change.note_carried(self, entry.random_id, sealed_at);
                }
            }
            random_ids.push(entry.random_id);
        }
        if !random_ids.is_empty() {
            change.news.push(Event::Acknowledged { random_ids });
        }
    }
}

/// Believes a higher layer of the peer, and tells of it.
pub(super) fn raise_layer(layer: Layer, change: &mut Change) {
    if layer > change.state.peer_layer {
        change.state.peer_layer = layer;
        change.news.push(Event::PeerLayer { layer });
    }
}
