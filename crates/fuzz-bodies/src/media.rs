//! Photos that are cleaned.

use secretchat_media::{Cleaned, Error, Part, Parts, clean, inspect};

/// Checks that any picture is after removing some parts one of the same size without these parts, and that nothing else is
/// removed.
///
/// The bits of the first byte are the parts to remove.
pub fn media(data: &[u8]) {
    check(data, clean);
}

/// With what removes.
fn check(data: &[u8], clean: fn(&[u8], Parts) -> Result<Cleaned, Error>) {
    let Some((&bits, file)) = data.split_first() else { return };
    let strip: Parts =
        Part::ALL.into_iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, part)| part).collect();
    let Ok(cleaned) = clean(file, strip) else { return };
    let before = inspect(file).unwrap();
    assert_eq!(inspect(&cleaned.bytes), Ok(cleaned.report));
    assert!(strip.iter().all(|part| !cleaned.report.parts.contains(part)));
    assert_eq!((cleaned.report.width, cleaned.report.height), (before.width, before.height));
    assert_eq!(cleaned.report.orientation, before.orientation);
    assert_eq!(clean(&cleaned.bytes, strip).unwrap().bytes, cleaned.bytes);
}

#[test]
fn a_photo_that_keeps_its_parts_is_found() {
    let photo = include_bytes!("../../../fuzz/seeds/media/photo.jpg");
    let data = [&[0xff][..], &photo[1..]].concat();
    media(&data);
    let as_it_was = |file: &[u8], strip: Parts| {
        let mut cleaned = clean(file, strip)?;
        cleaned.bytes = file.to_vec();
        Ok(cleaned)
    };
    assert!(crate::fails(|| check(&data, as_it_was)));
}
