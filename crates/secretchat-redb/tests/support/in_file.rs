//! A database in a file, as hosts have it.

use std::path::Path;

use secretchat_redb::{RedbError, RedbStore};
use store_contract::Row;

use crate::host;

/// Opens it.
pub(crate) struct InFile;

impl store_contract::Database for InFile {
    type Store = RedbStore;

    fn open(path: &Path) -> Result<RedbStore, RedbError> {
        host::with_messages(RedbStore::open(path)?)
    }

    fn append(store: &mut RedbStore, row: &Row) -> Result<(), RedbError> {
        host::append(store, row)
    }

    fn list(store: &RedbStore) -> Result<Vec<Row>, RedbError> {
        host::list(store)
    }
}
