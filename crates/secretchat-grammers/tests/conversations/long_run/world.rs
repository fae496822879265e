//! Two users, the server between them, and one clock.

use std::collections::BTreeMap;

use recordings::Seeded;
use secretchat::{
    CallError, Chat, ChatState, Env, PeerPolicy, PrimePolicy, RandomId, RekeyState, StoreKey, Ttl, TypingAction,
};
use secretchat_grammers::tl::enums;
use secretchat_grammers::{Asking, DhCache, Incoming, TelegramChat};

use super::content::Wish;
use super::disk::Row;
use super::phone::{Alive, Phone, STORE_KEY, clock};
use crate::server::{Connection, Repeated, Rules, Server, Weather, unpack};

const START: i32 = 1_700_000_000;
const ALICE: i64 = 11;
const BOB: i64 = 22;

/// What really happened, for checks.
#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) now: i32,
    pub(crate) made: BTreeMap<RandomId, Wish>,
    /// Who made it.
    pub(crate) by: BTreeMap<RandomId, usize>,
    /// Whether the server delivers something again, because it is sent again or was not confirmed.
    pub(crate) repeats: bool,
}

impl Truth {
    pub(crate) fn last(&self) -> i64 {
        self.made.keys().last().map_or(0, |id| id.0)
    }
}

/// How a run goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) steps: usize,
    pub(crate) weather: Weather,
    /// The chance to die at each output, in a thousand.
    pub(crate) deadly: u64,
    pub(crate) rules: Rules,
    /// The lengths of long files.
    pub(crate) long: &'static [usize],
}

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) phones: [Phone; 2],
    pub(crate) truth: Truth,
    dice: Seeded,
    long: Vec<usize>,
}

impl World {
    /// Begins a chat from the first phone to the second, in fine weather until both have it in their records.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut server = Server::new(plan.seed, START);
        server.rules = plan.rules;
        let devices = [ALICE, BOB].map(|user| server.login(user));
        // Bob's other device, which never answers.
        server.login(BOB);
        let mut seed = plan.seed.wrapping_mul(1_000);
        let phones = devices.map(|device| {
            seed += 10;
            Phone::new(Connection::new(device, seed + 5), START, seed)
        });
        let repeats = plan.rules.repeated == Repeated::Delivered || plan.deadly > 0;
        let truth = Truth { now: START, repeats, ..Truth::default() };
        let mut world = Self { server, phones, truth, dice: Seeded::new(plan.seed), long: plan.long.to_vec() };
        world.begin();
        for phone in &mut world.phones {
            phone.line.weather = plan.weather;
            phone.disk_mut().deadly = plan.deadly;
        }
        world
    }

    fn begin(&mut self) {
        let mut rng = Seeded::new(self.dice.below(u64::MAX));
        let env = &mut Env::new(clock(START), &mut rng);
        let Self { server, phones: [alice, bob], truth, .. } = self;
        let config = |phone: &mut Phone, server: &mut Server, env: &mut Env<'_>| {
            let mut cache = DhCache::default();
            let answer = phone.ask(server, &cache.call()).unwrap().unwrap();
            cache.answer(&answer, PrimePolicy::PublishedOnly, env.rng).unwrap().config(PeerPolicy::Default)
        };
        let key = || Some(StoreKey::new(STORE_KEY));
        let whom = enums::InputUser::User(server.contact(ALICE, BOB));
        let asking = Asking::new(whom, config(alice, server, env), key(), b"alice's own", env).unwrap();
        let answer = alice.ask(server, asking.call()).unwrap().unwrap();
        let chat = asking.answered(&answer, env).unwrap();
        let chat = TelegramChat::asked(chat, alice.database()).unwrap();
        assert_eq!(chat.own_data(), b"alice's own");
        alice.begin(chat, truth).unwrap();

        let pushed = unpack(&server.push(bob.line.device).unwrap()).unwrap();
        let Some(Incoming::Requested(requested)) = Incoming::of_update(&pushed[0]) else { panic!("a request") };
        let config = config(bob, server, env);
        let chat = TelegramChat::accept(requested, config, key(), b"", bob.database(), env).unwrap();
        bob.begin(chat, truth).unwrap();
    }

    /// Does something at one end, which may die of it and is then back at its next turn.
    fn at(&mut self, end: usize, act: impl FnOnce(&mut Phone, &mut Server, &mut Truth) -> Alive) {
        let phone = &mut self.phones[end];
        self.truth.now = self.server.now;
        let mut lives = Ok(());
        if !phone.is_alive() {
            lives = phone.restart(&self.truth);
        }
        if lives.and_then(|()| act(phone, &mut self.server, &mut self.truth)).is_err() {
            phone.die();
        }
    }

    pub(crate) fn step(&mut self) {
        let end = usize::from(self.dice.percent(50));
        if self.dice.percent(20) {
            self.server.now += 1 + i32::try_from(self.dice.below(3)).unwrap();
        }
        let (what, which) = (self.dice.below(100), usize::try_from(self.dice.below(1 << 40)).unwrap());
        match what {
            0..=21 => self.at(end, |phone, server, truth| phone.receive(server, truth)),
            22..=46 => self.at(end, |phone, server, truth| phone.call(server, truth).map(drop)),
            47..=68 => self.at(end, |phone, server, truth| phone.write(server, truth)),
            69..=76 => self.at(end, |phone, server, truth| phone.download(server, truth)),
            77..=81 => self.at(end, |phone, server, truth| phone.difference(server, truth, what == 77)),
            82 => self.at(end, |phone, server, _| phone.confirm(server)),
            83..=84 => self.at(end, |phone, _, truth| tick(phone, truth)),
            85 => self.at(
                end,
                |phone, server, truth| {
                    if which.is_multiple_of(3) { phone.reconnect(server, truth) } else { Ok(()) }
                },
            ),
            86 => {
                if which.is_multiple_of(5) {
                    self.server.forget_part(which / 5);
                }
            }
            87..=92 => self.wish(end),
            _ => self.act(end, which),
        }
    }

    fn wish(&mut self, end: usize) {
        if self.phones[end].disk().wishes.len() < 3 {
            let id = self.truth.last() + 1;
            let long = if id % 40 == 7 { self.long.pop() } else { None };
            let wish = Wish::drawn(id, long, &mut self.dice);
            self.truth.made.insert(wish.id, wish);
            self.truth.by.insert(wish.id, end);
            self.phones[end].disk_mut().wishes.push_back(wish);
        }
    }

    fn act(&mut self, end: usize, which: usize) {
        let (kind, which) = (which % 24, which / 24);
        let made = RandomId(1 + i64::try_from(which).unwrap() % self.truth.last().max(1));
        self.at(end, |phone, _, truth| {
            let mut run = |row, call: &mut dyn FnMut(&mut Chat, &mut Env<'_>) -> Result<(), CallError>| {
                phone.act(truth, row, |chat, env| chat.act(env, |chat, env| call(chat, env))).map(drop)
            };
            match kind {
                0..=3 => run(None, &mut |chat, env| chat.typing(TypingAction::Typing, env)),
                4..=5 => {
                    let ttl = Ttl::from_wire([0, 0, 30, 3_600][which % 4]);
                    run(None, &mut |chat, env| chat.set_ttl(ttl, env))
                }
                6..=8 => run(None, &mut |chat, env| chat.mark_read_up_to(env.now, env)),
                9..=11 => open(phone, truth),
                12..=14 => {
                    // Only what is in the chat can be deleted.
                    let is_known = {
                        let disk = phone.disk();
                        disk.has(Row::Written(made))
                            || disk.rows.iter().any(|row| matches!(row, Row::Message(id, _) if *id == made))
                    };
                    if !is_known {
                        return Ok(());
                    }
                    phone
                        .act(truth, Some(Row::Deleted(made)), |chat, env| {
                            chat.act(env, |chat, env| chat.delete(&[made], env).map(drop))
                        })
                        .map(drop)
                }
                15..=16 => run(None, &mut Chat::rekey),
                17..=18 => run(None, &mut |chat, env| chat.report_screenshot(&[made], env)),
                19 if which.is_multiple_of(12) => {
                    run(Some(Row::Flushed(truth.last())), &mut |chat, env| chat.flush_history(env).map(drop))
                }
                _ => run(None, &mut Chat::acknowledge),
            }
        });
    }

    /// Lets the sun shine until there is nothing left to do, and until all timers have ended.
    pub(crate) fn settle(&mut self) {
        for phone in &mut self.phones {
            phone.line.weather = Weather::default();
            phone.disk_mut().deadly = 0;
        }
        self.come_to_rest();
        for end in [0, 1] {
            self.at(end, |phone, _, truth| {
                while phone.to_open().is_some() {
                    open(phone, truth)?;
                }
                phone
                    .act(truth, None, |chat, env| chat.act(env, |chat, env| chat.mark_read_up_to(env.now, env)))
                    .map(drop)
            });
        }
        self.come_to_rest();
        self.server.now += 3 * 60 * 60;
        self.come_to_rest();
    }

    fn come_to_rest(&mut self) {
        for round in 0.. {
            assert!(round < 3_000, "no rest: {:?}", self.phones.each_ref().map(Phone::summary));
            self.server.now += 1;
            let mut calls = false;
            for end in [0, 1] {
                self.at(end, |phone, server, truth| {
                    phone.receive(server, truth)?;
                    phone.difference(server, truth, true)?;
                    phone.confirm(server)?;
                    phone.write(server, truth)?;
                    phone.download(server, truth)?;
                    tick(phone, truth)?;
                    if round % 10 == 9 {
                        phone.act(truth, None, |chat, env| chat.act(env, Chat::acknowledge))?;
                    }
                    while phone.call(server, truth)? {
                        calls = true;
                    }
                    Ok(())
                });
            }
            let rest = |phone: &Phone| {
                let chat = phone.chat();
                let idle = chat.rekey_state() == RekeyState::Idle && chat.state() == ChatState::Ready;
                phone.rests() && idle && self.server.unconfirmed(phone.line.device) == 0
            };
            if round % 10 == 9 && !calls && self.phones.iter().all(rest) {
                return;
            }
        }
    }
}

fn tick(phone: &mut Phone, truth: &Truth) -> Alive {
    phone.act(truth, None, TelegramChat::handle_timeout).map(drop)
}

/// Opens a message with a timer whose file is here.
fn open(phone: &mut Phone, truth: &Truth) -> Alive {
    let Some(id) = phone.to_open() else { return Ok(()) };
    let opened = phone.act(truth, None, |chat, env| chat.act(env, |chat, env| chat.open_view(id, env).map(drop)))?;
    if !opened {
        // It has ended, or its chat is busy: a later turn finds out which.
        let is_over = phone.chat().file_of(id).is_none();
        if is_over {
            phone.disk_mut().coming.remove(&id);
        }
    }
    Ok(())
}
