//! The tables, and how those of an older version become those of this one.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::SqliteError;

/// The steps from each version to the next. Version 0 has no tables. A released step never changes.
///
/// `user_version` is left alone, because the database also belongs to the host.
pub(crate) const STEPS: &[&str] = &["
    CREATE TABLE secretchat_version (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 0),
        version INTEGER NOT NULL
    ) STRICT;
    INSERT INTO secretchat_version VALUES (0, 0);
    CREATE TABLE secretchat_records (
        chat BLOB NOT NULL,
        name BLOB NOT NULL,
        record BLOB NOT NULL,
        PRIMARY KEY (chat, name)
    ) STRICT, WITHOUT ROWID;
"];

/// Takes all missing steps in one transaction. If no step is missing, nothing is locked.
pub(crate) fn migrate(connection: &Connection, steps: &[&str]) -> Result<(), SqliteError> {
    if missing(connection, steps)?.is_empty() {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another process may have taken the steps first.
    for step in missing(&transaction, steps)? {
        transaction.execute_batch(step)?;
    }
    let version = i64::try_from(steps.len()).map_err(|_| SqliteError::NewerVersion)?;
    transaction.execute("UPDATE secretchat_version SET version = ?1", [version])?;
    Ok(transaction.commit()?)
}

fn missing<'a>(connection: &Connection, steps: &'a [&'a str]) -> Result<&'a [&'a str], SqliteError> {
    let version = usize::try_from(version(connection)?).map_err(|_| SqliteError::Damaged)?;
    steps.get(version..).ok_or(SqliteError::NewerVersion)
}

fn version(connection: &Connection) -> Result<i64, SqliteError> {
    // Queries the table of tables, since the connection's cached schema may be older than the transaction.
    let there = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'secretchat_version')";
    if !connection.query_row(there, [], |row| row.get(0))? {
        return Ok(0);
    }
    let row = connection.query_row("SELECT version FROM secretchat_version", [], |row| row.get(0)).optional()?;
    row.ok_or(SqliteError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step that version 2 might have.
    const WITH_SIZES: &str = "ALTER TABLE secretchat_records ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
        UPDATE secretchat_records SET size = length(record);";

    fn version_1() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, &STEPS[..1]).unwrap();
        connection.execute("INSERT INTO secretchat_records VALUES (x'01', x'02', x'030303')", []).unwrap();
        connection
    }

    fn schema(connection: &Connection) -> Vec<String> {
        let mut statement = connection.prepare("SELECT sql FROM sqlite_schema ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn an_older_version_is_brought_up_and_keeps_its_records() {
        let connection = version_1();
        assert_eq!(version(&connection).unwrap(), 1);
        let steps = [STEPS[0], WITH_SIZES];
        migrate(&connection, &steps).unwrap();
        migrate(&connection, &steps).unwrap();
        assert_eq!(version(&connection).unwrap(), 2);
        let row = connection.query_row("SELECT hex(record), size FROM secretchat_records", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        });
        assert_eq!(row.unwrap(), ("030303".to_owned(), 3));
    }

    #[test]
    fn several_steps_at_once_are_those_one_by_one() {
        let (at_once, one_by_one) = (Connection::open_in_memory().unwrap(), version_1());
        let steps = [STEPS[0], WITH_SIZES];
        migrate(&at_once, &steps).unwrap();
        migrate(&one_by_one, &steps).unwrap();
        assert_eq!(schema(&at_once), schema(&one_by_one));
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before_all_steps() {
        let connection = version_1();
        let before = schema(&connection);
        let steps = [STEPS[0], WITH_SIZES, "CREATE TABLE secretchat_records (there_already INTEGER)"];
        assert!(matches!(migrate(&connection, &steps), Err(SqliteError::Sqlite(_))));
        assert!(connection.is_autocommit());
        assert_eq!(version(&connection).unwrap(), 1);
        assert_eq!(schema(&connection), before);
    }

    #[test]
    fn a_newer_version_is_refused() {
        let connection = version_1();
        migrate(&connection, &[STEPS[0], WITH_SIZES]).unwrap();
        let before = schema(&connection);
        assert!(matches!(migrate(&connection, &STEPS[..1]), Err(SqliteError::NewerVersion)));
        assert_eq!(schema(&connection), before);
    }

    #[test]
    fn a_version_that_is_none_is_damage() {
        for damage in ["UPDATE secretchat_version SET version = -1", "DELETE FROM secretchat_version"] {
            let connection = version_1();
            connection.execute(damage, []).unwrap();
            assert!(matches!(migrate(&connection, STEPS), Err(SqliteError::Damaged)), "{damage}");
        }
    }
}
