//! How an end comes back from its records.

use recordings::Seeded;
use secretchat::{Chat, Env, Input, Records, Timestamp};

use super::End;
use super::call::drain;
use super::rows::Change;
use crate::invariants::{self, Violation, hold};
use crate::settings::Settings;
use crate::step::Call;

impl End {
    /// Restores the chat, and tells it what the transport has said since its records were written.
    ///
    /// # Errors
    /// If the records do not restore.
    pub fn living(&self, settings: &Settings) -> Result<Option<Chat>, Violation> {
        let mut rng = self.draws(settings, Call::Dies);
        self.restore(&mut Env::new(Timestamp::from_millis(self.now), &mut rng))
    }

    /// Restores the chat after its process died, and carries out what that left undone.
    ///
    /// # Errors
    /// If the records do not restore, or what that leads to is violated.
    pub fn starts_anew(&self, settings: &Settings) -> Result<(Self, Option<Chat>), Violation> {
        let Some(mut chat) = self.living(settings)? else { return Ok((self.clone(), None)) };
        let undone = drain(&mut chat);
        let outcome = self.clone().absorb(settings, &chat, undone, Change::default(), true, Call::Dies)?;
        Ok((outcome.end, Some(chat)))
    }

    pub(super) fn restore(&self, env: &mut Env<'_>) -> Result<Option<Chat>, Violation> {
        let Some(records) = self.stored().filter(|records| !records.rows.is_empty()) else { return Ok(None) };
        let restored = Chat::restore(&records, &Settings::store_key(self.side), self.checkpoint, env);
        let refused = |error| Violation { invariant: invariants::RESTORES, seen: format!("{error:?}") };
        let mut chat = restored.map_err(refused)?;
        for id in &self.accepted {
            // It may have become void, and was told before.
            let _ = chat.handle(Input::carried(*id, None), env);
        }
        Ok(Some(chat))
    }

    /// A copy of old, if its records are older ones: with the checkpoint they are refused, without it they are taken.
    pub(super) fn set_back(&self, settings: &Settings, copy: u8) -> Result<Self, Violation> {
        let Some((_, backup)) = self.backups.get(usize::from(copy)) else { return Ok(self.clone()) };
        let older = backup.records != self.records;
        if let (Some(records), true) = (backup.stored(), older) {
            let mut rng = self.draws(settings, Call::RollsBack(copy));
            let key = Settings::store_key(self.side);
            let restored = Chat::restore(&records, &key, self.checkpoint, &mut self.env(&mut rng));
            // The step before it is accepted too: a crash between batch and note (REC-6).
            let before = self.batches.saturating_sub(backup.batches) <= 1;
            hold(before || restored.is_err(), invariants::ROLLBACK, || format!("{restored:?}"))?;
        }
        Ok(Self {
            now: self.now,
            sent: self.sent.clone(),
            withdrawn: self.withdrawn.clone(),
            acts: self.acts,
            ticks: self.ticks,
            refusals: self.refusals,
            delays: self.delays,
            backups: self.backups.clone(),
            rollbacks: self.rollbacks - 1,
            checkpoint: None,
            rows: self.rows.clone(),
            ..(**backup).clone()
        })
    }

    pub(super) fn stored(&self) -> Option<Records> {
        let rows = self.records.iter().map(|(name, sealed)| (*name, sealed.to_vec())).collect();
        self.chat.map(|chat| Records { chat, rows })
    }

    pub(super) fn draws(&self, settings: &Settings, call: Call) -> Seeded {
        let kind = match call {
            Call::User | Call::Writes => 1,
            Call::Takes(_) => 2,
            Call::Accepted(_) | Call::Refused(_) | Call::RefusedForNow(_) => 3,
            Call::AsksForKey => 4,
            _ => 5,
        };
        let seed = [settings.seed, self.side as u64, u64::from(self.view.sent), kind];
        Seeded::of(&seed.map(u64::to_le_bytes).concat())
    }

    pub(super) fn env<'a>(&self, rng: &'a mut Seeded) -> Env<'a> {
        Env::new(Timestamp::from_millis(self.now), rng)
    }
}
