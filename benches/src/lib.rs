//! Speed of AES-256-IGE, one stream and many, beside its peers and beside the limit of the processor.
//!
//! Everything is measured in one process, so that what else the machine does falls on all alike, and given as ratios.

pub mod agreement;
pub mod cases;
pub mod memory;
pub mod peers;
pub mod probe;
pub mod table;
pub mod targets;
pub mod timing;

mod random;

pub use cases::{Case, Group, Unit, Work};
