//! The caller's randomness: at no cost where the time of a generator is not measured, or the system's.

use std::convert::Infallible;

use rand_core::{CryptoRng, TryCryptoRng, TryRng, UnwrapErr};

/// Fills buffers with one byte. **Not random.**
#[derive(Clone, Copy, Debug)]
pub struct Constant;

impl TryRng for Constant {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0x5a5a_5a5a)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0x5a5a_5a5a_5a5a_5a5a)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0x5a);
        Ok(())
    }
}

impl TryCryptoRng for Constant {}

/// Returns the generator of the operating system: a system call for each draw.
#[must_use]
pub fn system() -> Box<dyn CryptoRng> {
    Box::new(UnwrapErr(getrandom::SysRng))
}
