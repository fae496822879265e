//! Whatever happens in whatever order, the chats do what the tables of SPEC TIME-1 and DES-1 to DES-8 say.

use proptest::prelude::*;

use crate::support::host::Fuse;
use crate::support::model::{Kind, VIEW_ONCE};
use crate::world::{Step, World};

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        3 => Just(Kind::Text),
        1 => Just(Kind::File),
        2 => Just(Kind::Hidden),
        2 => Just(Kind::Hideable(0)),
        2 => prop_oneof![Just(4), Just(20), Just(100), Just(400), Just(u32::MAX)].prop_map(|seconds| {
            // The wire has 31 bits for it.
            Kind::Hideable(seconds.min(i32::MAX.unsigned_abs()))
        }),
    ]
}

fn ttl() -> impl Strategy<Value = i32> {
    prop_oneof![Just(0), Just(1), Just(5), Just(30), Just(60), Just(61), Just(3_600), Just(31_536_000), Just(VIEW_ONCE)]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let end = || 0..2_usize;
    let which = || 0..8_usize;
    prop_oneof![
        6 => (end(), kind(), prop::option::weighted(0.7, ttl())).prop_map(|(end, kind, ttl)| Step::Send(end, kind, ttl)),
        1 => (end(), ttl()).prop_map(|(end, ttl)| Step::SetTtl(end, ttl)),
        12 => end().prop_map(Step::Deliver),
        1 => end().prop_map(Step::Lose),
        1 => end().prop_map(Step::Retransmit),
        5 => (end(), which()).prop_map(|(end, which)| Step::Read(end, which)),
        7 => (end(), which()).prop_map(|(end, which)| Step::Open(end, which)),
        3 => (end(), which()).prop_map(|(end, which)| Step::Close(end, which)),
        1 => (end(), which()).prop_map(|(end, which)| Step::Delete(end, which)),
        5 => end().prop_map(Step::Timeout),
        3 => end().prop_map(Step::Restart),
        4 => (0..40_000_i64).prop_map(Step::Clock),
        4 => (end(), 0..2_u64).prop_map(|(end, before)| Step::ClockToDeadline(end, before)),
        1 => (0..400_000_000_i64).prop_map(Step::Clock),
        2 => (-90_000..0_i64).prop_map(Step::Clock),
        1 => Just(Step::Clock(-1_000_000_000)),
    ]
}

/// More of them where there is time.
pub(crate) fn cases(few: u32) -> u32 {
    if std::env::var_os("SECRETCHAT_SLOW").is_some() { few * 20 } else { few }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1_500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_timer_does_what_the_tables_say(steps in prop::collection::vec(step(), 1..80)) {
        let mut world = World::ready();
        world.run(&steps);
        world.finish();
    }

    #[test]
    fn a_crash_anywhere_in_between_changes_nothing(
        steps in prop::collection::vec(step(), 1..60),
        at in 0..150_usize,
        done in any::<bool>(),
    ) {
        let mut world = World::ready();
        world.fuse = Some(Fuse { at, done });
        world.run(&steps);
        world.fuse = None;
        world.finish();
    }
}
