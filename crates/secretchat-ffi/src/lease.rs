//! The lease of an opened medium with a timer.

use alloc::boxed::Box;
use core::fmt;

use secretchat::{MediaLease, Thumbnail};

use crate::border::{In, Out, ScBytes};
use crate::buffer::ScBuffer;
use crate::content::ScRights;
use crate::error::{Own, ScStatus, guard};
use crate::stream::ScDecryptor;

/// The key of an opened medium. **Free it at the deadline**, which wipes the key and the preview, and destroy what you
/// decrypted with it.
pub struct ScLease(pub(crate) Box<MediaLease>);

/// The medium of a lease. The preview is borrowed from the lease.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScLeaseInfo {
    /// The size of the file in bytes, not encrypted.
    pub size: u64,
    /// The user's rights over it.
    pub rights: ScRights,
    /// A small preview, a JPEG, or null.
    pub thumbnail: ScBytes,
    /// The width of the preview in pixels.
    pub thumbnail_width: u32,
    /// The height of the preview in pixels.
    pub thumbnail_height: u32,
}

/// Writes what a lease says of its medium.
#[unsafe(no_mangle)]
pub extern "C" fn sc_lease_info(lease: Option<&ScLease>, out: Out<ScLeaseInfo>) -> ScStatus {
    guard(|| {
        out.check()?;
        let lease = &lease.ok_or(Own::Null)?.0;
        let preview = lease.thumbnail();
        out.put(ScLeaseInfo {
            size: lease.size(),
            rights: ScRights::of(lease.rights()),
            thumbnail: ScBytes::of_some(preview.map(|Thumbnail { jpeg, .. }| &jpeg[..])),
            thumbnail_width: preview.map_or(0, |preview| preview.width),
            thumbnail_height: preview.map_or(0, |preview| preview.height),
        });
        Ok(())
    })
}

/// Decrypts the whole file.
#[unsafe(no_mangle)]
pub extern "C" fn sc_lease_open(
    lease: Option<&ScLease>,
    file: In<u8>,
    len: usize,
    content: Out<Option<Box<ScBuffer>>>,
) -> ScStatus {
    guard(|| {
        content.check()?;
        content.hand(ScBuffer::new(lease.ok_or(Own::Null)?.0.open(file.slice(len)?)?));
        Ok(())
    })
}

/// Begins to decrypt the file, piece by piece.
#[unsafe(no_mangle)]
pub extern "C" fn sc_lease_decryptor(lease: Option<&ScLease>, out: Out<Option<Box<ScDecryptor>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.hand(ScDecryptor::new(lease.ok_or(Own::Null)?.0.decryptor()?));
        Ok(())
    })
}

/// Returns the first half of the key, which outlives the lease if you copy it. Use `sc_lease_open` instead.
#[unsafe(no_mangle)]
pub extern "C" fn sc_lease_hazmat_key(lease: Option<&ScLease>) -> ScBytes {
    lease.map_or(ScBytes::NONE, |lease| ScBytes::of(lease.0.hazmat_key().parts().0))
}

/// Returns the second half of the key, as `sc_lease_hazmat_key` returns the first.
#[unsafe(no_mangle)]
pub extern "C" fn sc_lease_hazmat_iv(lease: Option<&ScLease>) -> ScBytes {
    lease.map_or(ScBytes::NONE, |lease| ScBytes::of(lease.0.hazmat_key().parts().1))
}

/// Wipes and frees a lease.
#[unsafe(no_mangle)]
pub extern "C" fn sc_lease_free(lease: Option<Box<ScLease>>) {
    drop(lease);
}

impl fmt::Debug for ScLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
