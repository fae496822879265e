//! How fast `secretchat` is, and how much memory it takes, beside its peers and the limits of the processor.
//!
//! What is compared is measured in one process, so that other load on the machine affects all of it alike, and is given as
//! ratios.

pub mod agreement;
pub mod limits;
pub mod measure;
pub mod media;
pub mod message;
pub mod scale;
pub mod stores;
pub mod targets;
