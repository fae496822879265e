//! Transmissions that were not fetched yet: without what was destroyed meanwhile (SPEC SEQ-8, OUT-2).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::Chat;
use super::queue::Outgoing;
use crate::event::{Output, Transmit};
use crate::id::SeqNo;

impl Chat {
    /// Takes back what waits in the queue from the first slot on that this call has emptied. It leaves behind the batch of
    /// this call, in slot order, with the emptied slots as they are now. `transmits` are those of the call itself.
    pub(super) fn withdraw(&mut self, outgoing: &[Outgoing], transmits: Vec<Transmit>) -> Vec<Transmit> {
        let emptied: BTreeMap<SeqNo, &Outgoing> =
            outgoing.iter().filter(|entry| entry.emptied).map(|entry| (entry.slot, entry)).collect();
        let waits = |output| slot_of(output).is_some_and(|slot| emptied.contains_key(&slot));
        let Some(first) = emptied.keys().next().filter(|_| self.outputs.iter().any(waits)) else { return transmits };
        let mut again = Vec::new();
        for output in core::mem::take(&mut self.outputs) {
            match (slot_of(&output), output) {
                (Some(slot), Output::Transmit(transmit)) if slot >= *first => {
                    again.push(emptied.get(&slot).map_or(transmit, |entry| entry.transmit()));
                }
                (_, kept) => self.outputs.push_back(kept),
            }
        }
        again.extend(transmits);
        again
    }
}

fn slot_of(output: &Output) -> Option<SeqNo> {
    match output {
        Output::Transmit(transmit) => transmit.id.slot(),
        Output::Event(_) | Output::Persist(_) => None,
    }
}
