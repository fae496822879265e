//! Whatever the network does, and whenever the processes die: every file arrives whole, and every message once
//! (SPEC FILE-1 to FILE-3, FILE-5, FILE-6).

use proptest::prelude::*;
use recordings::Faults;

use super::world::World;

fn content(len: usize, seed: u8) -> Vec<u8> {
    (0..len).map(|n| u8::try_from(n % 251).unwrap() ^ seed).collect()
}

/// By which end, how long, and whether it is carried before its message is made.
fn plans() -> impl Strategy<Value = Vec<(usize, usize, bool)>> {
    prop::collection::vec((0..2_usize, 1..20_000_usize, any::<bool>()), 1..5)
}

fn world(seed: u64, part_len: usize, faults: Faults, plans: &[(usize, usize, bool)]) -> World {
    let mut world = World::new(seed, part_len, faults);
    for ((from, len, upload_first), seed) in plans.iter().zip(0..) {
        world.plan(*from, &content(*len, seed), *upload_first);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_survive_a_bad_network_and_crashes_at_any_point(
        seed in any::<u32>(), part_len in 500..9000_usize, plans in plans(),
        lost in 0..40_u64, repeated in 0..40_u64, delay in 0..3000_u64,
        fuses in prop::collection::vec((0..2_usize, 0..200_u64), 0..8),
    ) {
        let faults = Faults { lost, repeated, delay, ..Faults::default() };
        let mut world = world(seed.into(), part_len, faults, &plans);
        let mut fuses = fuses.into_iter();
        let mut next = fuses.next();
        world.run(|world| {
            if let Some((end, steps)) = next.filter(|(end, _)| world.hosts[*end].fuse.is_none()) {
                world.hosts[end].fuse = Some(steps);
                next = fuses.next();
            }
        });
    }

    /// A part is late, but none is lost: nothing goes twice.
    #[test]
    fn each_byte_is_carried_once_without_loss(
        seed in any::<u32>(), part_len in 500..9000_usize, plans in plans(), repeated in 0..40_u64, delay in 0..900_u64,
    ) {
        let faults = Faults { repeated, delay, ..Faults::default() };
        let mut world = world(seed.into(), part_len, faults, &plans);
        world.run(|_| {});
        for account in &world.accounts {
            for (left, count) in account.parts.values() {
                prop_assert_eq!(left.byte_count(), *count);
            }
        }
    }

    /// What a crash costs in bytes is what was under way.
    #[test]
    fn after_a_crash_only_what_is_missing_goes_again(
        seed in any::<u32>(), len in 10_000..60_000_usize, end in 0..2_usize, steps in 10..120_u64,
    ) {
        let mut world = world(seed.into(), 1000, Faults { delay: 20, ..Faults::default() }, &[(0, len, false)]);
        // The link takes a part at a time.
        world.hosts[0].room = 1;
        world.hosts[end].fuse = Some(steps);
        world.run(|world| world.hosts[0].room = 1);
        let under_way = 8 * 1000;
        let crashes = world.hosts[0].crashes + world.hosts[1].crashes;
        for (left, count) in world.accounts[0].parts.values() {
            prop_assert!(*count <= left.byte_count() + crashes as u64 * under_way, "{count} of {}", left.byte_count());
        }
    }
}
