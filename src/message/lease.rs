//! The right to view a medium with a timer, until its deadline (SPEC DES-7, DES-8).

use alloc::vec::Vec;
use core::fmt;

use super::Thumbnail;
use crate::destruct::Rights;
#[cfg(feature = "std")]
use crate::media::MediaDecryptReader;
use crate::media::{self, MediaDecryptor, MediaKey};
use crate::types::error::MediaError;

/// The key of an opened medium. **Drop it at the deadline**, which wipes the key and the preview. It is not
/// `Clone`, and `Debug` does not show its bytes.
///
/// Until the deadline the chat returns another lease as often as you ask, except for a view-once medium. You must
/// destroy what you decrypted with it.
///
/// ```
#[doc = include_str!("../guide/two_ends.txt")]
/// use core::time::Duration;
/// use secretchat::{Document, Draft, Event, Ttl, media};
///
/// // Alice sends a photo with a timer. Its key stays inside Bob's chat.
/// let (key, sealed) = media::seal(alice.file_form(), b"the bytes of a photo", env.rng)?;
/// let photo = Document::new("image/jpeg", 20, key);
/// let id = alice.send(&Draft::media(photo, "look").with_ttl(Ttl::new(Duration::from_secs(10))?), env)?;
/// carry(&mut alice, &mut bob, env)?;
/// carry(&mut bob, &mut alice, env)?;
///
/// // Bob's user opens it: ten seconds begin, and the lease decrypts until they are over.
/// bob.open_view(id, env)?;
/// let events = carry(&mut bob, &mut alice, env)?;
/// let [Event::Opened { lease: Some(lease), deadline, .. }] = &events[..] else { panic!("it is open") };
/// assert_eq!(lease.open(&sealed)?, b"the bytes of a photo");
/// assert_eq!(env.now.until(*deadline), Duration::from_secs(10));
/// drop(events); // at the deadline, or when the user closes the view: the key is wiped
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct MediaLease {
    held: Held,
    rights: Rights,
}

/// The key of a medium, and the hidden parts of the message. Wiped on drop.
pub(crate) struct Held {
    pub(crate) key: MediaKey,
    pub(crate) size: u64,
    pub(crate) thumbnail: Option<Thumbnail>,
}

impl MediaLease {
    pub(crate) const fn new(held: Held, rights: Rights) -> Self {
        Self { held, rights }
    }

    /// Returns a decryptor of the file.
    ///
    /// # Errors
    /// The errors of [`MediaKey::decryptor`], and [`MediaError::Empty`] if the sender did not state the size.
    pub fn decryptor(&self) -> Result<MediaDecryptor, MediaError> {
        self.decryptor_of(self.held.size)
    }

    /// Returns a decryptor of a photo whose sender did not state the size. `size` is the size in bytes that the
    /// host knows.
    ///
    /// # Errors
    /// Same as [`MediaKey::decryptor`].
    pub fn decryptor_of(&self, size: u64) -> Result<MediaDecryptor, MediaError> {
        self.held.key.decryptor(size)
    }

    /// Returns a reader of the file's content, from a reader of the encrypted file.
    ///
    /// # Errors
    /// Same as [`MediaLease::decryptor`].
    #[cfg(feature = "std")]
    pub fn reader<R: std::io::Read>(&self, source: R) -> Result<MediaDecryptReader<R>, MediaError> {
        self.held.key.reader(source, self.held.size)
    }

    /// Returns the file's content, from the whole encrypted file: see [`media::open`].
    ///
    /// # Errors
    /// The errors of [`media::open`], and [`MediaError::Empty`] if the sender did not state the size.
    pub fn open(&self, encrypted: &[u8]) -> Result<Vec<u8>, MediaError> {
        media::open(&self.held.key, self.held.size, encrypted)
    }

    /// Returns the size of the file before encryption in bytes, or 0 if the sender did not state it.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.held.size
    }

    /// Returns the preview, if it was hidden with the medium.
    #[must_use]
    pub const fn thumbnail(&self) -> Option<&Thumbnail> {
        self.held.thumbnail.as_ref()
    }

    /// Returns what the host may do with the medium.
    #[must_use]
    pub const fn rights(&self) -> Rights {
        self.rights
    }

    /// Returns the key itself. **Hazardous**: a copy of it outlives the timer. A decryptor needs no copy.
    #[must_use]
    pub const fn hazmat_key(&self) -> &MediaKey {
        &self.held.key
    }
}

impl Held {
    /// Copies the lease. There is no `Clone`, so every copy is visible in the code.
    pub(crate) fn duplicate(&self) -> Self {
        let Self { key, size, thumbnail } = self;
        Self { key: key.duplicate(), size: *size, thumbnail: thumbnail.clone() }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The key wipes itself.
        if let Some(thumbnail) = &mut self.thumbnail {
            thumbnail.wipe();
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key: _, size, thumbnail: _ } = self;
        f.debug_struct("Held").field("size", size).finish_non_exhaustive()
    }
}
