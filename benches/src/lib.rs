//! Speed of AES-256-IGE, for one stream and many, compared with its peers and the limit of the processor.
//!
//! Everything is measured in one process, so that other load on the machine affects all cases alike, and is given as ratios.

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
