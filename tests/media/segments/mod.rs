//! Media in segments (SPEC SEG-1 to SEG-10): the vectors, any chunks, every hostile change and what came out before it showed.

mod case;
#[cfg(feature = "alloc")]
mod chunks;
mod fields;
mod hostile;
#[cfg(feature = "std")]
mod missing;
mod opening;
#[cfg(feature = "std")]
mod places;
#[cfg(feature = "std")]
mod readers;
mod reference;
mod sealing;
#[cfg(feature = "alloc")]
mod shares;
