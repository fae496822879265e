//! How a file is shown. On the wire this is a list of attributes (SPEC MSG-4).

use alloc::string::String;
use alloc::vec::Vec;

use super::DocumentKind;
use super::scalars::{bytes, name, number, wire_name, wire_number};
use crate::types::error::ApiMisuse;
use crate::types::id::Layer;
use crate::wire::{
    DocumentAttribute, DocumentAttributeAudio46, DocumentAttributeFilename, DocumentAttributeImageSize,
    DocumentAttributeSticker45, DocumentAttributeVideo23, DocumentAttributeVideo66, Flags, InputStickerSet,
    InputStickerSetShortName, Vector,
};

/// The most attributes that are looked at. No kind of file has more than four.
const MAX_ATTRIBUTES: usize = 16;

/// The first layer with round videos.
const ROUND_VIDEO_LAYER: Layer = Layer(66);

/// The meaning of the attributes.
#[derive(Default)]
pub(super) struct Shape {
    pub(super) kind: DocumentKind,
    pub(super) file_name: Option<String>,
    pub(super) image_size: Option<(u32, u32)>,
}

/// Reads the attributes. If they contradict each other, the last of its kind counts, and a sticker wins over an
/// animation, an animation over a video, a video over a sound.
pub(super) fn read_attributes(attributes: &Vector<'_, DocumentAttribute<'_>>) -> Shape {
    let (mut file_name, mut image_size) = (None, None);
    let (mut sticker, mut animated, mut video, mut sound) = (None, false, None, None);
    for attribute in attributes.iter().take(MAX_ATTRIBUTES) {
        match attribute {
            DocumentAttribute::Filename(a) => file_name = Some(name(a.file_name)),
            DocumentAttribute::ImageSize(a) => image_size = Some((number(a.w), number(a.h))),
            DocumentAttribute::Animated => animated = true,
            DocumentAttribute::Sticker23 => sticker = Some(String::new()),
            DocumentAttribute::Sticker45(a) => sticker = Some(name(a.alt)),
            DocumentAttribute::Video23(a) => video = Some((number(a.duration), number(a.w), number(a.h), false)),
            DocumentAttribute::Video66(a) => {
                video = Some((number(a.duration), number(a.w), number(a.h), a.round_message()));
            }
            DocumentAttribute::Audio23(a) => sound = Some(DocumentKind::audio(number(a.duration), "", "")),
            DocumentAttribute::Audio45(a) => {
                sound = Some(DocumentKind::audio(number(a.duration), name(a.title), name(a.performer)));
            }
            DocumentAttribute::Audio46(a) if a.voice() => {
                let waveform = a.waveform.unwrap_or_default().as_slice();
                let waveform =
                    if waveform.len() <= DocumentKind::MAX_WAVEFORM { waveform.to_vec() } else { Vec::new() };
                sound = Some(DocumentKind::voice(number(a.duration), waveform));
            }
            DocumentAttribute::Audio46(a) => {
                let text = |text: Option<_>| text.map(name).unwrap_or_default();
                sound = Some(DocumentKind::audio(number(a.duration), text(a.title), text(a.performer)));
            }
        }
    }
    let kind = match (sticker, animated, video, sound) {
        (Some(alt), ..) => DocumentKind::sticker(alt, None),
        (None, true, video, _) => {
            let (duration, width, height, _) = video.unwrap_or_default();
            let (width, height) = image_size.unwrap_or((width, height));
            DocumentKind::animation(duration, width, height)
        }
        (None, false, Some((duration, width, height, true)), _) => {
            DocumentKind::round_video(duration, width.min(height))
        }
        (None, false, Some((duration, width, height, false)), _) => DocumentKind::video(duration, width, height),
        (None, false, None, Some(sound)) => sound,
        (None, false, None, None) => DocumentKind::File,
    };
    let image_size = image_size.filter(|_| has_image_size(&kind));
    Shape { kind, file_name, image_size }
}

/// Writes the attributes in TDLib's order, the file's name last.
pub(super) fn write_attributes<'a>(
    kind: &'a DocumentKind,
    file_name: Option<&'a str>,
    image_size: Option<(u32, u32)>,
    layer: Layer,
) -> Result<Vec<DocumentAttribute<'a>>, ApiMisuse> {
    let video = |duration, width, height, round: bool| {
        let (duration, w, h) = (wire_number(duration)?, wire_number(width)?, wire_number(height)?);
        let flags = Flags::new(if round { DocumentAttributeVideo66::ROUND_MESSAGE } else { 0 });
        Ok::<_, ApiMisuse>(if layer < ROUND_VIDEO_LAYER {
            DocumentAttribute::Video23(DocumentAttributeVideo23 { duration, w, h })
        } else {
            DocumentAttribute::Video66(DocumentAttributeVideo66 { flags, duration, w, h })
        })
    };
    let image = |(width, height)| {
        let (w, h) = (wire_number(width)?, wire_number(height)?);
        Ok::<_, ApiMisuse>(DocumentAttribute::ImageSize(DocumentAttributeImageSize { w, h }))
    };
    let mut attributes = Vec::new();
    match kind {
        DocumentKind::File => {}
        DocumentKind::Video { duration, width, height } => attributes.push(video(*duration, *width, *height, false)?),
        DocumentKind::RoundVideo { duration, side } => attributes.push(video(*duration, *side, *side, true)?),
        DocumentKind::Animation { duration, width, height } => {
            if *duration > 0 {
                attributes.push(video(*duration, *width, *height, false)?);
            }
            if *width > 0 && *height > 0 {
                attributes.push(image((*width, *height))?);
            }
            attributes.push(DocumentAttribute::Animated);
        }
        DocumentKind::Audio { duration, title, performer } => {
            let text = |text: &'a str| if text.is_empty() { Ok(None) } else { wire_name(text).map(Some) };
            attributes.push(DocumentAttribute::Audio46(DocumentAttributeAudio46 {
                flags: Flags::NONE,
                duration: wire_number(*duration)?,
                title: text(title)?,
                performer: text(performer)?,
                waveform: None,
            }));
        }
        DocumentKind::Voice { duration, waveform } => {
            if waveform.len() > DocumentKind::MAX_WAVEFORM {
                return Err(ApiMisuse::MediaDetails);
            }
            attributes.push(DocumentAttribute::Audio46(DocumentAttributeAudio46 {
                flags: Flags::new(DocumentAttributeAudio46::VOICE),
                duration: wire_number(*duration)?,
                title: None,
                performer: None,
                waveform: if waveform.is_empty() { None } else { Some(bytes(waveform)?) },
            }));
        }
        DocumentKind::Sticker { alt, set } => {
            let stickerset = match set {
                None => InputStickerSet::Empty,
                Some(set) => InputStickerSet::ShortName(InputStickerSetShortName { short_name: wire_name(set)? }),
            };
            let alt = wire_name(alt)?;
            attributes.push(DocumentAttribute::Sticker45(DocumentAttributeSticker45 { alt, stickerset }));
        }
    }
    if let Some(size) = image_size.filter(|_| has_image_size(kind)) {
        attributes.push(image(size)?);
    }
    if let Some(file_name) = file_name {
        let file_name = wire_name(file_name)?;
        attributes.push(DocumentAttribute::Filename(DocumentAttributeFilename { file_name }));
    }
    Ok(attributes)
}

/// Returns whether the kind has no width and height of its own.
fn has_image_size(kind: &DocumentKind) -> bool {
    matches!(kind, DocumentKind::File | DocumentKind::Sticker { .. })
}
