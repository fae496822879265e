//! An old client at the other end of a chat in the Telegram profile: it numbers, asks, answers and renews keys as TDLib or
//! Android does. It is written from what those clients were seen to do, and shares no logic with [`secretchat::Chat`].
//!
//! What it knows is written in one piece, before anything leaves. A death loses what was not sent yet, which goes out again
//! once it has started anew.

mod content;
mod exchange;
mod keys;
mod order;
mod outbox;
mod timers;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use secretchat::{KeyFingerprint, Role};

pub use content::Said;
use content::{Arrived, Content};
use exchange::Exchange;
use keys::{Key, Pairs};
use outbox::Made;
use timers::Timers;

use crate::end::Rows;
use crate::fault::Fault;
use crate::invariants::{self, Violation};
use crate::settings::{Act, Client, START, Settings, Side};

/// The state of an old client. Clients that said and heard the same are equal.
#[derive(Clone, Debug)]
pub(crate) struct OldPeer {
    client: Client,
    role: Role,
    side: Side,
    seed: u64,
    fault: Option<Fault>,
    own_layer: i32,
    stage: Stage,
    /// Whether it ended the chat, and the server has not heard so.
    owes_discard: bool,
    keys: Option<Keys>,
    exchange: Exchange,
    /// How many secrets it has drawn.
    drawn: u8,
    /// How many keys followed the first one.
    pub(crate) rekeys: u32,
    /// What the peer has not acknowledged, by slot.
    made: BTreeMap<u32, Made>,
    pub(crate) sent: u32,
    pub(crate) received: u32,
    pub(crate) acknowledged: u32,
    peer_layer: i32,
    /// The highest layer in a message that was processed.
    processed_layer: i32,
    /// What came early, by slot.
    early: BTreeMap<u32, Rc<Arrived>>,
    /// The holes that were asked for: TDLib keeps the last slot of them, Android the first of each.
    asked: BTreeSet<u32>,
    timers: Timers,
    /// What its clock shows, in milliseconds since 1970.
    now: u64,
}

/// How far a chat has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    New,
    Requested,
    Ready,
    /// It is over, and nobody has told it to be.
    Forced,
    Closed,
}

/// The current key, and another one: TDLib's `other_auth_key`, Android's `future_auth_key`.
#[derive(Clone, Debug)]
struct Keys {
    current: Key,
    other: Option<Key>,
}

/// What a call of an old client leads to.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// What it sends, in order.
    pub(crate) said: Vec<Said>,
    /// Texts that are new to its user, with their timers in seconds.
    pub(crate) heard: Vec<(i64, i32)>,
    /// Own texts that the peer has processed.
    pub(crate) acknowledged: Vec<i64>,
    /// Messages that the peer deleted, or whose time is over.
    pub(crate) destroyed: Vec<i64>,
    /// Whether the peer deleted everything.
    pub(crate) flushed: bool,
}

/// Ends a call that the client answers by closing the chat.
enum Stop {
    /// What it was given is wrong.
    Wrong(String),
    /// It cannot go on, by no fault of its peer.
    Forced,
}

impl OldPeer {
    pub(crate) fn new(settings: &Settings, side: Side) -> Self {
        Self {
            client: settings.clients[side],
            role: if side == 0 { Role::Initiator } else { Role::Responder },
            side,
            seed: settings.seed,
            fault: None,
            own_layer: settings.layers[side],
            stage: Stage::New,
            owes_discard: false,
            keys: None,
            exchange: Exchange::Idle,
            drawn: 0,
            rekeys: 0,
            made: BTreeMap::new(),
            sent: 0,
            received: 0,
            acknowledged: 0,
            peer_layer: 46,
            processed_layer: 0,
            early: BTreeMap::new(),
            asked: BTreeSet::new(),
            timers: Timers::default(),
            now: START,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.stage == Stage::Ready
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed | Stage::Forced)
    }

    /// Returns whether it ended by its own rules, though nobody did anything wrong.
    pub(crate) fn was_forced(&self) -> bool {
        self.stage == Stage::Forced
    }

    /// Returns whether the server has not accepted something.
    pub(crate) fn awaits_server(&self) -> bool {
        self.owes_discard || self.made.values().any(|made| !made.accepted)
    }

    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.exchange, Exchange::Idle)
    }

    /// Returns the keys that it could open a message with.
    pub(crate) fn keys_kept(&self) -> usize {
        self.keys.as_ref().map_or(0, |keys| 1 + usize::from(keys.other.is_some()))
    }

    pub(crate) fn fingerprint(&self) -> Option<KeyFingerprint> {
        self.keys.as_ref().map(|keys| keys.current.fingerprint)
    }

    pub(crate) fn current_key(&self) -> Option<&[u8; 256]> {
        self.keys.as_ref().map(|keys| keys.current.chat_key.expose())
    }

    /// Prepares it for a call. The steps before the first world are without a fault.
    pub(crate) fn prepare(&mut self, fault: Option<Fault>, now: u64) {
        (self.fault, self.now) = (fault, now);
    }

    pub(crate) fn has_fault(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    pub(crate) fn keeps_early(&self, slot: u32) -> bool {
        self.early.contains_key(&slot)
    }

    /// Returns the slots that the server has not accepted.
    pub(crate) fn unaccepted(&self) -> impl Iterator<Item = u32> {
        self.made.iter().filter(|(_, made)| !made.accepted).map(|(slot, _)| *slot)
    }

    /// Starts a chat.
    pub(crate) fn asks(&mut self) -> Effects {
        self.stage = Stage::Requested;
        let secret = self.draw();
        Effects { said: vec![Said::Request(Pairs::public(secret).to_vec())], ..Effects::default() }
    }

    /// Takes the request of a chat, and accepts it. A second one is nothing new.
    pub(crate) fn accepts(&mut self, public: &[u8]) -> Result<Effects, Violation> {
        if self.stage != Stage::New {
            return Ok(Effects::default());
        }
        let secret = self.draw();
        let key = Key::shared(secret, public).ok_or_else(|| self.wrong("g_a is out of range"))?;
        let answer = Said::Accept(Pairs::public(secret).to_vec(), key.fingerprint);
        let mut effects = Effects { said: vec![answer], ..Effects::default() };
        self.begins(key, &mut effects);
        Ok(effects)
    }

    /// Takes the acceptance of its request.
    pub(crate) fn is_accepted(&mut self, public: &[u8], fingerprint: KeyFingerprint) -> Result<Effects, Violation> {
        let mut effects = Effects::default();
        if self.stage != Stage::Requested {
            return Ok(effects);
        }
        let key = Key::shared(Pairs::first(self.side), public).ok_or_else(|| self.wrong("g_b is out of range"))?;
        if key.fingerprint != fingerprint {
            return Err(self.wrong("the fingerprint in the acceptance is another one"));
        }
        self.begins(key, &mut effects);
        Ok(effects)
    }

    /// The first message is always the layer.
    fn begins(&mut self, key: Key, effects: &mut Effects) {
        self.keys = Some(Keys { current: key, other: None });
        self.stage = Stage::Ready;
        self.say(&Content::NotifyLayer(self.own_layer), effects);
    }

    /// Does what its user wants. Returns whether that is possible now.
    pub(crate) fn act(&mut self, act: Act, own: &mut Rows, effects: &mut Effects, next_id: i64) -> bool {
        if act == Act::Close {
            if !self.is_closed() {
                self.ends(Stage::Closed);
                self.owes_discard = true;
                effects.said.push(Said::Discard);
            }
            return true;
        }
        if self.stage != Stage::Ready {
            return false;
        }
        self.catches_up(effects);
        match act {
            Act::Send => {
                let ttl = self.timers.ttl;
                self.say(&Content::Text { id: next_id, ttl }, effects);
                own.writes(next_id, ttl);
            }
            Act::Delete => {
                let last = own.made.iter().rev().find(|id| !own.destroyed.contains(id)).copied();
                if let Some(id) = last {
                    self.empties(|made| made.random_id == id);
                    self.timers.forget(id);
                    self.say(&Content::Delete(vec![id]), effects);
                    own.destroyed.insert(id);
                }
            }
            Act::Flush => {
                self.empties(|made| made.is_text);
                self.say(&Content::Flush, effects);
                let all: Vec<i64> = own.made.iter().chain(&own.heard).copied().collect();
                self.timers.forget_all();
                own.destroyed.extend(all);
            }
            Act::Rekey => return self.asks_for_key(effects),
            Act::Announce(layer) => {
                self.own_layer = self.own_layer.max(layer);
                self.say(&Content::NotifyLayer(self.own_layer), effects);
            }
            Act::SetTtl(seconds) => {
                self.timers.ttl = i32::try_from(seconds).unwrap_or(i32::MAX);
                self.say(&Content::SetTtl(self.timers.ttl), effects);
            }
            Act::MarkRead => self.reads(effects),
            Act::Screenshot | Act::Close => {}
        }
        true
    }

    /// Takes a sealed message.
    pub(crate) fn takes(&mut self, sealed: &[u8]) -> Result<Effects, Violation> {
        let mut effects = Effects::default();
        if self.stage != Stage::Ready {
            return Ok(effects);
        }
        self.catches_up(&mut effects);
        match self.takes_sealed(sealed, &mut effects) {
            Ok(()) => Ok(effects),
            Err(Stop::Wrong(why)) => Err(self.wrong(&why)),
            Err(Stop::Forced) => {
                self.ends(Stage::Forced);
                self.owes_discard = true;
                Ok(Effects { said: vec![Said::Discard], ..effects })
            }
        }
    }

    /// Hears that the server has accepted a message.
    pub(crate) fn carried(&mut self, slot: u32) -> Effects {
        let mut effects = Effects::default();
        if let Some(made) = self.made.get_mut(&slot)
            && !std::mem::replace(&mut made.accepted, true)
            && let Content::Text { id, ttl } = made.content
        {
            self.times(id, ttl, self.side);
        }
        if self.stage == Stage::Ready {
            self.catches_up(&mut effects);
        }
        effects
    }

    /// Hears that the server has ended the chat, as it asked.
    pub(crate) fn discard_carried(&mut self) -> Effects {
        self.owes_discard = false;
        Effects::default()
    }

    /// Starts anew, and sends what the server has not accepted. Android has forgotten what came early.
    pub(crate) fn starts_anew(&mut self) -> Effects {
        self.dies();
        let slots: Vec<u32> = self.unaccepted().collect();
        let mut effects = Effects::default();
        if self.owes_discard {
            effects.said.push(Said::Discard);
        }
        slots.into_iter().for_each(|slot| self.say_again(slot, &mut effects));
        effects
    }

    /// Loses what is only in memory.
    pub(crate) fn dies(&mut self) {
        if self.client == Client::Android {
            self.early.clear();
            self.asked.clear();
        }
    }

    /// The server has ended the chat.
    pub(crate) fn is_discarded(&mut self) {
        if !self.is_closed() {
            self.ends(Stage::Closed);
        }
    }

    fn ends(&mut self, stage: Stage) {
        self.stage = stage;
        self.keys = None;
        self.exchange = Exchange::Idle;
        self.made.clear();
        self.early.clear();
        self.timers = Timers::default();
    }

    fn wrong(&self, why: &str) -> Violation {
        Violation { invariant: invariants::OLD_PEER, seen: format!("{:?}: {why}", self.client) }
    }

    fn draw(&mut self) -> u8 {
        let secret = Pairs::first(self.side) + 2 * self.drawn;
        self.drawn += 1;
        secret
    }

    /// Returns what tells it from others that are not equal, apart from what it sent.
    pub(crate) fn name(&self) -> String {
        let Self { stage, owes_discard, exchange, drawn, rekeys, own_layer, made, sent, received, .. } = self;
        let Self { acknowledged, peer_layer, processed_layer, early, asked, timers, .. } = self;
        let keys = self.keys.as_ref().map(|keys| (&keys.current, &keys.other));
        format!(
            "{stage:?} {owes_discard} {exchange:?} {drawn} {rekeys} {own_layer} {made:?} {sent} {received} {acknowledged} {peer_layer} \
             {processed_layer} {early:?} {asked:?} {keys:?} {timers:?}"
        )
    }
}
