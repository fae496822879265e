//! A chat and the records that its batches make.

use secretchat::store::{MemoryStore, Store};
use secretchat::{Batch, Chat, Checkpoint, Output, Records, StoreError, StoreKey};

use super::pair::{env, outputs};
use super::rng::Seeded;

/// Applies the batches of a chat and returns everything else that it asks for.
pub(crate) fn keep(chat: &mut Chat, store: &mut MemoryStore) -> Vec<Output> {
    let mut others = outputs(chat);
    others.retain(|output| {
        let Output::Persist(batch) = output else { return true };
        store.apply(batch).unwrap();
        false
    });
    others
}

/// Returns the newest records of a chat.
pub(crate) fn records(chat: &Chat, store: &MemoryStore) -> Records {
    store.load(chat.id().unwrap()).unwrap().unwrap()
}

/// Restores a chat whose records are sealed under this key; its generator is the same each time.
pub(crate) fn restore(records: &Records, key: [u8; 32], noted: Option<Checkpoint>) -> Result<Chat, StoreError> {
    Chat::restore(records, &StoreKey::new(key), noted, &mut env(&mut Seeded::new(0)))
}

/// Returns a store that holds these records and nothing else.
pub(crate) fn store_of(records: &Records) -> MemoryStore {
    let mut store = MemoryStore::default();
    let batch = Batch {
        chat: records.chat,
        follows: None,
        checkpoint: records.checkpoint().unwrap(),
        put: records.rows.clone(),
        delete: Vec::new(),
        destroys: false,
    };
    store.apply(&batch).unwrap();
    store
}
