//! Chooses whether to send a picture as a photo or as a file.

/// The greatest length of a file that is sent as a photo, in bytes: 10 MB.
pub const MAX_PHOTO_LEN: u64 = 10 * 1024 * 1024;
/// The greatest sum of a photo's width and height, in pixels.
pub const MAX_PHOTO_SIDES: u32 = 10_000;
/// The greatest ratio between the longer and the shorter side of a photo.
pub const MAX_PHOTO_RATIO: u32 = 20;

/// The longer side of a photo as Telegram's apps send it, in pixels.
pub const SIDE: u32 = 1280;
/// The longer side of a photo in high quality, in pixels.
pub const LARGE_SIDE: u32 = 2560;

/// How a picture is sent: as a photo that the chat shows, or as a file to open.
///
/// The limits are those of Telegram for photos, as documented by TDLib (`inputMessagePhoto`) and the Bot API (`sendPhoto`):
/// at most 10 MB, width and height of at most 10000 pixels in total, and a ratio of at most 20. Servers refuse other photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Send it as a photo of this size in pixels.
    Photo {
        /// Pixels in a row.
        width: u32,
        /// Rows of pixels.
        height: u32,
    },
    /// Send it as a file.
    File(Reason),
}

/// The reason to send a picture as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The picture has no pixels.
    Empty,
    /// The picture is so long and narrow that nothing could be recognised.
    Ratio,
    /// The picture has too many pixels.
    Sides,
    /// The file is too long.
    Len,
}

impl Mode {
    /// Returns how to send a picture whose file stays unchanged. `width` and `height` are in pixels, as the picture is
    /// shown; the length is in bytes.
    ///
    /// ```
    /// use secretchat_media::{Mode, Reason};
    ///
    /// assert_eq!(Mode::as_is(4000, 3000, 3 << 20), Mode::Photo { width: 4000, height: 3000 });
    /// assert_eq!(Mode::as_is(4000, 3000, 12 << 20), Mode::File(Reason::Len));
    /// ```
    #[must_use]
    pub fn as_is(width: u32, height: u32, len: u64) -> Self {
        if len > MAX_PHOTO_LEN {
            return Self::File(Reason::Len);
        }
        match Self::scaled(width, height, u32::MAX) {
            Self::Photo { .. } if width.saturating_add(height) > MAX_PHOTO_SIDES => Self::File(Reason::Sides),
            mode => mode,
        }
    }

    /// Returns how to send a picture that is encoded again with at most `side` pixels on each side, such as [`SIDE`] or
    /// [`LARGE_SIDE`], and its new size. Pictures are never enlarged.
    ///
    /// ```
    /// use secretchat_media::{Mode, Reason, SIDE};
    ///
    /// assert_eq!(Mode::scaled(4000, 3000, SIDE), Mode::Photo { width: 1280, height: 960 });
    /// assert_eq!(Mode::scaled(4000, 100, SIDE), Mode::File(Reason::Ratio));
    /// ```
    #[must_use]
    pub fn scaled(width: u32, height: u32, side: u32) -> Self {
        let (long, short) = (width.max(height), width.min(height));
        if short == 0 || side == 0 {
            return Self::File(Reason::Empty);
        }
        if long > short.saturating_mul(MAX_PHOTO_RATIO) {
            return Self::File(Reason::Ratio);
        }
        let scaled = |length: u32| {
            let (length, side, long) = (u64::from(length), u64::from(side.min(long)), u64::from(long));
            // Rounds to the nearest. The result is at most `side`, since `length` is at most `long`.
            u32::try_from((length * side + long / 2) / long).unwrap_or(u32::MAX).max(1)
        };
        Self::Photo { width: scaled(width), height: scaled(height) }
    }
}
