//! Leaks that are made on purpose, which the search has to find.

use std::hint::black_box;

use key_traces::{Heap, Place, Watch};

use super::lives::{Known, Life, PLAYED};
use super::searching::Searcher;

/// How many secrets are left on the stack at once. So many frames fit into what is searched of it.
const AT_ONCE: usize = 100;

/// Leaks each secret in each kind of place. Returns the names of those that the search does not find there.
pub(crate) fn missed(heap: &Heap, secrets: &[Known]) -> Vec<String> {
    let watch = Watch::new(secrets.iter().map(|known| known.secret.clone()));
    let mut traces = watch.step(|| secrets.iter().for_each(|known| drop(black_box(known.secret.unmasked()))));
    let kept: Vec<_> = secrets.iter().map(|known| black_box(known.secret.unmasked())).collect();
    traces.extend(heap.in_use(&watch));
    drop(kept);
    for some in secrets.chunks(AT_ONCE) {
        traces.extend(watch.step(|| leave(some)));
    }
    let mut missed = Vec::new();
    for (secret, known) in secrets.iter().enumerate() {
        for place in [Place::Stack, Place::Freed, Place::InUse] {
            if !traces.iter().any(|trace| (trace.secret, trace.place) == (secret, place)) {
                missed.push(format!("{} in {place:?}", known.name));
            }
        }
    }
    missed
}

/// Keeps a secret in a block that nobody gives back. Returns the first life after which that is reported.
pub(crate) fn first_reported(searcher: &mut Searcher<'_>, secrets: &[Known], name: &str) -> Option<Life> {
    let known = secrets.iter().find(|known| known.name == name).unwrap();
    let kept = black_box(known.secret.unmasked());
    let mut lives = PLAYED;
    lives.sort_unstable();
    let first = lives.into_iter().find(|life| {
        searcher.traces.clear();
        searcher.end(*life);
        searcher.traces.iter().any(|trace| trace.contains(name))
    });
    drop(kept);
    first
}

/// Leaves each secret in a dead frame.
#[inline(never)]
fn leave(secrets: &[Known]) {
    let [known, rest @ ..] = secrets else { return };
    let mut copy = [0; 2048];
    for (to, from) in copy.iter_mut().zip(known.secret.bytes()) {
        *to = from;
    }
    leave(rest);
    black_box(&mut copy);
}
