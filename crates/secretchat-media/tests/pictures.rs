//! What goes from pictures and what stays, as other libraries see it. See `fixtures/make.py` for what is in them.

use std::fs;
use std::io::Cursor;

use exif::{Context, In, Tag};
use image::{AnimationDecoder, DynamicImage, Frame, ImageDecoder, ImageReader};
use secretchat_media::{Cleaned, Error, Format, Part, Parts, clean, inspect};

const JPEG: &[u8] = include_bytes!("fixtures/photo.jpg");
const PNG: &[u8] = include_bytes!("fixtures/photo.png");
const WEBP: &[u8] = include_bytes!("fixtures/photo.webp");
const MOVING_PNG: &[u8] = include_bytes!("fixtures/moving.png");
const MOVING_WEBP: &[u8] = include_bytes!("fixtures/moving.webp");

/// The words in capital letters of `fixtures/make.py`, with the part that each is in.
const WORDS: [(&str, Part); 18] = [
    ("MAKE", Part::Exif),
    ("LENS", Part::Exif),
    ("NOTE", Part::Other),
    ("PLACE", Part::Location),
    ("PREVIEW", Part::Preview),
    ("JFXX", Part::Preview),
    ("XMP", Part::Xmp),
    ("MORE", Part::Xmp),
    ("IPTC", Part::Iptc),
    ("RAW", Part::Iptc),
    ("COMMENT", Part::Text),
    ("BETWEEN", Part::Text),
    ("TEXT", Part::Text),
    ("ITXT", Part::Text),
    ("MAKER", Part::Other),
    ("OTHER", Part::Other),
    ("TRAILING", Part::Trailing),
    ("FURTHER", Part::Trailing),
];
/// What stands in EXIF, whatever else it is.
const IN_EXIF: [&str; 5] = ["MAKE", "LENS", "NOTE", "PLACE", "PREVIEW"];
const MAY_HOLD_PLACES: [Part; 4] = [Part::Xmp, Part::Iptc, Part::Trailing, Part::Other];

fn words(bytes: &[u8]) -> Vec<&'static str> {
    let has = |word: &str| {
        let word = format!("SECRET-{word}");
        let follows = |at: usize| bytes.get(at + word.len()).is_some_and(u8::is_ascii_uppercase);
        (0..bytes.len()).any(|at| bytes[at..].starts_with(word.as_bytes()) && !follows(at))
    };
    WORDS.iter().map(|(word, _)| *word).filter(|word| has(word)).collect()
}

fn decoded(bytes: &[u8]) -> (DynamicImage, Option<Vec<u8>>, u8) {
    let mut decoder = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap().into_decoder().unwrap();
    let (profile, orientation) = (decoder.icc_profile().unwrap(), decoder.orientation().unwrap().to_exif());
    (DynamicImage::from_decoder(decoder).unwrap(), profile, orientation)
}

/// Fields and the directories that they are in.
fn tags(bytes: &[u8]) -> Vec<(Tag, In)> {
    let mut reader = exif::Reader::new();
    // Some writers end the inner directories without a zero.
    reader.continue_on_error(true);
    match reader.read_from_container(&mut Cursor::new(bytes)).or_else(|error| error.distill_partial_result(|_| ())) {
        Ok(exif) => exif.fields().map(|field| (field.tag, field.ifd_num)).collect(),
        Err(exif::Error::NotFound(_)) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn br_53_and_br_54_a_stripped_picture_shows_the_same_and_tells_nothing() {
    for photo in [JPEG, PNG, WEBP] {
        assert!(words(photo).len() >= 7, "the picture has something to tell");
        let Cleaned { bytes, removed, report, .. } = clean(photo, Parts::ALL).unwrap();
        assert_eq!(words(&bytes), [""; 0]);
        assert!(!bytes.windows(6).any(|window| window == b"SECRET"));
        let before = decoded(photo);
        assert_eq!(before.2, 6);
        assert!(before.1.is_some(), "it has a colour profile");
        assert_eq!(decoded(&bytes), before);
        assert_eq!(tags(&bytes), [(Tag::Orientation, In::PRIMARY)]);

        assert_eq!(removed, inspect(photo).unwrap().parts);
        assert_eq!((report, report.parts), (inspect(&bytes).unwrap(), Parts::NONE));
        assert_eq!(clean(&bytes, Parts::ALL).unwrap().bytes, bytes);
    }
}

#[test]
fn each_part_goes_alone() {
    for photo in [JPEG, PNG, WEBP] {
        let before = words(photo);
        for part in Part::ALL {
            let goes = |word: &&str| {
                let (_, of) = WORDS.iter().find(|(known, _)| known == word).unwrap();
                let hidden = matches!(part, Part::Location | Part::Preview) && MAY_HOLD_PLACES.contains(of);
                *of == part || hidden || part == Part::Exif && IN_EXIF.contains(word)
            };
            let cleaned = clean(photo, part.into()).unwrap();
            let stay: Vec<_> = before.iter().copied().filter(|word| !goes(word)).collect();
            assert_eq!(words(&cleaned.bytes), stay, "{part:?} of {:?}", cleaned.report.format);
            assert_eq!(cleaned.removed.contains(part), inspect(photo).unwrap().parts.contains(part), "{part:?}");
            assert_eq!(decoded(&cleaned.bytes), decoded(photo));
        }
    }
}

#[test]
fn br_54_without_the_place_the_rest_of_exif_stays() {
    for photo in [JPEG, PNG, WEBP] {
        let is_place = |(tag, _): &(Tag, In)| tag.context() == Context::Gps;
        let before = tags(photo);
        assert_eq!(before.iter().filter(|tag| is_place(tag)).count(), 3);
        let bytes = clean(photo, Part::Location.into()).unwrap().bytes;
        let stay: Vec<_> = before.into_iter().filter(|tag| !is_place(tag) && tag.0 != Tag::MakerNote).collect();
        assert_eq!(tags(&bytes), stay);
        assert!(stay.contains(&(Tag::InteroperabilityIndex, In::PRIMARY)));

        let exif = exif::Reader::new().read_from_container(&mut Cursor::new(&bytes)).unwrap();
        let value = |tag, of| exif.get_field(tag, of).unwrap().display_value().to_string();
        assert_eq!(value(Tag::Make, In::PRIMARY), "\"SECRET-MAKE\"");
        assert_eq!(value(Tag::LensModel, In::PRIMARY), "\"SECRET-LENS\"");
        assert_eq!(value(Tag::FNumber, In::PRIMARY), "2.8");
        let number = |tag| exif.get_field(tag, In::THUMBNAIL).unwrap().value.get_uint(0).unwrap() as usize;
        let (at, len) = (number(Tag::JPEGInterchangeFormat), number(Tag::JPEGInterchangeFormatLength));
        assert_eq!(decoded(&exif.buf()[at..at + len]).0.width(), 24);
        // 48° 51' 29.61"
        assert!(!bytes.windows(8).any(|window| window == [0, 0, 0x0b, 0x91, 0, 0, 0, 100]));
    }
}

#[test]
fn without_the_preview_there_is_one_picture() {
    for photo in [JPEG, PNG, WEBP] {
        let bytes = clean(photo, Part::Preview.into()).unwrap().bytes;
        let tags = tags(&bytes);
        assert!(tags.iter().all(|(_, of)| *of == In::PRIMARY));
        assert!(tags.contains(&(Tag::GPSLatitude, In::PRIMARY)));
    }
    let bytes = clean(JPEG, Part::Preview.into()).unwrap().bytes;
    assert_eq!(bytes[2..20], *b"\xff\xe0\0\x10JFIF\0\x01\x01\x01\0\x48\0\x48\0\0");
}

#[test]
fn a_picture_is_not_in_its_debug_form() {
    let told = format!("{:?}", clean(MOVING_PNG, Parts::NONE).unwrap());
    assert!(told.starts_with("Cleaned { bytes: 1611 bytes, removed: {}, report: Report { format: Png,"), "{told}");
}

#[test]
fn nothing_is_changed_where_nothing_goes() {
    for photo in [JPEG, PNG, WEBP, MOVING_PNG, MOVING_WEBP] {
        let cleaned = clean(photo, Parts::NONE).unwrap();
        assert!(cleaned.bytes == photo);
        assert_eq!((cleaned.removed, cleaned.report), (Parts::NONE, inspect(photo).unwrap()));
    }
}

#[test]
fn a_report_says_what_a_picture_is() {
    for (photo, format, size) in
        [(JPEG, Format::Jpeg, (96, 64)), (PNG, Format::Png, (48, 32)), (WEBP, Format::WebP, (48, 32))]
    {
        let report = inspect(photo).unwrap();
        assert_eq!((report.format, (report.width, report.height)), (format, size));
        assert_eq!((report.orientation, report.animated), (6, false));
        assert_eq!(report.shown(), (size.1, size.0));
        let iptc = format == Format::WebP;
        assert_eq!(report.parts, if iptc { Parts::ALL.without(Part::Iptc).without(Part::Text) } else { Parts::ALL });
    }
    for photo in [MOVING_PNG, MOVING_WEBP] {
        let report = inspect(photo).unwrap();
        assert_eq!((report.width, report.height, report.orientation, report.animated), (24, 16, 1, true));
        assert_eq!(report.parts, Parts::NONE);
    }
}

#[test]
fn an_animation_keeps_moving() {
    fn frames(decoder: impl for<'a> AnimationDecoder<'a>) -> Vec<Vec<u8>> {
        decoder.into_frames().map(|frame| Frame::into_buffer(frame.unwrap()).into_raw()).collect()
    }
    let png = |bytes: &[u8]| {
        frames(image::codecs::png::PngDecoder::new(Cursor::new(bytes.to_vec())).unwrap().apng().unwrap())
    };
    let webp = |bytes: &[u8]| frames(image::codecs::webp::WebPDecoder::new(Cursor::new(bytes.to_vec())).unwrap());

    // Before the end, a chunk of its own; checksum by zlib.
    let end = MOVING_PNG.len() - 12;
    let secret = b"\0\0\0\x06seCrSECRET\x00\x00\x00\x00";
    let mut with_secret = MOVING_PNG.to_vec();
    with_secret.splice(end..end, *secret);
    assert_eq!(inspect(&with_secret), Err(Error::Damaged), "the checksum is wrong");
    let cleaned = clean(&[MOVING_PNG, b"SECRET"].concat(), Parts::ALL).unwrap();
    assert_eq!((png(&cleaned.bytes), cleaned.removed), (png(MOVING_PNG), Part::Trailing.into()));

    // Behind the pixels of a frame.
    let frame = MOVING_WEBP.windows(4).position(|window| window == b"ANMF").unwrap();
    let len = u32::from_le_bytes(*MOVING_WEBP[frame + 4..].first_chunk().unwrap());
    let behind = frame + 8 + usize::try_from(len).unwrap();
    let mut with_secret = MOVING_WEBP.to_vec();
    with_secret.splice(behind..behind, *b"seCr\x06\0\0\0SECRET");
    with_secret[frame + 4..frame + 8].copy_from_slice(&(len + 14).to_le_bytes());
    let whole = u32::try_from(with_secret.len() - 8).unwrap();
    with_secret[4..8].copy_from_slice(&whole.to_le_bytes());
    let cleaned = clean(&with_secret, Parts::ALL).unwrap();
    assert_eq!((cleaned.bytes == MOVING_WEBP, cleaned.removed), (true, Part::Other.into()));
    assert_eq!(webp(&cleaned.bytes).len(), 2);
}

#[test]
fn the_index_of_further_pictures_stays_only_if_it_holds() {
    let has_index = |bytes: &[u8]| bytes.windows(4).any(|window| window == b"MPF\0");
    // EXIF is before it; the index counts from itself.
    for (part, stays) in [(Part::Exif, true), (Part::Iptc, true), (Part::Text, false), (Part::Trailing, false)] {
        let cleaned = clean(JPEG, part.into()).unwrap();
        assert_eq!(has_index(&cleaned.bytes), stays, "{part:?}");
        // EXIF has a preview of its own.
        assert_eq!(cleaned.removed.contains(Part::Preview), !stays || part == Part::Exif);
    }
}

#[test]
fn each_index_of_further_pictures_goes_if_it_does_not_hold() {
    let begin = JPEG.windows(4).position(|window| window == b"MPF\0").unwrap() - 4;
    let end = begin + 2 + usize::from(u16::from_be_bytes([JPEG[begin + 2], JPEG[begin + 3]]));
    let twice = [&JPEG[..end], &JPEG[begin..]].concat();
    let indexes = |bytes: &[u8]| bytes.windows(4).filter(|window| window == b"MPF\0").count();
    // Texts are behind both of them.
    for (part, stay) in [(Part::Iptc, 2), (Part::Text, 0)] {
        let cleaned = clean(&twice, part.into()).unwrap();
        assert_eq!(indexes(&cleaned.bytes), stay, "{part:?}");
        assert_eq!(inspect(&cleaned.bytes), Ok(cleaned.report));
    }
}

#[test]
fn the_photos_of_the_examples_are_cleaned() {
    let photos = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/photos/");
    for (name, location) in [("rocket-with-gps.jpg", true), ("chelsea.png", false)] {
        let photo = fs::read(format!("{photos}{name}")).unwrap();
        let is_place = |bytes: &[u8]| tags(bytes).iter().any(|(tag, _)| tag.context() == Context::Gps);
        assert_eq!((is_place(&photo), inspect(&photo).unwrap().parts.contains(Part::Location)), (location, location));
        let cleaned = clean(&photo, Parts::ALL).unwrap();
        assert!(tags(&cleaned.bytes).is_empty());
        assert_eq!(decoded(&cleaned.bytes), decoded(&photo));
    }
}
