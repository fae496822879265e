//! Several segments in a row, a few at once (SPEC SEG-5).

use core::array;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::TAG_LEN;
use super::layout::{Segment, SegmentLayout};
use super::schedule::{FileKeys, end_tag};
use crate::crypto::ige::{self, Block, Job};
use crate::types::error::MediaError;

/// How many segments are worked on at once: the chains that one core runs at full speed (AES-NI and VAES).
pub(super) const LANES: usize = 8;

/// Up to [`LANES`] segments as they lie in the file, one after the other.
pub(super) struct Run<'a> {
    slots: [Slot<'a>; LANES],
    len: usize,
}

struct Slot<'a> {
    segment: Segment,
    key: Zeroizing<[u8; 32]>,
    iv: Zeroizing<[u8; 32]>,
    cipher: &'a mut [u8],
    tag: &'a mut [u8],
}

const NO_SEGMENT: Segment = Segment { index: 0, offset: 0, content_len: 0, stored_len: 0, is_last: false };

impl<'a> Run<'a> {
    /// Returns the whole segments from `first` on at the start of `stored`, and the rest of it.
    pub(super) fn split(layout: &SegmentLayout, first: u64, stored: &'a mut [u8]) -> (Self, &'a mut [u8]) {
        let mut rest = stored;
        let mut len = 0;
        let slots = array::from_fn(|lane| {
            let segment = (len == lane).then(|| layout.segment(first + lane as u64)).flatten();
            let found = segment.and_then(|segment| {
                let mut cipher = rest.split_off_mut(..segment.stored_len)?;
                let tag = cipher.split_off_mut(segment.stored_len - TAG_LEN..)?;
                Some((segment, cipher, tag))
            });
            len += usize::from(found.is_some());
            let (segment, cipher, tag) = found.unwrap_or((NO_SEGMENT, &mut [], &mut []));
            Slot { segment, key: Zeroizing::default(), iv: Zeroizing::default(), cipher, tag }
        });
        (Self { slots, len }, rest)
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Seals the whole segments in `stored`, of which the first has that number.
    pub(super) fn seal_all(keys: &FileKeys, layout: &SegmentLayout, first: u64, stored: &'a mut [u8]) {
        let (mut next, mut rest) = (first, stored);
        loop {
            let (run, after) = Self::split(layout, next, rest);
            if run.len == 0 {
                return;
            }
            rest = after;
            next += run.len as u64;
            ige::swept(|| run.seal(keys));
        }
    }

    /// Pads, encrypts and tags the segments.
    fn seal(mut self, keys: &FileKeys) {
        for slot in self.slots.iter_mut().take(self.len) {
            if let Some(padding) = slot.cipher.get_mut(slot.segment.content_len..) {
                padding.fill(0);
            }
        }
        if let (1, [alone, ..]) = (self.len, &mut self.slots) {
            return alone.seal(keys);
        }
        self.cipher(keys, self.len, ige::encrypt_many);
        let tags = self.tags(keys);
        for (slot, tag) in self.slots.iter_mut().zip(tags).take(self.len) {
            slot.tag.copy_from_slice(&tag.finalize().into_bytes());
        }
    }

    /// Verifies each segment, then decrypts it. Returns how many opened, counted from the first, and the error of
    /// the one after them. Nothing of that one, or of what follows, is left decrypted.
    pub(super) fn open(mut self, keys: &FileKeys) -> (usize, Result<(), MediaError>) {
        let slots = self.slots.iter().zip(self.tags(keys)).take(self.len);
        // `verify_slice` compares in constant time.
        let authentic = slots.take_while(|(slot, tag)| tag.clone().verify_slice(slot.tag).is_ok()).count();
        self.cipher(keys, authentic, ige::decrypt_many);
        let opened = self.slots.iter().take(authentic).take_while(|slot| slot.is_zero_padded()).count();
        for slot in self.slots.iter_mut().take(authentic).skip(opened) {
            slot.cipher.fill(0);
        }
        let result = match opened {
            _ if opened < authentic => Err(MediaError::Padding),
            _ if opened < self.len => Err(MediaError::NotAuthentic),
            _ => Ok(()),
        };
        (opened, result)
    }

    fn cipher(&mut self, keys: &FileKeys, len: usize, run: impl FnOnce(&mut [Job<'_>])) {
        let mut jobs = self.slots.each_mut().map(|slot| {
            if !slot.cipher.is_empty() {
                keys.segment(slot.segment.index, &mut slot.key, &mut slot.iv);
            }
            let blocks: &mut [Block] = slot.cipher.as_chunks_mut().0;
            Job { key: &slot.key, iv: &mut slot.iv, blocks }
        });
        run(jobs.get_mut(..len).unwrap_or_default());
    }

    /// Begins the tags of all segments. Two segments are hashed in turns, which is about 14 % faster than one after
    /// the other, because one chain of SHA-256 leaves a core half idle.
    fn tags(&self, keys: &FileKeys) -> [Hmac<Sha256>; LANES] {
        let mut tags = array::from_fn(|_| keys.begin_tag());
        let pairs = self.slots.as_chunks::<2>().0.iter().zip(tags.as_chunks_mut::<2>().0);
        for ([one, other], [tag, other_tag]) in pairs.take(self.len.div_ceil(2)) {
            let (blocks, other_blocks) = (one.cipher.as_chunks::<64>().0, other.cipher.as_chunks::<64>().0);
            for (block, other_block) in blocks.iter().zip(other_blocks) {
                tag.update(block);
                other_tag.update(other_block);
            }
            let common = 64 * blocks.len().min(other_blocks.len());
            for (tag, slot) in [(tag, one), (other_tag, other)] {
                tag.update(slot.cipher.get(common..).unwrap_or_default());
                end_tag(tag, &slot.segment);
            }
        }
        tags
    }
}

impl Slot<'_> {
    /// Encrypts and tags a segment that has no other beside it. One chain leaves a core mostly idle, so the hash
    /// follows it at once: about 20 % faster than hashing at the end.
    fn seal(&mut self, keys: &FileKeys) {
        keys.segment(self.segment.index, &mut self.key, &mut self.iv);
        let (mut chain, mut tag) = (ige::Encryptor::new(&self.key, &self.iv), keys.begin_tag());
        for blocks in self.cipher.as_chunks_mut().0.chunks_mut(ige::TURN) {
            chain.encrypt(blocks);
            tag.update(blocks.as_flattened());
        }
        end_tag(&mut tag, &self.segment);
        self.tag.copy_from_slice(&tag.finalize().into_bytes());
    }

    fn is_zero_padded(&self) -> bool {
        self.cipher.iter().skip(self.segment.content_len).all(|byte| *byte == 0)
    }
}
