//! Two processes that try to drive the same chat (SPEC REC-7).

use std::path::Path;
use std::process::{Command, exit};

use recordings::Seeded;
use secretchat::StoreKey;
use secretchat::store::{Driver, DriverError, Store};

use crate::Directory;
use crate::chat::{STORE_KEY, env, ready, taken, text};

const DIRECTORY: &str = "STORE_CONTRACT_OTHER_PROCESS";
/// The other process could not open the store.
const REFUSED: i32 = 3;

/// Tests that two processes cannot both drive a chat. If the store can be opened twice (`shared`), another process continues
/// the chat, and this one's next message does not leave. Otherwise the other process is refused the store, and continues
/// once this one has closed it.
///
/// `test` is the path of the calling test in its program, which starts itself again.
pub fn of_two_processes_one_drives_a_chat<S: Store>(
    test: &str,
    shared: bool,
    open: impl Fn(&Path) -> Result<S, S::Error>,
) {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return go_on(open(directory.as_ref()));
    }
    let directory = Directory::new("processes");
    let rng = &mut Seeded::new(21);
    let (mut alice, _bob) = ready(open(directory.path()).unwrap(), rng);
    let noted = alice.checkpoint();
    let id = alice.chat().id().unwrap();
    let other = || start(test, directory.path());

    assert_eq!(other(), if shared { 0 } else { REFUSED });
    alice.send(&text("of this process", None), &mut env(10, rng)).unwrap();
    if shared {
        let newest = alice.store().load(id).unwrap().unwrap().checkpoint();
        assert_ne!(newest, noted, "the other one wrote");
        assert!(matches!(alice.next_action(), Err(DriverError::Superseded)));
        assert!(matches!(alice.next_action(), Err(DriverError::Stopped)));
        assert_eq!(alice.store().load(id).unwrap().unwrap().checkpoint(), newest);
        assert_eq!(alice.checkpoint(), noted);
        drop(alice);
    } else {
        assert_eq!(taken(&mut alice).unwrap().len(), 1, "this one goes on");
        drop(alice);
        assert_eq!(other(), 0, "then the other one");
    }
    // The store has exactly one chat.
    let not_accepted = {
        let store = open(directory.path()).unwrap();
        let newest = store.load(id).unwrap().unwrap().checkpoint();
        let mut alice = Driver::restore(store, id, &StoreKey::new(STORE_KEY), newest, &mut env(20, rng)).unwrap();
        taken(&mut alice).unwrap().len()
    };
    // Two texts. Of a shared chat it is one text, and the notice whose acceptance the first process did not write.
    assert_eq!(not_accepted, 2, "messages that are not known to be accepted");
}

fn start(test: &str, directory: &Path) -> i32 {
    let program = std::env::current_exe().unwrap();
    let output =
        Command::new(program).args([test, "--exact", "--nocapture"]).env(DIRECTORY, directory).output().unwrap();
    let code = output.status.code().unwrap();
    assert!([0, REFUSED].contains(&code), "{}", String::from_utf8_lossy(&output.stderr));
    code
}

/// Runs in the other process.
fn go_on<S: Store>(store: Result<S, S::Error>) {
    let Ok(store) = store else { exit(REFUSED) };
    let rng = &mut Seeded::new(22);
    let [id] = store.chats().unwrap()[..] else { panic!("one chat") };
    let key = StoreKey::new(STORE_KEY);
    let mut alice = Driver::restore(store, id, &key, None, &mut env(5, rng)).unwrap();
    taken(&mut alice).unwrap();
    alice.send(&text("of the other process", None), &mut env(5, rng)).unwrap();
    assert_eq!(taken(&mut alice).unwrap().len(), 1);
}
