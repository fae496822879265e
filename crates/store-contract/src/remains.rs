//! The traces of deleted and replaced records (SPEC DRV-6).

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use recordings::Seeded;
use secretchat::store::{ApplyError, Store};
use secretchat::{Batch, ChatId, History, Records};

use crate::Directory;
use crate::chat::{env, pass, ready, taken, text};

/// A store that remembers every record, and searches all its files for the deleted and replaced ones.
struct Watched<S> {
    inner: S,
    directory: PathBuf,
    given: BTreeSet<Vec<u8>>,
    scrubbed: usize,
}

impl<S: Store> Watched<S> {
    /// Counts the nonces and tags of deleted and replaced records in the files. Without either, nobody can open a record.
    fn remains(&self) -> usize {
        let chats = self.inner.chats().unwrap();
        let kept: HashSet<Vec<u8>> = chats
            .into_iter()
            .flat_map(|chat| self.inner.load(chat).unwrap().unwrap().rows)
            .map(|(_, sealed)| sealed)
            .collect();
        let gone = self.given.iter().filter(|sealed| !kept.contains(*sealed));
        let parts: HashSet<&[u8]> = gone.flat_map(|sealed| [&sealed[9..25], &sealed[sealed.len() - 16..]]).collect();
        files(&self.directory)
            .iter()
            .flat_map(|bytes| bytes.windows(16))
            .filter(|window| parts.contains(window))
            .count()
    }
}

fn files(directory: &Path) -> Vec<Vec<u8>> {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| fs::read(path).unwrap()).collect()
}

impl<S: Store> Store for Watched<S> {
    type Error = S::Error;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<S::Error>> {
        self.given.extend(batch.put.iter().map(|(_, sealed)| sealed.clone()));
        self.inner.apply(batch)
    }

    fn scrub(&mut self) -> Result<bool, S::Error> {
        assert!(self.inner.scrub()?, "nobody else reads");
        assert_eq!(self.remains(), 0, "after {} times", self.scrubbed);
        self.scrubbed += 1;
        Ok(true)
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, S::Error> {
        self.inner.load(chat)
    }

    fn chats(&self) -> Result<Vec<ChatId>, S::Error> {
        self.inner.chats()
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), S::Error> {
        self.inner.delete(chat)
    }
}

/// Tests timers that end, messages that are deleted or come too early, new keys, and the end of the chat: after each batch
/// no file has a deleted or replaced record.
pub fn nothing_that_went_stays<S: Store>(open: impl Fn(&Path) -> Result<S, S::Error>) {
    let directory = Directory::new("remains");
    let inner = open(directory.path()).unwrap();
    let store = Watched { inner, directory: directory.path().to_owned(), given: BTreeSet::new(), scrubbed: 0 };
    let rng = &mut Seeded::new(20);
    let (mut alice, mut bob) = ready(store, rng);
    for round in 0..3 {
        let millis = round * 100_000;
        let seen = alice.store().scrubbed;
        alice.send(&text("kept", None), &mut env(millis, rng)).unwrap();
        let timed = bob.send(&text("soon gone", Some(5)), &mut env(millis, rng)).unwrap();
        alice.send(&text("gone, too", Some(5)), &mut env(millis, rng)).unwrap();
        pass(&mut alice, &mut bob, millis, rng);
        alice.act(&mut env(millis, rng), |alice, env| alice.mark_read(&[timed], env)).unwrap();
        let back = alice.send(&text("taken back", None), &mut env(millis, rng)).unwrap();
        alice.act(&mut env(millis, rng), |alice, env| alice.delete(&[back], env)).unwrap();
        pass(&mut alice, &mut bob, millis, rng);
        alice.handle_timeout(&mut env(millis + 6_000, rng)).unwrap();
        bob.handle_timeout(&mut env(millis + 6_000, rng));
        pass(&mut alice, &mut bob, millis + 6_000, rng);
        alice.act(&mut env(millis + 6_000, rng), secretchat::Chat::rekey).unwrap();
        for _ in 0..3 {
            pass(&mut alice, &mut bob, millis + 6_000, rng);
            alice.send(&text("under the new key", None), &mut env(millis + 7_000, rng)).unwrap();
            bob.send(&text("under the new key", None), &mut env(millis + 7_000, rng)).unwrap();
        }
        pass(&mut alice, &mut bob, millis + 7_000, rng);
        assert!(alice.store().scrubbed >= seen + 5, "{} in round {round}", alice.store().scrubbed);
    }
    let id = alice.chat().id().unwrap();
    alice.close(History::Keep, &mut env(400_000, rng));
    taken(&mut alice).unwrap();
    let tombstone = alice.store().load(id).unwrap().unwrap();
    assert_eq!(tombstone.rows.len(), 1);
    alice.store_mut().delete(id).unwrap();
    assert!(alice.store_mut().scrub().unwrap());
    assert_eq!(alice.store().chats().unwrap(), []);
    assert_eq!(alice.store().remains(), 0);
}
