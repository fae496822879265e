//! Files that lie: any damage is an error, or a picture without what had to go.

use exif::Context;
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{CHUNK_EXIF, WebP};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use secretchat_media::{Error, Format, Part, Parts, clean, inspect};

const PICTURES: [&[u8]; 5] = [
    include_bytes!("fixtures/photo.jpg"),
    include_bytes!("fixtures/photo.png"),
    include_bytes!("fixtures/photo.webp"),
    include_bytes!("fixtures/moving.png"),
    include_bytes!("fixtures/moving.webp"),
];
const JPEG: &[u8] = PICTURES[0];

/// The begin of the EXIF block of a picture, which a segment, or chunk, holds.
fn exif_of_jpeg() -> (usize, usize) {
    let at = JPEG.windows(6).position(|window| window == b"Exif\0\0").unwrap();
    (at + 6, at - 2 + usize::from(u16::from_be_bytes([JPEG[at - 2], JPEG[at - 1]])))
}

/// A JPEG with this block, and no other metadata.
fn jpeg_with(exif: &[u8]) -> Vec<u8> {
    let plain = clean(JPEG, Parts::ALL).unwrap().bytes;
    let jfif_end = 20;
    let orientation_len = 2 + 2 + 6 + 26;
    let len = u16::try_from(2 + 6 + exif.len()).unwrap().to_be_bytes();
    [&plain[..jfif_end], b"\xff\xe1", &len, b"Exif\0\0", exif, &plain[jfif_end + orientation_len..]].concat()
}

fn assert_sound(bytes: &[u8], strip: Parts) {
    let Ok(cleaned) = clean(bytes, strip) else { return };
    let report = inspect(&cleaned.bytes).unwrap();
    assert_eq!(report, cleaned.report);
    assert!(strip.iter().all(|part| !report.parts.contains(part)), "{strip:?} of {:?}", report.parts);
    let again = clean(&cleaned.bytes, strip).unwrap();
    assert!(again.removed.is_empty() && again.bytes == cleaned.bytes);
    // A block of EXIF may grow to where its values are aligned.
    assert!(cleaned.bytes.len() <= bytes.len() + bytes.len() / 4 + 64);
    let before = inspect(bytes).unwrap();
    assert_eq!((report.format, report.width, report.height), (before.format, before.width, before.height));
    assert_eq!((report.orientation, report.animated), (before.orientation, before.animated));
}

fn parts() -> impl Strategy<Value = Parts> {
    prop_oneof![1 => Just(Parts::ALL), 3 => vec(select(&Part::ALL[..]), 0..4).prop_map(Parts::from_iter)]
}

/// Bytes to write over others, at places.
fn damage(most: usize) -> impl Strategy<Value = Vec<(Index, u8)>> {
    vec((any::<Index>(), prop_oneof![any::<u8>(), select(vec![0, 1, 0x7f, 0x80, 0xff])]), 1..most)
}

/// The first block says how to turn a picture. Where it goes, the second one must not take its place.
#[test]
fn no_block_takes_the_place_of_the_first() {
    let unreadable = b"MM\0\x2a\0\0\xff\xff";
    let alone = {
        let (begin, end) = exif_of_jpeg();
        let block = clean(&jpeg_with(&JPEG[begin..end]), Parts::from(Part::Exif)).unwrap().bytes;
        let at = block.windows(6).position(|window| window == b"Exif\0\0").unwrap() + 6;
        block[at..at + 26].to_vec()
    };
    let mut jpeg = JPEG.to_vec();
    jpeg.splice(2..2, [&b"\xff\xe1\0\x10Exif\0\0"[..], unreadable].concat());

    let mut png = Png::from_bytes(PICTURES[1].to_vec().into()).unwrap();
    png.chunks_mut().insert(1, PngChunk::new(*b"eXIf", unreadable.to_vec().into()));

    let mut webp = WebP::from_bytes(PICTURES[2].to_vec().into()).unwrap();
    let at = webp.chunks().iter().position(|chunk| chunk.id() == CHUNK_EXIF).unwrap();
    webp.chunks_mut().insert(at, RiffChunk::new(CHUNK_EXIF, RiffContent::Data(unreadable.to_vec().into())));

    // Nothing but how to turn it is left of the second one.
    let short = jpeg_with(&alone);
    let short = [&short[..2], b"\xff\xe1\0\x10Exif\0\0", unreadable, &short[2..]].concat();

    let files = [jpeg, png.encoder().bytes().to_vec(), webp.encoder().bytes().to_vec(), short];
    for (file, number) in files.iter().zip(0..) {
        assert_eq!(inspect(file).unwrap().orientation, 1, "{number}");
        for strip in [Part::Location, Part::Preview, Part::Exif, Part::Other] {
            assert_sound(file, strip.into());
        }
        assert_sound(file, Parts::ALL);
    }
}

proptest! {
    #[test]
    fn any_damage_is_survived(
        picture in select(&PICTURES[..]), damage in damage(8), strip in parts(), cut in any::<Index>(), tail in vec(any::<u8>(), 0..9),
    ) {
        let mut bytes = picture.to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        assert_sound(&bytes, strip);
        bytes.truncate(cut.index(bytes.len()));
        bytes.extend(tail);
        assert_sound(&bytes, strip);
    }

    #[test]
    fn any_damage_to_exif_is_survived(damage in damage(12), strip in parts()) {
        let (begin, end) = exif_of_jpeg();
        let mut exif = JPEG[begin..end].to_vec();
        // The directories are at the begin.
        for (at, byte) in damage {
            let at = at.index(exif.len().min(400));
            exif[at] = byte;
        }
        assert_sound(&jpeg_with(&exif), strip);
    }

    #[test]
    fn any_exif_is_survived(little in any::<bool>(), exif in vec(prop_oneof![Just(0), 0_u8..16, any::<u8>()], 0..200), strip in parts()) {
        let header: &[u8] = if little { b"II\x2a\0\x08\0\0\0" } else { b"MM\0\x2a\0\0\0\x08" };
        assert_sound(&jpeg_with(&[header, &exif].concat()), strip);
    }

    #[test]
    fn no_place_is_found_by_another_reader(damage in damage(12)) {
        let (begin, end) = exif_of_jpeg();
        let mut exif = JPEG[begin..end].to_vec();
        for (at, byte) in damage {
            let at = at.index(exif.len().min(400));
            exif[at] = byte;
        }
        let cleaned = clean(&jpeg_with(&exif), Part::Location.into()).unwrap().bytes;
        let mut reader = exif::Reader::new();
        reader.continue_on_error(true);
        let read = reader.read_from_container(&mut std::io::Cursor::new(cleaned));
        if let Ok(exif) = read.or_else(|error| error.distill_partial_result(|_| ())) {
            prop_assert!(exif.fields().all(|field| field.tag.context() != Context::Gps));
        }
    }
}

#[test]
fn a_picture_that_is_cut_off_is_an_error() {
    // Where each ends; what is behind is no part of it.
    let jpeg_end = JPEG.windows(8).position(|window| window == b"SECRET-T").unwrap();
    let png = PICTURES[3];
    for (picture, end) in [(JPEG, jpeg_end), (png, png.len()), (PICTURES[4], PICTURES[4].len())] {
        assert!(inspect(&picture[..end]).is_ok());
        for len in 12..end {
            assert_eq!(inspect(&picture[..len]), Err(Error::CutOff), "{len} bytes");
        }
        for len in 0..12 {
            assert!(inspect(&picture[..len]).is_err());
        }
    }
}

#[test]
fn what_is_no_picture_is_an_error() {
    for bytes in [&b""[..], b"no photo", b"GIF89a\x01\0\x01\0\0\0\0;", b"\0\0\0\x1cftypheic", b"MM\0\x2a\0\0\0\x08"] {
        assert_eq!((inspect(bytes), Format::guess(bytes)), (Err(Error::UnknownFormat), None));
    }
    // No frame, no scan, a height of 0, a segment shorter than its length, a marker without a meaning.
    for bytes in [
        &b"\xff\xd8\xff\xd9"[..],
        b"\xff\xd8\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xd9",
        b"\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\x01\x01\x01\x11\0\xff\xda\0\x02\0\xff\xd9",
        b"\xff\xd8\xff\xe1\0\x01\xff\xd9",
        b"\xff\xd8\xff\x03\0\x02\xff\xd9",
        b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82",
        b"RIFF\x04\0\0\0WEBP",
    ] {
        assert_eq!(inspect(bytes), Err(Error::Damaged), "{bytes:?}");
    }
    let mut too_long = JPEG.to_vec();
    too_long.resize(secretchat_media::MAX_LEN + 1, 0);
    assert_eq!(inspect(&too_long), Err(Error::TooLong));
}

/// A block of a directory, whose entries are the same `count` times.
fn block(count: u16, entry: &[u8; 12]) -> Vec<u8> {
    let entries = entry.repeat(count.into());
    [b"MM\0\x2a\0\0\0\x08", &count.to_be_bytes()[..], &entries, &[0; 4]].concat()
}

#[test]
fn claims_of_exif_do_not_multiply() {
    // Directories in directories, which are themselves; values that are all the block, each.
    for entry in [
        b"\x87\x69\0\x04\0\0\0\x01\0\0\0\x08",
        b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x08",
        b"\x01\x0f\0\x02\0\0\xfa\0\0\0\0\x08",
    ] {
        let bytes = jpeg_with(&block(5_400, entry));
        let cleaned = clean(&bytes, Part::Location.into()).unwrap();
        // It makes no sense, so all of it goes.
        assert!(cleaned.removed.contains(Part::Exif) && !cleaned.report.parts.contains(Part::Exif));
        assert!(cleaned.bytes.len() < bytes.len() - 60_000);
    }
}

#[test]
fn bytes_that_nothing_points_to_go_with_what_goes() {
    // An editor has taken the pointer to the place, and left the place.
    let unlinked = [&block(1, b"\x02\xbc\0\x01\0\0\0\x01\x3c\0\0\0")[..], b"SECRET-PLACE"].concat();
    let cleaned = clean(&jpeg_with(&unlinked), Part::Location.into()).unwrap();
    assert!(!cleaned.bytes.windows(6).any(|window| window == b"SECRET"));
}

#[test]
fn exif_is_gone_once_only_the_orientation_is_left_of_it() {
    let mut exif = block(2, b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
    let maker_note = b"\x92\x7c\0\x07\0\0\0\x04NOTE";
    exif[22..34].copy_from_slice(maker_note);
    let bytes = jpeg_with(&exif);
    let both = Parts::from_iter([Part::Exif, Part::Other]);
    assert_eq!(inspect(&bytes).unwrap().parts, both);
    let cleaned = clean(&bytes, Part::Other.into()).unwrap();
    assert_eq!((cleaned.removed, cleaned.report.parts, cleaned.report.orientation), (both, Parts::NONE, 6));
    assert_sound(&bytes, Part::Other.into());
}

#[test]
fn a_preview_with_a_place_of_its_own_goes_with_the_place() {
    let preview = b"\xff\xd8\xff\xe1\0\x0eExif\0\0SECRET\xff\xd9";
    let len = u32::try_from(preview.len()).unwrap().to_be_bytes();
    let mut exif = block(1, b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
    exif.truncate(exif.len() - 4);
    exif.extend(26_u32.to_be_bytes());
    exif.extend(b"\0\x02\x02\x01\0\x04\0\0\0\x01\0\0\0\x38\x02\x02\0\x04\0\0\0\x01");
    exif.extend(len);
    exif.extend([0; 4]);
    assert_eq!(exif.len(), 0x38);
    exif.extend(preview);
    let bytes = jpeg_with(&exif);
    assert!(inspect(&bytes).unwrap().parts.contains(Part::Preview));
    let cleaned = clean(&bytes, Part::Location.into()).unwrap();
    assert!(!cleaned.bytes.windows(6).any(|window| window == b"SECRET"));
    assert_eq!((cleaned.removed.contains(Part::Preview), cleaned.report.orientation), (true, 6));
}
