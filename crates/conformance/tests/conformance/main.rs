//! The program `conformance`: what it passes, and that it fails whatever is wrong or was not checked.

mod recordings;
mod run;
mod vectors;
