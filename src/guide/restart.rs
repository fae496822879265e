//! Restarts and stores.
//!
//! A chat that should outlive its process needs a key for its records. [`Config::with_store`](crate::Config::with_store)
//! takes a [`StoreKey`](crate::StoreKey) of 32 uniformly random bytes. Keep it where the system keeps secrets, apart from
//! the records. The records are sealed with this key, so a store sees only names, sizes and times.
//!
//! Call `with_store` last: it returns a [`Start`](crate::Start), which holds the key and cannot be cloned. Keep the
//! [`Config`](crate::Config), and give each chat a [`duplicate`](crate::StoreKey::duplicate) of the key.
//!
//! # Which store
//!
//! | store | for |
//! |---|---|
//! | [`MemoryStore`](crate::store::MemoryStore) | tests |
//! | [`FileStore`](crate::store::FileStore) | a few chats, no database |
//! | `secretchat-sqlite`, `secretchat-redb` | apps: rows of your own go into the transaction of each batch |
//! | your own [`Store`](crate::store::Store) | everything else: `crates/store-contract` in the repository has the tests for it |
//!
//! Each of them holds any number of chats. Open it once, and share it between the drivers as `Arc<Mutex<S>>` (see
//! [`threads`](super::threads)). A `FileStore` locks its folder: a second one on it fails with
//! [`WouldBlock`](std::io::ErrorKind::WouldBlock), in the same process, too.
//!
//! # Coming back
//!
//! [`Driver::restore`](crate::store::Driver::restore) reads the records and sends again what the peer may not have received.
//! The process may be killed at any point. Nothing is lost, and an event that comes twice has the same id both times.
//! [`Event::Ready`](crate::Event::Ready) does not come again:
//! [`Chat::verification`](crate::Chat::verification) has the value to compare.
//!
//! ```
//! use getrandom::SysRng;
//! use secretchat::rand_core::UnwrapErr;
//! use secretchat::store::{Driver, FileStore, Store};
//! use secretchat::{Chat, Config, Env, StoreKey, Timestamp};
//!
//! # let folder = std::env::temp_dir().join(format!("secretchat-guide-{}", std::process::id()));
//! let mut rng = UnwrapErr(SysRng);
//! let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
//! let mut key = [0; 32];
//! env.rng.fill_bytes(&mut key);
//!
//! let config = Config::hybrid("alice/phone", "bob/phone")?.with_store(StoreKey::new(key));
//! let mut driver = Driver::new(Chat::request(config, env)?, FileStore::open(&folder)?);
//! while let Some(_action) = driver.next_action()? {} // the batch is written, and the request carried
//! drop(driver); // or the process is killed
//!
//! let store = FileStore::open(&folder)?;
//! let chat = store.chats()?[0];
//! let mut driver = Driver::restore(store, chat, &StoreKey::new(key), None, env)?;
//! assert!(driver.next_action()?.is_some(), "the request is carried again");
//! # drop(driver);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Old records
//!
//! A restored backup or a copied disk image takes a chat back to a state that its peer has already left. A slot would then
//! be used twice, and destroyed messages would be back. To prevent this, note each
//! [`Action::Checkpoint`](crate::store::Action::Checkpoint) in a place that is not restored together with the records, and
//! pass the newest one to `restore`. It refuses older records as [`RolledBack`](crate::StoreError::RolledBack) or
//! [`Branched`](crate::StoreError::Branched). Without a noted checkpoint some rollbacks are noticed later, and some
//! **never** are (SPEC REC-8).
//!
//! ```
//! # use secretchat::store::{Driver, MemoryStore, Store};
//! # use secretchat::{Chat, Config, Draft, Env, StoreKey, Timestamp};
//! use secretchat::StoreError;
//! use secretchat::store::{Action, DriverError};
//!
//! # let mut rng = secretchat::rand_core::UnwrapErr(getrandom::SysRng);
//! # let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
//! # let start = Config::hybrid("alice/phone", "bob/phone")?.with_store(StoreKey::new([7; 32]));
//! # let mut driver = Driver::new(Chat::request(start, env)?, MemoryStore::default());
//! # let mut backup = MemoryStore::default();
//! let mut noted = None; // on disk, in a place that is not restored with the records
//! while let Some(action) = driver.next_action()? {
//!     if let Action::Checkpoint(checkpoint) = action {
//!         noted = Some(checkpoint);
//!     }
//! }
//! # backup.clone_from(driver.store());
//! # driver.close(secretchat::History::Keep, env);
//! # while let Some(action) = driver.next_action()? {
//! #     if let Action::Checkpoint(checkpoint) = action {
//! #         noted = Some(checkpoint);
//! #     }
//! # }
//! // .. the chat goes on, and then somebody replaces the records with an old backup ..
//! # let chat = backup.chats()?[0];
//! # let key = StoreKey::new([7; 32]);
//! match Driver::restore(backup, chat, &key, noted, env) {
//!     Err(DriverError::Records(StoreError::RolledBack)) => {} // tell the user, and begin a new chat
//! #   other => panic!("{other:?}"),
//!     // ..
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Data of your own
//!
//! [`Config::with_host_data`](crate::Config::with_host_data) keeps up to 4,096 bytes with the chat, such as who the peer is
//! and where messages go. [`Chat::host_data`](crate::Chat::host_data) returns them.
//!
//! # The end of a chat
//!
//! A closed chat leaves a *tombstone*. It has no keys, and answers a peer that does not yet know that the chat is closed.
//! A store still lists it, and [`Driver::restore`](crate::store::Driver::restore) brings it back. Ask
//! [`Chat::state`](crate::Chat::state) after a restore, and do not take a closed chat for the one to go on with.
//! Keep it for some days, then delete it with [`Store::delete`](crate::store::Store::delete). Remember which chats are
//! deleted, so that none of them is brought back from an old copy.
