//! Where a phone keeps the records of its chat, and its own rows.

use std::path::Path;

use secretchat::store::{MemoryStore, Store};

use super::Result;
use super::rows::Row;

/// A store, with a place for the phone's own rows.
pub(crate) trait Shelf: Store + Sized {
    /// Whether a row that is added at an event, and the batch that follows, are there both or neither after a crash.
    const ATOMIC: bool;

    /// Opens what lies in the phone's directory, and reads its rows.
    fn open(directory: &Path) -> Result<(Self, Vec<Row>)>;

    /// Adds a row. It is durable with the next batch or [`Shelf::commit`], or on return already.
    fn add(&mut self, row: &Row) -> Result<()>;

    /// Makes rows durable that no batch follows.
    fn commit(&mut self) -> Result<()>;
}

/// Ends with the process, and so do the rows: the phone has them in memory, too.
impl Shelf for MemoryStore {
    const ATOMIC: bool = false;

    fn open(_: &Path) -> Result<(Self, Vec<Row>)> {
        Ok(Default::default())
    }

    fn add(&mut self, _: &Row) -> Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        Ok(())
    }
}
