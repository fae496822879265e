//! A host that keeps its message list in the database of the store.

use redb::{ReadableDatabase, ReadableTable, TableDefinition};
use secretchat::store::HostRows;
use secretchat_redb::{RedbError, RedbStore, redb};
use store_contract::Row;

/// Place in the list to whether the peer wrote it, and the text.
const MESSAGES: TableDefinition<'_, u64, (bool, &str)> = TableDefinition::new("messages");

/// Makes the list if it is not there.
pub(crate) fn with_messages(mut store: RedbStore) -> Result<RedbStore, RedbError> {
    store.transaction()?.open_table(MESSAGES)?;
    store.commit()?;
    Ok(store)
}

pub(crate) fn append(store: &mut RedbStore, row: &Row) -> Result<(), RedbError> {
    let mut messages = store.transaction()?.open_table(MESSAGES)?;
    let place = messages.last()?.map_or(0, |(place, _)| place.value() + 1);
    messages.insert(place, (row.received, row.text.as_str()))?;
    Ok(())
}

pub(crate) fn list(store: &RedbStore) -> Result<Vec<Row>, RedbError> {
    let messages = store.database().begin_read()?.open_table(MESSAGES)?;
    messages
        .iter()?
        .map(|message| {
            let message = message?.1;
            let (received, text) = message.value();
            Ok(Row { received, text: text.to_owned() })
        })
        .collect()
}
