//! Where the examples are that `cargo test` has built. `cargo test --test NAME` alone builds none: build it before.

use std::path::PathBuf;

/// The program of an example, in the directory beside the one of this test.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let example = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(example.exists(), "{} is not there: cargo build --example {name}", example.display());
    example
}
