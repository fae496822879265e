//! What a message costs does not depend on how many wait: the bytes and the records of its batch, its outputs and the
//! memory it asks for are the same beside nothing, a hundred and ten thousand (SPEC REC-1, REC-3).
//!
//! Time is measured by `benches`.

use secretchat::Output;

use crate::allocator::{Taken, taken};
use crate::support::backlog::{Backlog, STEPS, Step};

const ROUNDS: usize = 8;
const BACKLOGS: [(usize, usize); 6] = [(0, 0), (100, 0), (0, 100), (10_000, 0), (0, 10_000), (10_000, 10_000)];

/// What a call wrote and said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written {
    put: usize,
    bytes: usize,
    deleted: usize,
    events: usize,
    transmits: usize,
}

#[test]
fn a_message_costs_the_same_beside_any_backlog() {
    let mut measured = BACKLOGS.map(|(outbox, waiting)| (outbox, waiting, measure(outbox, waiting))).into_iter();
    let (_, _, (written, taken)) = measured.next().unwrap();
    let put = |step| written.iter().find(|(of, _)| *of == step).unwrap().1.put;
    // State and the message, or state alone. What the transport accepted is written with the next batch.
    assert_eq!([Step::Receive, Step::ReceiveEarly, Step::Send, Step::Carried].map(put), [1, 2, 2, 0]);
    for (outbox, waiting, (written_there, taken_there)) in measured {
        for (here, there) in written.iter().zip(&written_there) {
            assert_eq!(here, there, "outbox {outbox}, waiting {waiting}");
        }
        for (step, (here, there)) in STEPS.iter().zip(taken.iter().zip(&taken_there)) {
            assert_eq!(here, there, "{step:?}: outbox {outbox}, waiting {waiting}");
        }
    }
}

/// What each call of each round wrote; and the least that each took of the heap, since now and then a queue grows.
fn measure(outbox: usize, waiting: usize) -> (Vec<(Step, Written)>, [Taken; STEPS.len()]) {
    let mut backlog = Backlog::new(outbox, waiting, ROUNDS);
    let mut written = Vec::new();
    let mut least = [Taken { bytes: usize::MAX, calls: usize::MAX }; STEPS.len()];
    for _ in 0..ROUNDS {
        for (step, least) in STEPS.into_iter().zip(&mut least) {
            let prepared = backlog.prepare(step);
            let ((), taken) = taken(|| backlog.take(&prepared));
            *least = taken.min(*least);
            written.push((step, count(&backlog.outputs())));
        }
    }
    (written, least)
}

fn count(outputs: &[Output]) -> Written {
    let mut written = Written { put: 0, bytes: 0, deleted: 0, events: 0, transmits: 0 };
    for output in outputs {
        match output {
            Output::Persist(batch) => {
                written.put += batch.put.len();
                written.bytes += batch.put.iter().map(|(_, sealed)| sealed.len()).sum::<usize>();
                written.deleted += batch.delete.len();
            }
            Output::Event(_) => written.events += 1,
            _ => written.transmits += 1,
        }
    }
    written
}
