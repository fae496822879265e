//! The server of all tests, and a host's message list in a schema of it.

use std::fs;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use postgres_server::Server;
use secretchat::store::HostRows;
use secretchat_postgres::tokio_postgres::{Config, Error};
use secretchat_postgres::{BlockingStore, NoTls, PostgresError, Row as Statement, WorkerId};
use store_contract::{Database, Row};

/// The settings of every server here: the tests kill it, but never the machine.
pub(crate) const SETTINGS: [&str; 3] = ["fsync=off", "shared_buffers=32MB", "max_connections=200"];

/// Where a process that a test starts finds the server of the test.
fn note(process: u32) -> PathBuf {
    std::env::temp_dir().join(format!("secretchat-postgres-{process}"))
}

/// Returns how to connect to the server that the tests of this process share. In a process that a test started, that is the
/// server of the test.
pub(crate) fn server() -> Config {
    static SERVER: OnceLock<String> = OnceLock::new();
    let of_parent = ["STORE_CONTRACT_DIRECTORY", "STORE_CONTRACT_OTHER_PROCESS"];
    let connection = SERVER.get_or_init(|| {
        if of_parent.iter().any(|name| std::env::var_os(name).is_some()) {
            return fs::read_to_string(note(parent_id())).expect("the test has started a server");
        }
        let server = Server::start_new(&SETTINGS).unwrap();
        let connection = server.connection_string();
        fs::write(note(std::process::id()), &connection).unwrap();
        // It ends with this process.
        std::mem::forget(server);
        connection
    });
    connection.parse().unwrap()
}

/// Returns how to connect to a schema of its own on the shared server. It is made if it is not there.
pub(crate) fn schema(name: &str) -> Config {
    in_schema(&server(), name)
}

pub(crate) fn in_schema(server: &Config, name: &str) -> Config {
    let create = format!("CREATE SCHEMA IF NOT EXISTS {name}");
    // Of two who make the same schema at once, one fails and then finds it.
    let made = run(async || match execute(server, &create).await {
        Ok(()) => Ok(()),
        Err(_) => execute(server, &create).await,
    });
    made.unwrap();
    let mut config = server.clone();
    config.options(format!("-c search_path={name}"));
    config
}

/// Runs statements on a connection of their own.
pub(crate) async fn execute(config: &Config, statements: &str) -> Result<(), Error> {
    let (client, connection) = config.connect(NoTls).await?;
    let connection = tokio::spawn(connection);
    let done = client.batch_execute(statements).await;
    drop(client);
    let _ended = connection.await;
    done
}

/// Runs on a runtime of its own.
pub(crate) fn run<T: Send>(work: impl AsyncFnOnce() -> T + Send) -> T {
    // A test may be within a runtime already.
    thread::scope(|scope| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime.block_on(work())).join().unwrap()
    })
}

/// A host that is one process.
pub(crate) struct Postgres;

impl Database for Postgres {
    type Store = BlockingStore;

    fn open(path: &Path) -> Result<BlockingStore, PostgresError> {
        with_list(path, schema)
    }

    fn append(store: &mut BlockingStore, row: &Row) -> Result<(), PostgresError> {
        let insert = "INSERT INTO list (received, text) VALUES ($1, $2)";
        store
            .transaction()?
            .push(Statement::new(insert, [Box::new(row.received) as _, Box::new(row.text.clone()) as _]));
        Ok(())
    }

    fn list(store: &BlockingStore) -> Result<Vec<Row>, PostgresError> {
        let rows = store.run(async |store| {
            store.query(&Statement::new("SELECT received, text FROM list ORDER BY number", [])).await
        })?;
        Ok(rows.iter().map(|row| Row { received: row.get(0), text: row.get(1) }).collect())
    }
}

/// Opens the store of a path, with a message list of the host.
pub(crate) fn with_list(path: &Path, schema: impl FnOnce(&str) -> Config) -> Result<BlockingStore, PostgresError> {
    let config = schema(&name_of(path));
    let store = BlockingStore::open(config.clone(), NoTls, WorkerId::ALONE)?;
    let list = "CREATE TABLE IF NOT EXISTS list (number BIGSERIAL PRIMARY KEY, received BOOLEAN, text TEXT)";
    run(async move || execute(&config, list).await)?;
    Ok(store)
}

/// Returns the name of the schema that stands for a path.
pub(crate) fn name_of(path: &Path) -> String {
    let name = path.strip_prefix(std::env::temp_dir()).unwrap().to_str().unwrap();
    let name: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    // The longest name that PostgreSQL takes has 63 bytes; the end is what differs.
    format!("s{}", &name[name.len().saturating_sub(62)..])
}
