//! Chooses which streams run together, and for how many blocks.

use core::marker::PhantomData;
use core::{array, iter};

use super::lane::{Lane, nothing};
use super::{aes_ni, vaes};
use crate::direction::Order;

pub(crate) fn run_one<D: Order>(mut lane: Lane<'_, D>) {
    let len = lane.data.len();
    aes_ni::run_all(lane.aes_ni, array::from_mut(&mut lane), len);
}

/// Runs all streams, as many at once as the processor allows.
pub(crate) fn run_many<D: Order>(waiting: &mut dyn Iterator<Item = Lane<'_, D>>) {
    let Some(first) = waiting.next() else { return };
    let aes_ni = first.aes_ni;
    match first.wide {
        Some(wide) => run_in::<12, D>(first, waiting, |lanes, active, len| vaes::run(aes_ni, wide, lanes, active, len)),
        None => run_in::<8, D>(first, waiting, |lanes, active, len| aes_ni::run(aes_ni, lanes, active, len)),
    }
}

/// Runs the lanes until no stream waits. `run` gets the number of lanes that have blocks (they come first) and a length that
/// all of them have.
fn run_in<'a, const WIDTH: usize, D: Order>(
    first: Lane<'a, D>,
    waiting: &mut dyn Iterator<Item = Lane<'a, D>>,
    run: impl Fn(&mut [Lane<'_, D>; WIDTH], usize, usize),
) {
    let Lane { rounds, aes_ni, wide, .. } = first;
    let mut ivs = [[0; 32]; WIDTH];
    let mut lanes = ivs.each_mut().map(|iv| Lane { rounds, aes_ni, wide, iv, data: nothing(), direction: PhantomData });
    let mut waiting = iter::once(first).chain(waiting).filter(|lane| !lane.data.is_empty()).fuse();
    loop {
        // An idle lane takes the next stream; those that stay idle go to the end.
        for (lane, next) in lanes.iter_mut().filter(|lane| lane.data.is_empty()).zip(&mut waiting) {
            *lane = next;
        }
        lanes.sort_unstable_by_key(|lane| lane.data.is_empty());
        let running = lanes.iter().map(|lane| lane.data.len()).take_while(|&len| len > 0);
        let Some(len) = running.clone().min() else { return };
        let active = running.count();
        run(&mut lanes, active, len);
    }
}
