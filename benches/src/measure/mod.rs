//! How things are measured: the least time of many rounds, counted allocations, and tables of the results.

pub mod heap;
pub mod random;
pub mod table;
pub mod timing;

pub use table::{Row, Table, Tables};
pub use timing::{Case, Group, Lap, Unit, Work};
