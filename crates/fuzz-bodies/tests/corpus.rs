//! Each body holds on its seeds, which keep whatever the fuzzer found, and on changed ones: cut off at any place, and with
//! any bit flipped.

use std::fs;
use std::path::Path;

use fuzz_bodies::{TARGETS, Target, seeds};

/// The most bytes of all seeds.
const MAX_BYTES: usize = 3 << 20;

fn seeds_of(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = seeds::folder().join("seeds").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds: Vec<_> = files
        .map(|file| file.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    seeds.sort();
    seeds
}

/// Returns one of the changed seeds: all truncations, then all flipped bits.
fn changed(seed: &[u8], which: usize) -> Vec<u8> {
    if which < seed.len() {
        return seed[..which].to_vec();
    }
    let bit = which - seed.len();
    let mut changed = seed.to_vec();
    changed[bit / 8] ^= 1 << (bit % 8);
    changed
}

/// Replays the seeds of a target, and as many changed ones as it says, spread evenly. A long run tries fifty times as many.
fn replay(name: &str) {
    let target: Target = TARGETS.into_iter().find(|target| target.name == name).unwrap();
    let seeds = seeds_of(name);
    assert!(seeds.len() >= 3, "{name} has {} seeds", seeds.len());
    for (file, seed) in &seeds {
        println!("{name}/{file}");
        (target.body)(seed);
    }
    let all: usize = seeds.iter().map(|(_, seed)| 9 * seed.len()).sum();
    let long = std::env::var_os("SECRETCHAT_SLOW").is_some();
    let tried = if long { 50 * target.changed } else { target.changed }.min(all);
    for number in 0..tried {
        // Of every seed in turn, at places that a step prime to their number spreads.
        let (file, seed) = &seeds[number % seeds.len()];
        if seed.is_empty() {
            continue;
        }
        let which = (number / seeds.len()).wrapping_mul(7_919) % (9 * seed.len());
        println!("{name}/{file}, changed by {which}");
        (target.body)(&changed(seed, which));
    }
}

macro_rules! targets {
    ($($name:ident)+) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )+

        #[test]
        fn no_target_is_left_out() {
            assert!(TARGETS.iter().map(|target| target.name).eq([$(stringify!($name)),+]));
            let folder = seeds::folder();
            for program in [$(stringify!($name)),+] {
                let source = fs::read_to_string(folder.join(format!("fuzz_targets/{program}.rs"))).unwrap();
                assert!(source.contains(&format!("fuzz_bodies::{program}(data)")), "{program}");
            }
            assert_eq!(fs::read_dir(folder.join("fuzz_targets")).unwrap().count(), TARGETS.len());
            assert_eq!(fs::read_dir(folder.join("seeds")).unwrap().count(), TARGETS.len());
        }
    };
}

targets! {
    chain ciphertext envelope fragments frame header markdown media operations public_values records resume segments shim tl
}

#[test]
fn made_seeds_and_the_dictionary_are_current() {
    let made = seeds::made();
    assert!(made.len() > 200, "{}", made.len());
    for (path, bytes) in &made {
        assert_eq!(fs::read(seeds::folder().join(path)).ok().as_ref(), Some(bytes), "{path}: cargo run -p fuzz-bodies");
    }
    // And none is left over.
    let written = TARGETS.iter().flat_map(|target| {
        seeds_of(target.name).into_iter().map(|(file, _)| Path::new("seeds").join(target.name).join(file))
    });
    for path in written.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("made-")) {
        assert!(made.contains_key(path.to_str().unwrap()), "{} is made no more", path.display());
    }
}

#[test]
fn the_seeds_are_small() {
    let bytes: usize = TARGETS.iter().flat_map(|target| seeds_of(target.name)).map(|(_, seed)| seed.len()).sum();
    assert!(bytes <= MAX_BYTES, "{bytes}");
}
