//! Two ends and the network between them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use recordings::Seeded;
use secretchat::media::{ChainKey, MediaKey, SegmentKey};
use secretchat::store::MemoryStore;
use secretchat::{
    CallError, Chat, ChatState, Config, DhGroup, Draft, Handled, History, Input, Invitation, Limits, Media, Output,
    PeerFault, PeerPolicy, Photo, RandomId, Records, RekeyPolicy, RekeyState, StoreKey, Transmit, TransmitId,
    TransmitKind, Ttl, TypingAction,
};

use super::side::{Row, STORE_KEY, Side};
use crate::support::pair::{self, NOW, input_of};
use crate::support::{stored, timed};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
/// Rounds of a network that delivers, at the end.
const ROUNDS: usize = 60;

pub(super) struct Talk {
    pub(super) sides: [Side; 2],
    /// What is on its way from each end.
    under_way: [Vec<Transmit>; 2],
    now: u64,
    /// How many texts there were.
    texts: i64,
    is_telegram: bool,
}

thread_local! {
    /// The records of two ends that have just met, by profile and limits. Creating chats is slow.
    static MET: RefCell<BTreeMap<(u8, u8), [Records; 2]>> = RefCell::default();
}

impl Talk {
    pub(super) fn meet(profile: u8, limits: u8) -> Self {
        let (profile, limits) = (profile % 6, limits % 8);
        let records =
            MET.with_borrow_mut(|met| met.entry((profile, limits)).or_insert_with(|| meet(profile, limits)).clone());
        let [alice, bob] = [(0, 11), (1, 12)].map(|(end, seed)| Side::new(&records[end], seed, NOW));
        let under_way = [Vec::new(), Vec::new()];
        Self { sides: [alice, bob], under_way, now: NOW, texts: 0, is_telegram: profile > 1 && profile != 5 }
    }

    /// Does one step: the lowest bit of the call says which end.
    pub(super) fn step(&mut self, call: u8, argument: u8) {
        let (who, now) = (usize::from(call & 1), self.now);
        let chosen = |ids: &[(RandomId, String)]| {
            let place = usize::from(argument).checked_rem(ids.len());
            place.map(|place| ids[place].0).into_iter().collect::<Vec<_>>()
        };
        let side = &mut self.sides[who];
        match call >> 1 {
            0..8 => self.write(who, argument),
            8..14 => self.deliver(1 - who, argument),
            14 => self.lose(1 - who, argument),
            15 => self.repeat(1 - who, argument),
            16 => self.damage(1 - who, argument),
            17 => self.restart_or_crash(who, argument),
            18 => self.now += u64::from(argument) * [SECOND / 4, SECOND, MINUTE][usize::from(argument % 3)],
            19 => self.now = self.now.saturating_sub(u64::from(argument) * SECOND),
            20 => may(&side.call(now, None, Chat::rekey)),
            21 => side.lets(now, Chat::retransmit),
            22 => may(&side.call(now, None, Chat::acknowledge)),
            23 => side.lets(now, Chat::handle_timeout),
            24 => {
                let ids = chosen(&side.written);
                may(&side.call(now, Some(Row::Gone(ids.clone())), |chat, env| chat.delete(&ids, env)));
            }
            25 => {
                let ids = chosen(&side.heard);
                may(&side.call(now, None, |chat, env| chat.mark_read(&ids, env)));
            }
            26 => {
                for id in chosen(&side.heard) {
                    may(&side.call(now, None, |chat, env| chat.open_view(id, env)));
                }
            }
            27 => {
                let ttl = timer(argument);
                may(&side.call(now, None, |chat, env| chat.set_ttl(ttl, env)));
            }
            28 => {
                let ids = chosen(&side.heard);
                may(&side.call(now, None, |chat, env| chat.report_screenshot(&ids, env)));
            }
            29 => may(&side.call(now, None, |chat, env| chat.typing(TypingAction::RecordAudio, env))),
            30 if argument.is_multiple_of(8) => {
                let all = side.written.iter().map(|(id, _)| *id).collect();
                may(&side.call(now, Some(Row::Gone(all)), Chat::flush_history));
            }
            31 if argument.is_multiple_of(16) => {
                side.lets(now, |chat, env| chat.close(History::Keep, env));
            }
            // Everything in order, as most networks do most of the time.
            32..40 => (0..argument % 8).for_each(|_| self.deliver(1 - who, 0)),
            _ => {}
        }
        self.post();
    }

    fn write(&mut self, who: usize, argument: u8) {
        self.texts += 1;
        let (id, text) = (RandomId(self.texts * 0x0101_0101_0101), format!("text {}", self.texts));
        let draft = match argument % 8 {
            0..5 => Draft::text(text.clone()),
            5 => Draft::text(text.clone()).with_ttl(timer(argument)),
            6 => Draft::text(text.clone()).with_reply_to(RandomId(0x0101_0101_0101)),
            _ => self.photo(&text).with_ttl(timer(argument)),
        };
        let (draft, now) = (draft.with_random_id(id), self.now);
        may(&self.sides[who].call(now, Some(Row::Written((id, text))), |chat, env| chat.send(&draft, env)));
    }

    fn photo(&self, caption: &str) -> Draft {
        let key: MediaKey = if self.is_telegram {
            ChainKey::from_parts(timed::FILE_KEY, timed::FILE_IV).into()
        } else {
            SegmentKey::from_parts(timed::FILE_KEY, timed::FILE_IV).into()
        };
        let photo = Photo::new(90, 60, 1_000, key).with_thumbnail(timed::preview());
        Draft::media(Media::Photo(photo), caption).with_file(b"there".to_vec())
    }

    /// Hands what the ends want carried to the network.
    fn post(&mut self) {
        for (side, under_way) in self.sides.iter_mut().zip(&mut self.under_way) {
            under_way.append(&mut side.leaving);
        }
    }

    /// Chooses one of those under way from an end.
    fn choose(&self, from: usize, argument: u8) -> Option<usize> {
        usize::from(argument).checked_rem(self.under_way[from].len())
    }

    fn lose(&mut self, from: usize, argument: u8) {
        if let Some(place) = self.choose(from, argument) {
            self.under_way[from].remove(place);
        }
    }

    fn repeat(&mut self, from: usize, argument: u8) {
        if let Some(place) = self.choose(from, argument) {
            let copy = self.under_way[from][place].clone();
            self.under_way[from].push(copy);
        }
    }

    fn damage(&mut self, from: usize, argument: u8) {
        let place = self.choose(from, argument);
        if let Some(TransmitKind::Ciphertext { bytes, .. }) = place.map(|place| &self.under_way[from][place].kind) {
            let mut bytes = bytes.clone();
            let byte = usize::from(argument) * 7 % bytes.len();
            bytes[byte] ^= 1 << (argument % 8);
            self.sides[1 - from].hears_damage(self.now, &bytes);
        }
    }

    fn deliver(&mut self, from: usize, argument: u8) {
        if let Some(place) = self.choose(from, argument) {
            let transmit = self.under_way[from].remove(place);
            self.arrive(from, &transmit);
        }
        self.post();
    }

    fn arrive(&mut self, from: usize, transmit: &Transmit) {
        let (now, to) = (self.now, &mut self.sides[1 - from]);
        if matches!(transmit.kind, TransmitKind::Request { .. }) {
            return;
        }
        let was_closed = to.is_closed();
        let had_fuse = to.fuse.is_some();
        match to.call(now, None, |chat, env| chat.handle(input_of(transmit), env)) {
            Ok(Handled::NoRoom) => return,
            Ok(Handled::ChatClosed) if !was_closed => {
                assert!(matches!(transmit.kind, TransmitKind::Discard { .. }), "{:?}", to.chat.state());
            }
            Ok(_) => {}
            // A repeat from before the last new key, or what comes to an end that is over.
            Err(PeerFault::UnknownKey) => {
                let processed = to.chat.counters().received;
                assert!(
                    was_closed || transmit.id.slot().unwrap().get() < processed,
                    "the key of a new message is known"
                );
            }
            // A Discard under a key that is wiped.
            Err(PeerFault::NotAuthentic) if matches!(transmit.kind, TransmitKind::Discard { .. }) => {}
            Err(fault) => panic!("{fault:?}"),
        }
        // The receipt of an end that died on the way never came.
        if had_fuse {
            return;
        }
        let receipt = to.chat.discard_receipt();
        let input = match transmit.id {
            TransmitId::DISCARD => Input::discard_receipt(receipt.as_ref()),
            id => Input::carried(id, None),
        };
        self.sides[from].call(now, None, |chat, env| chat.handle(input, env)).unwrap();
    }

    fn restart_or_crash(&mut self, who: usize, argument: u8) {
        if argument.is_multiple_of(2) {
            self.sides[who].restart(self.now);
        } else {
            self.sides[who].fuse = Some(argument / 2 % 6);
        }
    }

    /// A network that delivers, between hosts that send again and acknowledge, until both are at rest.
    pub(super) fn settle(&mut self) {
        for round in 0..ROUNDS {
            self.now += MINUTE;
            let now = self.now;
            for who in 0..2 {
                self.sides[who].fuse = None;
                let side = &mut self.sides[who];
                side.lets(now, Chat::handle_timeout);
                side.lets(now, Chat::retransmit);
                self.carry_all();
                may(&self.sides[who].call(now, None, Chat::acknowledge));
                self.carry_all();
            }
            // What was held back behind a young key goes after ten minutes (SPEC REKEY-8).
            let rest = if self.sides.iter().all(|side| side.chat.rekeys() == 0) { 1 } else { 12 };
            if round >= rest && self.is_settled() {
                return;
            }
        }
        panic!("the two ends do not come to rest: {:#?}", self.sides.each_ref().map(|side| &side.chat));
    }

    fn carry_all(&mut self) {
        self.post();
        for carried in 0.. {
            if self.under_way.iter().all(Vec::is_empty) {
                break;
            }
            assert!(carried < 10_000, "the two ends never stop talking");
            self.deliver(0, 0);
            self.deliver(1, 0);
        }
    }

    fn is_settled(&self) -> bool {
        let [alice, bob] = &self.sides;
        if alice.is_closed() || bob.is_closed() {
            return alice.is_closed() && bob.is_closed();
        }
        let done = |from: &Side, to: &Side| {
            from.chat.counters().sent == to.chat.counters().received && from.chat.rekey_state() == RekeyState::Idle
        };
        done(alice, bob) && done(bob, alice)
    }
}

fn timer(argument: u8) -> Ttl {
    Ttl::from_seconds([0, 1, 5, 60, 90, 3_600][usize::from(argument / 8 % 6)]).unwrap()
}

/// Takes a result of a call: it may be impossible now, and is never a mistake of the host.
fn may<T>(result: &Result<T, CallError>) {
    if let Err(CallError::Misuse(misuse)) = result {
        panic!("{misuse:?}");
    }
}

fn meet(profile: u8, limits: u8) -> [Records; 2] {
    let telegram = |policy| Config::telegram(DhGroup::published(3).unwrap(), policy);
    let config = |local: &str, peer: &str| match profile {
        0 => (Config::x25519(local, peer).unwrap(), RekeyPolicy::x25519()),
        1 => (Config::hybrid(local, peer).unwrap(), RekeyPolicy::x25519()),
        2 => (telegram(PeerPolicy::Default), RekeyPolicy::telegram()),
        3 => (telegram(PeerPolicy::Strict), RekeyPolicy::telegram()),
        4 => (telegram(PeerPolicy::Tolerant), RekeyPolicy::telegram()),
        _ => (Config::x25519(local, peer).unwrap().with_exporter().unwrap(), RekeyPolicy::x25519()),
    };
    let starts = [("alice", "bob"), ("bob", "alice")].map(|(local, peer)| {
        let (config, mut policy) = config(local, peer);
        if limits & 1 == 1 {
            (policy.initiator_messages, policy.responder_messages) = (16, 19);
        }
        policy.age = Duration::from_secs(1 << 30);
        policy.limit_age = Duration::from_secs(1 << 30);
        let mut bounds = Limits::default();
        if limits & 2 == 2 {
            (bounds.outbox_messages, bounds.timed_messages) = (12, 3);
        }
        if limits & 4 == 4 {
            bounds.waiting_messages = 2;
        }
        config.with_rekey(policy).with_limits(bounds).with_store(StoreKey::new(STORE_KEY))
    });
    let [alice, bob] = starts;
    let (mut stores, rng) = ([MemoryStore::default(), MemoryStore::default()], &mut Seeded::new(10));
    let mut alice = Chat::request(alice, &mut pair::env(rng)).unwrap();
    let asked = transmits(stored::keep(&mut alice, &mut stores[0]));
    let [TransmitKind::Request { public, .. }] = &asked[..] else { panic!("{asked:?}") };
    let bob = Invitation::parse(public, bob).unwrap().accept(&mut pair::env(rng)).unwrap();
    let mut chats = [alice, bob];
    for (from, to) in [(1, 0), (0, 1), (1, 0), (0, 1)] {
        for output in stored::keep(&mut chats[from], &mut stores[from]) {
            if let Output::Transmit(transmit) = output {
                assert_eq!(chats[to].handle(input_of(&transmit), &mut pair::env(rng)), Ok(Handled::Applied));
                chats[from].handle(Input::carried(transmit.id, None), &mut pair::env(rng)).unwrap();
            }
        }
    }
    for (chat, store) in chats.iter_mut().zip(&mut stores) {
        assert!(transmits(stored::keep(chat, store)).is_empty());
        assert_eq!(chat.state(), ChatState::Ready);
    }
    [0, 1].map(|end| stored::records(&chats[end], &stores[end]))
}

fn transmits(outputs: Vec<Output>) -> Vec<TransmitKind> {
    let transmits = outputs.into_iter().filter_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.kind),
        _ => None,
    });
    transmits.collect()
}
