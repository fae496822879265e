//! Decides which mutant this process runs. The copy of the crate that has all mutants has this module too.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::prelude::rust_2024::*;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

const NOT_READ: u32 = u32::MAX;
const RECORDING: u32 = u32::MAX - 1;

static ACTIVE: AtomicU32 = AtomicU32::new(NOT_READ);
static REACHED: [AtomicBool; 1 << 16] = [const { AtomicBool::new(false) }; 1 << 16];
static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();

/// Whether `mutant` is the one that runs. A process without a number, or with 0, runs none.
pub fn on(mutant: u32) -> bool {
    let active = ACTIVE.load(Ordering::Relaxed);
    active == mutant || (active >= RECORDING && starts_or_records(active, mutant))
}

#[cold]
fn starts_or_records(active: u32, mutant: u32) -> bool {
    if active == NOT_READ {
        let number = match env::var("MUTANT") {
            Ok(text) if text == "record" => RECORDING,
            Ok(text) => text.parse().unwrap_or(0),
            Err(_) => 0,
        };
        ACTIVE.store(number, Ordering::Relaxed);
        return on(mutant);
    }
    if !REACHED[mutant as usize].swap(true, Ordering::Relaxed)
        && let Some(file) = FILE.get_or_init(open)
    {
        // One write a line, without a heap: tests count allocations.
        let mut line = *b"     \n";
        let mut rest = mutant;
        for digit in line[..5].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let _ = file.lock().expect("no holder panics").write_all(&line);
    }
    false
}

fn open() -> Option<Mutex<File>> {
    let path = env::var_os("MUTANT_REACHED")?;
    OpenOptions::new().create(true).append(true).open(path).ok().map(Mutex::new)
}
