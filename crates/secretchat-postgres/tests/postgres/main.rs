//! The store over a real server, which the tests start themselves.

mod contract;
mod cuts;
mod damage;
mod database;
mod kill;
mod leases;
mod old_copies;
mod proxy;
mod readers;
mod serializable;
