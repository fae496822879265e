//! Tests that every database store of `secretchat` must pass (SPEC DRV-1, DRV-5), as functions that the tests of such a
//! store call. They panic, as tests do.
#![forbid(unsafe_code)]
// Every function here is a test.
#![allow(clippy::missing_panics_doc)]

mod chat;
pub mod contract;
mod conversation;
mod directory;
pub mod full;
pub mod kill;
pub mod processes;
pub mod readers;
pub mod remains;
pub mod rows;

use std::path::Path;

pub use directory::Directory;
use secretchat::store::{HostRows, Store};

/// A store under test, and the message list that a host keeps in the same database.
pub trait Database {
    /// The store.
    type Store: HostRows;

    /// Opens the database file at this path. Creates it and the host's list if they are not there.
    ///
    /// # Errors
    /// The store's.
    fn open(path: &Path) -> Result<Self::Store, Failure<Self>>;

    /// Appends a row to the host's list in [`HostRows::transaction`]. The list may have equal rows.
    ///
    /// # Errors
    /// The store's.
    fn append(store: &mut Self::Store, row: &Row) -> Result<(), Failure<Self>>;

    /// Returns the host's list, in the order in which rows were appended. No transaction is open.
    ///
    /// # Errors
    /// The store's.
    fn list(store: &Self::Store) -> Result<Vec<Row>, Failure<Self>>;
}

/// The error of a database.
pub type Failure<D> = <<D as Database>::Store as Store>::Error;

/// A row of the host's list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Whether the peer wrote it.
    pub received: bool,
    /// The text.
    pub text: String,
}
