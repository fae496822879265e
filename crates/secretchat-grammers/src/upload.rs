//! Uploading a sealed file, part by part.

use std::fmt;
use std::time::Duration;

use md5::{Digest, Md5};
use secretchat::Timestamp;
use secretchat::rand_core::CryptoRng;

use crate::parts::{PartError, PartPlan};
use crate::save_part::{Part, SavePart};
use crate::saved::{Parts, State};
use crate::tl::{enums, functions, types};
use crate::token::Fields;

/// The server forgets parts after a while. Android begins small files anew after 90 minutes and big ones after a day.
const KEPT_SMALL: Duration = Duration::from_secs(90 * 60);
const KEPT_BIG: Duration = Duration::from_secs(24 * 60 * 60);
const VERSION: u8 = 1;

/// The upload of one sealed file. Parts may go out several at once and in any order. The token resumes it after a restart,
/// as long as the sealed bytes are the same.
///
/// ```
/// use secretchat::media::{self, ChainKey};
/// use secretchat::{Draft, Photo, Timestamp};
/// use secretchat_grammers::{Upload, checksum, tl::Serializable};
/// # use secretchat::{media::FileForm, rand_core::UnwrapErr};
/// # let mut rng = UnwrapErr(getrandom::SysRng);
/// # let now = Timestamp::from_unix_seconds(1_800_000_000);
///
/// let (key, sealed) = media::seal(FileForm::Chain, b"a JPEG", &mut rng)?;
/// let (secret, iv) = key.parts();
/// let fingerprint = ChainKey::from_parts(*secret, *iv).fingerprint();
/// let mut upload = Upload::new(sealed.len() as u64, fingerprint, now, &mut rng)?;
/// while let Some(part) = upload.next_part() {
///     let call = upload.call(part, &sealed[part.range()])?.to_bytes(); // `true` is the answer
///     # let _ = call;
///     upload.saved(part.index);
/// }
/// let name = upload.finish(Some(&checksum(&sealed))).ok_or("all parts are there")?;
/// let draft = Draft::media(Photo::new(90, 60, 6, key), "").with_file(name.to_bytes());
/// # assert_eq!(draft.file.map(|name| name.len()), Some(56));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    plan: PartPlan,
    file_id: i64,
    fingerprint: i32,
    begun: Timestamp,
    parts: Parts,
}

impl Upload {
    /// Begins an upload of `size` sealed bytes. `fingerprint` is that of the file's key
    /// ([`ChainKey::fingerprint`](secretchat::media::ChainKey::fingerprint)).
    ///
    /// # Errors
    /// [`PartError::Empty`], [`PartError::TooLarge`].
    pub fn new(size: u64, fingerprint: i32, now: Timestamp, rng: &mut dyn CryptoRng) -> Result<Self, PartError> {
        Ok(Self::with_plan(PartPlan::new(size)?, fingerprint, now, rng))
    }

    /// Begins an upload in parts of another size.
    pub fn with_plan(plan: PartPlan, fingerprint: i32, now: Timestamp, rng: &mut dyn CryptoRng) -> Self {
        let mut file_id = [0; 8];
        rng.fill_bytes(&mut file_id);
        let parts = Parts::missing(plan.count());
        Self { plan, file_id: i64::from_le_bytes(file_id), fingerprint, begun: now, parts }
    }

    /// Returns the next part that is neither saved nor on its way, and counts it as on its way.
    pub fn next_part(&mut self) -> Option<Part> {
        let index = self.parts.next()?;
        let (offset, len) = self.plan.range(index)?;
        Some(Part { index, offset, len })
    }

    /// Returns the call that saves a part.
    ///
    /// # Errors
    /// [`UploadError::PartLength`] if the bytes are not as many as the part has.
    pub fn call(&self, part: Part, bytes: &[u8]) -> Result<SavePart, UploadError> {
        let right = self.plan.range(part.index).is_some_and(|(_, len)| len as usize == bytes.len());
        let file_part = i32::try_from(part.index).ok().filter(|_| right).ok_or(UploadError::PartLength)?;
        let (file_id, bytes) = (self.file_id, bytes.to_vec());
        Ok(if self.plan.is_big() {
            let file_total_parts = self.count();
            SavePart::Big(functions::upload::SaveBigFilePart { file_id, file_part, file_total_parts, bytes })
        } else {
            SavePart::Small(functions::upload::SaveFilePart { file_id, file_part, bytes })
        })
    }

    /// Notes that the server has saved a part: it answered `true`.
    pub fn saved(&mut self, part: u32) {
        self.parts.set(part, State::Saved);
    }

    /// Notes that a part was not saved: an error, `false`, or no answer. It comes again.
    pub fn failed(&mut self, part: u32) {
        self.parts.set(part, State::Missing);
    }

    /// Returns how many bytes are saved.
    #[must_use]
    pub fn progress(&self) -> u64 {
        self.parts.saved().filter_map(|part| self.plan.range(part)).map(|(_, len)| u64::from(len)).sum()
    }

    /// Returns the plan.
    #[must_use]
    pub const fn plan(&self) -> &PartPlan {
        &self.plan
    }

    /// Returns whether the server may have forgotten the first parts. Begin anew then.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.begun.until(now) >= if self.plan.is_big() { KEPT_BIG } else { KEPT_SMALL }
    }

    /// Returns the name of the file for [`Draft::with_file`](secretchat::Draft::with_file), serialised, or `None` while
    /// parts are missing. `checksum` is [`checksum`] of the sealed bytes, which the server compares; only small files have
    /// one, and official apps send none.
    #[must_use]
    pub fn finish(&self, checksum: Option<&str>) -> Option<enums::InputEncryptedFile> {
        if !self.parts.all_saved() {
            return None;
        }
        let (id, parts, key_fingerprint) = (self.file_id, self.count(), self.fingerprint);
        Some(if self.plan.is_big() {
            enums::InputEncryptedFile::BigUploaded(types::InputEncryptedFileBigUploaded { id, parts, key_fingerprint })
        } else {
            let md5_checksum = checksum.unwrap_or_default().to_owned();
            let file = types::InputEncryptedFileUploaded { id, parts, md5_checksum, key_fingerprint };
            enums::InputEncryptedFile::Uploaded(file)
        })
    }

    /// Returns the state as bytes. Store them as often as parts are saved. Parts on their way count as missing.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { plan, file_id, fingerprint, begun, parts } = self;
        let mut bytes = vec![VERSION];
        bytes.extend(plan.size().to_le_bytes());
        bytes.extend(plan.part_size().to_le_bytes());
        bytes.extend(file_id.to_le_bytes());
        bytes.extend(fingerprint.to_le_bytes());
        bytes.extend(begun.as_millis().to_le_bytes());
        bytes.extend(parts.to_bits());
        bytes
    }

    /// Reads the state of an upload.
    ///
    /// # Errors
    /// [`UploadError::Token`] if the bytes are no such state.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UploadError> {
        Self::read(Fields(bytes)).ok_or(UploadError::Token)
    }

    fn read(mut from: Fields<'_>) -> Option<Self> {
        from.version(VERSION)?;
        let plan = PartPlan::with_part_size(from.u64()?, from.u32()?).ok()?;
        let (file_id, fingerprint) = (from.i64()?, from.i32()?);
        let begun = Timestamp::from_millis(from.u64()?);
        let parts = Parts::from_bits(plan.count(), from)?;
        Some(Self { plan, file_id, fingerprint, begun, parts })
    }

    fn count(&self) -> i32 {
        i32::try_from(self.plan.count()).unwrap_or(i32::MAX)
    }
}

/// Returns the checksum of the sealed bytes for [`Upload::finish`]: MD5 in lower-case hex. It proves nothing.
#[must_use]
pub fn checksum(sealed: &[u8]) -> String {
    Md5::digest(sealed).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A part or a token does not belong to the upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadError {
    /// The part has another length.
    PartLength,
    /// The bytes are not the state of an upload.
    Token,
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PartLength => "the part of the file has another length",
            Self::Token => "these bytes are not the state of an upload",
        })
    }
}

impl std::error::Error for UploadError {}

#[cfg(test)]
mod tests {
    use secretchat::rand_core::UnwrapErr;

    use super::*;
    use crate::tl::Deserializable;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    fn upload(size: u64) -> Upload {
        Upload::new(size, -7, NOW, &mut UnwrapErr(getrandom::SysRng)).unwrap()
    }

    /// The answer of RFC 1321, A.5.
    #[test]
    fn the_checksum_is_md5_in_hex() {
        assert_eq!(checksum(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
    }

    #[test]
    fn the_server_reads_small_and_big_parts() {
        let sealed = vec![5; 10_485_761];
        for (size, big, parts) in [(10_485_760, false, 20), (10_485_761, true, 21)] {
            let mut upload = upload(size);
            let mut whole = Vec::new();
            while let Some(part) = upload.next_part() {
                assert!(upload.finish(None).is_none(), "parts are missing");
                let bytes = upload.call(part, &sealed[part.range()]).unwrap().to_bytes();
                // What the server reads begins with the number of the method.
                let (method, body) = bytes.split_first_chunk().unwrap();
                let method = u32::from_le_bytes(*method);
                let (file_id, index, of, bytes) = if big {
                    assert_eq!(method, 0xde7b_673d);
                    let call = functions::upload::SaveBigFilePart::from_bytes(body).unwrap();
                    (call.file_id, call.file_part, call.file_total_parts, call.bytes)
                } else {
                    assert_eq!(method, 0xb304_a621);
                    let call = functions::upload::SaveFilePart::from_bytes(body).unwrap();
                    (call.file_id, call.file_part, parts, call.bytes)
                };
                assert_eq!((file_id, u32::try_from(index), of), (upload.file_id, Ok(part.index), parts));
                whole.extend(bytes);
                upload.saved(part.index);
            }
            assert_eq!((whole.len() as u64, upload.progress()), (size, size));
            match upload.finish(Some("m")).unwrap() {
                enums::InputEncryptedFile::BigUploaded(file) => {
                    assert!(big);
                    assert_eq!((file.parts, file.key_fingerprint), (21, -7));
                }
                enums::InputEncryptedFile::Uploaded(file) => {
                    assert!(!big);
                    assert_eq!((file.parts, file.key_fingerprint, &*file.md5_checksum), (20, -7, "m"));
                }
                _ => panic!("another name"),
            }
        }
    }

    #[test]
    fn an_interrupted_upload_goes_on() {
        let mut first = upload(524_288 * 9 + 1);
        let parts: Vec<_> = (0..4).map(|_| first.next_part().unwrap()).collect();
        first.saved(0);
        first.saved(2);
        first.failed(1);
        assert_eq!(first.next_part().unwrap().index, 1, "the failed one comes first");
        assert_eq!(first.call(parts[0], &[0; 3]), Err(UploadError::PartLength));

        let token = first.to_bytes();
        let mut again = Upload::from_bytes(&token).unwrap();
        assert_eq!((again.progress(), again.file_id), (2 * 524_288, first.file_id));
        let rest: Vec<_> = std::iter::from_fn(|| again.next_part()).map(|part| part.index).collect();
        assert_eq!(rest, [1, 3, 4, 5, 6, 7, 8, 9], "what was on its way comes again");
        for len in 0..token.len() {
            assert_eq!(Upload::from_bytes(&token[..len]), Err(UploadError::Token));
        }
        let mut longer = token.clone();
        longer.push(0);
        assert_eq!(Upload::from_bytes(&longer), Err(UploadError::Token));
        // A part that the file does not have.
        let mut eleventh = token;
        *eleventh.last_mut().unwrap() |= 0b100;
        assert_eq!(Upload::from_bytes(&eleventh), Err(UploadError::Token));
    }

    #[test]
    fn old_parts_are_not_relied_on() {
        let (small, big) = (upload(1), upload(10_485_761));
        let later = |minutes: u64| NOW.saturating_add(Duration::from_secs(minutes * 60));
        assert_eq!((small.is_stale(later(89)), small.is_stale(later(90))), (false, true));
        assert_eq!((big.is_stale(later(1_439)), big.is_stale(later(1_440))), (false, true));
    }
}
