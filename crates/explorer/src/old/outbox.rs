//! What an old client sends, keeps, sends again and empties.

use std::fmt;

use recordings::Seeded;
use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::hazmat::kdf::Offset;

use super::content::{Content, Header, Said};
use super::{Effects, OldPeer};
use crate::settings::Client;

/// A message that the peer has not acknowledged.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) random_id: i64,
    pub(super) is_text: bool,
    pub(super) accepted: bool,
    in_seq_no: i32,
    layer: i32,
    pub(super) content: Content,
    /// Changes with each sealing of the slot that differs.
    copy: u8,
    sealed: Vec<u8>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { random_id, accepted, in_seq_no, layer, copy, sealed, .. } = self;
        // The key that sealed it stands first.
        write!(f, "{random_id} {accepted} {in_seq_no} {layer} {copy} {:02x?}", sealed.get(..8))
    }
}

impl OldPeer {
    /// Makes the next message, and sends it.
    pub(super) fn say(&mut self, content: &Content, effects: &mut Effects) {
        let slot = self.sent;
        let random_id = match content {
            Content::Text { id, .. } => *id,
            _ => i64::from(slot) + 1_000_000 * (1 + i64::from(self.side == 1)),
        };
        let made = Made {
            random_id,
            is_text: matches!(content, Content::Text { .. }),
            accepted: false,
            in_seq_no: self.in_seq_no(),
            layer: self.layer(),
            content: content.clone(),
            copy: 0,
            sealed: Vec::new(),
        };
        self.sent += 1;
        let made = Made { sealed: self.seal(slot, &made), ..made };
        effects.said.push(Said::Message { slot, random_id, sealed: made.sealed.clone() });
        self.made.insert(slot, made);
    }

    /// Sends a message again: TDLib the same bytes, Android the same message, sealed anew.
    pub(super) fn say_again(&mut self, slot: u32, effects: &mut Effects) {
        let Some(mut made) = self.made.get(&slot).cloned() else { return };
        if self.client == Client::Android {
            made.copy = made.copy.max(1);
            made.sealed = self.seal(slot, &made);
        }
        effects.said.push(Said::Message { slot, random_id: made.random_id, sealed: made.sealed.clone() });
        self.made.insert(slot, made);
    }

    /// Empties what the peer has not acknowledged: a deletion of itself takes its place. Nothing is sent.
    pub(super) fn empties(&mut self, which: impl Fn(&Made) -> bool) {
        let slots: Vec<u32> = self.made.iter().filter(|(_, made)| which(made)).map(|(slot, _)| *slot).collect();
        for slot in slots {
            let layer = self.layer();
            let Some(mut made) = self.made.get(&slot).cloned() else { continue };
            made.content = Content::Delete(vec![made.random_id]);
            (made.is_text, made.copy, made.layer) = (false, 2, layer);
            if self.client == Client::Android {
                // Its row is gone. What fills the slot says that it has heard more than there was (protocol facts, 5.2).
                made.in_seq_no = self.out_seq_no(slot) + 1;
            }
            made.sealed = self.seal(slot, &made);
            self.made.insert(slot, made);
        }
    }

    /// Answers a question for the slots from `start` to `end`.
    pub(super) fn resends(&mut self, start: i32, end: i32, heard: u32, effects: &mut Effects) -> Result<(), String> {
        // The parity is not looked at: the numbers are halved.
        let (start, end) = (i64::from(start / 2), i64::from(end / 2));
        if start > end || end < i64::from(heard) {
            return Ok(());
        }
        let start = if self.client == Client::Android { start.max(i64::from(self.acknowledged)) } else { start };
        for slot in start..=end {
            let slot = u32::try_from(slot).ok().filter(|slot| self.made.contains_key(slot));
            match slot {
                Some(slot) => self.say_again(slot, effects),
                None if self.client == Client::Android => {}
                None => return Err(format!("asked for {start} to {end}, not all of which are there")),
            }
        }
        Ok(())
    }

    fn seal(&self, slot: u32, made: &Made) -> Vec<u8> {
        let Some(keys) = &self.keys else { return Vec::new() };
        let key = &keys.current;
        let seed = [u64::from(slot), u64::from(made.copy), self.side as u64, u64::from(self.rekeys)];
        let mut rng = Seeded::of(&seed.map(u64::to_le_bytes).concat());
        let random_bytes = vec![0x77; if self.client == Client::Android { 15 } else { 31 }];
        let header = Header {
            random_bytes: &random_bytes,
            layer: made.layer,
            in_seq_no: made.in_seq_no,
            out_seq_no: self.out_seq_no(slot),
        };
        let body = made.content.body(made.random_id, header);
        let layout = Layout::size_class(body.len()).unwrap();
        let mut sealed = vec![0; layout.sealed_len()];
        let x = Offset::telegram(self.role);
        let direction = DirectionKey { chat_key: &key.chat_key, fingerprint: key.fingerprint, x };
        envelope::seal(&direction, layout, &mut rng, &mut sealed, |out| out.copy_from_slice(&body)).unwrap();
        sealed
    }
}
