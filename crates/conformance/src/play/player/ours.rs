//! Compares the messages of our chat with the recording.

use recordings::{Message, Party, bytes};
use secretchat::hazmat::wire::{DecryptedMessageAction, DecryptedMessageLayer};
use secretchat::hazmat::{envelope, fingerprint, kdf};
use serde_json::Value;

use super::{Failure, Player, env, layer_of, read, slot_of};
use crate::play::compare::{Compared, action};
use crate::play::differences::Difference;
use crate::play::keys::{self, Step as RekeyStep, role};

impl Player<'_> {
    /// Makes our chat send a recorded message of our party, and compares.
    pub(super) fn ours(&mut self, n: usize, message: &Message) -> Result<(), Failure> {
        let Some(recorded) = layer_of(message) else { return Ok(()) };
        self.arrive_late((recorded.in_seq_no / 2).max(0).unsigned_abs())?;
        let slot = slot_of(&recorded);
        if message.is_under_old_key() {
            self.played.differences.note(Difference::OldKey);
            return Ok(());
        }
        while self.next_recorded() <= slot {
            let next = self.next_recorded();
            self.say(next).map_err(|error| format!("in slot {next}: {error}"))?;
        }
        if self.is_over {
            return Ok(());
        }
        let place = self.places.get(&slot).copied().unwrap_or(slot);
        let value = &self.recording.steps[n].value;
        let first = self.our_first.get(&slot).copied().unwrap_or(n);
        let times = self.recording.steps[..n]
            .iter()
            .filter_map(|step| step.message.as_ref().filter(|message| message.from == self.us))
            .filter(|message| layer_of(message).is_some_and(|layer| slot_of(&layer) == slot))
            .count();
        if self.carried.get(&place).map_or(0, Vec::len) <= times {
            // Nobody requested it again.
            if times > 0 && self.us == Party::Tdlib {
                self.played.differences.note(Difference::Unasked);
            }
            self.chat.retransmit(&mut env(&mut self.rng));
            self.drain();
        }
        let carried = self.carried.get(&place).cloned().unwrap_or_default();
        let Some(((sealed, silent), last)) = carried.first().zip(carried.last()) else {
            return Err(format!("expected something in slot {place}, actual nothing"));
        };
        if value["note"] == "resent" && (carried.len() < 2 || last.0 != *sealed) {
            return Err("expected the same bytes when they were asked for, actual others or none".into());
        }
        if times == 0 {
            return self.compare(value, &recorded, (sealed, *silent), slot, place, false);
        }
        let first_tl = self.recording.steps[first].message.as_ref().and_then(|message| message.tl.as_ref());
        if first_tl == message.tl.as_ref() {
            if last.0 != *sealed {
                return Err("expected the same bytes again, actual others".into());
            }
            self.played.sent += 1;
            return Ok(());
        }
        if self.us == Party::Python {
            // The recorded party put another content into a slot.
            self.played.differences.note(Difference::OneContent);
            return Ok(());
        }
        self.compare(value, &recorded, (&last.0, last.1), slot, place, true)
    }

    /// Compares a message with the recorded one.
    fn compare(
        &mut self,
        step: &Value,
        recorded: &DecryptedMessageLayer<'_>,
        (sealed, silent): (&[u8], bool),
        slot: u32,
        place: u32,
        replaces: bool,
    ) -> Result<(), Failure> {
        let mut wire = sealed.to_vec();
        let (plaintext, key) = self.open(&mut wire)?;
        let ours = read(plaintext)?;

        let mut found = Compared::default();
        let is_notice = matches!(action(&recorded.message), Some(DecryptedMessageAction::NotifyLayer(_)));
        let first_notice = slot == 0 && is_notice && self.us == Party::Python;
        let rounded = [144, 101].into_iter().find(|layer| *layer <= recorded.layer).unwrap_or(73);
        found.field("layer", &recorded.layer, &ours.layer, || {
            if first_notice && ours.layer == 73 {
                Some(Difference::FirstNotice)
            } else {
                (ours.layer == rounded).then_some(Difference::HeaderLayer)
            }
        });
        let stand_in = self.stand_ins.get(&place).copied();
        let own_step = action(&ours.message).as_ref().and_then(RekeyStep::of).is_some();
        let own_noop = self.by_itself.contains(&place) && action(&ours.message) == Some(DecryptedMessageAction::Noop);
        let by_itself =
            own_step || own_noop || matches!(stand_in, Some(Difference::Confirmation | Difference::Displaced));
        found.field("in_seq_no", &recorded.in_seq_no, &ours.in_seq_no, || {
            if by_itself && ours.in_seq_no < recorded.in_seq_no {
                return Some(Difference::AtOnce);
            }
            (first_notice && ours.in_seq_no / 2 == 0).then_some(Difference::FirstNotice)
        });
        found.field("out_seq_no", &recorded.out_seq_no, &ours.out_seq_no, || {
            (slot != place && slot_of(&ours) == place).then_some(Difference::AtOnce)
        });
        let recorded_key = step["key_index"].as_u64().and_then(|index| usize::try_from(index).ok());
        found.field("key", &recorded_key, &Some(key), || match recorded_key {
            // It was recorded before a CommitKey that we have sent already.
            Some(before) if slot < place && before + 1 == key => Some(Difference::AtOnce),
            // The recording breaks the rules here, and says so.
            Some(before) if self.us == Party::Python && before + 1 == key => Some(Difference::OldKey),
            // What takes the place of a content has the key of its slot.
            Some(newer) if replaces && key < newer => Some(Difference::SlotKey),
            _ => None,
        });
        let random = |layer: &DecryptedMessageLayer<'_>| layer.random_bytes.as_slice().len();
        found.field("random_bytes", &random(recorded), &random(&ours), || {
            (random(&ours) == 31).then_some(Difference::RandomBytes)
        });
        match stand_in {
            Some(reason) => found.listed.push(reason),
            None => {
                let other_exponent = keys::exponent_of(self.recording, self.us, &recorded.message).is_none();
                found.message(&recorded.message, &ours.message, self.chat.ttl(), other_exponent);
                if step["silent"].is_boolean() {
                    found.field("silent", &(step["silent"] == true), &silent, || None);
                }
            }
        }
        if !found.wrong.is_empty() {
            return Err(found.wrong.join("; "));
        }
        if stand_in.is_none() {
            self.played.sent += 1;
        }
        if bytes(&step["tl"])? == *plaintext {
            self.played.identical += 1;
        }
        for difference in found.listed {
            self.played.differences.note(difference);
        }
        Ok(())
    }

    /// Opens a message of ours with the recorded keys, and returns it with the number of its key.
    pub(super) fn open<'w>(&self, wire: &'w mut [u8]) -> Result<(&'w [u8], usize), Failure> {
        let x = kdf::Offset::telegram(role(self.recording, self.us));
        let name = envelope::fingerprint(wire);
        let key = self.chat_keys.iter().map(|chat_key| envelope::DirectionKey {
            chat_key,
            fingerprint: fingerprint::key_fingerprint(chat_key),
            x,
        });
        let found = key.enumerate().find(|(_, key)| Some(key.fingerprint) == name);
        let Some((index, key)) = found else { return Err("ours is under a key that was not recorded".into()) };
        let plaintext = envelope::open(&key, wire).map_err(|fault| format!("ours does not open: {fault:?}"))?;
        Ok((plaintext, index))
    }
}
