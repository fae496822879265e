//! Many streams in one call.

use core::fmt;

use cipher::InOutBuf;

use crate::direction::{Decrypt, Encrypt};
use crate::error::LengthMismatch;
use crate::key::{Direction, Key};
use crate::{Block, Iv};
#[cfg(target_arch = "x86_64")]
use crate::{key::Path, x86};

/// Encrypts many streams, as many at once as the processor allows.
///
/// The result is the same as for one stream after the other. Streams may differ in length: when one ends, the next takes its
/// place. The call takes at least as long as the longest stream, so that one should come first.
#[allow(single_use_lifetimes, reason = "newer compilers know that an elided one is unstable here")]
pub fn encrypt_many<'a>(jobs: impl IntoIterator<Item = Job<'a, Encrypt>>) {
    encrypt_all(&mut jobs.into_iter());
}

/// Decrypts many streams, in the same way as [`encrypt_many`].
#[allow(single_use_lifetimes, reason = "newer compilers know that an elided one is unstable here")]
pub fn decrypt_many<'a>(jobs: impl IntoIterator<Item = Job<'a, Decrypt>>) {
    decrypt_all(&mut jobs.into_iter());
}

/// The next blocks of one stream, with its key and its chain.
#[must_use]
pub struct Job<'a, D: Direction> {
    pub(crate) key: &'a Key<D>,
    pub(crate) iv: &'a mut Iv,
    pub(crate) data: Data<'a>,
}

impl<'a, D: Direction> Job<'a, D> {
    /// Takes blocks to process in place.
    pub const fn new(key: &'a Key<D>, iv: &'a mut Iv, blocks: &'a mut [Block]) -> Self {
        Self { key, iv, data: Data::InPlace(blocks) }
    }

    /// Takes blocks to process from one buffer into another.
    ///
    /// # Errors
    /// [`LengthMismatch`] if the buffers differ in length.
    pub const fn between(
        key: &'a Key<D>,
        iv: &'a mut Iv,
        from: &'a [Block],
        to: &'a mut [Block],
    ) -> Result<Self, LengthMismatch> {
        if from.len() != to.len() {
            return Err(LengthMismatch);
        }
        Ok(Self { key, iv, data: Data::Between(from, to) })
    }
}

impl<D: Direction> fmt::Debug for Job<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job(..)")
    }
}

/// `InOutBuf` itself is not `Send`.
pub(crate) enum Data<'a> {
    InPlace(&'a mut [Block]),
    Between(&'a [Block], &'a mut [Block]),
}

impl<'a> From<Data<'a>> for InOutBuf<'a, 'a, Block> {
    fn from(data: Data<'a>) -> Self {
        match data {
            Data::InPlace(blocks) => blocks.into(),
            // `Job::between` compared the lengths.
            Data::Between(from, to) => InOutBuf::new(from, to).unwrap_or_else(|_| InOutBuf::from(&mut [][..])),
        }
    }
}

// Not generic, so that the kernels are compiled in this crate, as it is optimised.
fn encrypt_all(jobs: &mut dyn Iterator<Item = Job<'_, Encrypt>>) {
    run_many(jobs);
}

fn decrypt_all(jobs: &mut dyn Iterator<Item = Job<'_, Decrypt>>) {
    run_many(jobs);
}

/// Runs all jobs. Those on the portable path run one after the other.
fn run_many<D: Direction>(jobs: &mut dyn Iterator<Item = Job<'_, D>>) {
    #[cfg(target_arch = "x86_64")]
    x86::run_many(&mut jobs.filter_map(|Job { key, iv, data }| match &key.0 {
        Path::X86(key) => Some(x86::Lane::new(key, iv, data.into())),
        Path::Portable(_) => {
            key.run(iv, data.into());
            None
        }
    }));
    #[cfg(not(target_arch = "x86_64"))]
    for Job { key, iv, data } in jobs {
        key.run(iv, data.into());
    }
}
