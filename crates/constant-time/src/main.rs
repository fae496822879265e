#![doc = include_str!("../README.md")]

mod cases;
mod judge;
mod kept;
mod memory;

use std::env;
use std::process::ExitCode;

use cases::{CASES, Case};
use judge::Verdict;

fn main() -> ExitCode {
    match env::args().nth(1) {
        Some(name) => run(&name),
        None => judge_all(),
    }
}

/// Runs one case in this process, as [`judge::judge`] does under valgrind.
fn run(name: &str) -> ExitCode {
    let Some(case) = CASES.iter().find(|case| case.name == name) else {
        eprintln!("there is no case {name:?}");
        return ExitCode::FAILURE;
    };
    if !memory::is_watched() {
        println!("{name}: without valgrind this shows nothing");
    }
    (case.run)();
    ExitCode::SUCCESS
}

fn judge_all() -> ExitCode {
    let failed: Vec<&Case> = CASES.iter().filter(|case| !holds(case)).collect();
    println!("{} passed, {} failed", CASES.len() - failed.len(), failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn holds(case: &Case) -> bool {
    let said = match judge::judge(case) {
        Ok(Verdict::LeakFound) => "its leak is found".to_owned(),
        Ok(Verdict::Clean(0)) => "clean".to_owned(),
        Ok(Verdict::Clean(branches)) => format!("clean, {branches} branches on public results"),
        Ok(Verdict::NotHere) => "NOT RUN: the processor that valgrind shows does not have the instructions".to_owned(),
        Ok(Verdict::Wrong(wrong)) => format!("FAILED\n{wrong}"),
        Err(error) => format!("FAILED: valgrind does not run: {error}"),
    };
    println!("{:44} {said}", case.name);
    !said.starts_with("FAILED")
}
