//! The store over the real database, and the database beside the store.

mod contract;
mod damage;
mod database;
mod full_disk;
mod kill;
mod old_copies;
mod readers;
mod transaction;
