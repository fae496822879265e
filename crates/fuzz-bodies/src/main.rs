//! Writes the seeds that come from the vectors, and the dictionary; with `--check` it fails if they are stale.

use std::process::ExitCode;
use std::{env, fs};

use fuzz_bodies::seeds;

fn main() -> ExitCode {
    let check = env::args().nth(1).is_some_and(|argument| argument == "--check");
    let mut stale = 0;
    for (path, bytes) in seeds::made() {
        let path = seeds::folder().join(path);
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            continue;
        }
        stale += 1;
        if check {
            eprintln!("{} is stale: cargo run -p fuzz-bodies", path.display());
            continue;
        }
        let folder = path.parent().expect("a file in a folder");
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes)).expect("the seeds can be written");
    }
    if check && stale > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
