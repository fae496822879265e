//! The code of the programs `conformance` and `shim`.
//!
//! [`Run`] checks secretchat against vector files and recorded conversations. [`Shim`] lets a program in any language drive
//! a chat. Both are for tests only.

mod codec;
mod play;
mod report;
mod run;
mod shim;
mod vectors;

pub use run::Run;
pub use shim::Shim;
