//! Both ends of a secret chat on one microcontroller: texts, a photo, a timer, new keys, and a restart from records.
//!
//! Prints what each chapter takes of the stack, and of the heap of each end. The exit code is 0 if all went as it should.

#![no_std]
#![no_main]

extern crate alloc;

mod measure;
mod phone;
mod photo;
mod story;

#[cfg(target_arch = "arm")]
use cortex_m as _; // the critical section of its heaps
#[cfg(target_arch = "riscv32")]
use riscv as _;
use secretchat::{Env, Timestamp, rng_from_fn};
use semihosting::{println, process};

#[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
#[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
fn main() -> ! {
    measure::start();
    // No secret at all: a product draws from the random number generator of its processor.
    let mut words = (1_u64..).map(|draw| draw.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    let mut rng = rng_from_fn(|buffer: &mut [u8]| {
        for (chunk, word) in buffer.chunks_mut(8).zip(&mut words) {
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    });
    // A product has a clock, or asks for the time when it starts.
    let now = Timestamp::from_unix_seconds(1_800_000_000);
    let result = story::tell(&mut Env::new(now, &mut rng));
    if let Err(error) = &result {
        println!("{error}");
    }
    process::exit(i32::from(result.is_err()))
}
