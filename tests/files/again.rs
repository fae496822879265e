//! Bytes that somebody put in the place of right ones are found when the file is opened, and asked for again by segment
//! (SPEC FILE-6, SEG-7).

use recordings::Faults;
use secretchat::frame::{Frame, encode};
use secretchat::media::{Padding, SegmentLayout};

use super::host::{TAG, at};
use super::world::World;

#[test]
fn a_segment_that_is_not_authentic_comes_again_alone() {
    let mut world = World::new(4, 10_000, Faults::default());
    let content: Vec<u8> = (0..150_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let file = world.plan(0, &content, false);
    let sealed = world.hosts[0].disk.outgoing[&file].clone();
    let total = sealed.len() as u64;
    // A stranger is first, in the second segment.
    let layout = SegmentLayout::new(content.len() as u64, Padding::Padme).unwrap();
    let second = layout.bytes_of(1..2).unwrap();
    let part = Frame::FilePart { file_id: file, offset: second.start + 5, total, bytes: &[0xee; 30] };
    world.live(1, Some(&encode(TAG, &part).unwrap()));
    while !world.hosts[1].disk.taken.contains_key(&file) {
        world.step();
    }
    let wrong = world.hosts[1].disk.taken[&file].clone();
    assert_ne!(wrong, sealed, "what came first stays");
    let before = world.accounts[0].parts[&file].1;

    // The host has opened it, and asks for that segment.
    let now = world.now;
    world.hosts[1].receiver().again(file, total, second.clone(), at(now));
    world.live(1, None);
    let mut mended = wrong;
    while let Some(request) = world.network.take(1) {
        world.live(0, Some(&request));
    }
    assert_eq!(world.accounts[0].parts[&file].1 - before, second.end - second.start, "nothing else comes again");
    world.now += 1;
    while let Some(parcel) = world.network.arrive(world.now) {
        if let (_, Frame::FilePart { offset, bytes, .. }) = secretchat::frame::decode_one(&parcel.load).unwrap() {
            mended[usize::try_from(offset).unwrap()..][..bytes.len()].copy_from_slice(bytes);
        }
        world.live(1, Some(&parcel.load));
    }
    assert_eq!(mended, sealed);
    // The file stays the host's, however long nothing else comes.
    let patience = world.hosts[1].bounds.patience;
    assert!(world.hosts[1].receiver().next(at(world.now).saturating_add(2 * patience)).is_none());
}
