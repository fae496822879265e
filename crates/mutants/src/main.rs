#![doc = include_str!("../README.md")]

mod claims;
mod failing;
mod mutant;
mod report;
mod switched;
mod test;
mod tree;
mod trial;

use std::collections::HashSet;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use mutant::Mutant;
use test::Test;
use tree::Tree;
use trial::Verdict;

const THREADS: usize = 2;

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().position(|it| it == name).and_then(|at| arguments.get(at + 1));
    let only: Vec<&str> = value("--only").map_or(Vec::new(), |text| text.split(',').collect());
    let seconds = value("--seconds").and_then(|text| text.parse().ok()).unwrap_or(60);
    let (shard, shards) = value("--shard").and_then(|text| shard(text)).unwrap_or((0, 1));
    let folder = value("--folder").map_or("target/mutants", String::as_str);

    fs::create_dir_all(folder)?;
    let folder = fs::canonicalize(folder)?;
    let root = env::current_dir()?;
    let listed = mutant::list(&root)?;
    let tree = Tree::make(&root, folder.join("tree"), &listed)?;
    println!("{} mutants, {} of them in one build", listed.len(), tree.numbers.len());
    let every_test = arguments.iter().any(|it| it == "--every-test");
    let of_claims = arguments.iter().any(|it| it == "--claims");
    let notes = folder.join(format!("reached-{:016x}.txt", tree.sources));
    let tests = test::find(&tree.root, &notes, THREADS, |label| !of_claims || claims::is_of_one(label))?;
    println!("{} tests", tests.len());
    if of_claims {
        let all_fail = claims::try_all(&tree.root, &tests, &listed)?;
        return Ok(if all_fail { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }

    // Other sources, other verdicts: a new test may catch what survived.
    let results = folder.join(format!("results-{:016x}.txt", tree.sources));
    println!("verdicts in {}", results.display());
    let known = judged(&results)?;
    let file = Mutex::new(OpenOptions::new().create(true).append(true).open(&results)?);
    let wanted = |mutant: &&Mutant| {
        tree.numbers.contains(&mutant.number)
            && mutant.number % shards == shard
            && (only.is_empty() || only.contains(&mutant.part()))
    };
    let wanted: Vec<&Mutant> = listed.iter().filter(wanted).collect();
    if every_test {
        see_failing(&tree, &tests, &wanted, &folder, seconds)?;
        return Ok(ExitCode::SUCCESS);
    }
    let left: Vec<&Mutant> = wanted.iter().copied().filter(|mutant| !known.contains(&mutant.name)).collect();
    trial::judge(&tree.root, &tests, &left, THREADS, Duration::from_secs(seconds), |mutant, verdict| {
        let (word, detail) = match verdict {
            Verdict::Caught(test) => ("caught", test),
            Verdict::Survived(0) => ("not reached", String::new()),
            Verdict::Survived(tests) => ("survived", format!("{tests} tests")),
            Verdict::Unsure(tests) => ("unsure", format!("{tests} tests")),
        };
        let line = format!("{word}\t{}\t{detail}\n", mutant.name);
        // What is lost here is judged again the next time.
        let _ = file.lock().expect("no holder panics").write_all(line.as_bytes());
    })?;
    let enough = report::print(&wanted, &results)?;
    Ok(if enough { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Looks for a mutant under which each test fails, those that have none left to the end.
fn see_failing(tree: &Tree, tests: &[Test], mutants: &[&Mutant], folder: &Path, seconds: u64) -> io::Result<()> {
    let results = folder.join(format!("failing-{:016x}.txt", tree.sources));
    println!("what each test failed with in {}", results.display());
    let known = judged(&results)?;
    let mut left: Vec<&Test> = tests.iter().filter(|test| !known.contains(&test.label)).collect();
    left.sort_by_key(|test| test.took);
    let file = Mutex::new(OpenOptions::new().create(true).append(true).open(&results)?);
    let reached_by = failing::reached_by(tests);
    failing::look(&tree.root, &left, mutants, &reached_by, THREADS, Duration::from_secs(seconds), |test, mutant| {
        let line = match mutant {
            Ok(mutant) => format!("fails\t{}\t{}\n", test.label, mutant.name),
            Err(0) => format!("reaches none\t{}\t\n", test.label),
            Err(tried) => format!("passes\t{}\t{tried} mutants\n", test.label),
        };
        // What is lost here is tried again the next time.
        let _ = file.lock().expect("no holder panics").write_all(line.as_bytes());
    })?;
    report::print_failing(&results)
}

/// `K/N`: every N-th mutant, from the K-th on, counted from 0.
fn shard(text: &str) -> Option<(u32, u32)> {
    let (shard, shards) = text.split_once('/')?;
    Some((shard.parse().ok()?, shards.parse().ok().filter(|shards| *shards > 0)?))
}

fn judged(results: &Path) -> io::Result<HashSet<String>> {
    let text = if results.exists() { fs::read_to_string(results)? } else { String::new() };
    // Where the time was over, there may be more of it now.
    let judged = text.lines().filter(|line| !line.starts_with("unsure\t"));
    Ok(judged.filter_map(|line| line.split('\t').nth(1)).map(str::to_owned).collect())
}
