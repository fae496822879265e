//! A promise that a shard keeps, or breaks when its task ends.

use core::error::Error;
use core::fmt;
use core::sync::atomic::{AtomicU8, Ordering};
use std::sync::Arc;

use event_listener::Event;

/// The task of the shard ended before it was done: with an error of its store, or because its future was dropped.
///
/// What was durable is durable. Adopt the chats in another shard, which goes on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task of the shard has ended")
    }
}

impl Error for Stopped {}

const OPEN: u8 = 0;
const KEPT: u8 = 1;
const BROKEN: u8 = 2;

#[derive(Debug)]
struct Signal {
    state: AtomicU8,
    event: Event,
}

/// The end that the shard has. Dropped, it is broken.
#[derive(Debug)]
pub(crate) struct Promise(Arc<Signal>);

/// The end that waits.
#[derive(Clone, Debug)]
pub(crate) struct Promised(Arc<Signal>);

/// Creates both ends.
pub(crate) fn promise() -> (Promise, Promised) {
    let signal = Arc::new(Signal { state: AtomicU8::new(OPEN), event: Event::new() });
    (Promise(Arc::clone(&signal)), Promised(signal))
}

impl Promise {
    pub(crate) fn keep(self) {
        self.set(KEPT);
    }

    fn set(&self, state: u8) {
        let _ = self.0.state.compare_exchange(OPEN, state, Ordering::AcqRel, Ordering::Acquire);
        self.0.event.notify(usize::MAX);
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.set(BROKEN);
    }
}

impl Promised {
    pub(crate) async fn wait(&self) -> Result<(), Stopped> {
        loop {
            let listener = self.0.event.listen();
            match self.0.state.load(Ordering::Acquire) {
                KEPT => return Ok(()),
                BROKEN => return Err(Stopped),
                _ => listener.await,
            }
        }
    }
}
