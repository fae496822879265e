//! Tasks of one thread, polled in a random order that a seed decides. Nothing here knows the real time.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use recordings::Seeded;

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Slot {
    future: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    woken: Arc<Flag>,
}

pub(crate) struct Executor {
    slots: Vec<Slot>,
    rng: Seeded,
}

/// A task, and what it has returned.
pub(crate) struct Task<T> {
    index: usize,
    result: Arc<Mutex<Option<T>>>,
}

impl<T> Task<T> {
    /// Takes the result, if the task has ended.
    pub(crate) fn result(&self) -> Option<T> {
        self.result.lock().unwrap().take()
    }
}

impl Executor {
    pub(crate) fn new(seed: u64) -> Self {
        Self { slots: Vec::new(), rng: Seeded::new(seed) }
    }

    /// Begins a task. `Send` is asked for, as a runtime with many threads asks.
    pub(crate) fn spawn<T: Send + 'static>(&mut self, future: impl Future<Output = T> + Send + 'static) -> Task<T> {
        let result = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&result);
        let future = Box::pin(async move {
            let value = future.await;
            *slot.lock().unwrap() = Some(value);
        });
        self.slots.push(Slot { future: Some(future), woken: Arc::new(Flag(AtomicBool::new(true))) });
        Task { index: self.slots.len() - 1, result }
    }

    /// Drops the future of a task.
    pub(crate) fn cancel<T>(&mut self, task: &Task<T>) {
        self.slots[task.index].future = None;
    }

    /// Polls one of the tasks that were woken. Returns whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        let woken = self.slots.iter().enumerate().filter(|(_, slot)| slot.future.is_some());
        let woken: Vec<_> = woken.filter(|(_, slot)| slot.woken.0.load(Ordering::SeqCst)).map(|(at, _)| at).collect();
        if woken.is_empty() {
            return false;
        }
        let slot = &mut self.slots[woken[below(&mut self.rng, woken.len())]];
        slot.woken.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&slot.woken));
        let future = slot.future.as_mut().unwrap();
        if let Poll::Ready(()) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            slot.future = None;
        }
        true
    }

    /// Runs until every task waits.
    pub(crate) fn idle(&mut self) {
        for _ in 0..1_000_000 {
            if !self.step() {
                return;
            }
        }
        panic!("the tasks never rest");
    }
}

/// Draws a number below the bound.
pub(crate) fn below(rng: &mut Seeded, bound: usize) -> usize {
    usize::try_from(rng.below(bound as u64)).unwrap()
}
