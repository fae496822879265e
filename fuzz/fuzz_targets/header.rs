//! Any calls of the C interface, as C may make them. The calls are those of the tests of `secretchat-ffi`, which run them on
//! the seeds.
#![no_main]
// This target uses only a part of them.
#![allow(dead_code)]

#[path = "../../crates/secretchat-ffi/tests/abi/calls/mod.rs"]
mod calls;
#[path = "../../crates/secretchat-ffi/tests/abi/lend.rs"]
mod lend;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| calls::run(data));
