//! Copies of what was written: what is left of it after it was delivered, ended or deleted (SPEC DES-10, DES-11, REC-4).

use secretchat::media::{MediaKey, SegmentKey};
use secretchat::{Draft, Event, Media, Photo, RandomId, Thumbnail, Ttl};

use crate::honest::{ALICES_STORE_KEY, Two};
use crate::support::pair::{BOBS_STORE_KEY, env_at, outputs};

const TEXT: &str = "nothing of this is to be left anywhere";
const KEY: [u8; 32] = [0xa7; 32];
const PREVIEW: [u8; 64] = [0xb3; 64];

fn holds(plain: &[Vec<u8>], what: &[u8]) -> bool {
    plain.iter().any(|record| record.windows(what.len()).any(|window| window == what))
}

fn photo(ttl: u32) -> Draft {
    let photo = Photo::new(90, 90, 1_000, MediaKey::Segments(SegmentKey::from_parts(KEY, KEY)))
        .with_thumbnail(Thumbnail::new(PREVIEW.to_vec(), 90, 90));
    Draft::media(Media::Photo(photo), TEXT).with_random_id(RandomId(56)).with_ttl(Ttl::from_seconds(ttl).unwrap())
}

/// A text is kept by its sender until the peer has it, and by nobody afterwards.
#[test]
fn at_56_a_delivered_text_is_in_no_record() {
    let mut two = Two::ready();
    two.alice.chat.send(&Draft::text(TEXT), &mut env_at(0, &mut two.rng)).unwrap();
    two.alice.drain();
    two.carry();
    assert_eq!(two.bob.texts(), [TEXT]);
    assert!(!holds(&two.bob.plain(BOBS_STORE_KEY), TEXT.as_bytes()));
    two.bob_says("I have it");
    assert!(!holds(&two.alice.plain(ALICES_STORE_KEY), TEXT.as_bytes()));
    assert!(!two.alice.records().rows.iter().any(|(name, _)| name.to_string().starts_with("outgoing")));
}

/// A photo with a timer that was opened and has ended: told once at each end, and in no record, nor is its key or preview.
#[test]
fn at_56_a_photo_that_has_ended_is_in_no_record_and_is_told_once() {
    let mut two = Two::ready();
    two.alice.chat.send(&photo(5), &mut env_at(0, &mut two.rng)).unwrap();
    two.carry();
    let plain = two.bob.plain(BOBS_STORE_KEY);
    assert!(holds(&plain, &KEY) && holds(&plain, &PREVIEW), "both wait for the user");
    assert!(!holds(&plain, TEXT.as_bytes()), "the caption was handed out");
    two.bob.chat.open_view(RandomId(56), &mut env_at(0, &mut two.rng)).unwrap();
    two.carry();
    two.now = 6_000;
    for end in [&mut two.alice, &mut two.bob] {
        end.chat.handle_timeout(&mut env_at(6_000, &mut two.rng));
    }
    two.carry();
    for (end, key) in [(&two.alice, ALICES_STORE_KEY), (&two.bob, BOBS_STORE_KEY)] {
        let told = end.told.iter().filter(|event| matches!(event, Event::Expired { random_id: RandomId(56), .. }));
        assert_eq!(told.count(), 1);
        let plain = end.plain(key);
        assert!(!holds(&plain, &KEY) && !holds(&plain, &PREVIEW) && !holds(&plain, TEXT.as_bytes()));
        assert_eq!(end.chat.deadline(RandomId(56)), None);
    }
}

/// A photo that the peer deletes for both ends, opened or not, is gone with its key; the host is told the id.
#[test]
fn at_56_a_photo_that_the_peer_deletes_is_in_no_record() {
    for opened in [false, true] {
        let mut two = Two::ready();
        two.alice.chat.send(&photo(5), &mut env_at(0, &mut two.rng)).unwrap();
        two.carry();
        if opened {
            two.bob.chat.open_view(RandomId(56), &mut env_at(0, &mut two.rng)).unwrap();
            two.carry();
        }
        two.alice.chat.delete(&[RandomId(56)], &mut env_at(0, &mut two.rng)).unwrap();
        two.carry();
        let named =
            |event: &&Event| matches!(event, Event::Deleted { random_ids, .. } if random_ids == &[RandomId(56)]);
        assert_eq!(two.bob.told.iter().filter(named).count(), 1);
        let plain = two.bob.plain(BOBS_STORE_KEY);
        assert!(!holds(&plain, &KEY) && !holds(&plain, &PREVIEW), "opened: {opened}");
        assert!(two.bob.chat.open_view(RandomId(56), &mut env_at(0, &mut two.rng)).is_err());
    }
}

/// One's own photo that was deleted before it left: what is sent in its place, and what is kept, has nothing of it.
#[test]
fn at_56_a_photo_that_was_deleted_before_it_left_is_in_no_record() {
    let mut two = Two::ready();
    two.alice.chat.send(&photo(5), &mut env_at(0, &mut two.rng)).unwrap();
    two.alice.drain();
    two.alice.outgoing.clear();
    two.alice.chat.delete(&[RandomId(56)], &mut env_at(0, &mut two.rng)).unwrap();
    two.alice.drain();
    let plain = two.alice.plain(ALICES_STORE_KEY);
    assert!(!holds(&plain, &KEY) && !holds(&plain, &PREVIEW) && !holds(&plain, TEXT.as_bytes()));
    two.alice.chat.retransmit(&mut env_at(0, &mut two.rng));
    two.carry();
    assert!(two.bob.texts().is_empty());
    assert!(outputs(&mut two.bob.chat).is_empty());
}
