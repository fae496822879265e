//! The keys of one segmented file (SPEC SEG-3 to SEG-5). Every label is normative.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::header::{self, Form};
use super::layout::{Segment, SegmentLayout};
use crate::crypto::schedule::{expand_into, extract};
use crate::types::secret::{Secret, swept};

const COMMITMENT: &[u8] = b"secretchat/1 file commitment";
const SEGMENT_KEY: &[u8] = b"secretchat/1 segment key";
const TAG_KEY: &[u8] = b"secretchat/1 segment tag";

pub(super) struct FileKeys {
    hkdf: Hkdf<Sha256>,
    /// The HMAC, keyed but without input.
    tag: Hmac<Sha256>,
    form: Form,
    size: [u8; 8],
}

impl FileKeys {
    pub(super) fn derive(secret: &Secret<32>, salt: &[u8; 32], layout: &SegmentLayout) -> Self {
        swept(|| {
            let hkdf = extract(salt, secret.expose());
            let (form, size) = (header::form(layout.padding(), layout.segment_size()), layout.size().to_le_bytes());
            let mut tag_key = Zeroizing::new([0; 32]);
            expand_into(&hkdf, &[TAG_KEY, &form, &size], &mut tag_key);
            Self { tag: keyed(&tag_key), hkdf, form, size }
        })
    }

    /// Returns the commitment that the message carries with the secret. It fixes the secret, the salt, the form and
    /// the size.
    pub(super) fn commitment(&self) -> Secret<32> {
        swept(|| Secret::fill_with(|to| expand_into(&self.hkdf, &[COMMITMENT, &self.form, &self.size], to)))
    }

    /// Derives the key and the iv of one segment.
    pub(super) fn segment(&self, index: u64, key: &mut [u8; 32], iv: &mut [u8; 32]) {
        let mut both = Zeroizing::new([0; 64]);
        expand_into(&self.hkdf, &[SEGMENT_KEY, &self.form, &self.size, &index.to_le_bytes()], &mut both);
        for (to, from) in key.iter_mut().chain(iv).zip(both.iter()) {
            *to = *from;
        }
    }

    /// Begins the tag of one segment, before its ciphertext.
    pub(super) fn begin_tag(&self) -> Hmac<Sha256> {
        self.tag.clone()
    }
}

/// Adds what follows the ciphertext: `index u64 || last u8 || content length u32`.
pub(super) fn end_tag(tag: &mut Hmac<Sha256>, segment: &Segment) {
    // A segment is shorter than 32 bits.
    let content_len = u32::try_from(segment.content_len).unwrap_or(u32::MAX);
    tag.update(&segment.index.to_le_bytes());
    tag.update(&[u8::from(segment.is_last)]);
    tag.update(&content_len.to_le_bytes());
}

/// Keys HMAC. It fills a key up to its block with zeros by itself (RFC 2104 section 2); here its type shows that
/// nothing can fail.
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    <Hmac<Sha256> as KeyInit>::new((&*block).into())
}
