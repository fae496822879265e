//! The value that users compare, and the later keys: both phones have the same ones, in the same order.

use secretchat::{RekeyState, Verification};

use super::Result;
use super::pair::Pair;
use super::phone::Phone;
use super::rows::{Key, Row};
use super::say::say;
use super::shelf::Shelf;

impl<S: Shelf> Pair<S> {
    /// Waits at the end for new keys, if the story asked for them.
    pub(crate) fn play_keys(&mut self) -> Result<()> {
        if self.alice.settings.rekey_every.is_none() {
            return Ok(());
        }
        say!("\nThe keys")?;
        self.run_until(Self::rekeys_are_done)?;
        self.compare_new_keys()
    }

    /// Returns whether no exchange is open at either end.
    fn rekeys_are_done(&self) -> bool {
        let idle = |phone: &Phone<S>| phone.chat().is_some_and(|chat| chat.rekey_state() == RekeyState::Idle);
        idle(&self.alice) && idle(&self.bob) && self.alice.key() == self.bob.key()
    }

    /// Checks that both phones had the same keys in the same order.
    fn compare_new_keys(&self) -> Result<()> {
        for phone in [&self.alice, &self.bob] {
            let key = phone.key().ok_or("there is no key")?;
            let all = phone.journal.keys().iter().map(|key| key.rekeys);
            if !all.eq(1..=key.rekeys) {
                return Err(format!("{} has missed a key", phone.settings.name).into());
            }
            let (number, name) = (u64::from(key.rekeys) + 1, phone.settings.name);
            say!("   {name} is under {key}. Keys so far: {number}")?;
        }
        if self.alice.journal.keys() != self.bob.journal.keys() {
            return Err("the phones had different keys".into());
        }
        say!("   They are equal")
    }
}

impl<S: Shelf> Phone<S> {
    /// Notes that the user has compared the value on the screen. The chat keeps this over restarts.
    pub(crate) fn has_compared(&mut self, shown: Verification) -> Result<()> {
        let Some(driver) = self.driver.as_mut().filter(|driver| driver.chat().verified().is_none()) else {
            return Ok(());
        };
        driver.act(&mut self.os.env(), |chat, env| chat.mark_verified(shown, env))?;
        self.act()
    }

    /// Returns the name of the current key; the key itself never leaves the chat.
    fn key(&self) -> Option<Key> {
        let chat = self.chat()?;
        let fingerprint = hex::encode(chat.key_fingerprint()?.to_bytes());
        Some(Key { rekeys: chat.rekeys(), fingerprint })
    }

    pub(crate) fn note_key(&mut self, rekeys: u32) -> Result<()> {
        let key = self.key().filter(|key| key.rekeys == rekeys).ok_or("a new key that the chat does not have")?;
        // After a crash the event comes again for the same key.
        match self.journal.keys().iter().find(|known| known.rekeys == rekeys) {
            Some(known) if *known != key => return Err("a key has changed its name".into()),
            Some(_) => return self.came_again("a new key"),
            None => {}
        }
        say!("   {} goes on under {key}", self.settings.name)?;
        self.add(Row::Key(key))
    }
}
