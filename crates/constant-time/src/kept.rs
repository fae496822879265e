//! A chat in a store.

use recordings::Seeded;
use secretchat::store::{MemoryStore, Store};
use secretchat::{Chat, Config, Env, Output, Records, StoreKey, Timestamp};

/// Returns the records of a chat that has been asked for.
pub(crate) fn records_of_a_chat(key: [u8; 32]) -> Records {
    let config = Config::x25519("alice", "bob").expect("two ids").with_store(StoreKey::new(key));
    let mut rng = Seeded::new(20);
    let mut env = Env::new(Timestamp::from_unix_seconds(1_700_000_000), &mut rng);
    let mut chat = Chat::request(config, &mut env).expect("it draws");
    let mut store = MemoryStore::default();
    while let Some(output) = chat.poll_output() {
        if let Output::Persist(batch) = output {
            store.apply(&batch).expect("it is in memory");
        }
    }
    store.load(chat.id().expect("it keeps records")).expect("it is in memory").expect("it has a batch")
}
