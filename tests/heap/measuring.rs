//! What a call takes of the heap beside what there was, and the bounds of that (SPEC LIM-5).

use secretchat::Limits;

use crate::allocator::Taken;

/// What piles up, and twice and four times as much.
pub(crate) const SIZES: [usize; 3] = [50, 100, 200];

/// How often a byte that may be kept, or that comes, is copied at most in one call. The longest way is that of a text which is
/// no UTF-8: it is opened, then read into a string of three bytes for each: 1 + 3.
const COPIES: usize = 4;
/// What stands around a message, in all of these.
const AROUND: usize = 1 << 10;
/// Of a call that has nothing to go through: keys, a message, lists that grow.
const FIXED: usize = 16 << 10;
const FIXED_CALLS: usize = 100;

/// What a call took, and how much there was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) taken: Taken,
    /// What there is room for, or what there is where no limits hold.
    pub(crate) room: Room,
    /// The bytes that came.
    pub(crate) brought: usize,
    /// The bytes of a list that may happen to double.
    pub(crate) doubles: usize,
}

/// The messages that may pile up, and their bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

impl Room {
    /// What a chat may keep, beside outputs that nobody took.
    pub(crate) fn of(limits: &Limits, untaken: usize) -> Self {
        let Limits { outbox_messages, outbox_bytes, waiting_messages, waiting_bytes, timed_messages, .. } = *limits;
        let sum = |numbers: &[u32]| numbers.iter().map(|number| usize::try_from(*number).unwrap()).sum::<usize>();
        let messages = sum(&[outbox_messages, waiting_messages, timed_messages]) + untaken;
        Self { messages, bytes: sum(&[outbox_bytes, waiting_bytes]) }
    }
}

/// No faster than in proportion: four times the pile takes at most four times as much as the first, and what a call takes that
/// has nothing to go through. And never more than the limits allow.
pub(crate) fn assert_linear(what: &str, [one, two, four]: [Measured; 3]) {
    let most = |small: &Measured, times: usize| Taken {
        bytes: times * small.taken.bytes + FIXED,
        calls: times * small.taken.calls + FIXED_CALLS,
    };
    for (large, times) in [(two, 2), (four, 4)] {
        let most = Taken { bytes: most(&one, times).bytes + large.doubles, ..most(&one, times) };
        assert!(large.taken.bytes <= most.bytes && large.taken.calls <= most.calls, "{what}: {large:?} after {one:?}");
    }
    for measured in [one, two, four] {
        let Measured { taken, room, brought, doubles: _ } = measured;
        let bound = COPIES * (room.bytes + brought) + AROUND * room.messages + FIXED;
        assert!(taken.bytes <= bound, "{what}: {measured:?}, at most {bound}");
    }
}

/// The check finds what it is there for: work for each pair of what piled up, and memory that nothing bounds.
#[test]
fn growth_that_is_not_linear_is_found() {
    let found = |of: fn(usize) -> usize, calls: fn(usize) -> usize| {
        let measured = SIZES.map(|size| {
            let taken = Taken { bytes: of(size), calls: calls(size) };
            Measured { taken, room: Room { messages: 0, bytes: 1_000 * size }, brought: 0, doubles: 0 }
        });
        std::panic::catch_unwind(|| assert_linear("a control", measured)).is_err()
    };
    assert!(!found(|size| 300 * size, |size| 7 * size));
    assert!(found(|size| 10 * size * size, |size| 7 * size), "bytes");
    assert!(found(|size| 300 * size, |size| size * size), "blocks");
    assert!(found(|size| 10_000 * size, |size| 7 * size), "in proportion, and beyond the bound");
}
