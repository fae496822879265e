//! A store that somebody else holds is the same store: each call reaches it, and its answer comes back.

use std::io;
use std::sync::{Arc, Mutex};

use secretchat::store::{ApplyError, HostRows, Store};
use secretchat::{Batch, ChatId, Checkpoint, RecordName, Records};

const CHAT: ChatId = ChatId([0xab; 16]);
const OTHER: ChatId = ChatId([0xac; 16]);
const SUPERSEDED: ChatId = ChatId([0xad; 16]);

/// Notes the calls. It has no `apply_all` of its own.
#[derive(Debug, Default)]
struct Noting(Vec<String>);

impl Store for Noting {
    type Error = io::Error;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<io::Error>> {
        self.0.push(format!("apply {}", batch.chat));
        if batch.chat == SUPERSEDED { Err(ApplyError::Superseded) } else { Ok(()) }
    }

    fn scrub(&mut self) -> io::Result<bool> {
        self.0.push("scrub".to_owned());
        // Done at the second attempt.
        Ok(self.0.iter().filter(|call| *call == "scrub").count() > 1)
    }

    fn load(&self, chat: ChatId) -> io::Result<Option<Records>> {
        Ok((chat == CHAT).then(|| Records { chat, rows: vec![(RecordName::Keys, vec![7])] }))
    }

    fn chats(&self) -> io::Result<Vec<ChatId>> {
        Ok(vec![CHAT])
    }

    fn delete(&mut self, chat: ChatId) -> io::Result<()> {
        self.0.push(format!("delete {chat}"));
        Ok(())
    }
}

impl HostRows for Noting {
    type Transaction<'a> = &'a mut Vec<String>;

    fn transaction(&mut self) -> io::Result<&mut Vec<String>> {
        self.0.push("transaction".to_owned());
        Ok(&mut self.0)
    }

    fn commit(&mut self) -> io::Result<()> {
        self.0.push("commit".to_owned());
        Ok(())
    }

    fn rollback(&mut self) -> io::Result<()> {
        self.0.push("rollback".to_owned());
        Ok(())
    }
}

fn batch(chat: ChatId) -> Batch {
    let checkpoint = Checkpoint { generation: 1, tag: [1; 16] };
    Batch { chat, follows: None, checkpoint, put: vec![], delete: vec![], destroys: false }
}

/// Makes every call once. The answers are those of the store.
fn call_all(mut store: impl Store<Error = io::Error>) {
    store.apply(&batch(CHAT)).unwrap();
    assert!(matches!(store.apply(&batch(SUPERSEDED)), Err(ApplyError::Superseded)));
    let refused = store.apply_all(&[batch(OTHER), batch(SUPERSEDED), batch(CHAT)]);
    assert!(matches!(refused, Err(ApplyError::Superseded)));
    assert!(!store.scrub().unwrap());
    assert!(store.scrub().unwrap());
    assert_eq!(store.load(CHAT).unwrap().unwrap().rows, [(RecordName::Keys, vec![7])]);
    assert_eq!(store.load(OTHER).unwrap(), None);
    assert_eq!(store.chats().unwrap(), [CHAT]);
    store.delete(OTHER).unwrap();
}

fn calls() -> Vec<String> {
    let applied = [CHAT, SUPERSEDED, OTHER, SUPERSEDED].map(|chat| format!("apply {chat}"));
    let rest = ["scrub".to_owned(), "scrub".to_owned(), format!("delete {OTHER}")];
    applied.into_iter().chain(rest).collect()
}

#[test]
fn each_call_reaches_a_store_that_is_held() {
    let mut own = Noting::default();
    call_all(&mut own);
    assert_eq!(own.0, calls());

    let mut own = Noting::default();
    let boxed: Box<dyn Store<Error = io::Error> + '_> = Box::new(&mut own);
    call_all(boxed);
    assert_eq!(own.0, calls());

    let shared = Arc::new(Mutex::new(Noting::default()));
    call_all(shared.clone());
    assert_eq!(shared.lock().unwrap().0, calls());
}

#[test]
fn so_do_those_of_the_host() {
    fn call(mut store: impl HostRows<Error = io::Error>) {
        drop(store.transaction().unwrap());
        store.commit().unwrap();
        store.rollback().unwrap();
    }
    let calls = ["transaction", "commit", "rollback"];
    let mut own = Noting::default();
    call(&mut own);
    assert_eq!(own.0, calls);

    let mut own = Noting::default();
    call(Box::new(&mut own));
    assert_eq!(own.0, calls);
}
