//! The closing phase: from some state on the network is fair and the users are willing. Both ends must come to rest.

use std::collections::VecDeque;
use std::rc::Rc;

use secretchat::Chat;

use crate::end::{End, Outcome, Packet};
use crate::fault::Fault;
use crate::invariants::{self, Violation, hold};
use crate::script::Closes;
use crate::settings::{Client, Profile, Settings, Side};
use crate::step::{Call, Kind, PacketName};

/// How many rounds it may take. The pause before a round doubles, up to a day and a half.
const ROUNDS: usize = 200;
/// How many packets it may take.
const PACKETS: usize = 2_000;
/// After how many rounds two ends with different keys, one of which was set back, stay as they are.
const ROUNDS_OF_PARTED: usize = 40;
/// After how many rounds each user writes, whatever the other one does.
const PATIENCE: usize = 3;

/// What it took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// How many times the hosts acted by themselves.
    pub rounds: usize,
    /// How many packets both ends sent.
    pub packets: usize,
    /// The most bytes of records that an end kept on the way.
    pub stored: usize,
}

impl Rest {
    /// Takes the worse of both in each respect.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            rounds: self.rounds.max(other.rounds),
            packets: self.packets.max(other.packets),
            stored: self.stored.max(other.stored),
        }
    }
}

/// Goes on from a state until both ends rest, and looks whether everything is there.
///
/// # Errors
/// If they do not come to rest, if something is lost, or whatever else is violated on the way.
pub fn comes_to_rest(settings: &Settings, ends: [&End; 2], closes: Closes) -> Result<Rest, Violation> {
    let mut phase = Phase::new(settings, ends, closes)?;
    phase.until_rest()?;
    phase.everything_is_there()?;
    if settings.rollbacks == 0 && phase.ends.iter().all(|end| end.view().ready) {
        // From either side there is a next text, and a next key.
        phase.each(Call::Writes)?;
        phase.until_rest()?;
        phase.everything_is_there()?;
        for side in [0, 1] {
            // An end asks once it knows that the peer has its key, so once it has heard of it (REKEY-5).
            phase.call(1 - side, Call::Writes)?;
            phase.until_rest()?;
            let before = phase.ends[side].view().rekeys;
            phase.call(side, Call::AsksForKey)?;
            phase.until_rest()?;
            let now = phase.ends.each_ref().map(|end| end.view().rekeys);
            hold(now == [before + 1; 2], invariants::RESTS, || format!("{now:?} rekeys, {before} before"))?;
        }
        phase.everything_is_there()?;
    }
    Ok(phase.rest)
}

struct Phase<'a> {
    settings: &'a Settings,
    ends: [End; 2],
    /// Their chats live on through the phase.
    chats: [Option<Chat>; 2],
    /// What is on its way from each end.
    leaving: [VecDeque<Rc<Packet>>; 2],
    rest: Rest,
    has_written: bool,
}

impl<'a> Phase<'a> {
    fn new(settings: &'a Settings, ends: [&End; 2], closes: Closes) -> Result<Self, Violation> {
        let mut leaving = [VecDeque::new(), VecDeque::new()];
        for side in [0, 1] {
            let is_new = |name: PacketName| name.kind != Kind::Message || !ends[1 - side].has_heard(name.slot);
            let packets = ends[side].packets().filter(|packet| is_new(packet.name));
            // Telegram's server knows that a chat is over, and tells whoever asks.
            let told = |kind| settings.profile == Profile::Telegram && kind == Kind::Discard;
            // It also loses nothing that it has accepted, and an old client relies on that.
            let kept = |name: PacketName| {
                settings.has_old_client() && (name.kind != Kind::Message || ends[side].has_accepted(name.slot))
            };
            let packets =
                packets.filter(|packet| closes == Closes::Brought || told(packet.name.kind) || kept(packet.name));
            leaving[side] = packets.cloned().collect();
        }
        let chats = [ends[0].living(settings)?, ends[1].living(settings)?];
        let ends = ends.map(End::willing);
        Ok(Self { settings, ends, chats, leaving, rest: Rest::default(), has_written: false })
    }

    fn until_rest(&mut self) -> Result<(), Violation> {
        self.carry()?;
        for end in &mut self.ends {
            *end = end.willing();
        }
        for round in 0..ROUNDS {
            let before = self.rest.packets;
            for side in [0, 1] {
                for call in [Call::Waits, Call::Repeat, Call::Acknowledge] {
                    self.call(side, call)?;
                }
                self.ends[side].lengthen_pause();
                self.carry()?;
            }
            self.rest.rounds = self.rest.rounds.max(round + 1);
            if before == self.rest.packets && self.rests() {
                return Ok(());
            }
            if round >= ROUNDS_OF_PARTED && self.have_parted() {
                return Ok(());
            }
            // An old client tells nothing by itself. An end that was set back to a later copy may have asked for a key in a slot
            // that the peer had: it gives up after 16 messages (REKEY-3). So users write and ask again and again.
            let again = (self.settings.has_old_client() || self.settings.copies > 1) && round % PATIENCE == 0;
            if round >= PATIENCE && (!self.has_written || again) {
                self.each(Call::Writes)?;
                self.has_written = true;
                // An end that answered a request which its peer has forgotten waits until the peer asks again.
                if self.settings.copies > 1 {
                    self.each(Call::AsksForKey)?;
                }
            }
        }
        let views = self.ends.each_ref().map(End::view);
        Err(Violation { invariant: invariants::RESTS, seen: format!("after {ROUNDS} rounds: {views:?}") })
    }

    /// Nothing has to be said any more.
    fn rests(&self) -> bool {
        let [alice, bob] = self.ends.each_ref().map(End::view);
        if [alice, bob].iter().any(|view| view.closed) {
            return self.ends.iter().all(|end| !end.has_chat() || (end.view().closed && !end.view().awaits));
        }
        let quiet = [alice, bob].iter().all(|view| view.ready && view.idle && !view.awaits && !view.owes);
        let heard = alice.sent == bob.received && bob.sent == alice.received;
        let one_key = self.ends.iter().all(|end| end.keys_kept() == 1) || self.settings.has_old_client();
        quiet && heard && one_key && alice.check == bob.check && alice.fingerprint == bob.fingerprint
    }

    /// An end that was set back past a new key cannot open what its peer writes, nor check what the peer proves, and the other
    /// way round (REC-8, CLOSE-3). Nothing brings them together.
    fn have_parted(&self) -> bool {
        let [alice, bob] = self.ends.each_ref().map(End::view);
        let closed = alice.closed || bob.closed;
        self.settings.copies > 1 && (closed || alice.fingerprint != bob.fingerprint)
    }

    fn each(&mut self, call: Call) -> Result<(), Violation> {
        for side in [0, 1] {
            self.call(side, call)?;
        }
        self.carry()
    }

    fn call(&mut self, side: Side, call: Call) -> Result<(), Violation> {
        let outcome = self.made(side, call, None)?;
        let wanted = matches!(call, Call::Writes | Call::AsksForKey) && self.ends[side].view().ready;
        // A full outbox is emptied by the peer's acknowledgements, which need nobody's will, unless one was accepted and lost. An
        // old client makes none by itself.
        let small = self.settings.outbox.is_some() && (!self.has_written || self.settings.has_old_client());
        let rolled_back = self.settings.rollbacks > 0;
        hold(!wanted || outcome.done || small || rolled_back, invariants::RESTS, || format!("{call:?} is refused"))?;
        self.ends[side] = outcome.end;
        self.leaves(side, outcome.sent);
        Ok(())
    }

    /// Makes a call on the living chat, or on the host that has none.
    fn made(&mut self, side: Side, call: Call, packet: Option<&Packet>) -> Result<Outcome, Violation> {
        if let Some(chat) = &mut self.chats[side] {
            return self.ends[side].call_living(self.settings, chat, call, packet);
        }
        let outcome = self.ends[side].call(self.settings, call, packet)?;
        self.chats[side] = outcome.end.living(self.settings)?;
        Ok(outcome)
    }

    fn leaves(&mut self, side: Side, packets: Vec<Rc<Packet>>) {
        self.rest.packets += packets.len();
        self.rest.stored = self.rest.stored.max(self.ends[side].stored_bytes());
        let lost = |packet: &Packet| {
            let name = PacketName { kind: Kind::Message, slot: 1, copy: 0 };
            self.settings.fault == Some(Fault::LosesASlot) && side == 0 && packet.name == name
        };
        self.leaving[side].extend(packets.into_iter().filter(|packet| !lost(packet)));
    }

    /// Brings everything, in order, and tells its sender so.
    fn carry(&mut self) -> Result<(), Violation> {
        while self.leaving.iter().any(|leaving| !leaving.is_empty()) {
            hold(self.rest.packets < PACKETS, invariants::RESTS, || format!("{PACKETS} packets and no rest"))?;
            for side in [0, 1] {
                let Some(packet) = self.leaving[1 - side].pop_front() else { continue };
                let taken = self.made(side, Call::Takes(packet.name), Some(&packet))?;
                self.ends[side] = taken.end;
                self.leaves(side, taken.sent);
                // What has no room comes again. In the X25519 profile its sender repeats it, in Telegram's the server does.
                if !taken.done && packet.name.kind == Kind::Message {
                    continue;
                }
                let telegram = self.settings.profile == Profile::Telegram;
                if matches!(packet.name.kind, Kind::Message) || (telegram && packet.name.kind == Kind::Discard) {
                    let heard = self.made(1 - side, Call::Accepted(packet.name), None)?;
                    self.ends[1 - side] = heard.end;
                    self.leaves(1 - side, heard.sent);
                }
            }
            invariants::between([&self.ends[0], &self.ends[1]], self.settings.rollbacks > 0)?;
        }
        Ok(())
    }

    /// At rest everything that was written is there, or its writer knows that it is not.
    fn everything_is_there(&mut self) -> Result<(), Violation> {
        for side in [0, 1] {
            // An old client acknowledges, and lets go of an old key, when its user writes.
            if self.settings.clients[side] != Client::Own && self.ends[side].view().ready {
                self.call(side, Call::Writes)?;
                self.until_rest()?;
                let kept = self.ends.each_ref().map(End::keys_kept);
                let closed = self.ends.iter().any(|end| end.view().closed);
                hold(closed || kept == [1; 2], invariants::RESTS, || format!("{kept:?} keys are kept"))?;
            }
        }
        let closed = self.ends.iter().any(|end| end.view().closed);
        if closed || self.settings.rollbacks > 0 {
            return Ok(());
        }
        for side in [0, 1] {
            let (author, reader) = (self.ends[side].rows(), self.ends[1 - side].rows());
            for id in &author.made {
                let told = author.failed.contains(id) || author.destroyed.contains(id) || reader.destroyed.contains(id);
                hold(told || reader.heard.contains(id), invariants::NOTHING_LOST, || format!("{id} is lost"))?;
                hold(told || author.acknowledged.contains(id), invariants::NOTHING_LOST, || {
                    format!("{id} is not acknowledged")
                })?;
            }
        }
        Ok(())
    }
}
