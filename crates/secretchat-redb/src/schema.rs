//! The tables, and how those of an older version become those of this one.

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableError, WriteTransaction};

use crate::RedbError;

/// Chat id and name of the record to its sealed bytes. Both have a fixed length, so the key is one after the other (25
/// bytes), and a chat is a range of keys.
pub(crate) const RECORDS: TableDefinition<'_, (&[u8; 16], &[u8; 9]), &[u8]> =
    TableDefinition::new("secretchat_records");

/// [`VERSION_ROW`] to the version of the tables.
const META: TableDefinition<'_, &str, u32> = TableDefinition::new("secretchat_meta");
const VERSION_ROW: &str = "version";
/// This row exists while old copies of records may be in the file.
const UNSCRUBBED_ROW: &str = "unscrubbed";

/// A step from one version to the next. Its index in the ladder is the version that it starts from; 0 is a database without
/// these tables.
type Step = fn(&WriteTransaction) -> Result<(), RedbError>;

const LADDER: &[Step] = &[create];

fn create(transaction: &WriteTransaction) -> Result<(), RedbError> {
    transaction.open_table(RECORDS)?;
    Ok(())
}

/// Brings the tables to this version. Writes, and thus waits for other writers, only if there is something to do.
pub(crate) fn migrate(database: &Database) -> Result<(), RedbError> {
    migrate_by(LADDER, database)
}

fn migrate_by(ladder: &[Step], database: &Database) -> Result<(), RedbError> {
    let version = match database.begin_read()?.open_table(META) {
        Ok(meta) => version_in(&meta)?,
        Err(TableError::TableDoesNotExist(_)) => 0,
        Err(error) => return Err(error.into()),
    };
    if steps_from(version, ladder)?.is_empty() {
        return Ok(());
    }
    let transaction = database.begin_write()?;
    climb(ladder, &transaction)?;
    Ok(transaction.commit()?)
}

/// Notes that there are old copies to destroy, or that they have been destroyed.
pub(crate) fn set_unscrubbed(transaction: &WriteTransaction, unscrubbed: bool) -> Result<(), RedbError> {
    let mut meta = transaction.open_table(META)?;
    if unscrubbed {
        meta.insert(UNSCRUBBED_ROW, 1)?;
    } else {
        meta.remove(UNSCRUBBED_ROW)?;
    }
    Ok(())
}

/// Returns whether a process died after a batch that deletes records and before their old copies were destroyed.
pub(crate) fn is_unscrubbed(database: &Database) -> Result<bool, RedbError> {
    Ok(database.begin_read()?.open_table(META)?.get(UNSCRUBBED_ROW)?.is_some())
}

/// Takes the missing steps. Reads the version again, because another store may have taken them in between.
fn climb(ladder: &[Step], transaction: &WriteTransaction) -> Result<(), RedbError> {
    let mut meta = transaction.open_table(META)?;
    let version = version_in(&meta)?;
    for (step, reached) in steps_from(version, ladder)?.iter().zip(version + 1..) {
        step(transaction)?;
        meta.insert(VERSION_ROW, reached)?;
    }
    Ok(())
}

fn version_in(meta: &impl ReadableTable<&'static str, u32>) -> Result<u32, RedbError> {
    Ok(meta.get(VERSION_ROW)?.map_or(0, |version| version.value()))
}

fn steps_from(version: u32, ladder: &[Step]) -> Result<&[Step], RedbError> {
    usize::try_from(version).ok().and_then(|version| ladder.get(version..)).ok_or(RedbError::NewerVersion)
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    const LATER: TableDefinition<'_, u32, u32> = TableDefinition::new("later");

    fn database() -> Database {
        Database::builder().create_with_backend(InMemoryBackend::new()).unwrap()
    }

    fn version(database: &Database) -> u32 {
        version_in(&database.begin_read().unwrap().open_table(META).unwrap()).unwrap()
    }

    /// Notes that this step was taken.
    fn second(transaction: &WriteTransaction) -> Result<(), RedbError> {
        transaction.open_table(LATER)?.insert(2, 2)?;
        Ok(())
    }

    fn third(transaction: &WriteTransaction) -> Result<(), RedbError> {
        let mut later = transaction.open_table(LATER)?;
        let before = later.get(2)?.map_or(0, |note| note.value());
        later.insert(3, before + 1)?;
        Ok(())
    }

    fn fails(transaction: &WriteTransaction) -> Result<(), RedbError> {
        transaction.open_table(LATER)?.insert(9, 9)?;
        Err(RedbError::Damaged)
    }

    #[test]
    fn steps_are_taken_in_order_from_where_the_tables_are_and_once() {
        let database = database();
        migrate(&database).unwrap();
        assert_eq!(version(&database), 1);
        migrate_by(&[create, second, third], &database).unwrap();
        assert_eq!(version(&database), 3);
        let later = database.begin_read().unwrap().open_table(LATER).unwrap();
        assert_eq!(later.get(3).unwrap().unwrap().value(), 3, "the third came after the second");
        migrate_by(&[fails, fails, fails], &database).unwrap();
    }

    #[test]
    fn a_step_that_fails_undoes_those_before_it() {
        let database = database();
        migrate(&database).unwrap();
        assert!(migrate_by(&[create, second, fails], &database).is_err());
        assert_eq!(version(&database), 1);
        assert!(database.begin_read().unwrap().open_table(LATER).is_err(), "no table was left behind");
    }

    #[test]
    fn newer_tables_are_refused_and_left_alone() {
        let database = database();
        migrate_by(&[create, second], &database).unwrap();
        assert!(matches!(migrate(&database), Err(RedbError::NewerVersion)));
        assert_eq!(version(&database), 2);
        let transaction = database.begin_write().unwrap();
        transaction.open_table(META).unwrap().insert(VERSION_ROW, u32::MAX).unwrap();
        transaction.commit().unwrap();
        assert!(matches!(migrate(&database), Err(RedbError::NewerVersion)));
    }
}
