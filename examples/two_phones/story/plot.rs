//! The photos of the story. All of them are read before anything is sent or created, so that an unusable one is reported at
//! once.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use secretchat::media::MAX_FILES;

use super::Result;
use super::album::Album;
use super::cli::{Options, Timers};
use super::disk::At;
use super::photo::Original;
use super::small::{FileOnly, Small, shrink};

pub(crate) struct Plot {
    pub(crate) originals: Vec<Original>,
    /// The first picture that can be sent as a photo, made small.
    pub(crate) photo: Option<(Made, Small)>,
    /// The names of pictures before it that can only be sent as files.
    pub(crate) files_only: Vec<(String, FileOnly)>,
    /// The photos of the album; empty if there is none.
    pub(crate) album: Album,
    pub(crate) timers: Timers,
}

/// The original of a photo made small.
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) told: String,
}

impl Plot {
    pub(crate) fn read(options: &Options) -> Result<Self> {
        let (mut originals, mut smalls, mut files_only) = (Vec::new(), Vec::new(), Vec::new());
        let wanted = if options.album { MAX_FILES } else { 1 };
        let bar = bar(options.photos.len());
        let mut made = None;
        for path in bar.wrap_iter(options.photos.iter()) {
            let (original, picture) = Original::read(path)?;
            if smalls.len() < wanted {
                match shrink(picture).at("use", path)? {
                    Ok(small) => {
                        made.get_or_insert_with(|| Made::of(&original, &small));
                        smalls.push(small);
                    }
                    Err(reason) => files_only.push((original.name.clone(), reason)),
                }
            }
            originals.push(original);
        }
        bar.finish_and_clear();

        let photo = made.zip(smalls.first().cloned());
        if photo.is_none() && options.timers.messages() > 0 {
            let (name, reason) = files_only.first().ok_or("there are no photos")?;
            return Err(format!("--ttl and --view-once need a photo. {name}: {reason}").into());
        }
        let album = match (options.album, smalls.len()) {
            (false, _) => Vec::new(),
            (true, ..2) => album_of(&options.our_photos)?,
            (true, _) => smalls,
        };
        Ok(Self { originals, photo, files_only, album: Album { photos: album }, timers: options.timers })
    }

    /// Returns how many photos are sent, in all forms except those with a timer.
    pub(crate) fn photos(&self) -> usize {
        self.originals.len() + self.album.photos.len()
    }

    /// Returns how many messages are sent: these photos, two texts, the photo made small, and the messages with a timer.
    pub(crate) fn messages(&self) -> usize {
        self.photos() + 2 + usize::from(self.photo.is_some()) + self.timers.messages()
    }
}

impl Made {
    fn of(original: &Original, small: &Small) -> Self {
        let Original { width, height, size, parts, .. } = original;
        let parts: Vec<_> = parts.iter().map(|part| part.to_string()).collect();
        let parts = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
        let (to_width, to_height, to_size) = (small.width, small.height, small.jpeg.len());
        let told = format!(
            "{width}x{height}, {size} bytes, became {to_width}x{to_height}, {to_size} bytes\n   Left out of the photo: {parts}"
        );
        Self { name: original.name.clone(), told }
    }
}

fn album_of(photos: &[PathBuf]) -> Result<Vec<Small>> {
    photos.iter().map(|path| shrink(Original::read(path)?.1)?.at("use", path)).collect()
}

/// Shows progress on standard error, and only if that is a terminal.
fn bar(photos: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("   {msg:40} [{bar:30}] {pos}/{len}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(photos as u64).with_style(style).with_message("Reading the photos")
}
