//! Random plays: two living chats, a step at random, and beside each call the same call on a twin that was restored from
//! the records. At the end of a play comes a closing phase.

use recordings::Seeded;
use secretchat::Chat;

use crate::closing::{self, Rest};
use crate::end::{End, Outcome, Packet};
use crate::invariants::{self, Violation, hold};
use crate::script::{Closes, Script};
use crate::search::Found;
use crate::settings::{Settings, Side};
use crate::step::{Call, Step};
use crate::world::{Failed, first};

/// What plays have seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Played {
    /// Plays.
    pub plays: usize,
    /// Steps of all of them.
    pub steps: u64,
    /// Calls that a twin made, too.
    pub twins: u64,
    /// Processes that died.
    pub deaths: u64,
    /// Plays in which a chat was closed.
    pub closed: usize,
    /// The most keys that followed the first one in a play.
    pub rekeys: u32,
    /// The worst closing phase.
    pub rest: Rest,
}

/// Two ends whose chats live on from call to call.
#[derive(Debug)]
pub struct Living<'a> {
    settings: &'a Settings,
    ends: [End; 2],
    chats: [Option<Chat>; 2],
    twins: u64,
}

impl<'a> Living<'a> {
    /// Returns those that a search begins with.
    ///
    /// # Errors
    /// What the steps to them violate.
    pub fn first(settings: &'a Settings) -> Result<Self, Violation> {
        let ends = first(settings)?;
        let chats = [ends[0].living(settings)?, ends[1].living(settings)?];
        Ok(Self { settings, ends, chats, twins: 0 })
    }

    /// Returns the ends.
    #[must_use]
    pub const fn ends(&self) -> &[End; 2] {
        &self.ends
    }

    /// Takes a step with the living chat and with its twin. Returns how many outputs there were, and after which of them the
    /// process may die.
    ///
    /// # Errors
    /// What is violated, or that the step is not possible.
    pub fn take(&mut self, step: Step) -> Result<(), Failed> {
        let side = step.side();
        let packet = match step.call {
            Call::Takes(name) => {
                let sent = self.ends[1 - side].packets().find(|packet| packet.name == name);
                Some(sent.cloned().ok_or_else(|| Failed::Impossible(format!("{step}: it was not sent")))?)
            }
            _ => None,
        };
        let outcome = self.call(side, step.call, packet.as_deref()).map_err(Failed::Violation)?;
        let died = match step.dies_after {
            None => None,
            Some(after) => {
                let died = outcome.deaths.into_iter().find(|(outputs, _)| *outputs == after);
                Some(died.ok_or_else(|| Failed::Impossible(format!("{step}: it does not die there")))?.1)
            }
        };
        let starts_anew = died.is_some() || matches!(step.call, Call::Dies | Call::RollsBack(_));
        self.ends[side] = died.unwrap_or(outcome.end);
        if starts_anew || self.chats[side].is_none() || !self.ends[side].has_records() {
            let (end, chat) = self.ends[side].starts_anew(self.settings).map_err(Failed::Violation)?;
            (self.ends[side], self.chats[side]) = (end, chat);
        }
        invariants::between([&self.ends[0], &self.ends[1]], self.settings.rollbacks > 0).map_err(Failed::Violation)
    }

    fn call(&mut self, side: Side, call: Call, packet: Option<&Packet>) -> Result<Outcome, Violation> {
        let end = &self.ends[side];
        let twin = end.call(self.settings, call, packet)?;
        let Some(chat) = &mut self.chats[side] else { return Ok(twin) };
        let living = end.call_living(self.settings, chat, call, packet)?;
        self.twins += 1;
        // How often a message has rested is not written (DRV-8): a restart sends it earlier.
        let compared = |outcome: &Outcome| -> Vec<String> {
            let all = outcome.outputs.iter();
            all.filter(|output| call != Call::Repeat || !output.starts_with("Transmit")).cloned().collect()
        };
        let (one, other) = (compared(&living), compared(&twin));
        // The living one goes on without the checkpoint, and the twin has noted a newer one.
        let set_back = end.was_set_back(self.settings);
        // A restart counts some time as gone while a timer runs (DES-12), and forgets what it could not open (REC-8).
        let suspects = one.iter().any(|output| output.starts_with("RollbackSuspected"));
        let excused = set_back || end.has_running_timer() || suspects;
        let same = excused || (one == other && living.done == twin.done);
        hold(same, invariants::TWIN, || format!("{call:?}:\n{}\nthe twin:\n{}", one.join("\n"), other.join("\n")))?;
        Ok(living)
    }

    /// Picks a step. Taking a packet comes as often as everything else.
    fn pick(&self, rng: &mut Seeded) -> Step {
        let side = usize::from(rng.percent(50));
        let mut calls = Vec::new();
        if rng.percent(50) {
            let packets: Vec<_> = self.ends[1 - side].packets().map(|packet| packet.name).collect();
            // The newest one as often as any of the others.
            let newest = packets.iter().copied().filter(|name| !self.ends[side].has_heard(name.slot));
            let some: Vec<_> = if rng.percent(60) { newest.take(2).collect() } else { packets.clone() };
            calls.extend(some.into_iter().map(Call::Takes));
        }
        if calls.is_empty() {
            calls = self.ends[side].own_calls(self.settings);
            if rng.percent(40) {
                calls.retain(|call| matches!(call, Call::User | Call::Tick | Call::Refused(_) | Call::RollsBack(_)));
            }
            let other = &self.ends[1 - side];
            calls.retain(|call| !matches!(call, Call::Refused(name) if other.has_heard(name.slot)));
        }
        match calls.len() {
            0 => Step::of(side, Call::Repeat),
            some => Step::of(side, calls[usize::try_from(rng.below(some as u64)).unwrap_or(0)]),
        }
    }
}

/// Plays so many times so many steps.
///
/// # Errors
/// The first violation.
pub fn play(settings: &Settings, seed: u64, plays: usize, steps: usize) -> Result<Played, Box<Found>> {
    let mut played = Played::default();
    for number in 0..plays {
        let mut rng = Seeded::of(&[seed, number as u64].map(u64::to_le_bytes).concat());
        let mut script = Script { twins: true, ..Script::default() };
        let failed = |violation| Box::new(Found { script: Script::default(), violation });
        let mut living = Living::first(settings).map_err(failed)?;
        for _ in 0..steps {
            let mut step = living.pick(&mut rng);
            // Where the twin may send something else, it may also die elsewhere.
            let differs = step.call == Call::Repeat || living.ends[step.side()].has_running_timer();
            if rng.percent(10) && !differs {
                // It dies there, if there are so many outputs.
                let dies = Step { dies_after: Some(u8::try_from(rng.below(6)).unwrap_or(0)), ..step };
                let side = step.side();
                let [here, there] = [&living.ends[side], &living.ends[1 - side]];
                if crate::world::one_step(settings, here, there, dies).is_ok() {
                    step = dies;
                    played.deaths += 1;
                }
            }
            script.steps.push(step);
            played.steps += 1;
            match living.take(step) {
                Ok(()) => {}
                Err(Failed::Violation(violation)) => return Err(shortest(settings, &script, violation)),
                Err(Failed::Impossible(why)) => {
                    let violation = Violation { invariant: invariants::TWIN, seen: why };
                    return Err(shortest(settings, &script, violation));
                }
            }
        }
        let views = living.ends.each_ref().map(End::view);
        played.closed += usize::from(views.iter().any(|view| view.closed));
        played.rekeys = played.rekeys.max(views[0].rekeys).max(views[1].rekeys);
        played.twins += living.twins;
        played.plays += 1;
        for closes in [Closes::Lost, Closes::Brought] {
            match closing::comes_to_rest(settings, [&living.ends[0], &living.ends[1]], closes) {
                Ok(rest) => played.rest = played.rest.max(rest),
                Err(violation) => {
                    let script = Script { closes: Some(closes), ..script };
                    return Err(shortest(settings, &script, violation));
                }
            }
        }
    }
    Ok(played)
}

fn shortest(settings: &Settings, script: &Script, violation: Violation) -> Box<Found> {
    Box::new(Found { script: script.shortened(settings, &violation), violation })
}
