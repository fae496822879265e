//! What is over takes no memory, and what was lent leaves nothing in it (SPEC CLOSE-1, DES-10).

use secretchat::media::{MediaKey, SegmentKey};
use secretchat::{Draft, Event, Handled, History, Media, Output, Photo, RandomId, Thumbnail, Ttl};

use crate::allocator::{in_freed_blocks, in_use};
use crate::support::forger::{self, Around, Forger};
use crate::support::pair::{self, Pair, ciphertext, env, outputs};

const PREVIEW: [u8; 64] = [0xb3; 64];

fn text(length: usize) -> Vec<u8> {
    forger::text(7, &"x".repeat(length))
}

/// What came before the key, which never came.
#[cfg(feature = "telegram")]
fn early_messages_are_gone_with_the_chat() {
    let rng = &mut crate::support::rng::Seeded::new(44);
    let config =
        secretchat::Config::telegram(secretchat::DhGroup::published(3).unwrap(), secretchat::PeerPolicy::Default);
    let mut chat = secretchat::Chat::request(config, &mut env(rng)).unwrap();
    outputs(&mut chat);
    let resting = in_use();
    for n in 0..100 {
        let early = vec![n; 10_008];
        assert_eq!(chat.handle(ciphertext(&early), &mut env(rng)), Ok(Handled::Waiting));
        outputs(&mut chat);
    }
    let full = in_use() - resting;
    assert!(full > 1_000_000, "{full}");
    chat.close(History::Keep, &mut env(rng));
    outputs(&mut chat);
    let left = in_use() - resting;
    assert!(left < 20_000, "{left} of {full} bytes are left of what came before the key");
}

#[test]
fn fa_44_what_is_over_takes_no_memory_and_a_dropped_preview_is_wiped() {
    // A chat with a full outbox and a full queue of messages that wait, which ends.
    let (mut forger, mut bob) = Forger::meet();
    let first = forger.say(forger.around(), &text(1));
    bob.handle(ciphertext(&first), &mut env(&mut forger.rng)).unwrap();
    outputs(&mut bob);
    let resting = in_use();
    let long = "x".repeat(10_000);
    for slot in 2..102 {
        bob.send(&Draft::text(&long), &mut env(&mut forger.rng)).unwrap();
        let sealed = forger.say(Around { out_seq_no: 2 * slot + 1, ..forger.around() }, &text(10_000));
        assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Waiting));
        outputs(&mut bob);
    }
    let full = in_use() - resting;
    assert!(full > 2 * 100 * 10_000, "{full}");
    bob.close(History::Keep, &mut env(&mut forger.rng));
    outputs(&mut bob);
    let left = in_use() - resting;
    assert!(left < 20_000, "{left} of {full} bytes are left of a chat that is over");

    #[cfg(feature = "telegram")]
    early_messages_are_gone_with_the_chat();

    // A lease with a hidden preview.
    let mut pair = Pair::ready();
    let photo = Photo::new(90, 90, 1_000, MediaKey::Segments(SegmentKey::from_parts([7; 32], [7; 32])))
        .with_thumbnail(Thumbnail::new(PREVIEW.to_vec(), 90, 90));
    let ttl = Some(Ttl::from_seconds(5).unwrap());
    let draft = Draft::media(Media::Photo(photo), "").with_random_id(RandomId(44)).with_ttl(ttl);
    pair.alice.send(&draft, &mut env(&mut pair.rng)).unwrap();
    let sealed = pair::sealed(&mut pair.alice);
    pair.bob_gets(&sealed).unwrap();
    pair.bob.open_view(RandomId(44), &mut env(&mut pair.rng)).unwrap();
    let lease = outputs(&mut pair.bob).into_iter().find_map(|output| match output {
        Output::Event(Event::Opened { lease, .. }) => lease,
        _ => None,
    });
    assert_eq!(lease.as_ref().unwrap().thumbnail().unwrap().jpeg, PREVIEW);
    assert_eq!(in_freed_blocks(&[&PREVIEW], || PREVIEW.to_vec()).found, 1, "the detector finds what is not wiped");
    assert_eq!(in_freed_blocks(&[&PREVIEW], || lease).found, 0, "a lease that is dropped");
}
