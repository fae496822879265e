//! Written from SPEC SEG-3 and SEG-5 with the crates of the primitives alone: it seals any one segment.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secretchat::hazmat::ige;
use secretchat::media::{Padding, SegmentKey};
use sha2::Sha256;

pub(super) struct File {
    pub(super) size: u64,
    pub(super) padding: Padding,
    pub(super) secret: [u8; 32],
    pub(super) salt: [u8; 32],
}

impl File {
    pub(super) fn new(size: u64) -> Self {
        Self { size, padding: Padding::None, secret: [3; 32], salt: [4; 32] }
    }

    fn form(&self) -> &'static [u8] {
        match self.padding {
            Padding::None => b"scseg\x01\x10\x00",
            _padme => b"scseg\x01\x10\x01",
        }
    }

    pub(super) fn header(&self) -> Vec<u8> {
        [self.form(), &self.salt].concat()
    }

    fn expand<const N: usize>(&self, label: &str, end: &[u8]) -> [u8; N] {
        let mut out = [0; N];
        let info = [label.as_bytes(), self.form(), &self.size.to_le_bytes(), end].concat();
        Hkdf::<Sha256>::new(Some(&self.salt), &self.secret).expand(&info, &mut out).unwrap();
        out
    }

    pub(super) fn key(&self) -> SegmentKey {
        SegmentKey::from_parts(self.secret, self.expand("secretchat/1 file commitment", b""))
    }

    /// `content` with its padding, of which zeros up to a block may be left out.
    pub(super) fn seal(&self, index: u64, content: &[u8]) -> Vec<u8> {
        let keys: [u8; 64] = self.expand("secretchat/1 segment key", &index.to_le_bytes());
        let mut cipher = content.to_vec();
        cipher.resize(content.len().next_multiple_of(16), 0);
        ige::encrypt(keys.first_chunk().unwrap(), keys.last_chunk().unwrap(), cipher.as_chunks_mut().0);
        let tag_key: [u8; 32] = self.expand("secretchat/1 segment tag", b"");
        let content_len = self.size.saturating_sub(65_536 * index).min(65_536);
        let mut mac = Hmac::<Sha256>::new_from_slice(&tag_key).unwrap();
        mac.update(&cipher);
        mac.update(&index.to_le_bytes());
        mac.update(&[u8::from(index == (self.size - 1) / 65_536)]);
        mac.update(&u32::try_from(content_len).unwrap().to_le_bytes());
        cipher.extend(mac.finalize().into_bytes());
        cipher
    }
}
