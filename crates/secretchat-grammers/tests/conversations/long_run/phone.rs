//! One user's device: a process that can die at any output, over a disk that stays.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;

use recordings::Seeded;
use secretchat::store::{DriverError, Store};
use secretchat::{CallError, Chat, Env, Handled, StoreKey, Timestamp, TransmitId, Unavailable};
use secretchat_grammers::tl::{Deserializable, RemoteCall, enums, functions as f};
use secretchat_grammers::{Arrival, Call, Confirmations, Failure, Incoming, ServerError, TelegramChat, Ticket, Work};

use super::disk::{Database, Disk, Killed, Row};
use super::world::Truth;
use crate::server::{Answer, Connection, Server, unpack};

pub(crate) const STORE_KEY: [u8; 32] = [0x5a; 32];

pub(crate) type Alive<T = ()> = Result<T, Killed>;

pub(crate) struct Phone {
    pub(crate) line: Connection,
    disk: Rc<RefCell<Disk>>,
    process: Option<Process>,
    pub(crate) dice: Seeded,
    pub(crate) deaths: usize,
    /// How often the server gave each error to a call of the chat.
    errors: BTreeMap<String, usize>,
}

/// Everything that a dead process loses.
struct Process {
    chat: TelegramChat<Database>,
    /// Calls that the chat waits for.
    calls: Vec<(TransmitId, Call)>,
    confirmations: Confirmations,
    rng: Seeded,
    /// Something is known to be missing.
    asks: bool,
}

impl Phone {
    /// Creates a phone without a chat.
    pub(crate) fn new(line: Connection, now: i32, seed: u64) -> Self {
        let disk = Rc::new(RefCell::new(Disk::new(now, seed)));
        Self { line, disk, process: None, dice: Seeded::new(seed + 1), deaths: 0, errors: BTreeMap::new() }
    }

    /// Begins with a chat that was just asked for or accepted.
    pub(crate) fn begin(&mut self, chat: TelegramChat<Database>, truth: &Truth) -> Alive {
        self.process = Some(self.process_of(chat));
        self.drain(truth)
    }

    /// Begins a process over the disk. The chat's records tell where the chat is on the server.
    pub(crate) fn restart(&mut self, truth: &Truth) -> Alive {
        self.process = None;
        self.disk_mut().open = Default::default();
        self.deaths += 1;
        let store = self.database();
        let id = store.chats().unwrap()[0];
        let mut rng = Seeded::new(self.dice.below(u64::MAX));
        let env = &mut Env::new(clock(truth.now), &mut rng);
        let chat = TelegramChat::restore(store, id, &StoreKey::new(STORE_KEY), None, env).unwrap().unwrap();
        self.process = Some(Process { asks: true, ..self.process_of(chat) });
        self.drain(truth)
    }

    fn process_of(&mut self, chat: TelegramChat<Database>) -> Process {
        let rng = Seeded::new(self.dice.below(u64::MAX));
        let confirmations = Confirmations::new(self.disk().qts);
        Process { chat, calls: Vec::new(), confirmations, rng, asks: false }
    }

    pub(crate) fn database(&self) -> Database {
        Database(Rc::clone(&self.disk))
    }

    pub(crate) fn disk(&self) -> Ref<'_, Disk> {
        self.disk.borrow()
    }

    pub(crate) fn disk_mut(&self) -> RefMut<'_, Disk> {
        self.disk.borrow_mut()
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.process.is_some()
    }

    pub(crate) fn die(&mut self) {
        self.process = None;
    }

    pub(crate) fn chat(&self) -> &Chat {
        self.process.as_ref().unwrap().chat.chat()
    }

    /// Does something with the chat, and what it then asks for.
    pub(crate) fn with<T>(
        &mut self,
        truth: &Truth,
        act: impl FnOnce(&mut TelegramChat<Database>, &mut Env<'_>) -> T,
    ) -> Alive<T> {
        let Process { chat, rng, .. } = self.process.as_mut().unwrap();
        let done = act(chat, &mut Env::new(clock(truth.now), rng));
        self.drain(truth)?;
        Ok(done)
    }

    /// Does something that the user wants, with a row of the host in the same transaction.
    pub(crate) fn act(
        &mut self,
        truth: &Truth,
        row: Option<Row>,
        act: impl FnOnce(&mut TelegramChat<Database>, &mut Env<'_>) -> Result<(), CallError>,
    ) -> Alive<bool> {
        let disk = Rc::clone(&self.disk);
        let done = self.with(truth, |chat, env| {
            let done = act(chat, env);
            disk.borrow_mut().open.rows.extend(row.filter(|_| done.is_ok()));
            done
        })?;
        match done {
            Ok(()) => Ok(true),
            Err(CallError::Unavailable(
                Unavailable::NotReady
                | Unavailable::OutboxFull
                | Unavailable::RekeyRequired
                | Unavailable::RekeyInProgress
                | Unavailable::Expired
                | Unavailable::NotTimed,
            )) => Ok(false),
            Err(other) => panic!("{other}"),
        }
    }

    fn drain(&mut self, truth: &Truth) -> Alive {
        let Process { chat, calls, rng, .. } = self.process.as_mut().unwrap();
        let env = &mut Env::new(clock(truth.now), rng);
        loop {
            self.disk.borrow_mut().may_die()?;
            let work = chat.next(env).map_err(|error| match error {
                DriverError::Store(_) => Killed,
                other => panic!("{other}"),
            })?;
            match work {
                None => break,
                Some(Work::Event(event)) => self.disk.borrow_mut().note(&event, truth),
                Some(Work::Call(id, call)) => calls.push((id, call)),
                Some(Work::Checkpoint(_)) => {}
                Some(other) => panic!("{other:?}"),
            }
        }
        // Rows of events that no batch came after.
        self.disk.borrow_mut().commit();
        Ok(())
    }

    /// Makes one of the calls that the chat waits for, whichever. Returns whether there was one.
    pub(crate) fn call(&mut self, server: &mut Server, truth: &Truth) -> Alive<bool> {
        let calls = &mut self.process.as_mut().unwrap().calls;
        if calls.is_empty() {
            return Ok(false);
        }
        let which = usize::try_from(self.dice.below(calls.len() as u64)).unwrap();
        let (id, call) = calls.remove(which);
        self.disk_mut().may_die()?;
        let answer = self.line.call(server, &call.to_bytes());
        self.disk_mut().may_die()?;
        let outcome = match answer {
            Answer::Lost => Err(Failure::Lost),
            Answer::Result(bytes) => Ok(call.answer(&bytes).unwrap()),
            Answer::Error(error) => {
                *self.errors.entry(error.to_string()).or_default() += 1;
                Err(Failure::Server(ServerError::new(error.code, &error.name)))
            }
        };
        self.with(truth, |chat, env| chat.answered(id, outcome, env))?;
        Ok(true)
    }

    /// Connects anew: what was on its way is lost.
    pub(crate) fn reconnect(&mut self, server: &mut Server, truth: &Truth) -> Alive {
        server.reconnect(self.line.device);
        self.process.as_mut().unwrap().calls.clear();
        self.with(truth, TelegramChat::reconnected)
    }

    /// Takes what came by itself.
    pub(crate) fn receive(&mut self, server: &mut Server, truth: &Truth) -> Alive {
        for bytes in self.line.receive(server) {
            let Some(updates) = unpack(&bytes) else {
                self.process.as_mut().unwrap().asks = true;
                continue;
            };
            for update in &updates {
                self.update(update, truth)?;
            }
        }
        Ok(())
    }

    fn update(&mut self, update: &enums::Update, truth: &Truth) -> Alive {
        let Some(incoming) = Incoming::of_update(update) else { return Ok(()) };
        let Some(qts) = incoming.qts() else { return self.take(&incoming, None, truth) };
        let process = self.process.as_mut().unwrap();
        match process.confirmations.update(qts) {
            Arrival::Next(ticket) => self.take(&incoming, Some(ticket), truth),
            Arrival::Old => Ok(()),
            Arrival::Gap => {
                process.asks = true;
                Ok(())
            }
        }
    }

    fn take(&mut self, incoming: &Incoming<'_>, ticket: Option<Ticket>, truth: &Truth) -> Alive {
        let handled = self.with(truth, |chat, env| chat.update(incoming, env))?;
        // A repeated message may be under a key that is gone.
        let is_fine = handled.map_or(truth.repeats, |handled| handled != Handled::NoRoom);
        assert!(is_fine, "{incoming:?}: {handled:?}");
        if let Some(ticket) = ticket {
            let confirmations = &mut self.process.as_mut().unwrap().confirmations;
            confirmations.stored(ticket);
            let qts = confirmations.qts();
            self.disk_mut().qts = qts;
        }
        Ok(())
    }

    /// Asks for what was missed, if something was, or in any case.
    pub(crate) fn difference(&mut self, server: &mut Server, truth: &Truth, anyway: bool) -> Alive {
        if !anyway && !self.process.as_ref().unwrap().asks {
            return Ok(());
        }
        let (date, qts) = (self.disk().date, self.disk().qts);
        let call =
            f::updates::GetDifference { pts: 1, pts_limit: None, pts_total_limit: None, date, qts, qts_limit: None };
        let Some(answer) = self.ask(server, &call)? else { return Ok(()) };
        let (messages, updates, state, is_whole) = match answer {
            enums::updates::Difference::Empty(empty) => {
                self.disk_mut().date = empty.date;
                self.process.as_mut().unwrap().asks = false;
                return Ok(());
            }
            enums::updates::Difference::Difference(all) => {
                (all.new_encrypted_messages, all.other_updates, all.state, true)
            }
            enums::updates::Difference::Slice(slice) => {
                (slice.new_encrypted_messages, slice.other_updates, slice.intermediate_state, false)
            }
            enums::updates::Difference::TooLong(_) => panic!("the stand-in does not answer this"),
        };
        for update in &updates {
            self.update(update, truth)?;
        }
        let enums::updates::State::State(state) = state;
        let tickets = self.process.as_mut().unwrap().confirmations.difference(state.qts, messages.len());
        for (message, ticket) in messages.iter().zip(tickets) {
            self.take(&Incoming::of_message(message), Some(ticket), truth)?;
        }
        let process = self.process.as_mut().unwrap();
        process.asks = !is_whole;
        let qts = process.confirmations.qts();
        assert_eq!(qts, state.qts, "all of it is stored");
        let mut disk = self.disk_mut();
        (disk.qts, disk.date) = (qts, state.date);
        Ok(())
    }

    /// Tells the server what is durable here.
    pub(crate) fn confirm(&mut self, server: &mut Server) -> Alive {
        let Some(call) = self.process.as_mut().unwrap().confirmations.call() else { return Ok(()) };
        if self.ask(server, &call)?.is_none() {
            self.process.as_mut().unwrap().confirmations.call_failed();
        }
        Ok(())
    }

    /// Whether there is nothing left to do.
    pub(crate) fn rests(&self) -> bool {
        let Process { chat, calls, asks, .. } = self.process.as_ref().unwrap();
        let disk = self.disk();
        let fetched = disk.coming.values().all(|coming| coming.is_whole);
        disk.wishes.is_empty() && fetched && !asks && calls.is_empty() && !chat.chat().awaits_transport()
    }

    /// Shows what it waits for.
    pub(crate) fn summary(&self) -> String {
        let Process { chat, calls, asks, .. } = self.process.as_ref().unwrap();
        let disk = self.disk();
        let (wishes, coming) = (disk.wishes.len(), disk.coming.len());
        format!(
            "{:?}, {:?} calls {calls:?}, asks {asks}, wishes {wishes}, coming {coming}, {:?}",
            self.errors,
            chat.chat(),
            chat.poll_timeout()
        )
    }

    /// Makes a call that is not the chat's. Returns nothing if it is to be made again.
    pub(crate) fn ask<C: RemoteCall>(&mut self, server: &mut Server, call: &C) -> Alive<Option<C::Return>> {
        self.disk_mut().may_die()?;
        let answer = self.line.call(server, &call.to_bytes());
        self.disk_mut().may_die()?;
        match answer {
            Answer::Result(bytes) => Ok(Some(C::Return::from_bytes(&bytes).unwrap())),
            Answer::Error(error) if [420, 500].contains(&error.code) || error.name == "MSG_WAIT_FAILED" => Ok(None),
            Answer::Error(error) => panic!("{error}"),
            Answer::Lost => Ok(None),
        }
    }
}

pub(crate) fn clock(now: i32) -> Timestamp {
    Timestamp::from_telegram(now)
}
