//! What lies between the ends: it loses, repeats and refuses, and tells of what it took over.

use secretchat::{Chat, Env, Handled, Input, PeerFault, SeqNo, Transmit, TransmitId, TransmitKind};

use super::world::World;
use crate::support::pair::input_of;

impl World {
    /// The oldest on its way to `end` arrives, and its receipt goes back. `false` if there is nothing.
    pub(crate) fn deliver(&mut self, end: usize) -> bool {
        let from = 1 - end;
        let Some(transmit) = self.facts.network.take(from) else { return false };
        self.facts.arrived.insert((from, transmit.id));
        if let TransmitKind::Ciphertext { random_id, bytes, .. } = &transmit.kind
            && self.ends[from].left[&transmit.id].1[0] == *bytes
        {
            self.ends[end].first_came.insert(*random_id);
        }
        let came = self.until_heard(end, |chat, env| chat.handle(input_of(&transmit), env));
        let heard = match came {
            // A chat that is closed already need not be told again either.
            _ if transmit.id == TransmitId::DISCARD => true,
            None | Some(Ok(Handled::NoRoom)) => false,
            Some(Ok(_)) => true,
            // A repeat from before the last new key: its slot was processed, or the key would be there still.
            Some(Err(PeerFault::UnknownKey)) if self.is_processed(end, transmit.id) => true,
            Some(Err(fault)) => panic!("{fault:?} of {transmit:?}"),
        };
        match &mut self.facts.receipts[from] {
            Some(held) if heard => held.push(transmit.id),
            None if heard => self.carried(from, transmit.id),
            _ => {}
        }
        true
    }

    fn is_processed(&self, end: usize, id: TransmitId) -> bool {
        let received = self.chats[end].as_ref().map(|chat| chat.counters().received);
        id.slot().map(SeqNo::get) < received
    }

    fn carried(&mut self, end: usize, id: TransmitId) {
        if id == TransmitId::DISCARD {
            return self.discard_answered(end);
        }
        self.until_heard(end, |chat, env| chat.handle(Input::carried(id, None), env));
        self.ends[end].stage_carried(id);
    }

    /// In the X25519 profile by the other end, in Telegram's by the server.
    fn discard_answered(&mut self, end: usize) {
        let receipt = self.chats[1 - end].as_ref().and_then(Chat::discard_receipt);
        self.ends[end].stage_carried(TransmitId::DISCARD);
        self.until_heard(end, |chat, env| match &receipt {
            Some(_) => chat.handle(Input::discard_receipt(receipt.as_ref()), env),
            None => chat.handle(Input::carried(TransmitId::DISCARD, None), env),
        });
    }

    pub(crate) fn give_receipts(&mut self, end: usize, times: usize) {
        for id in self.facts.receipts[end].take().into_iter().flatten() {
            for _ in 0..times {
                self.carried(end, id);
            }
        }
    }

    /// The transport refuses what `end` made last, if that is still on its way and was not carried before.
    pub(crate) fn refuse(&mut self, end: usize, permanent: bool) {
        let Some(transmit) = self.take_newest(end) else { return };
        let id = transmit.id;
        if self.facts.arrived.contains(&(end, id)) {
            return;
        }
        if permanent {
            self.ends[end].refused.insert(id);
        }
        let refused = |chat: &mut Chat, env: &mut Env<'_>| {
            chat.handle(if permanent { Input::refused_for_good(id) } else { Input::refused(id) }, env)
        };
        self.until_heard(end, refused);
        // What was refused for good is not carried either if a restart offered it again meanwhile.
        self.facts.network.retain(end, |other| !permanent || *other != transmit);
    }

    pub(crate) fn take_newest(&mut self, end: usize) -> Option<Transmit> {
        self.facts.network.take_greatest(end, |transmit| transmit.id)
    }

    pub(crate) fn retransmit(&mut self, end: usize) {
        self.offers_again = true;
        self.until_heard(end, |chat, env| {
            chat.retransmit(env);
            Ok(())
        });
        self.offers_again = false;
    }

    pub(crate) fn timeout(&mut self, end: usize) {
        self.until_heard(end, |chat, env| {
            chat.handle_timeout(env);
            Ok(())
        });
        if let (Some(chat), model) = (&self.chats[end], &self.ends[end].model)
            && let (Some(first), true) = (model.first_deadline(), chat.verification().is_some())
        {
            assert!(first > model.elapsed, "overdue: {model:?}");
        }
    }
}
