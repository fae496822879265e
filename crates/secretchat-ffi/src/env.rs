//! The clocks and the randomness of a call.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use secretchat::{Env, Monotonic, Timestamp, rng_from_fn};
use zeroize::{Zeroize, Zeroizing};

use crate::border::{In, Out};
use crate::error::{Fault, Own, ScStatus, guard};

/// The clocks and the randomness that calls are made with. Set the time before each call.
pub struct ScEnv {
    now: Timestamp,
    monotonic: Option<Monotonic>,
    source: Source,
}

enum Source {
    #[cfg(feature = "std")]
    System,
    Bytes(Tape),
    Filled(Fill),
}

/// A function that fills a buffer with random bytes.
type Fill = Box<dyn FnMut(&mut [u8])>;

/// Bytes of the caller, in the order in which calls draw them.
struct Tape {
    bytes: Zeroizing<Vec<u8>>,
    /// Drawn by calls that are over.
    used: usize,
    /// Drawn, the current call included.
    at: usize,
    /// The length of the last draw that failed.
    wanted: usize,
}

/// The panic of a call that ran out of randomness.
#[cfg(feature = "std")]
pub(crate) struct Exhausted;

impl ScEnv {
    fn new(source: Source) -> Self {
        Self { now: Timestamp::default(), monotonic: None, source }
    }

    /// Creates an environment whose randomness comes from a function that fills buffers. It must be a secure generator,
    /// and fill every buffer whole.
    #[must_use]
    pub fn from_fn(fill: impl FnMut(&mut [u8]) + 'static) -> Self {
        Self::new(Source::Filled(Box::new(fill)))
    }

    /// Lends the environment to a call. What a call drew that ran out of bytes is drawn again by the next one.
    pub(crate) fn lend<R>(&mut self, call: impl FnOnce(&mut Env<'_>) -> R) -> R {
        if let Source::Bytes(tape) = &mut self.source {
            tape.at = tape.used;
        }
        let source = &mut self.source;
        let mut rng = rng_from_fn(|buffer: &mut [u8]| source.fill(buffer));
        let done = call(&mut Env::new(self.now, &mut rng).with_monotonic(self.monotonic));
        if let Source::Bytes(tape) = &mut self.source {
            tape.commit();
        }
        done
    }
}

impl Source {
    fn fill(&mut self, buffer: &mut [u8]) {
        match self {
            #[cfg(feature = "std")]
            Self::System => {
                if getrandom::fill(buffer).is_err() {
                    exhausted();
                }
            }
            Self::Bytes(tape) => tape.fill(buffer),
            Self::Filled(fill) => fill(buffer),
        }
    }
}

impl Tape {
    fn fill(&mut self, buffer: &mut [u8]) {
        match self.bytes.get(self.at..).and_then(|left| left.get(..buffer.len())) {
            Some(bytes) => buffer.copy_from_slice(bytes),
            None => {
                self.wanted = buffer.len();
                exhausted();
            }
        }
        self.at += buffer.len();
    }

    /// Wipes what a call has used.
    fn commit(&mut self) {
        self.bytes[self.used..self.at].zeroize();
        (self.used, self.wanted) = (self.at, 0);
        if self.used == self.bytes.len() {
            self.bytes.clear();
            (self.used, self.at) = (0, 0);
        }
    }

    /// Adds bytes, in memory of which no copy stays behind.
    fn push(&mut self, bytes: &[u8]) {
        let left = &self.bytes[self.used..];
        let mut all = Zeroizing::new(Vec::with_capacity(left.len() + bytes.len()));
        all.extend_from_slice(left);
        all.extend_from_slice(bytes);
        (self.bytes, self.used, self.at) = (all, 0, 0);
    }
}

/// Leaves a call that cannot have its randomness. A call of a chat that is left this way has changed nothing.
fn exhausted() -> ! {
    #[cfg(feature = "std")]
    std::panic::resume_unwind(Box::new(Exhausted));
    #[cfg(not(feature = "std"))]
    panic!("there is no randomness");
}

/// Creates an environment with the randomness of the operating system.
#[cfg(feature = "std")]
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_system(out: Out<Option<Box<ScEnv>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.hand(ScEnv::new(Source::System));
        Ok(())
    })
}

/// Creates an environment whose randomness is `bytes`, and what `sc_env_add_bytes` adds. **They must come from a secure
/// generator, and be used nowhere else.** Each byte is used once, in order, and then wiped.
///
/// A call that needs more than there is returns `SC_ERROR_RANDOM` and has changed nothing. Add bytes and repeat it: it
/// draws from the same place again. (A library without `std` ends the process instead: see `sc_env_bytes_left`.)
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_from_bytes(bytes: In<u8>, len: usize, out: Out<Option<Box<ScEnv>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        let bytes = Zeroizing::new(bytes.slice(len)?.to_vec());
        out.hand(ScEnv::new(Source::Bytes(Tape { bytes, used: 0, at: 0, wanted: 0 })));
        Ok(())
    })
}

/// Adds random bytes behind those that are left.
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_add_bytes(env: Option<&mut ScEnv>, bytes: In<u8>, len: usize) -> ScStatus {
    guard(|| {
        let Source::Bytes(tape) = &mut env.ok_or(Own::Null)?.source else { return Err(Own::Use.into()) };
        tape.push(bytes.slice(len)?);
        Ok(())
    })
}

/// Returns how many random bytes are left, of an environment that was made from bytes; otherwise 0.
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_bytes_left(env: Option<&ScEnv>) -> usize {
    match env {
        Some(ScEnv { source: Source::Bytes(tape), .. }) => tape.bytes.len() - tape.used,
        _ => 0,
    }
}

/// Returns how many bytes the draw was for that made a call return `SC_ERROR_RANDOM`; otherwise 0.
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_bytes_wanted(env: Option<&ScEnv>) -> usize {
    match env {
        Some(ScEnv { source: Source::Bytes(tape), .. }) => tape.wanted,
        _ => 0,
    }
}

/// Sets the wall clock: milliseconds since 1970, in UTC. A chat never lets its time run backwards.
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_set_now(env: Option<&mut ScEnv>, now_ms: u64) -> ScStatus {
    guard(|| {
        env.ok_or(Own::Null)?.now = Timestamp::from_millis(now_ms);
        Ok(())
    })
}

/// Sets the monotonic clock, which then decides how much time has passed, so that setting the wall clock can neither
/// prolong a message nor end it early. `boot` names the start of the device, such as a counter; `since_boot_ms` is the
/// time since then, sleep included.
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_set_monotonic(env: Option<&mut ScEnv>, boot: u64, since_boot_ms: u64) -> ScStatus {
    guard(|| {
        let reading = Monotonic::new(boot.into(), Duration::from_millis(since_boot_ms));
        env.ok_or(Own::Null)?.monotonic = Some(reading);
        Ok(())
    })
}

/// Forgets the monotonic clock: the wall clock alone counts.
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_clear_monotonic(env: Option<&mut ScEnv>) -> ScStatus {
    guard(|| {
        env.ok_or(Own::Null)?.monotonic = None;
        Ok(())
    })
}

/// Writes `len` random bytes to `out`: for an id or a store key.
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_fill(env: Option<&mut ScEnv>, out: Out<u8>, len: usize) -> ScStatus {
    guard(|| {
        out.check()?;
        let mut bytes = Zeroizing::new(Vec::new());
        bytes.try_reserve_exact(len).map_err(|_| Fault::from(Own::Length))?;
        bytes.resize(len, 0);
        env.ok_or(Own::Null)?.lend(|env| env.rng.fill_bytes(&mut bytes));
        out.put_all(&bytes);
        Ok(())
    })
}

/// Frees an environment, and wipes its bytes.
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_free(env: Option<Box<ScEnv>>) {
    drop(env);
}

impl fmt::Debug for ScEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScEnv").field("now", &self.now).field("monotonic", &self.monotonic).finish_non_exhaustive()
    }
}
