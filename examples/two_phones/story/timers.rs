//! The part of the story that destroys itself: a photo with a countdown, and one to be viewed once.

use secretchat::{RandomId, Ttl};

use super::Result;
use super::cli::Timers;
use super::disk::Hash;
use super::drafts::small_photo;
use super::pair::Pair;
use super::phone::Phone;
use super::say::say;
use super::shelf::Shelf;
use super::small::Small;
use super::view::Look;

const COUNTDOWN: &str = "photo-with-a-timer";
const VIEW_ONCE: &str = "photo-to-view-once";

impl Timers {
    /// Returns the steps of the story, with the timer of each.
    pub(crate) fn drafts(self) -> impl Iterator<Item = (&'static str, Ttl)> {
        let countdown = self.countdown.and_then(|seconds| Ttl::from_seconds(seconds).ok());
        let view_once = self.view_once.then_some(Ttl::VIEW_ONCE);
        countdown.map(|ttl| (COUNTDOWN, ttl)).into_iter().chain(view_once.map(|ttl| (VIEW_ONCE, ttl)))
    }

    pub(crate) fn messages(self) -> usize {
        self.drafts().count()
    }
}

impl<S: Shelf> Pair<S> {
    pub(crate) fn play_timers(&mut self, small: &Small, timers: Timers) -> Result<()> {
        for (step, ttl) in timers.drafts() {
            match timers.countdown {
                Some(seconds) if !ttl.is_view_once() => {
                    say!("\nThe photo once more, for {seconds} s from when Bob opens it")?;
                }
                _ => say!("\nThe photo once more, to be viewed once")?,
            }
            self.alice
                .write(step, small.hash, |desk, form, os| Ok(small_photo(small, desk, form, os)?.with_ttl(ttl)))?;
            self.run_until(|pair| pair.alice.is_delivered(step))?;
            let id = self.alice.journal.draft(step).ok_or("a photo without a draft")?;
            if ttl.is_view_once() {
                self.view_once(id, small.hash)?;
            } else {
                self.view(id, small.hash)?;
            }
            self.bob.check_unreadable(id)?;
        }
        Ok(())
    }

    /// Plays the photo with a countdown. Until the deadline Bob may view it as often as he likes. Alice's own timer starts
    /// when she learns that he has opened it.
    fn view(&mut self, id: RandomId, hash: Hash) -> Result<()> {
        if self.bob.is_over(id) {
            say!("   Bob's photo has ended in an earlier run")?;
        } else {
            self.look(id, hash)?;
        }
        self.run_until(|pair| pair.bob.is_over(id) && pair.alice.is_over(id))
    }

    /// Plays the view-once photo. Bob may view it once, until he closes it. Alice is not told (SPEC DES-7).
    fn view_once(&mut self, id: RandomId, hash: Hash) -> Result<()> {
        if self.bob.is_over(id) {
            return say!("   Bob's photo has ended in an earlier run");
        }
        if self.look(id, hash)? == Look::Shown {
            let Look::Refused(refused) = self.bob.open(id)? else { return Err("it was shown twice".into()) };
            say!("   A second look is refused: {refused}")?;
            say!("   Bob closes it")?;
        }
        self.bob.close(id)?;
        self.run_until(|pair| pair.bob.is_over(id))
    }

    /// Checks that Bob opens the photo and sees what Alice sent.
    fn look(&mut self, id: RandomId, hash: Hash) -> Result<Look> {
        if !self.bob.has_record(id)? {
            return Err("Bob has no record of a photo that has not ended".into());
        }
        self.bob.remember_record(id)?;
        let mut look = self.bob.open(id)?;
        while look == Look::NotYet {
            self.move_on()?;
            look = self.bob.open(id)?;
        }
        self.bob.remember_record(id)?;
        let seen = self.bob.journal.opened(id).map(|opened| opened.hash);
        match (look, seen) {
            (_, Some(seen)) if seen != hash => Err("Bob saw another photo".into()),
            (Look::Shown, None) => Err("what Bob opened was not shown".into()),
            (Look::Shown, Some(_)) => Ok(look),
            (Look::Refused(_), Some(_)) => {
                say!("   Bob has seen it in an earlier run")?;
                Ok(look)
            }
            // The key is lent after the timer has started, so a crash in between costs this view.
            (Look::Refused(_), None) => {
                say!("   An earlier run has opened it and was killed before it was shown")?;
                Ok(look)
            }
            (Look::NotYet, _) => Err("there was no room to open it".into()),
        }
    }
}

/// Checks that a photo with a timer arrived once, was seen as it was sent unless a kill took the view, and has ended.
pub(crate) fn check_timed<S: Shelf>(
    step: &str,
    hash: Hash,
    id: RandomId,
    from: &Phone<S>,
    to: &Phone<S>,
) -> Result<()> {
    if to.journal.opened(id).is_some_and(|seen| seen.hash != hash) {
        return Err(format!("{step} arrived changed").into());
    }
    if !to.is_over(id) {
        return Err(format!("{step} has not ended").into());
    }
    // The sender of a view-once message does not learn that it was viewed, so it keeps the row.
    if step == COUNTDOWN && !from.is_over(id) {
        return Err(format!("{step} has not ended at its sender").into());
    }
    let seen = if to.journal.opened(id).is_some() { "seen as it was sent" } else { "opened, but not seen" };
    say!("   {step}: {seen}, and gone")
}
