//! The story on stores that write the phone's rows with the batch: no kill loses anything, and each row is there once.
#![cfg(unix)]

#[path = "../../../tests/two_phones/killer.rs"]
mod killer;
#[path = "../../../tests/two_phones/phones.rs"]
mod phones;
#[path = "../../../tests/two_phones/received.rs"]
mod received;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use killer::{killed_until_it_ends, paced, stderr, stdout};
use phones::{PROFILES, Scratch};
use received::assert_received;
use secretchat_redb::redb::{ReadOnlyDatabase, ReadableDatabase, ReadableTable, TableDefinition};
use secretchat_sqlite::rusqlite::Connection;

const OK: &str = "ok: 4 photos, 7 messages, 0 lost\n";

fn assert_ok(output: &Output) {
    assert!(output.status.success() && stdout(output).ends_with(OK), "{}\n{}", stdout(output), stderr(output));
}

#[test]
fn killed_at_any_moment_it_goes_on_in_sqlite() {
    goes_on("sqlite", |directory| {
        let database = Connection::open(directory.join("phone.sqlite")).unwrap();
        let mut lines = database.prepare("SELECT line FROM rows ORDER BY number").unwrap();
        lines.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    });
}

#[test]
fn killed_at_any_moment_it_goes_on_in_redb() {
    goes_on("redb", |directory| {
        let rows: TableDefinition<'_, u64, &str> = TableDefinition::new("rows");
        let database = ReadOnlyDatabase::open(directory.join("phone.redb")).unwrap();
        let table = database.begin_read().unwrap().open_table(rows).unwrap();
        table.iter().unwrap().map(|row| row.unwrap().1.value().to_owned()).collect()
    });
}

/// `rows_of` reads the rows of the phone in a directory.
fn goes_on(kind: &str, rows_of: impl Fn(&Path) -> Vec<String>) {
    let slow = std::env::var_os("SECRETCHAT_SLOW").is_some_and(|value| value == "1");
    let wanted = if slow { 150 } else { 20 };
    let scratch = Scratch::new();
    let story = |name: &str, profile| {
        let store = scratch.path(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_two_phones"));
        command.stdin(Stdio::null()).args(["--slow", "1", "--album", "--rekey-every", "5", "--profile", profile]);
        command.args(["--store", &format!("{kind}:{}", store.display())]);
        (store, command)
    };

    let begin = Instant::now();
    assert_ok(&story("undisturbed", PROFILES[0]).1.output().unwrap());
    let mut longest: Duration = begin.elapsed() / 2;

    let (mut kills, mut stories) = (0, 0);
    let mut profiles = PROFILES.iter().cycle();
    while kills < wanted || stories < PROFILES.len() {
        let (store, mut command) = story(&format!("story-{stories}"), profiles.next().unwrap());
        let (killed, finished) = killed_until_it_ends(&mut command, longest);
        assert_ok(&finished);
        assert_ok(&command.output().unwrap());
        assert_received(&store.join("bob").join("received"), true);

        let [alice, bob] = ["alice", "bob"].map(|who| rows_of(&store.join(who)));
        for (rows, others) in [(&alice, &bob), (&bob, &alice)] {
            assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len(), "a row is there twice: {rows:?}");
            let sent: Vec<_> = ids(rows, &["draft"]);
            assert_eq!(ids(others, &["text", "file", "grouped"]), sent, "once each, in order");
            assert_eq!(ids(rows, &["acknowledged"]), sent);
        }
        assert_eq!((ids(&alice, &["draft"]).len(), ids(&bob, &["draft"]).len()), (6, 1));
        assert_eq!(ids(&bob, &["opened"]), ids(&bob, &["grouped"]), "each file of the album was decrypted once");

        kills += killed.len();
        stories += 1;
        longest = paced(longest, killed.len());
    }
    println!("{kind}: {kills} kills, {stories} stories");
}

/// The random ids in the rows of these kinds.
fn ids<'r>(rows: &'r [String], kinds: &[&str]) -> Vec<&'r str> {
    let words = rows.iter().map(|row| row.split(' '));
    words.filter_map(|mut words| words.next().filter(|kind| kinds.contains(kind)).and(words.next())).collect()
}
