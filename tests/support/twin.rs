//! What "changes nothing" means: a twin that never saw the bad input goes on to do the same, byte by byte.
//!
//! A story is told twice, the second time without its bad inputs. What both chats say and write afterwards has to be
//! equal: results, events, transmissions, and batches with the records in them, opened.

use secretchat::hazmat::records::{self, Opened};
use secretchat::{Batch, Chat, Draft, Env, Event, History, Layer, Output, RandomId, Records, StoreKey, Transmit, Ttl};

use super::pair::{env_at, outputs};
use super::rng::Seeded;

/// The keys that tests keep records under.
const STORE_KEYS: [[u8; 32]; 5] = [[1; 32], [2; 32], [7; 32], [9; 32], [0x5a; 32]];
/// When bad input comes, in milliseconds after everything else: an error moves no clock (SPEC TIME-1).
const LATER: u64 = 3_600_000;
const DAY: u64 = 24 * LATER;

pub(crate) struct Twin {
    sees_bad_input: bool,
    bad_inputs: u32,
    seen: Vec<Seen>,
}

/// One thing that a chat says, with nothing hidden.
#[derive(PartialEq, Eq)]
pub(crate) enum Seen {
    Said(String),
    Transmit(Transmit),
    Persist(Batch, Vec<Opened>),
}

/// Tells the story with its bad inputs and without them, and compares what was seen.
pub(crate) fn unchanged(story: impl Fn(&mut Twin)) {
    let tell = |sees_bad_input| {
        let mut twin = Twin { sees_bad_input, bad_inputs: 0, seen: Vec::new() };
        story(&mut twin);
        twin
    };
    let (this, other) = (tell(true), tell(false));
    assert!(this.bad_inputs > 0, "a story without bad input shows nothing");
    assert!(!this.seen.is_empty(), "a story without a look at the chat shows nothing");
    assert_same(&this.seen, &other.seen);
}

/// Both said and wrote the same.
pub(crate) fn assert_same(this: &[Seen], other: &[Seen]) {
    for (place, (this, other)) in this.iter().zip(other).enumerate() {
        assert!(this == other, "output {place} differs from the twin's:\n{}", difference(this, other));
    }
    assert_eq!(this.len(), other.len(), "outputs");
}

impl Twin {
    /// What is wrong: refused with an error, at another time than everything else.
    pub(crate) fn bad(&mut self, chat: &mut Chat, give: impl FnOnce(&mut Chat, &mut Env<'_>)) {
        self.give(LATER, chat, give);
    }

    /// What is no error and does not fit: it may take note of the time, and comes at the time of everything else.
    pub(crate) fn idle(&mut self, chat: &mut Chat, give: impl FnOnce(&mut Chat, &mut Env<'_>)) {
        self.give(0, chat, give);
    }

    fn give(&mut self, millis: u64, chat: &mut Chat, give: impl FnOnce(&mut Chat, &mut Env<'_>)) {
        assert!(outputs(chat).is_empty(), "take the outputs first");
        if self.sees_bad_input() {
            give(chat, &mut env_at(millis, &mut Seeded::new(0xbad)));
            assert!(outputs(chat).is_empty(), "bad input asks for nothing");
        }
    }

    /// For what is not given to a chat itself.
    pub(crate) fn sees_bad_input(&mut self) -> bool {
        self.bad_inputs += 1;
        self.sees_bad_input
    }

    pub(crate) fn note(&mut self, said: String) {
        self.seen.push(Seen::Said(said));
    }

    /// What the records hold.
    pub(crate) fn records(&mut self, records: &Records) {
        for record in open(records) {
            self.note(format!("{record:?}"));
        }
    }

    /// Takes the outputs.
    pub(crate) fn take(&mut self, chat: &mut Chat) {
        self.seen.extend(seen(chat));
    }

    /// Takes the outputs, then makes the chat show everything that it keeps. The chat is over then.
    pub(crate) fn compare(&mut self, chat: &mut Chat) {
        self.seen.extend(life(chat));
    }
}

/// Takes the outputs.
pub(crate) fn seen(chat: &mut Chat) -> Vec<Seen> {
    outputs(chat)
        .into_iter()
        .map(|output| match output {
            Output::Event(event) => Seen::Said(plainly(&event)),
            Output::Transmit(transmit) => Seen::Transmit(transmit),
            Output::Persist(batch) => {
                let records = Records { chat: batch.chat, rows: batch.put.clone() };
                Seen::Persist(batch, open(&records))
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Everything that a chat does from now on to its end, for calls that touch all of its state.
pub(crate) fn life(chat: &mut Chat) -> Vec<Seen> {
    type Call = fn(&mut Chat, &mut Env<'_>) -> String;
    let calls: [(u64, Call); 14] = [
        (0, |chat, env| format!("{:?}", chat.send(&draft(1), env))),
        (0, |chat, env| format!("{:?}", chat.set_ttl(Ttl::from_seconds(30).unwrap(), env))),
        (1, |chat, env| format!("{:?}", chat.acknowledge(env))),
        (1, |chat, env| format!("{:?}", chat.retransmit(env))),
        (1, |chat, env| format!("{:?}", chat.delete(&[RandomId(1)], env))),
        (1, |chat, env| format!("{:?}", chat.announce_layer(Layer(144), env))),
        (2, |chat, env| format!("{:?}", chat.rekey(env))),
        (61_000, |chat, env| format!("{:?}", chat.handle_timeout(env))),
        (61_000, |chat, env| format!("{:?}", chat.send(&draft(2), env))),
        (DAY, |chat, env| format!("{:?}", chat.handle_timeout(env))),
        (DAY, |chat, env| format!("{:?}", chat.retransmit(env))),
        (40 * DAY, |chat, env| format!("{:?}", chat.handle_timeout(env))),
        (400 * DAY, |chat, env| format!("{:?}", chat.handle_timeout(env))),
        (400 * DAY, |chat, env| format!("{:?}", chat.close(History::Keep, env))),
    ];
    let rng = &mut Seeded::new(0x11fe);
    let mut life = seen(chat);
    life.push(asked(chat));
    for (millis, call) in calls {
        life.push(Seen::Said(call(chat, &mut env_at(millis, rng))));
        life.extend(seen(chat));
        life.push(asked(chat));
    }
    life
}

fn draft(id: i64) -> Draft {
    Draft::text("the same at the twin's").with_random_id(RandomId(id))
}

/// What it says about itself.
fn asked(chat: &Chat) -> Seen {
    let about = (chat.verification(), chat.own_layer(), chat.peer_layer(), chat.ttl(), chat.rekeys());
    let state = (chat.rekey_state(), chat.awaits_transport(), chat.owes_acknowledgement(), chat.poll_timeout());
    Seen::Said(format!("{chat:?} {about:?} {state:?}"))
}

/// An event with what its `Debug` keeps for itself.
fn plainly(event: &Event) -> String {
    match event {
        Event::Message(message) => {
            let content = &message.content;
            format!("{event:?} {:?} {:?} {:?} {:?}", content.text, content.entities, message.via_bot, message.file)
        }
        _ => format!("{event:?}"),
    }
}

fn open(records: &Records) -> Vec<Opened> {
    STORE_KEYS
        .iter()
        .find_map(|key| records::open(records, &StoreKey::new(*key)).ok())
        .expect("one of the keys that tests keep records under")
}

fn difference(this: &Seen, other: &Seen) -> String {
    match (this, other) {
        (Seen::Persist(this, opened), Seen::Persist(other, others)) => {
            let records = opened.iter().zip(others).filter(|(this, other)| this != other);
            let records: Vec<_> = records.map(|(this, other)| format!("{this:?}\n{other:?}\n")).collect();
            let about = |batch: &Batch| {
                let names: Vec<_> = batch.put.iter().map(|(name, _)| name.to_string()).collect();
                format!("generation {}, put {names:?}, delete {:?}", batch.checkpoint.generation, batch.delete)
            };
            format!("{}\n{}\n{}", about(this), about(other), records.concat())
        }
        (this, other) => format!("{}\n{}", brief(this), brief(other)),
    }
}

fn brief(seen: &Seen) -> String {
    match seen {
        Seen::Said(said) => said.clone(),
        Seen::Transmit(Transmit { id, kind }) => format!("{id:?} {kind:?}"),
        Seen::Persist(batch, _) => format!("a batch of generation {}", batch.checkpoint.generation),
    }
}
