//! A world is two ends. Both are kept once, under their canonical names, with what each call makes of them: so a chat is
//! called once for each end and call, however many worlds that end is a part of.

use std::collections::HashMap;
use std::rc::Rc;

use crate::end::{End, Packet};
use crate::fault::Fault;
use crate::invariants::Violation;
use crate::settings::{Settings, Side};
use crate::step::{Call, Kind, PacketName, Step};

/// The two ends of a world, by their numbers. Equal worlds have equal numbers.
pub type World = [u32; 2];

/// What a step of one end leads to: the end itself and, for each place where the process may die, another one.
type Leads = Rc<[(Step, u32)]>;

/// All ends that were met.
pub struct Ends {
    /// What the search is about.
    pub settings: Settings,
    known: [Vec<Known>; 2],
    names: [HashMap<u128, u32>; 2],
    packets: HashMap<(Side, Rc<PacketKey>), u32>,
    /// How often a chat was called.
    pub calls: u64,
    /// The most outputs of one call, and the most bytes of records of one end.
    pub worst: (usize, usize),
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct PacketKey(PacketName, String);

struct Known {
    end: End,
    packets: Vec<(u32, Rc<Packet>)>,
    own: Option<Leads>,
    takes: HashMap<u32, Leads>,
}

impl std::fmt::Debug for Ends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} and {} ends", self.known[0].len(), self.known[1].len())
    }
}

impl Ends {
    /// Creates them without any.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            known: [Vec::new(), Vec::new()],
            names: [HashMap::new(), HashMap::new()],
            packets: HashMap::new(),
            calls: 0,
            worst: (0, 0),
        }
    }

    /// Returns the number of an end.
    pub fn number(&mut self, end: End) -> u32 {
        let side = end.side();
        let name = end.name();
        if let Some(number) = self.names[side].get(&name) {
            return *number;
        }
        self.worst.1 = self.worst.1.max(end.stored_bytes());
        let mut packets = Vec::new();
        for packet in end.packets() {
            let next = u32::try_from(self.packets.len()).unwrap_or(u32::MAX);
            let key = Rc::new(PacketKey(packet.name, packet.digest_text()));
            packets.push((*self.packets.entry((side, key)).or_insert(next), Rc::clone(packet)));
        }
        let number = u32::try_from(self.known[side].len()).unwrap_or(u32::MAX);
        self.known[side].push(Known { end, packets, own: None, takes: HashMap::new() });
        self.names[side].insert(name, number);
        number
    }

    /// Returns an end.
    #[must_use]
    pub fn end(&self, side: Side, number: u32) -> &End {
        &self.known[side][number as usize].end
    }

    /// Returns how many ends are known on each side.
    #[must_use]
    pub fn count(&self) -> [usize; 2] {
        [self.known[0].len(), self.known[1].len()]
    }

    /// Gives every step that is possible in a world, with the world that it leads to. Steps that change nothing are left out.
    ///
    /// # Errors
    /// The step, and what it violates.
    pub fn steps(&mut self, world: World, mut give: impl FnMut(Step, World)) -> Result<(), (Step, Violation)> {
        for side in [0, 1] {
            let to = |number| if side == 0 { [number, world[1]] } else { [world[0], number] };
            for (step, number) in self.own(side, world[side])?.iter() {
                if self.may(*step, world) {
                    give(*step, to(*number));
                }
            }
            let other = 1 - side;
            for place in 0..self.known[other][world[other] as usize].packets.len() {
                let (id, packet) = &self.known[other][world[other] as usize].packets[place];
                let (id, packet) = (*id, Rc::clone(packet));
                for (step, number) in self.takes(side, world[side], id, &packet)?.iter() {
                    give(*step, to(*number));
                }
            }
        }
        Ok(())
    }

    fn may(&self, step: Step, world: World) -> bool {
        let other = 1 - step.side();
        may(&self.settings, self.end(other, world[other]), step)
    }

    fn own(&mut self, side: Side, number: u32) -> Result<Leads, (Step, Violation)> {
        if let Some(own) = &self.known[side][number as usize].own {
            return Ok(Rc::clone(own));
        }
        let mut leads = Vec::new();
        for call in self.end(side, number).own_calls(&self.settings) {
            self.lead(side, number, call, None, &mut leads)?;
        }
        let leads: Leads = leads.into();
        self.known[side][number as usize].own = Some(Rc::clone(&leads));
        Ok(leads)
    }

    fn takes(&mut self, side: Side, number: u32, id: u32, packet: &Packet) -> Result<Leads, (Step, Violation)> {
        if let Some(takes) = self.known[side][number as usize].takes.get(&id) {
            return Ok(Rc::clone(takes));
        }
        let mut leads = Vec::new();
        self.lead(side, number, Call::Takes(packet.name), Some(packet), &mut leads)?;
        let leads: Leads = leads.into();
        self.known[side][number as usize].takes.insert(id, Rc::clone(&leads));
        Ok(leads)
    }

    fn lead(
        &mut self,
        side: Side,
        number: u32,
        call: Call,
        packet: Option<&Packet>,
        leads: &mut Vec<(Step, u32)>,
    ) -> Result<(), (Step, Violation)> {
        let step = Step::of(side, call);
        self.calls += 1;
        let outcome = self.end(side, number).call(&self.settings, call, packet).map_err(|seen| (step, seen))?;
        self.worst.0 = self.worst.0.max(outcome.outputs.len());
        let mut deaths = outcome.deaths;
        let lived = (step, self.number(outcome.end));
        let died: Vec<_> = deaths
            .drain(..)
            .map(|(outputs, end)| (Step { dies_after: Some(outputs), ..step }, self.number(end)))
            .collect();
        for (step, to) in std::iter::once(lived).chain(died) {
            if to != number && !leads.iter().any(|(_, known)| *known == to) {
                leads.push((step, to));
            }
        }
        Ok(())
    }

    /// Takes one step, for a script.
    ///
    /// # Errors
    /// What it violates, or that it is not possible.
    pub fn take(&mut self, world: World, step: Step) -> Result<World, Failed> {
        let side = step.side();
        let (here, there) = (self.end(side, world[side]).clone(), self.end(1 - side, world[1 - side]).clone());
        let (end, _) = one_step(&self.settings, &here, &there, step)?;
        let mut next = world;
        next[side] = self.number(end);
        Ok(next)
    }
}

/// Why a script does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// It found what it is for.
    Violation(Violation),
    /// It does not fit its settings.
    Impossible(String),
}

/// The transport refuses only what has not arrived.
fn may(settings: &Settings, other: &End, step: Step) -> bool {
    match step.call {
        Call::Refused(name) => settings.fault == Some(Fault::RefusesWhatItBrings) || !other.has_heard(name.slot),
        _ => true,
    }
}

/// Takes one step of one end, and returns the end and what it sent.
///
/// # Errors
/// What it violates, or that it is not possible.
pub fn one_step(settings: &Settings, end: &End, other: &End, step: Step) -> Result<(End, Vec<Rc<Packet>>), Failed> {
    let packet = match step.call {
        Call::Takes(name) => {
            let packet = other.packets().find(|packet| packet.name == name);
            Some(Rc::clone(packet.ok_or_else(|| Failed::Impossible(format!("{step}: it was not sent")))?))
        }
        _ => None,
    };
    if packet.is_none() && matches!(step.call, Call::Takes(PacketName { kind: Kind::Request, .. })) {
        return Err(Failed::Impossible(format!("{step}: nothing was sent")));
    }
    if !may(settings, other, step) {
        return Err(Failed::Impossible(format!("{step}: it has arrived")));
    }
    let outcome = end.call(settings, step.call, packet.as_deref()).map_err(Failed::Violation)?;
    match step.dies_after {
        None => Ok((outcome.end, outcome.sent)),
        Some(after) => {
            let died = outcome.deaths.into_iter().find(|(outputs, _)| *outputs == after);
            let (_, end) = died.ok_or_else(|| Failed::Impossible(format!("{step}: it does not die there")))?;
            Ok((end, outcome.sent))
        }
    }
}

/// Returns the two ends that a search begins with.
///
/// # Errors
/// What the steps to it violate.
pub fn first(settings: &Settings) -> Result<[End; 2], Violation> {
    let calm = Settings { fault: None, ..settings.clone() };
    let asked = End::asks(&calm)?;
    let mut ends = [asked.end, End::new(&calm, 1)];
    if settings.from_request {
        return Ok(ends);
    }
    // Everything is carried, accepted and acknowledged, until nothing more comes.
    let mut leaving = [asked.sent, Vec::new()];
    for _ in 0..20 {
        for side in [0, 1] {
            for packet in std::mem::take(&mut leaving[1 - side]) {
                let taken = ends[side].call(&calm, Call::Takes(packet.name), Some(&packet))?;
                ends[side] = taken.end;
                leaving[side].extend(taken.sent);
                ends[1 - side] = ends[1 - side].call(&calm, Call::Accepted(packet.name), None)?.end;
            }
        }
        if leaving.iter().all(Vec::is_empty) {
            for side in [0, 1] {
                if ends[side].view().owes {
                    let outcome = ends[side].call(&calm, Call::Acknowledge, None)?;
                    ends[side] = outcome.end;
                    leaving[side].extend(outcome.sent);
                }
            }
        }
    }
    for end in &mut ends {
        if settings.rollbacks > 0 {
            end.make_backup(settings.copies);
        }
    }
    Ok(ends)
}
