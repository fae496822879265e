//! Any file: after removing some parts it is a picture of the same size without these parts, and nothing else is removed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use secretchat_media::{Part, Parts, clean, inspect};

// The bits of the first byte are the parts to remove.
fuzz_target!(|data: &[u8]| {
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
});
