//! The servers of the tests, and a host's message list in a schema of one.

use std::os::unix::process::parent_id;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;

use postgres_server::Server;
use secretchat::store::HostRows;
use secretchat_postgres::tokio_postgres::{Client, Config, Error};
use secretchat_postgres::{BlockingStore, NoTls, PostgresError, Row as Statement, WorkerId};
use store_contract::{Database, Row};

/// The settings of every server here: the tests kill it, but never the machine.
pub(crate) const SETTINGS: [&str; 3] = ["fsync=off", "shared_buffers=32MB", "max_connections=200"];

/// Whether a test has started this process.
fn is_started() -> bool {
    ["STORE_CONTRACT_DIRECTORY", "STORE_CONTRACT_OTHER_PROCESS"].iter().any(|name| std::env::var_os(name).is_some())
}

/// Starts a server and notes it for the processes that its test starts.
pub(crate) fn start(name: &str) -> Server {
    let server = Server::start_new(&SETTINGS).unwrap();
    server.note(name, &server.connection_string()).unwrap();
    server
}

/// Returns how to connect to a server that the test has started which started this process.
pub(crate) fn started(name: &str) -> Option<Config> {
    let note =
        is_started().then(|| postgres_server::note_of(parent_id(), name).expect("the test has started a server"));
    Some(note?.parse().unwrap())
}

/// Returns how to connect to the server that the tests of this process share. In a process that a test started, that is the
/// server of the test.
pub(crate) fn server() -> Config {
    static SERVER: OnceLock<Config> = OnceLock::new();
    let shared = || {
        let server = start("shared");
        let config = server.connection_string().parse().unwrap();
        // It ends with this process.
        std::mem::forget(server);
        config
    };
    SERVER.get_or_init(|| started("shared").unwrap_or_else(shared)).clone()
}

/// Returns how to connect to a new schema of the shared server.
pub(crate) async fn schema(name: &str) -> Config {
    execute(&server(), &format!("CREATE SCHEMA {name}")).await.unwrap();
    within(&server(), name)
}

/// Returns how to connect to a schema.
pub(crate) fn within(server: &Config, schema: &str) -> Config {
    with_options(server, &format!("-c search_path={schema}"))
}

pub(crate) fn with_options(config: &Config, options: &str) -> Config {
    let mut more = config.clone();
    more.options([config.get_options().unwrap_or_default(), options].join(" "));
    more
}

/// Returns a connection beside the store.
pub(crate) async fn client(config: &Config) -> Result<Client, Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Runs statements on a connection of their own.
pub(crate) async fn execute(config: &Config, statements: &str) -> Result<(), Error> {
    client(config).await?.batch_execute(statements).await
}

/// Runs on a runtime of its own.
pub(crate) fn run<T: Send>(work: impl AsyncFnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime.block_on(work())).join().unwrap()
    })
}

/// Opens the store of a path: a schema of this server, which is made if it is not there.
pub(crate) fn open(server: &Config, path: &Path) -> Result<BlockingStore, PostgresError> {
    // A server that is killed again and again lets one of them through.
    const MOST_ATTEMPTS: u32 = 100;
    let name = name_of(path);
    let store = || BlockingStore::open(within(server, &name), NoTls, WorkerId::ALONE);
    // There is no schema in which tables could be made.
    let is_new = |error: &PostgresError| matches!(error, PostgresError::Postgres(error) if error.code().is_some_and(|code| code.code() == "3F000"));
    for _ in 0..MOST_ATTEMPTS {
        match store() {
            Err(error) if is_new(&error) => {
                // Somebody else may make it at this moment, or the server is down. A store waits until it is up.
                let _there = run(async || execute(server, &format!("CREATE SCHEMA {name}")).await);
            }
            opened => return opened,
        }
    }
    store()
}

/// Returns the name of the schema that stands for a path.
fn name_of(path: &Path) -> String {
    let name = path.strip_prefix(std::env::temp_dir()).unwrap().to_str().unwrap();
    let name: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    // The longest name that PostgreSQL takes has 63 bytes; the end is what differs.
    format!("s{}", &name[name.len().saturating_sub(62)..])
}

/// Adds the list of a host to a new store.
pub(crate) fn with_list(store: BlockingStore) -> Result<BlockingStore, PostgresError> {
    let list = "CREATE TABLE IF NOT EXISTS list (number BIGSERIAL PRIMARY KEY, received BOOLEAN, text TEXT)";
    store.run(async |store| store.query(&Statement::new(list, [])).await)?;
    Ok(store)
}

/// A host that is one process, on the shared server.
pub(crate) struct Postgres;

impl Database for Postgres {
    type Store = BlockingStore;

    fn open(path: &Path) -> Result<BlockingStore, PostgresError> {
        with_list(open(&server(), path)?)
    }

    fn append(store: &mut BlockingStore, row: &Row) -> Result<(), PostgresError> {
        let insert = "INSERT INTO list (received, text) VALUES ($1, $2)";
        let values = [Box::new(row.received) as _, Box::new(row.text.clone()) as _];
        store.transaction()?.push(Statement::new(insert, values));
        Ok(())
    }

    fn list(store: &BlockingStore) -> Result<Vec<Row>, PostgresError> {
        let select = Statement::new("SELECT received, text FROM list ORDER BY number", []);
        let rows = store.run(async |store| store.query(&select).await)?;
        Ok(rows.iter().map(|row| Row { received: row.get(0), text: row.get(1) }).collect())
    }
}

/// Runs a contract with every transaction serializable.
pub(crate) struct Serializable;

impl Database for Serializable {
    type Store = BlockingStore;

    fn open(path: &Path) -> Result<BlockingStore, PostgresError> {
        let config = with_options(&server(), "-c default_transaction_isolation=serializable");
        // Beside the schema of the same test without this.
        with_list(open(&config, &path.join("serializable"))?)
    }

    fn append(store: &mut BlockingStore, row: &Row) -> Result<(), PostgresError> {
        Postgres::append(store, row)
    }

    fn list(store: &BlockingStore) -> Result<Vec<Row>, PostgresError> {
        Postgres::list(store)
    }
}
