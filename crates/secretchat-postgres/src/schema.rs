//! The tables, and how those of an older version become those of this one.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::PostgresError;
use crate::link::{Failure, Live};

/// The steps from each version to the next. Version 0 has no tables. A released step never changes.
///
/// Nothing here is PostgreSQL's alone; see [`TUNING`] for that.
pub(crate) const STEPS: &[&str] = &["
    CREATE TABLE secretchat_version (
        only_row INT PRIMARY KEY CHECK (only_row = 0),
        version INT NOT NULL
    );
    INSERT INTO secretchat_version VALUES (0, 0);
    CREATE TABLE secretchat_workers (
        worker BYTEA PRIMARY KEY,
        name TEXT NOT NULL,
        alive_until TIMESTAMPTZ NOT NULL
    );
    CREATE TABLE secretchat_chats (
        chat BYTEA PRIMARY KEY,
        generation BIGINT NOT NULL,
        tag BYTEA NOT NULL,
        worker BYTEA REFERENCES secretchat_workers (worker) ON DELETE SET NULL,
        due_millis BIGINT,
        written_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX secretchat_chats_worker ON secretchat_chats (worker);
    CREATE TABLE secretchat_records (
        chat BYTEA NOT NULL,
        name BYTEA NOT NULL,
        record BYTEA NOT NULL,
        written_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (chat, name)
    );
    CREATE VIEW secretchat_chat_list AS
        SELECT encode(c.chat, 'hex') AS chat, c.generation, c.written_at, w.name AS worker, w.alive_until,
            to_timestamp(c.due_millis / 1000.0) AS due_at,
            (SELECT count(*) FROM secretchat_records AS r WHERE r.chat = c.chat) AS records,
            (SELECT sum(octet_length(r.record)) FROM secretchat_records AS r WHERE r.chat = c.chat) AS bytes
        FROM secretchat_chats AS c LEFT JOIN secretchat_workers AS w ON w.worker = c.worker;
    CREATE VIEW secretchat_record_list AS
        SELECT encode(chat, 'hex') AS chat,
            CASE get_byte(name, 0) WHEN 1 THEN 'keys' WHEN 2 THEN 'state' WHEN 3 THEN 'outgoing' WHEN 4 THEN 'waiting'
                WHEN 5 THEN 'early' WHEN 6 THEN 'tombstone' WHEN 7 THEN 'timed' END AS kind,
            CASE WHEN get_byte(name, 0) IN (3, 4, 5) THEN
                get_byte(name, 5)::BIGINT * 16777216 + get_byte(name, 6) * 65536 + get_byte(name, 7) * 256
                    + get_byte(name, 8) END AS slot,
            octet_length(record) AS bytes, written_at
        FROM secretchat_records;
"];

/// Settings of the tables that only PostgreSQL has.
const TUNING: &str = "
    -- Room on each page for the next version of a row: an update then touches no index.
    ALTER TABLE secretchat_chats SET (fillfactor = 50);
    ALTER TABLE secretchat_records SET (fillfactor = 70);
    -- Sealed bytes cannot be made smaller.
    ALTER TABLE secretchat_records ALTER COLUMN record SET STORAGE EXTERNAL;
    -- What was replaced or deleted goes early, and without pauses.
    ALTER TABLE secretchat_chats SET (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_vacuum_cost_delay = 0);
    ALTER TABLE secretchat_records SET (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_vacuum_cost_delay = 0, toast.autovacuum_vacuum_threshold = 1000,
        toast.autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_cost_delay = 0);
";

/// Takes all missing steps in one transaction. If no step is missing, nothing is locked.
///
/// Fails as a conflict if another worker does the same at this moment.
pub(crate) async fn migrate(live: &mut Live, steps: &[&str]) -> Result<(), Failure> {
    live.close().await?;
    let found = version(&live.client, "").await?;
    if missing(found, steps)?.is_empty() {
        return Ok(());
    }
    live.open = true;
    let took = take_steps(&live.client, steps).await;
    if took.is_err() {
        // The connection may be lost; then the server undoes it.
        let _reported_below = live.close().await;
    }
    live.open &= took.is_err();
    took
}

async fn take_steps(client: &Client, steps: &[&str]) -> Result<(), Failure> {
    client.batch_execute("BEGIN").await?;
    // Another worker may have taken the steps first. One who takes them now keeps the row locked until they are done.
    let found = if version(client, "").await? == 0 { 0 } else { version(client, " FOR UPDATE").await? };
    for step in missing(found, steps)? {
        client.batch_execute(step).await.map_err(at_once)?;
    }
    if found == 0 && is_postgres(client).await? {
        client.batch_execute(TUNING).await?;
    }
    let version = i64::try_from(steps.len()).map_err(|_| Failure::Other(PostgresError::NewerVersion))?;
    client.batch_execute(&format!("UPDATE secretchat_version SET version = {version}")).await?;
    Ok(client.batch_execute("COMMIT").await?)
}

/// Two who make the same table at the same time: one of them waits for the other and fails.
fn at_once(error: tokio_postgres::Error) -> Failure {
    let made = [&SqlState::DUPLICATE_TABLE, &SqlState::DUPLICATE_OBJECT, &SqlState::UNIQUE_VIOLATION];
    if error.code().is_some_and(|code| made.contains(&code)) { Failure::Conflict(error.into()) } else { error.into() }
}

fn missing<'a>(version: i64, steps: &'a [&'a str]) -> Result<&'a [&'a str], Failure> {
    let version = usize::try_from(version).map_err(|_| Failure::Other(PostgresError::Damaged))?;
    steps.get(version..).ok_or(Failure::Other(PostgresError::NewerVersion))
}

async fn version(client: &Client, lock: &str) -> Result<i64, Failure> {
    let there = "SELECT count(*) FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_name = 'secretchat_version'";
    if client.query_one(there, &[]).await?.try_get::<_, i64>(0)? == 0 {
        return Ok(0);
    }
    let row = client.query_opt(&format!("SELECT version::BIGINT FROM secretchat_version{lock}"), &[]).await?;
    Ok(row.ok_or(Failure::Other(PostgresError::Damaged))?.try_get(0)?)
}

async fn is_postgres(client: &Client) -> Result<bool, Failure> {
    let row = client.query_one("SELECT version()", &[]).await?;
    let version: String = row.try_get(0)?;
    // YugabyteDB calls itself PostgreSQL with a suffix, and stores rows in its own way.
    Ok(version.starts_with("PostgreSQL") && !version.contains("-YB-"))
}

#[cfg(test)]
mod tests {
    use postgres_server::Server;
    use tokio_postgres::{Config, NoTls};

    use super::*;
    use crate::dial;
    use crate::link::{Call, Link};

    /// A step that version 2 might have.
    const WITH_SIZES: &str = "ALTER TABLE secretchat_records ADD COLUMN size BIGINT NOT NULL DEFAULT 0;
        UPDATE secretchat_records SET size = octet_length(record);";

    /// A schema of its own, with the tables of version 1 and a record.
    async fn version_1(server: &Server, name: &str) -> (Link, Call) {
        let mut config: Config = server.connection_string().parse().unwrap();
        config.options(format!("-c search_path={name}"));
        let mut link = Link::new(dial::with(config, NoTls), [1; 16], std::time::Duration::from_secs(2));
        let mut call = link.call();
        let live = link.live(&mut call).await.unwrap();
        live.client.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
        migrate(live, &STEPS[..1]).await.unwrap();
        let insert = "INSERT INTO secretchat_records VALUES ('\\x01', '\\x02', '\\x030303', now())";
        live.client.batch_execute(insert).await.unwrap();
        (link, call)
    }

    async fn tables(client: &Client) -> Vec<String> {
        let columns = "SELECT table_name || ' ' || column_name || ' ' || data_type FROM information_schema.columns
            WHERE table_schema = current_schema() ORDER BY 1";
        client.query(columns, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    fn run(work: impl AsyncFnOnce(&Server)) {
        let server = Server::start_new(&["fsync=off"]).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work(&server));
    }

    #[test]
    fn the_tables_of_a_version_become_those_of_the_next_one_or_stay() {
        run(async |server| {
            // An older version is brought up and keeps its records.
            let (mut link, mut call) = version_1(server, "older").await;
            let live = link.live(&mut call).await.unwrap();
            let steps = [STEPS[0], WITH_SIZES];
            migrate(live, &steps).await.unwrap();
            migrate(live, &steps).await.unwrap();
            assert_eq!(version(&live.client, "").await.unwrap(), 2);
            let sizes = "SELECT record, size FROM secretchat_records";
            let row = live.client.query_one(sizes, &[]).await.unwrap();
            assert_eq!((row.get::<_, Vec<u8>>(0), row.get::<_, i64>(1)), (vec![3; 3], 3));

            // A newer one is refused.
            let newer = tables(&live.client).await;
            let refused = migrate(live, &STEPS[..1]).await;
            assert!(matches!(refused, Err(Failure::Other(PostgresError::NewerVersion))));
            assert_eq!(tables(&live.client).await, newer);

            // A step that fails leaves the version before all steps.
            let (mut link, mut call) = version_1(server, "failing").await;
            let live = link.live(&mut call).await.unwrap();
            let before = tables(&live.client).await;
            let steps = [STEPS[0], WITH_SIZES, "SELECT 1 / 0"];
            assert!(matches!(migrate(live, &steps).await, Err(Failure::Other(PostgresError::Postgres(_)))));
            assert_eq!(tables(&live.client).await, before);
            assert_eq!(version(&live.client, "").await.unwrap(), 1);

            // A version that is none is damage.
            for damage in ["UPDATE secretchat_version SET version = -1", "DELETE FROM secretchat_version"] {
                live.client.batch_execute(damage).await.unwrap();
                assert!(matches!(migrate(live, STEPS).await, Err(Failure::Other(PostgresError::Damaged))), "{damage}");
            }
        });
    }

    #[test]
    fn an_update_of_a_chat_touches_no_index() {
        run(async |server| {
            let (mut link, mut call) = version_1(server, "hot").await;
            let live = link.live(&mut call).await.unwrap();
            let insert = "INSERT INTO secretchat_chats VALUES ('\\x01', 1, '\\x02', NULL, NULL, now())";
            live.client.batch_execute(insert).await.unwrap();
            for _ in 0..50 {
                let update =
                    "UPDATE secretchat_chats SET generation = generation + 1, written_at = now(), due_millis = 7";
                live.client.batch_execute(update).await.unwrap();
            }
            // The server counts once the session ends, or when it is asked to.
            live.client.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
            let count = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables
                WHERE relid = 'secretchat_chats'::REGCLASS";
            let row = live.client.query_one(count, &[]).await.unwrap();
            assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (50, 50));
        });
    }
}
