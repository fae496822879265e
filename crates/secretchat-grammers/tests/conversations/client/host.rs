//! A host with the loop that the layer's documentation shows.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use grammers_client::session::types::UpdatesState;
use grammers_client::session::updates::{MessageBoxes, State, UpdatesLike};
use recordings::Seeded;
use secretchat::store::MemoryStore;
use secretchat::{Draft, Event, StoreKey};
use secretchat_grammers::client::{BeginError, Chats, Invoke};
use secretchat_grammers::tl::{Deserializable, enums};

use super::line::{Line, Net, run};
use crate::server::Server;

pub(super) const NOW: i32 = 1_700_000_000;

pub(super) type Store = Arc<Mutex<MemoryStore>>;

/// A process, over what survives it: the store and the numbers of updates.
pub(super) struct Host {
    pub(super) line: Line,
    pub(super) chats: Chats<Store, Line, Seeded>,
    pub(super) events: Vec<(i32, Event)>,
    store: Store,
    /// As grammers' session keeps them.
    pub(super) numbers: UpdatesState,
    boxes: MessageBoxes,
    user: i64,
}

/// Creates the network of a server without users.
pub(super) fn net() -> Rc<RefCell<Net>> {
    Rc::new(RefCell::new(Net { server: Server::new(5, NOW), pauses: Vec::new() }))
}

impl Host {
    /// Logs a user in.
    pub(super) fn new(net: &Rc<RefCell<Net>>, user: i64) -> Self {
        let device = net.borrow_mut().server.login(user);
        let numbers = UpdatesState { pts: 1, qts: 0, date: NOW, seq: 0, channels: Vec::new() };
        Self::open(Line::new(net, device), Store::default(), numbers, user)
    }

    fn open(line: Line, store: Store, numbers: UpdatesState, user: i64) -> Self {
        let rng = Seeded::of(&[user.to_le_bytes(), [0; 8]].concat());
        let chats = Chats::open(line.clone(), Arc::clone(&store), StoreKey::new([9; 32]), rng).unwrap();
        let boxes = MessageBoxes::load(numbers.clone());
        Self { line, chats, events: Vec::new(), store, numbers, boxes, user }
    }

    /// Kills the process, and begins another one.
    pub(super) fn restart(self) -> Self {
        let Self { line, store, numbers, user, chats, .. } = self;
        drop(chats);
        line.net.borrow_mut().server.reconnect(line.device);
        Self::open(line, store, numbers, user)
    }

    /// Does all that is to be done now.
    pub(super) fn go_on(&mut self) {
        loop {
            self.drain();
            self.confirm();
            let Some(batch) = self.receive() else { break };
            for asked in self.chats.updates(&batch).requests {
                run(self.chats.accept(&asked, b"own")).unwrap();
            }
        }
    }

    /// Rests and goes on, with the other one, until there is something to see there.
    pub(super) fn until<T>(&mut self, other: &mut Self, look: impl Fn(&mut Self) -> Vec<T>) -> Vec<T> {
        for _ in 0..20 {
            self.go_on();
            other.go_on();
            let seen = look(other);
            if !seen.is_empty() {
                return seen;
            }
            run(self.chats.rest());
        }
        panic!("nothing came");
    }

    /// Takes all events.
    pub(super) fn drain(&mut self) {
        while let Some(event) = run(self.chats.next()).unwrap() {
            self.events.push(event);
        }
    }

    pub(super) fn confirm(&mut self) {
        let Self { chats, boxes, numbers, .. } = self;
        let sync = async {
            *numbers = boxes.session_state();
            Ok::<_, Infallible>(())
        };
        run(chats.confirm(sync)).unwrap();
    }

    /// Returns the next batch, as grammers' `UpdatesReceiver::next` makes it.
    pub(super) fn receive(&mut self) -> Option<Vec<(enums::Update, State)>> {
        let (updates, _, _) = if let Some(call) = self.boxes.get_difference() {
            self.boxes.apply_difference(run(self.line.invoke(None, &call)).unwrap())
        } else {
            let bytes = self.line.net.borrow_mut().server.push(self.line.device)?;
            let updates = UpdatesLike::Updates(enums::Updates::from_bytes(&bytes).unwrap());
            // A gap leads to a difference.
            self.boxes.process_updates(updates).unwrap_or_default()
        };
        Some(updates)
    }

    /// Asks another user for a chat.
    pub(super) fn ask(&mut self, user: i64) -> Result<i32, BeginError> {
        let contact = self.line.net.borrow().server.contact(self.user, user);
        run(self.chats.ask(contact.into(), b""))
    }

    /// Sends a text.
    pub(super) fn write(&mut self, id: i32, text: &str) {
        self.chats.with(id, |chat, env| chat.send(&Draft::text(text), env)).unwrap().unwrap();
    }

    /// Returns the texts that have come out, and forgets them.
    pub(super) fn texts(&mut self) -> Vec<String> {
        let text = |(_, event)| match event {
            Event::Message(message) => Some(message.content.text),
            _ => None,
        };
        std::mem::take(&mut self.events).into_iter().filter_map(text).collect()
    }

    pub(super) fn unconfirmed(&self) -> usize {
        self.line.net.borrow().server.unconfirmed(self.line.device)
    }
}

/// Creates two users with a chat that is ready.
pub(super) fn pair() -> (Host, Host, i32) {
    let net = net();
    let (mut alice, mut bob) = (Host::new(&net, 11), Host::new(&net, 22));
    let id = alice.ask(22).unwrap();
    settle(&mut alice, &mut bob);
    (alice, bob, id)
}

/// Lets both go on until neither has anything to do.
pub(super) fn settle(one: &mut Host, other: &mut Host) {
    for _ in 0..4 {
        one.go_on();
        other.go_on();
    }
}
