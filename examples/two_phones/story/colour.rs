//! Converts colours to sRGB without transparency, which every viewer shows.

use image::{DynamicImage, Rgb, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::Result;
use super::photo::Picture;

/// Converts to sRGB, the default of a JPEG without a profile, over white. The colour of transparent pixels is lost.
pub(crate) fn over_white(picture: Picture) -> Result<RgbImage> {
    let Picture { image, profile } = picture;
    let image = match profile {
        Some(profile) => to_srgb(image, &profile)?,
        None => image,
    };
    if !image.color().has_alpha() {
        return Ok(image.into_rgb8());
    }
    let image = image.into_rgba8();
    Ok(RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0;
        Rgb([red, green, blue].map(|value| blend_with_white(value, alpha)))
    }))
}

/// Rounds to the nearest, so that opaque pixels do not change.
fn blend_with_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    let sum = value * alpha + 255 * (255 - alpha);
    u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
}

fn to_srgb(image: DynamicImage, profile: &[u8]) -> Result<DynamicImage> {
    let profile = ColorProfile::new_from_slice(profile)?;
    // Grey pixels may have a colour profile. No other difference is allowed.
    let image = match (profile.color_space, image.color().has_color()) {
        (DataColorSpace::Rgb, true) | (DataColorSpace::Gray, false) => image,
        (DataColorSpace::Rgb, false) => image.into_rgba8().into(),
        _ => return Err("the colour profile is of another kind than the pixels".into()),
    };
    let (width, height) = (image.width(), image.height());
    let (pixels, layout) = match (image.color().has_color(), image.color().has_alpha()) {
        (true, true) => (image.into_rgba8().into_raw(), Layout::Rgba),
        (true, false) => (image.into_rgb8().into_raw(), Layout::Rgb),
        (false, true) => (image.into_luma_alpha8().into_raw(), Layout::GrayAlpha),
        (false, false) => (image.into_luma8().into_raw(), Layout::Gray),
    };
    let to = if layout.has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(layout, &srgb, to, TransformOptions::default())?;
    let mut converted = vec![0; pixels.len() / layout.channels() * to.channels()];
    transform.transform(&pixels, &mut converted)?;
    let converted = match to {
        Layout::Rgba => RgbaImage::from_raw(width, height, converted).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, converted).map(DynamicImage::from),
    };
    converted.ok_or_else(|| "the converted picture has another size".into())
}
