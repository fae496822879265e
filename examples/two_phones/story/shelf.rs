//! Storage for the records of a phone's chat and for its own rows.

use std::path::Path;

use secretchat::store::{MemoryStore, Store};

use super::Result;
use super::rows::Row;

/// A store, with a place for the phone's own rows.
pub(crate) trait Shelf: Store + Sized {
    /// Whether a row that is added at an event and the batch after it are both there or both absent after a crash.
    const ATOMIC: bool;

    /// Opens the store in the phone's directory, and reads its rows.
    fn open(directory: &Path) -> Result<(Self, Vec<Row>)>;

    /// Adds a row. It is durable with the next batch or [`Shelf::commit`], or already on return.
    fn add(&mut self, row: &Row) -> Result<()>;

    /// Makes rows durable that no batch follows.
    fn commit(&mut self) -> Result<()>;
}

/// This store ends with the process, and so do the rows, which the phone also has in memory.
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
