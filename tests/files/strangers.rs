//! What somebody on the way makes up (SPEC FILE-4, FILE-5): it costs time, and changes nothing.

use proptest::prelude::*;
use recordings::Faults;
use secretchat::TransmitId;
use secretchat::frame::{FileId, Frame, RangeList, encode};

use super::host::TAG;
use super::world::World;
use crate::support::rng::Seeded;

/// A frame about a file that is under way, or about none. Bytes in the place of right ones are for `again.rs`.
fn made_up(dice: &mut Seeded, known: FileId, len: u64) -> Vec<u8> {
    let file_id = if dice.percent(50) { known } else { FileId::random(dice) };
    let all = [0_u64.to_le_bytes(), u64::MAX.to_le_bytes()].concat();
    let missing = if dice.percent(50) { &all[..] } else { &[] };
    let other_len = len + 1 + dice.below(100_000);
    let frame = match dice.below(7) {
        // The file has another length, or is another file.
        0 => Frame::FilePart { file_id, offset: dice.below(other_len - 8), total: other_len, bytes: &[0xee; 8] },
        1 => Frame::FilePart { file_id, offset: 0, total: other_len, bytes: &[] },
        2 => Frame::FilePart { file_id: FileId::random(dice), offset: 0, total: 40, bytes: &[0xee; 40] },
        3 => Frame::FilePart { file_id, offset: 0, total: 1 << 50, bytes: &[0xee; 8] },
        4 => Frame::FileRequest { file_id, missing: RangeList::try_from(missing).unwrap() },
        5 => Frame::FileCancel { file_id },
        _ => Frame::Ciphertext { transmit_id: TransmitId(16 + dice.below(4)), file: Some(file_id), bytes: &[0xee; 72] },
    };
    encode(TAG, &frame).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_strangers_make_up_changes_nothing(seed in any::<u32>(), lens in prop::collection::vec(1..9000_usize, 1..4)) {
        let mut world = World::new(seed.into(), 1000, Faults { delay: 300, ..Faults::default() });
        for host in &mut world.hosts {
            (host.bounds.files, host.bounds.bytes, host.bounds.messages) = (6, 60_000, 4);
            host.restart(0);
        }
        world.is_honest = false;
        let files: Vec<_> = lens.iter().map(|len| world.plan(0, &vec![0x5a; *len], false)).collect();
        let mut dice = Seeded::new(u64::from(seed) + 7);
        let mut frames = 200;
        world.run(|world| {
            for _ in 0..dice.below(6).min(frames) {
                frames -= 1;
                let which = usize::try_from(dice.below(files.len() as u64)).unwrap();
                let frame = made_up(&mut dice, files[which], world.len_of(files[which]));
                world.live(usize::from(dice.percent(70)), Some(&frame));
            }
        });
    }
}
