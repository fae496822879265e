//! The seeds of the fuzz target `header`, so that what it ever found stays found, and changed seeds.

use std::{env, fs};

use crate::calls;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/header");

fn seeds() -> Vec<Vec<u8>> {
    let mut files: Vec<_> = fs::read_dir(SEEDS).unwrap().map(|seed| seed.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 10, "{}", files.len());
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn the_calls_of_each_seed_are_no_defect() {
    seeds().iter().for_each(|seed| calls::run(seed));
}

#[test]
fn the_calls_of_changed_seeds_are_no_defect() {
    let (seeds, mut state) = (seeds(), 1_u64);
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let rounds = if env::var_os("SECRETCHAT_SLOW").is_some() { 5_000 } else { 100 };
    for _ in 0..rounds {
        // The beginning of one, then the end of another.
        let [first, second] = [draw(seeds.len()), draw(seeds.len())].map(|seed| &seeds[seed]);
        let (end, start) = (draw(first.len()), draw(second.len()));
        let mut input = [&first[..end], &second[start..]].concat();
        for _ in 0..draw(8) {
            let place = draw(input.len());
            input[place] = draw(256).to_le_bytes()[0];
        }
        calls::run(&input);
    }
}
