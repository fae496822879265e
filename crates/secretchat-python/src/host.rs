//! The clock and the generator that a host lends to its chats.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, SystemTime};

use getrandom::SysRng;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::rand_core::{CryptoRng, UnwrapErr};
use secretchat::{Env, Monotonic, Timestamp, rng_from_fn};
use zeroize::Zeroizing;

/// The clock and the generator of one object's calls.
pub(crate) struct Host {
    clock: Option<Py<PyAny>>,
    source: Source,
}

/// Where random bytes come from.
enum Source {
    System,
    /// Bytes that are given out once, in their order.
    Script(Zeroizing<Vec<u8>>),
    /// A function that returns so many bytes.
    Function(Py<PyAny>),
    /// It failed in the middle of a call. What the call had changed until then is unknown.
    Failed,
}

impl Host {
    /// Creates a host from the arguments `random` and `clock` of a constructor.
    pub(crate) fn new(random: Option<&Bound<'_, PyAny>>, clock: Option<Py<PyAny>>) -> Self {
        let source = match random {
            None => Source::System,
            Some(random) => match random.cast::<PyBytes>() {
                // Taken from the end.
                Ok(bytes) => Source::Script(Zeroizing::new(bytes.as_bytes().iter().rev().copied().collect())),
                Err(_) => Source::Function(random.clone().unbind()),
            },
        };
        Self { clock, source }
    }

    /// Returns whether the generator is the system's, which needs no interpreter.
    pub(crate) fn is_system(&self) -> bool {
        matches!(self.source, Source::System)
    }

    /// Returns the time.
    pub(crate) fn now(&self, py: Python<'_>) -> PyResult<Timestamp> {
        Ok(self.clocks(py)?.0)
    }

    /// Makes a call with the clock and the generator.
    pub(crate) fn call<R>(&mut self, py: Python<'_>, call: impl FnOnce(&mut Env<'_>) -> R) -> PyResult<R> {
        let (now, monotonic) = self.clocks(py)?;
        self.draw(py, |rng| call(&mut Env::new(now, rng).with_monotonic(monotonic)))
    }

    /// Makes a call with the generator.
    pub(crate) fn draw<R>(&mut self, py: Python<'_>, call: impl FnOnce(&mut dyn CryptoRng) -> R) -> PyResult<R> {
        if let Source::System = self.source {
            return Ok(call(&mut UnwrapErr(SysRng)));
        }
        let mut failure = None;
        let mut rng = rng_from_fn(|to: &mut [u8]| {
            if let Err(error) = self.source.fill(py, to) {
                failure = Some(error);
                // Nothing of the call may go on with bytes that are not random.
                resume_unwind(Box::new(()));
            }
        });
        let called = catch_unwind(AssertUnwindSafe(|| call(&mut rng)));
        match (called, failure) {
            (_, Some(error)) => {
                self.source = Source::Failed;
                Err(error)
            }
            (Ok(called), None) => Ok(called),
            (Err(panic), None) => resume_unwind(panic),
        }
    }

    fn clocks(&self, py: Python<'_>) -> PyResult<(Timestamp, Option<Monotonic>)> {
        let Some(clock) = &self.clock else { return Ok((SystemTime::now().into(), None)) };
        let told = clock.bind(py).call0()?;
        if let Ok(now) = told.extract::<u64>() {
            return Ok((Timestamp::from_millis(now), None));
        }
        let (now, boot, since): (u64, u128, u64) = told.extract()?;
        Ok((Timestamp::from_millis(now), Some(Monotonic::new(boot, Duration::from_millis(since)))))
    }
}

impl Source {
    fn fill(&mut self, py: Python<'_>, to: &mut [u8]) -> PyResult<()> {
        match self {
            Self::System => Err(PyRuntimeError::new_err("the system's generator is asked directly")),
            Self::Script(bytes) => {
                let rest = bytes.len().checked_sub(to.len());
                let rest = rest.ok_or_else(|| PyValueError::new_err("no random bytes are left"))?;
                to.copy_from_slice(&bytes[rest..]);
                to.reverse();
                bytes.truncate(rest);
                Ok(())
            }
            Self::Function(function) => {
                let drawn = function.bind(py).call1((to.len(),))?;
                let drawn = drawn.cast::<PyBytes>()?.as_bytes();
                if drawn.len() != to.len() {
                    return Err(PyValueError::new_err(format!("{} random bytes, not {}", drawn.len(), to.len())));
                }
                to.copy_from_slice(drawn);
                Ok(())
            }
            Self::Failed => Err(PyRuntimeError::new_err(
                "the generator failed in an earlier call; restore the chat from its records",
            )),
        }
    }
}
