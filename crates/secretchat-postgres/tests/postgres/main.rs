//! The store over a real server, which the tests start themselves.

mod contract;
mod database;
mod kill;
mod leases;
mod readers;
