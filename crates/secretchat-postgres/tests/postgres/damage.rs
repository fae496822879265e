//! Rows and tables that this version does not write, and what is printed of them.

use secretchat::ChatId;
use secretchat::store::AsyncStore;
use secretchat_postgres::tokio_postgres::Config;
use secretchat_postgres::{NoTls, PostgresError, PostgresStore, Row, Worker, WorkerId};

use crate::database::{client, execute, run, schema};
use crate::leases::nth;

const CHAT: ChatId = ChatId([1; 16]);

async fn store(config: &Config) -> Result<PostgresStore, PostgresError> {
    PostgresStore::connect(config.clone(), NoTls, WorkerId::ALONE).await
}

#[test]
fn a_name_that_is_none_is_damage() {
    run(async || {
        let config = schema("damage").await;
        let mut store = store(&config).await.unwrap();
        // Too short, too long, of an unknown kind, and the name of the state with a number.
        for name in ["01", "02000000000000000000", "ff0000000000000000", "020000000000000001"] {
            let chat = "01".repeat(16);
            let insert = format!(
                "DELETE FROM secretchat_records; INSERT INTO secretchat_records VALUES ('\\x{chat}', '\\x{name}', '', now())"
            );
            execute(&config, &insert).await.unwrap();
            assert!(matches!(store.load(&[CHAT]).await, Err(PostgresError::Damaged)), "{name}");
        }
    });
}

#[test]
fn a_chat_without_a_whole_id_is_damage() {
    run(async || {
        let config = schema("damaged_chat").await;
        let lease = std::time::Duration::from_secs(3_600);
        let mut worker = Worker::join(config.clone(), NoTls, WorkerId([1; 16]), "one", lease).await.unwrap();
        let insert = "INSERT INTO secretchat_chats (chat, generation, tag, written_at) VALUES ('\\x01', 1, '', now())";
        execute(&config, insert).await.unwrap();
        assert!(matches!(worker.take(1).await, Err(PostgresError::Damaged)));
    });
}

#[test]
fn tables_of_a_newer_version_are_left_as_they_are() {
    run(async || {
        let config = schema("newer").await;
        let newer = "CREATE TABLE secretchat_version (version INT); INSERT INTO secretchat_version VALUES (1000)";
        execute(&config, newer).await.unwrap();
        assert!(matches!(store(&config).await, Err(PostgresError::NewerVersion)));
        let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()";
        let row = client(&config).await.unwrap().query_one(tables, &[]).await.unwrap();
        assert_eq!(row.get::<_, i64>(0), 1);
    });
}

/// What the server says of a row that breaks a rule holds the row: it is the host's to print or not.
#[test]
fn a_row_that_breaks_a_rule_fails_the_commit_and_leaves_the_store_usable() {
    run(async || {
        let config = schema("rule").await;
        execute(&config, "CREATE TABLE list (text TEXT UNIQUE); INSERT INTO list VALUES ('there')").await.unwrap();
        let mut store = store(&config).await.unwrap();
        let row = |text: &str| Row::new("INSERT INTO list VALUES ($1)", [Box::new(text.to_owned()) as _]);
        let [mut entry] = nth(CHAT, 1);
        entry.rows = vec![row("there")];
        assert!(matches!(store.commit(&[entry]).await, Err(PostgresError::Postgres(_))));
        // Of the wrong type: it is not even sent, and neither is the commit behind it.
        let [mut entry] = nth(CHAT, 1);
        entry.rows = vec![row("first"), Row::new("INSERT INTO list VALUES ($1)", [Box::new(7_i32) as _])];
        assert!(matches!(store.commit(&[entry]).await, Err(PostgresError::Postgres(_))));
        // Of statements that cannot be prepared.
        let [mut entry] = nth(CHAT, 1);
        entry.rows = vec![row("second"), Row::new("INSERT INTO nowhere VALUES (1)", [])];
        assert!(matches!(store.commit(&[entry]).await, Err(PostgresError::Postgres(_))));
        assert_eq!(store.load(&[CHAT]).await.unwrap(), []);
        let [mut entry] = nth(CHAT, 1);
        entry.rows = vec![row("third")];
        assert_eq!(store.commit(&[entry]).await.unwrap(), []);
        let list = store.query(&Row::new("SELECT text FROM list ORDER BY text", [])).await.unwrap();
        let list: Vec<String> = list.iter().map(|row| row.get(0)).collect();
        assert_eq!(list, ["there", "third"]);
        assert_eq!(store.connections(), 1);
    });
}

#[test]
fn neither_debug_nor_error_texts_show_records() {
    run(async || {
        let config = schema("debug").await;
        let mut store = store(&config).await.unwrap();
        let insert = "INSERT INTO secretchat_records VALUES ($1, '\\x01', '\\x5ea1ed5ea1ed', now())";
        client(&config).await.unwrap().execute(insert, &[&&CHAT.0[..]]).await.unwrap();
        let error = store.load(&[CHAT]).await.unwrap_err();
        let row = Row::new("SELECT $1", [Box::new("5ea1ed".to_owned()) as _]);
        for shown in [format!("{store:?}"), format!("{error:?}"), error.to_string(), format!("{row:?}")] {
            assert!(!shown.to_lowercase().contains("5ea1ed") && !shown.contains("94, 161, 237"), "{shown}");
        }
    });
}

#[test]
fn operators_read_names_sizes_and_times() {
    run(async || {
        let config = schema("operators").await;
        let mut store = store(&config).await.unwrap();
        let [mut entry] = nth(CHAT, 1);
        let slot = secretchat::RecordName::Outgoing(secretchat::SeqNo::new(70_000).unwrap());
        entry.batch.as_mut().unwrap().put.push((slot, vec![0; 300]));
        entry.due = Some(secretchat::Timestamp::from_millis(1_700_000_000_000));
        store.commit(&[entry]).await.unwrap();
        let client = client(&config).await.unwrap();
        let list = "SELECT kind, slot, bytes, written_at > now() - INTERVAL '1 hour' FROM secretchat_record_list
            ORDER BY kind";
        let rows = client.query(list, &[]).await.unwrap();
        let read = |row: &tokio_postgres::Row| {
            let columns: (String, Option<i64>, i32) = (row.get(0), row.get(1), row.get(2));
            assert!(row.get::<_, bool>(3));
            columns
        };
        let rows: Vec<_> = rows.iter().map(read).collect();
        assert_eq!(rows, [("outgoing".to_owned(), Some(70_000), 300), ("state".to_owned(), None, 42)]);
        let chat = "SELECT chat, generation, worker, records, bytes, due_at = '2023-11-14 22:13:20Z',
            alive_until > now() FROM secretchat_chat_list";
        let row = client.query_one(chat, &[]).await.unwrap();
        let (chat, generation, worker): (String, i64, String) = (row.get(0), row.get(1), row.get(2));
        assert_eq!((chat, generation, worker.as_str()), ("01".repeat(16), 1, "alone"));
        assert_eq!((row.get::<_, i64>(3), row.get::<_, i64>(4)), (2, 342));
        assert!(row.get::<_, bool>(5) && row.get::<_, bool>(6));
    });
}
