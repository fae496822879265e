//! Breadth first through all worlds that can be reached.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use crate::closing::{self, Rest};
use crate::invariants::{self, Violation};
use crate::script::{Closes, Script};
use crate::settings::Settings;
use crate::step::Step;
use crate::world::{Ends, World, first};

/// What a search has seen.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Different worlds.
    pub worlds: usize,
    /// Different ends on both sides.
    pub ends: usize,
    /// Steps that led to another world.
    pub steps: u64,
    /// Calls of chats.
    pub calls: u64,
    /// Whether there is no world that was not seen.
    pub complete: bool,
    /// Closing phases.
    pub closings: usize,
    /// The worst of them.
    pub rest: Rest,
    /// The most outputs of one call.
    pub outputs: usize,
    /// The most bytes of records of an end.
    pub stored: usize,
    /// Worlds in which both ends have asked for a key, and so on: what a search must meet to show anything.
    pub crossed: usize,
    /// Worlds in which a chat is over.
    pub closed: usize,
}

/// What was found: the settings, the shortest script, and the violation.
#[derive(Clone, Debug)]
pub struct Found {
    /// What leads there.
    pub script: Script,
    /// What must not be.
    pub violation: Violation,
}

/// How far to search.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// The most worlds.
    pub worlds: usize,
    /// A closing phase follows from every world whose number is a multiple of this; from none, if 0.
    pub close_each: usize,
}

struct Node {
    world: World,
    parent: u32,
    step: Option<Step>,
}

/// Numbers of worlds need no other mixing than this one.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn key(world: World) -> u64 {
    u64::from(world[0]) << 32 | u64::from(world[1])
}

/// Goes through the worlds, breadth first, so what is found is found by the fewest steps.
///
/// # Errors
/// The first violation.
pub fn search(settings: &Settings, extent: Extent) -> Result<Tally, Box<Found>> {
    let mut tally = Tally::default();
    let mut ends = Ends::new(settings.clone());
    let begun = first(settings).map_err(|violation| found(settings, &Script::default(), violation))?;
    let world = begun.map(|end| ends.number(end));
    let mut nodes = vec![Node { world, parent: 0, step: None }];
    let mut seen: HashSet<u64, BuildHasherDefault<Mix>> = HashSet::default();
    seen.insert(key(world));
    let rolled_back = settings.rollbacks > 0;
    let mut next = 0;
    while next < nodes.len() && nodes.len() < extent.worlds {
        let world = nodes[next].world;
        let mut new = Vec::new();
        let stepped = ends.steps(world, |step, to| {
            tally.steps += 1;
            if seen.insert(key(to)) {
                new.push((step, to));
            }
        });
        if let Err((step, violation)) = stepped {
            let mut script = way(&nodes, next);
            script.steps.push(step);
            return Err(found(settings, &script, violation));
        }
        for (step, to) in new {
            nodes.push(Node { world: to, parent: u32::try_from(next).unwrap_or(u32::MAX), step: Some(step) });
            let pair = [ends.end(0, to[0]), ends.end(1, to[1])];
            tally.crossed += usize::from(pair.iter().all(|end| end.view().ready && !end.view().idle));
            tally.closed += usize::from(pair.iter().any(|end| end.view().closed));
            invariants::between(pair, rolled_back)
                .map_err(|violation| found(settings, &way(&nodes, nodes.len() - 1), violation))?;
        }
        if extent.close_each > 0 && next % extent.close_each == 0 {
            let world = nodes[next].world;
            let pair = [ends.end(0, world[0]), ends.end(1, world[1])];
            for closes in [Closes::Lost, Closes::Brought] {
                tally.closings += 1;
                match closing::comes_to_rest(settings, pair, closes) {
                    Ok(rest) => tally.rest = tally.rest.max(rest),
                    Err(violation) => {
                        let script = Script { closes: Some(closes), ..way(&nodes, next) };
                        return Err(found(settings, &script, violation));
                    }
                }
            }
        }
        next += 1;
    }
    tally.complete = next == nodes.len();
    tally.worlds = nodes.len();
    tally.ends = ends.count().iter().sum();
    tally.calls = ends.calls;
    (tally.outputs, tally.stored) = ends.worst;
    Ok(tally)
}

fn found(settings: &Settings, script: &Script, violation: Violation) -> Box<Found> {
    let script = script.shortened(settings, &violation);
    Box::new(Found { script, violation })
}

fn way(nodes: &[Node], mut place: usize) -> Script {
    let mut steps = Vec::new();
    while let Some(step) = nodes[place].step {
        steps.push(step);
        place = nodes[place].parent as usize;
    }
    steps.reverse();
    Script { steps, ..Script::default() }
}
