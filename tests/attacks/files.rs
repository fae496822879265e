//! Files beside their messages (SPEC MED-1, SEG-1, SEG-4): what is authentic about one, and what a changed one shows.

use secretchat::media::{self, FileForm, MediaKey};
use secretchat::{Draft, Event, Media, Photo, Thumbnail};

use crate::honest::Two;
use crate::support::agreement;
use crate::support::pair::env_at;
use crate::support::profile::{Profile, every_profile};
use crate::support::rng::Seeded;
use crate::support::twin;

const KEY: [u8; 32] = [0xa7; 32];
const PREVIEW: [u8; 64] = [0xb3; 64];

fn content(byte: u8) -> Vec<u8> {
    vec![byte; 1_000]
}

/// Bob gets a photo of Alice's with its preview; returns it and the file as Alice stored it.
fn photo_arrives(two: &mut Two) -> (Photo, Vec<u8>) {
    let form = two.alice.chat.file_form();
    let (key, stored) = media::seal(form, &content(0x11), &mut Seeded::new(55)).unwrap();
    let photo = Photo::new(90, 90, 1_000, key).with_thumbnail(Thumbnail::new(PREVIEW.to_vec(), 90, 90));
    two.alice.chat.send(&Draft::media(Media::Photo(photo), "a caption"), &mut env_at(0, &mut two.rng)).unwrap();
    two.carry();
    let Some(Event::Message(message)) = two.bob.told.pop() else { panic!("a message") };
    assert_eq!(message.content.text, "a caption");
    let Some(Media::Photo(photo)) = message.content.media else { panic!("a photo") };
    (photo, stored)
}

/// A preview and a caption are inside of the message; the file is not. In Telegram's form another file of the same length
/// passes behind a good preview, and the type of its key says that it may; in segments nothing of it opens.
#[test]
fn at_55_a_good_preview_says_nothing_about_a_file_that_is_not_authentic() {
    for profile in every_profile() {
        let (photo, stored) = photo_arrives(&mut Two::ready_in(profile));
        assert_eq!(photo.thumbnail.as_ref().unwrap().jpeg, PREVIEW);
        let key = photo.key.unwrap();
        assert_eq!(media::open(&key, photo.size, &stored).unwrap(), content(0x11));
        let mut other = stored.clone();
        other[500] ^= 1;
        let opened = media::open(&key, photo.size, &other);
        match profile {
            Profile::Bound(_) => {
                assert_eq!((key.form(), opened.is_err()), (FileForm::Segments, true));
            }
            // A documented weakness.
            #[cfg(feature = "telegram")]
            Profile::Telegram => {
                assert_eq!(key.form(), FileForm::Chain);
                let opened = opened.unwrap();
                assert!(opened.len() == 1_000 && opened != content(0x11));
            }
        }
    }
}

/// The failure of a changed file depends on where it was changed and not on what is in it, and no chat says anything.
#[test]
fn at_68_a_changed_file_fails_alike_whatever_is_in_it_and_nothing_is_said() {
    for &agreement in agreement::EVERY {
        twin::unchanged(|twin| {
            let mut two = Two::ready_in(Profile::Bound(agreement));
            let (photo, stored) = photo_arrives(&mut two);
            let key = photo.key.unwrap();
            let (other_key, other) = media::seal(key.form(), &content(0xee), &mut Seeded::new(56)).unwrap();
            let fails = |key: &MediaKey, stored: &[u8], bit: usize| {
                let mut changed = stored.to_vec();
                changed[bit / 8] ^= 1 << (bit % 8);
                media::open(key, 1_000, &changed).unwrap_err()
            };
            twin.idle(&mut two.bob.chat, |_, _| {
                for bit in 0..stored.len() * 8 {
                    assert_eq!(fails(&key, &stored, bit), fails(&other_key, &other, bit), "bit {bit}");
                }
            });
            twin.compare(&mut two.bob.chat);
        });
    }
}

/// A key of one form is never taken for one of the other: none is written into a message of the other profile, and a file
/// does not open as one of the other form.
#[test]
fn at_69_keys_of_the_two_forms_are_two_types() {
    for profile in every_profile() {
        twin::unchanged(|twin| {
            let mut two = Two::ready_in(profile);
            let other = other_form(two.alice.chat.file_form());
            twin.bad(&mut two.alice.chat, |alice, env| {
                let photo = Photo::new(0, 0, 1_000, MediaKey::from_parts(other, KEY, KEY));
                let refused = alice.send(&Draft::media(Media::Photo(photo), ""), env);
                assert_eq!(refused, Err(secretchat::ApiMisuse::NotInProfile.into()));
            });
            twin.compare(&mut two.alice.chat);
        });
    }
    for form in [FileForm::Chain, FileForm::Segments] {
        let (key, stored) = media::seal(form, &content(1), &mut Seeded::new(69)).unwrap();
        let (first, second) = key.parts();
        assert!(media::open(&MediaKey::from_parts(other_form(form), *first, *second), 1_000, &stored).is_err());
    }
}

fn other_form(form: FileForm) -> FileForm {
    if form == FileForm::Chain { FileForm::Segments } else { FileForm::Chain }
}
