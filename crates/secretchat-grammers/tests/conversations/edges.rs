//! Single moments in which a call and the server's knowledge of it part, between the adapter and the stand-in.

use crate::server::{Device, Repeated, Server, unpack};
use recordings::Seeded;
use secretchat::store::MemoryStore;
use secretchat::{
    ChatState, CloseReason, Draft, Env, Event, History, PeerPolicy, PrimePolicy, StoreKey, Timestamp, TransmitId,
};
use secretchat_grammers::tl::{Serializable, enums, types};
use secretchat_grammers::{Answer, Asking, Call, DhCache, Failure, Incoming, ServerError, TelegramChat, Work};

const NOW: i32 = 1_700_000_000;
const ALICE: i64 = 11;
const BOB: i64 = 22;

struct End {
    device: Device,
    chat: TelegramChat<MemoryStore>,
    rng: Seeded,
    events: Vec<Event>,
    calls: Vec<(TransmitId, Call)>,
}

impl End {
    fn new(device: Device, chat: TelegramChat<MemoryStore>, seed: u64) -> Self {
        Self { device, chat, rng: Seeded::new(seed), events: Vec::new(), calls: Vec::new() }
    }

    fn act<T>(&mut self, now: i32, act: impl FnOnce(&mut TelegramChat<MemoryStore>, &mut Env<'_>) -> T) -> T {
        let env = &mut Env::new(Timestamp::from_telegram(now), &mut self.rng);
        let done = act(&mut self.chat, env);
        while let Some(work) = self.chat.next(env).unwrap() {
            match work {
                Work::Event(event) => self.events.push(event),
                Work::Call(id, call) => self.calls.push((id, call)),
                Work::Checkpoint(_) => {}
                other => panic!("{other:?}"),
            }
        }
        done
    }

    fn answered(&mut self, server: &Server, id: TransmitId, outcome: Result<Answer, Failure>) {
        self.act(server.now, |chat, env| chat.answered(id, outcome, env));
    }

    /// Makes the next call, and returns it.
    fn call(&mut self, server: &mut Server) -> Option<Call> {
        if self.calls.is_empty() {
            self.act(server.now, TelegramChat::handle_timeout).unwrap();
        }
        let (id, call) = if self.calls.is_empty() { None } else { Some(self.calls.remove(0)) }?;
        let outcome = match server.call(self.device, &call.to_bytes()) {
            Ok(bytes) => Ok(call.answer(&bytes).unwrap()),
            Err(error) => Err(ServerError::new(error.code, &error.name).into()),
        };
        self.answered(server, id, outcome);
        Some(call)
    }

    fn receive(&mut self, server: &mut Server) {
        while let Some(bytes) = server.push(self.device) {
            for update in unpack(&bytes).unwrap() {
                if let Some(incoming) = Incoming::of_update(&update) {
                    self.act(server.now, |chat, env| chat.update(&incoming, env)).unwrap();
                }
            }
        }
    }

    fn texts(&self) -> Vec<&str> {
        let texts = self.events.iter().filter_map(|event| match event {
            Event::Message(message) => Some(message.content.text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    fn state(&self) -> ChatState {
        self.chat.chat().state()
    }
}

/// A request of Alice that both devices of Bob accept, in their heads: no call has been made.
fn asked() -> (Server, End, [End; 2]) {
    let mut server = Server::new(1, NOW);
    let (alice, phone, tablet) = (server.login(ALICE), server.login(BOB), server.login(BOB));
    let mut rng = Seeded::new(9);
    let env = &mut Env::new(Timestamp::from_telegram(NOW), &mut rng);
    let mut cache = DhCache::default();
    let config = |server: &mut Server, cache: &mut DhCache, device, env: &mut Env<'_>| {
        let answer = server.ask(device, &cache.call()).unwrap();
        cache.answer(&answer, PrimePolicy::PublishedOnly, env.rng).unwrap().config(PeerPolicy::Default)
    };
    let whom = enums::InputUser::User(server.contact(ALICE, BOB));
    let set_up = config(&mut server, &mut cache, alice, env);
    let asking = Asking::new(whom, set_up, Some(StoreKey::new([1; 32])), b"", env).unwrap();
    let answer = server.ask(alice, asking.call()).unwrap();
    let chat = asking.answered(&answer, env).unwrap();
    let mut asker = End::new(alice, TelegramChat::asked(chat, MemoryStore::default()).unwrap(), 10);
    asker.act(NOW, |_, _| {});
    let others = [(phone, 11), (tablet, 12)].map(|(device, seed)| {
        let update = unpack(&server.push(device).unwrap()).unwrap();
        let Some(Incoming::Requested(requested)) = Incoming::of_update(&update[0]) else { panic!("a request") };
        let set_up = config(&mut server, &mut cache, device, env);
        let (key, store) = (Some(StoreKey::new([2; 32])), MemoryStore::default());
        let mut end = End::new(device, TelegramChat::accept(requested, set_up, key, b"", store, env).unwrap(), seed);
        end.act(NOW, |_, _| {});
        end
    });
    (server, asker, others)
}

fn ready() -> (Server, End, End) {
    let (mut server, mut alice, [mut phone, _]) = asked();
    settle(&mut server, &mut alice, &mut phone);
    assert_eq!((alice.state(), phone.state()), (ChatState::Ready, ChatState::Ready));
    (server, alice, phone)
}

fn settle(server: &mut Server, one: &mut End, other: &mut End) {
    for _ in 0..400 {
        server.now += 1;
        for end in [&mut *one, &mut *other] {
            end.receive(server);
            while end.call(server).is_some() {}
        }
    }
}

#[test]
fn one_of_two_devices_has_the_chat() {
    let (mut server, mut alice, [mut phone, mut tablet]) = asked();
    assert!(matches!(phone.call(&mut server), Some(Call::Accept(_))));
    assert!(matches!(tablet.call(&mut server), Some(Call::Accept(_))));
    assert_eq!(tablet.state(), ChatState::Closed(CloseReason::AcceptedElsewhere));
    settle(&mut server, &mut alice, &mut phone);
    alice.act(server.now, |chat, env| chat.send(&Draft::text("to the phone"), env)).unwrap();
    settle(&mut server, &mut alice, &mut phone);
    tablet.receive(&mut server);
    assert_eq!((phone.texts(), tablet.texts()), (vec!["to the phone"], vec![]));
    assert!(tablet.call(&mut server).is_none(), "it does not end the chat of the phone");
}

/// The server may say that the chat is accepted already, and it is this device that has accepted it.
#[test]
fn a_device_whose_acceptance_got_no_answer_has_the_chat() {
    let (mut server, mut alice, [mut phone, _]) = asked();
    server.rules.accepts_again = false;
    let (id, call) = phone.calls.remove(0);
    assert!(server.call(phone.device, &call.to_bytes()).is_ok());
    phone.answered(&server, id, Err(Failure::Lost));
    settle(&mut server, &mut alice, &mut phone);
    alice.act(server.now, |chat, env| chat.send(&Draft::text("still here"), env)).unwrap();
    settle(&mut server, &mut alice, &mut phone);
    assert_eq!((phone.state(), phone.texts()), (ChatState::Ready, vec!["still here"]));
}

/// A message that waits for its turn, and is then deleted, leaves as an empty one (SPEC SEQ-8, ACT-2).
#[test]
fn what_was_deleted_does_not_leave() {
    let (mut server, mut alice, mut phone) = ready();
    let id = alice.act(server.now, |chat, env| chat.send(&Draft::text("never read this"), env)).unwrap();
    let (name, first) = alice.calls.remove(0);
    // The call did not arrive.
    alice.answered(&server, name, Err(Failure::Lost));
    alice.act(server.now, |chat, env| chat.act(env, |chat, env| chat.delete(&[id], env))).unwrap();
    server.now += 2;
    let next = alice.call(&mut server).unwrap();
    let (Call::Send(first), Call::Send(next)) = (first, next) else { panic!("two messages") };
    assert_eq!((first.random_id, next.random_id), (id.0, id.0), "the same slot");
    assert!(first.data != next.data, "with the text that was deleted");
    settle(&mut server, &mut alice, &mut phone);
    assert_eq!(phone.texts(), Vec::<&str>::new());
    assert_eq!(alice.chat.chat().counters().sent, phone.chat.chat().counters().received);
}

#[test]
fn a_message_that_the_server_has_already_is_sent() {
    let (mut server, mut alice, mut phone) = ready();
    server.rules.repeated = Repeated::Refused;
    alice.act(server.now, |chat, env| chat.send(&Draft::text("once"), env)).unwrap();
    let (name, call) = alice.calls.remove(0);
    assert!(server.call(alice.device, &call.to_bytes()).is_ok());
    alice.answered(&server, name, Err(Failure::Lost));
    alice.act(server.now, |chat, env| chat.send(&Draft::text("and on"), env)).unwrap();
    settle(&mut server, &mut alice, &mut phone);
    assert_eq!(phone.texts(), ["once", "and on"]);
    assert_eq!(alice.events.iter().filter(|event| matches!(event, Event::Sent { .. })).count(), 2);
}

#[test]
fn a_message_whose_file_the_server_has_lost_fails_alone() {
    let (mut server, mut alice, mut phone) = ready();
    let file = types::InputEncryptedFileUploaded { id: 5, parts: 2, md5_checksum: String::new(), key_fingerprint: 1 };
    let name = enums::InputEncryptedFile::Uploaded(file).to_bytes();
    let lost = alice.act(server.now, |chat, env| chat.send(&Draft::text("with a file").with_file(name), env)).unwrap();
    alice.act(server.now, |chat, env| chat.send(&Draft::text("without"), env)).unwrap();
    settle(&mut server, &mut alice, &mut phone);
    let failed = |event: &Event| matches!(event, Event::Failed { random_id, .. } if *random_id == lost);
    assert!(alice.events.iter().any(failed));
    assert_eq!(phone.texts(), ["without"]);
}

#[test]
fn a_chat_that_one_end_closes_is_over_at_both() {
    let (mut server, mut alice, mut phone) = ready();
    phone.act(server.now, |chat, env| chat.send(&Draft::text("too late"), env)).unwrap();
    alice.act(server.now, |chat, env| chat.close(History::Delete, env));
    while alice.call(&mut server).is_some() {}
    // The message meets the end before the news of it comes.
    assert!(matches!(phone.call(&mut server), Some(Call::Send(_))));
    assert!(matches!(phone.state(), ChatState::Closed(_)));
    settle(&mut server, &mut alice, &mut phone);
    assert!(matches!(alice.state(), ChatState::Closed(_)));
    assert!(alice.call(&mut server).is_none() && phone.call(&mut server).is_none());
    let closed = |end: &End| end.events.iter().filter(|event| matches!(event, Event::Closed { .. })).count();
    assert_eq!((closed(&alice), closed(&phone)), (1, 1));
    assert_eq!(alice.texts(), Vec::<&str>::new());
}
