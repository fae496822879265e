//! What becomes of pictures in the example `two_phones`: colours, transparency, lines, and files that claim too much.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, GrayImage, ImageEncoder, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};

use crate::example::example;
use crate::icc::{BLUE, GREEN, RED, grey_profile, rgb_profile};
use crate::phones::{Scratch, photos};
use crate::program::{Run, run};

/// How far a value may move when a JPEG is made of it.
const NEAR: u8 = 3;

fn two_phones(scratch: &Scratch, photos: &[PathBuf]) -> Run {
    two_phones_with(scratch, &[], photos)
}

fn two_phones_with(scratch: &Scratch, options: &[&str], photos: &[PathBuf]) -> Run {
    let out = scratch.path("out");
    run(Command::new(example("two_phones")).args(options).arg("--out").arg(out).args(photos))
}

/// The middle of the picture that Bob received as a photo.
fn received_colour(scratch: &Scratch, photo: PathBuf) -> [u8; 3] {
    let ran = two_phones(scratch, &[photo]);
    assert!(ran.stdout.ends_with("ok: 1 photos, 4 messages, 0 lost\n"), "{}\n{}", ran.stdout, ran.stderr);
    let received = image::open(scratch.path("out/02-photo.jpg")).unwrap().into_rgb8();
    received.get_pixel(received.width() / 2, received.height() / 2).0
}

fn assert_near(found: [u8; 3], wanted: [u8; 3]) {
    let near = found.iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) <= NEAR);
    assert!(near, "{found:?} is not {wanted:?}");
}

/// A picture of one colour, as a PNG with this profile.
fn png(path: PathBuf, image: &DynamicImage, profile: Option<Vec<u8>>) -> PathBuf {
    let mut file = fs::File::create(&path).unwrap();
    let mut encoder = PngEncoder::new(&mut file);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile).unwrap();
    }
    encoder.write_image(image.as_bytes(), image.width(), image.height(), image.color().into()).unwrap();
    path
}

fn rgb(colour: [u8; 3]) -> DynamicImage {
    RgbImage::from_pixel(32, 32, Rgb(colour)).into()
}

/// Whatever colour lies under a transparent pixel stays at home. The values are (value x alpha + 255 x (255 - alpha)) / 255.
#[test]
fn fa_25_transparency_becomes_white() {
    for (pixel, wanted) in [
        ([255, 0, 0, 0], [255, 255, 255]),
        ([0, 0, 0, 128], [127, 127, 127]),
        ([10, 200, 30, 128], [132, 227, 142]),
        ([10, 200, 30, 255], [10, 200, 30]),
        ([0, 0, 255, 51], [204, 204, 255]),
    ] {
        let scratch = Scratch::new();
        let image = RgbaImage::from_pixel(32, 32, Rgba(pixel)).into();
        assert_near(received_colour(&scratch, png(scratch.path("clear.png"), &image, None)), wanted);
    }
    for (pixel, wanted) in [([0, 0], [255; 3]), ([0, 128], [127; 3]), ([90, 255], [90; 3])] {
        let scratch = Scratch::new();
        let image = DynamicImage::from(image::GrayAlphaImage::from_pixel(32, 32, LumaA(pixel)));
        assert_near(received_colour(&scratch, png(scratch.path("clear.png"), &image, None)), wanted);
    }
}

/// A text in the colours under a transparent picture is nowhere in what is sent as a photo, the preview included.
#[test]
fn fa_25_hidden_colours_do_not_leave() {
    let scratch = Scratch::new();
    let hidden = RgbaImage::from_fn(64, 64, |x, y| Rgba([if (x / 8 + y / 8) % 2 == 0 { 255 } else { 0 }, 0, 0, 0]));
    let photo = png(scratch.path("hidden.png"), &hidden.into(), None);
    let ran = two_phones(&scratch, &[photo]);
    assert!(ran.status.success(), "{}", ran.stderr);
    let received = image::open(scratch.path("out/02-photo.jpg")).unwrap().into_rgb8();
    assert!(received.pixels().all(|pixel| pixel.0 == [255; 3]));
}

/// The numbers are littleCMS 2.19's, through Pillow 13.0.0: `ImageCms.profileToProfile(image, profile,
/// ImageCms.createProfile("sRGB"), renderingIntent=0)` with the same bytes of a profile.
#[test]
fn fa_31_colours_come_as_the_profile_says() {
    let swapped = || rgb_profile([BLUE, GREEN, RED], 2.2);
    let linear = || rgb_profile([RED, GREEN, BLUE], 1.0);
    let adobe = || {
        rgb_profile(
            [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]],
            2.199_218_75,
        )
    };
    for (profile, colour, wanted) in [
        (swapped(), [200, 100, 50], [46, 100, 201]),
        (swapped(), [255, 0, 0], [0, 0, 255]),
        (swapped(), [255, 255, 255], [255, 255, 255]),
        (linear(), [200, 100, 50], [229, 168, 122]),
        (linear(), [20, 40, 80], [79, 110, 152]),
        (adobe(), [200, 100, 50], [227, 100, 42]),
        (adobe(), [60, 180, 90], [0, 181, 83]),
        (adobe(), [100, 150, 200], [66, 151, 203]),
    ] {
        let scratch = Scratch::new();
        assert_near(received_colour(&scratch, png(scratch.path("of.png"), &rgb(colour), Some(profile))), wanted);
    }
    for (value, wanted) in [(20, 79), (64, 137), (128, 188), (200, 229)] {
        let scratch = Scratch::new();
        let grey = GrayImage::from_pixel(32, 32, Luma([value])).into();
        let photo = png(scratch.path("grey.png"), &grey, Some(grey_profile(1.0)));
        assert_near(received_colour(&scratch, photo), [wanted; 3]);
    }
}

#[test]
fn fa_31_a_jpeg_has_a_profile_too_and_a_clear_picture_is_blended_behind_it() {
    let scratch = Scratch::new();
    let jpeg = scratch.path("swapped.jpg");
    let mut encoder = JpegEncoder::new_with_quality(fs::File::create(&jpeg).unwrap(), 100);
    encoder.set_icc_profile(rgb_profile([BLUE, GREEN, RED], 2.2)).unwrap();
    encoder.encode_image(&rgb([200, 100, 50])).unwrap();
    assert_near(received_colour(&scratch, jpeg), [46, 100, 201]);

    // [46, 100, 201] half over white.
    let scratch = Scratch::new();
    let clear = RgbaImage::from_pixel(32, 32, Rgba([200, 100, 50, 128])).into();
    let photo = png(scratch.path("clear.png"), &clear, Some(rgb_profile([BLUE, GREEN, RED], 2.2)));
    assert_near(received_colour(&scratch, photo), [150, 177, 228]);
}

/// The file itself goes with its profile, transparency and all, as it is.
#[test]
fn fa_31_the_document_stays_as_it_is() {
    let scratch = Scratch::new();
    let clear = RgbaImage::from_pixel(32, 32, Rgba([200, 100, 50, 128])).into();
    let photo = png(scratch.path("clear.png"), &clear, Some(rgb_profile([BLUE, GREEN, RED], 2.2)));
    let sent = fs::read(&photo).unwrap();
    received_colour(&scratch, photo);
    assert!(fs::read(scratch.path("out/03-clear.png")).unwrap() == sent);
}

/// What cannot be a photo goes as a file, and the program says why.
fn assert_file_only(photo: &Path, why: &str) {
    let name = photo.file_name().unwrap().to_str().unwrap();
    let scratch = Scratch::new();
    let ran = two_phones(&scratch, &[photo.to_owned()]);
    assert!(ran.stdout.ends_with("ok: 1 photos, 3 messages, 0 lost\n"), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(&format!("\n{name} goes as a file only: {why}")), "{}", ran.stdout);
    assert!(fs::read(scratch.path("out").join(format!("02-{name}"))).unwrap() == fs::read(photo).unwrap());
    assert_eq!(fs::read_dir(scratch.path("out")).unwrap().count(), 1);

    // The next one is the photo then, and the first of the album.
    let scratch = Scratch::new();
    let cat = photos().join("chelsea.png");
    let rocket = photos().join("rocket-with-gps.jpg");
    let ran = two_phones_with(&scratch, &["--album"], &[photo.to_owned(), cat, rocket]);
    assert!(ran.stdout.ends_with("ok: 5 photos, 8 messages, 0 lost\n"), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("\nchelsea.png made small as a photo."), "{}", ran.stdout);

    // A photo with a timer is a photo.
    let scratch = Scratch::new();
    let ran = two_phones_with(&scratch, &["--view-once"], &[photo.to_owned()]);
    assert_eq!((ran.status.code(), ran.stdout.as_str()), (Some(1), ""));
    let line = format!("failed: --ttl and --view-once need a photo. {name}: {why}");
    assert!(ran.stderr.starts_with(&line), "{}", ran.stderr);
}

#[test]
fn fa_30_a_line_goes_as_a_file_only() {
    let scratch = Scratch::new();
    for (width, height) in [(2_000, 1), (3, 61), (401, 20)] {
        let line = RgbImage::from_pixel(width, height, Rgb([1, 2, 3])).into();
        let photo = png(scratch.path(&format!("{width}x{height}.png")), &line, None);
        assert_file_only(&photo, &format!("{width}x{height} pixels are too long and narrow for a photo"));
    }
    // Twenty to one is a photo yet.
    let narrow = RgbImage::from_pixel(400, 20, Rgb([1, 2, 3])).into();
    let scratch = Scratch::new();
    received_colour(&scratch, png(scratch.path("narrow.png"), &narrow, None));
}

#[test]
fn fa_31_colours_that_nobody_knows_go_as_a_file_only() {
    let scratch = Scratch::new();
    let why = "its colour profile cannot be used: ";
    let no_profile = png(scratch.path("nonsense.png"), &rgb([1, 2, 3]), Some(b"no profile".repeat(20)));
    assert_file_only(&no_profile, why);
    let of_grey = png(scratch.path("grey.png"), &rgb([1, 2, 3]), Some(grey_profile(1.0)));
    assert_file_only(&of_grey, why);
    let mut of_ink = rgb_profile([RED, GREEN, BLUE], 1.0);
    of_ink[16..20].copy_from_slice(b"CMYK");
    let of_ink = png(scratch.path("ink.png"), &rgb([1, 2, 3]), Some(of_ink));
    assert_file_only(&of_ink, why);
}

/// A PNG of 68 bytes, or of a few more, that says how many pixels it has. Nobody asks for memory before the bound is looked at.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    for (kind, data) in [(b"IHDR", header.as_slice()), (b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01"), (b"IEND", b"")] {
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let checked = [kind.as_slice(), data].concat();
        png.extend(&checked);
        png.extend(crc32(&checked).to_be_bytes());
    }
    png
}

/// PNG specification, annex D.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

#[test]
fn fa_24_a_picture_that_claims_too_much_is_refused_before_memory_is_asked_for() {
    let scratch = Scratch::new();
    for (width, height) in [(100_000, 100_000), (65_535, 65_535), (65_536, 1), (20_000, 20_000), (u32::MAX >> 1, 1)] {
        let bomb = scratch.path("bomb.png");
        fs::write(&bomb, claims(width, height)).unwrap();
        // Less memory than the smallest of these pictures that has too many pixels would take.
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v 1000000; exec \"$@\"", "sh"]).arg(example("two_phones")).arg(&bomb);
        let ran = run(&mut command);
        assert_eq!((ran.status.code(), ran.stdout.as_str()), (Some(1), ""), "{}", ran.stderr);
        let why = format!("failed: cannot use {}: ", bomb.display());
        assert!(ran.stderr.starts_with(&why) && ran.stderr.lines().count() == 1, "{}", ran.stderr);
    }
    // A JPEG says it in two bytes a side.
    let mut jpeg = fs::read(photos().join("rocket-with-gps.jpg")).unwrap();
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    let bomb = scratch.path("bomb.jpg");
    fs::write(&bomb, jpeg).unwrap();
    let ran = run(Command::new(example("two_phones")).arg(&bomb));
    let line = format!("failed: cannot use {}: 65535x65535 pixels are more than this program takes\n", bomb.display());
    assert_eq!((ran.status.code(), ran.stdout.as_str(), ran.stderr), (Some(1), "", line));
}

/// Decoders make grey of what is missing. A picture is whole, or it is refused by its name.
#[test]
fn fa_29_a_picture_that_is_cut_off_is_refused() {
    let scratch = Scratch::new();
    for name in ["rocket-with-gps.jpg", "chelsea.png"] {
        let whole = fs::read(photos().join(name)).unwrap();
        for len in [20, whole.len() / 4, whole.len() / 2, whole.len() * 9 / 10, whole.len() - 2, whole.len() - 1] {
            let cut = scratch.path(name);
            fs::write(&cut, &whole[..len]).unwrap();
            let ran = run(Command::new(example("two_phones")).arg(&cut));
            let line = format!("failed: cannot use {}: the picture is cut off; get the whole file\n", cut.display());
            assert_eq!((ran.status.code(), ran.stdout.as_str(), ran.stderr), (Some(1), "", line), "{len} bytes");
        }
        // What follows the end does no harm: phones put more pictures there.
        let scratch = Scratch::new();
        let longer = scratch.path(name);
        fs::write(&longer, [whole.as_slice(), &[0; 100]].concat()).unwrap();
        let ran = two_phones(&scratch, std::slice::from_ref(&longer));
        assert!(ran.status.success(), "{}", ran.stderr);
        let received = scratch.path("out").join(format!("03-{name}"));
        assert!(fs::read(received).unwrap() == fs::read(longer).unwrap());
    }
}
