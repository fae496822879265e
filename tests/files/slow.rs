//! A link that is slower than the driver's patience: a file and its message are carried once (SPEC FILE-2, DRV-7).

use std::collections::VecDeque;

use recordings::Faults;

use super::world::World;

/// Bytes in a second, as a bad mobile network has them.
const RATE: u64 = 30_000;

/// What the operating system takes before it makes a program wait.
const BUFFER: usize = 1 << 16;

/// Bytes in the order in which they were sent.
#[derive(Default)]
struct Link {
    under_way: VecDeque<(u64, Vec<u8>)>,
    free_at: u64,
}

impl Link {
    fn put(&mut self, frame: Vec<u8>, now: u64) {
        self.free_at = self.free_at.max(now) + frame.len() as u64 * 1000 / RATE;
        self.under_way.push_back((self.free_at, frame));
    }

    fn held(&self) -> usize {
        self.under_way.iter().map(|(_, frame)| frame.len()).sum()
    }

    fn arrived(&mut self, now: u64) -> Option<Vec<u8>> {
        let is_there = self.under_way.front().is_some_and(|(at, _)| *at <= now);
        is_there.then(|| self.under_way.pop_front())?.map(|(_, frame)| frame)
    }
}

#[test]
fn a_photo_over_a_slow_link_is_carried_once() {
    for upload_first in [false, true] {
        let mut world = World::new(9, 1 << 14, Faults::default());
        let photo: Vec<u8> = (0..240_512_u32).map(|n| n.to_le_bytes()[0]).collect();
        let file = world.plan(0, &photo, upload_first);
        let mut links = [Link::default(), Link::default()];
        while !world.is_done() {
            for end in [0, 1] {
                while let Some(frame) = links[1 - end].arrived(world.now) {
                    world.live(end, Some(&frame));
                }
                world.hosts[end].room = BUFFER.saturating_sub(links[end].held());
                world.live(end, None);
                while let Some(frame) = world.network.take(end) {
                    links[end].put(frame, world.now);
                }
            }
            world.now += 10;
            assert!(world.now < 60_000, "it takes {} s", world.now / 1000);
        }
        world.check();
        let (left, count) = &world.accounts[0].parts[&file];
        assert!(world.now > 8_000, "longer than the driver's first pause: {} ms", world.now);
        assert_eq!(left.byte_count(), *count, "each byte once");
        assert_eq!(world.accounts[0].messages[&file], 1, "the message once");
    }
}
