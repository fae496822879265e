//! A chain that continues after an interruption (SPEC RES-4 to RES-6). **No integrity check** against the file's
//! carrier.

mod decryptor;
mod encryptor;

use zeroize::Zeroizing;

pub use self::decryptor::ResumableDecryptor;
pub use self::encryptor::ResumableEncryptor;
use super::key::ChainKey;
use super::part::{Chain, PartDecryptor, PartEncryptor};
use crate::media::resume::{Border, RunKind, State};
use crate::types::error::MediaError;

impl PartEncryptor {
    /// Returns the position, and the border of all content that it encrypts.
    pub(in crate::media) fn state(&self, planned: Border) -> State {
        self.chain.state(RunKind::EncryptChain, self.padding.clone(), planned)
    }

    pub(in crate::media) fn resumed(key: &ChainKey, state: &State) -> Result<Self, MediaError> {
        Ok(Self { chain: Chain::resumed(key, state)?, padding: state.padding.clone() })
    }
}

impl PartDecryptor {
    /// Returns the position, and the border of the content that came out.
    pub(in crate::media) fn state(&self, done: Border) -> State {
        self.chain.state(RunKind::DecryptChain, Zeroizing::default(), done)
    }

    pub(in crate::media) fn resumed(key: &ChainKey, state: &State) -> Result<Self, MediaError> {
        Ok(Self { chain: Chain::resumed(key, state)? })
    }
}

impl Chain {
    fn state(&self, kind: RunKind, padding: Zeroizing<[u8; 16]>, digest: Border) -> State {
        let Self { key: _, iv, part_size, size, next } = self;
        State { kind, part_size: *part_size, size: *size, next: *next, start: iv.clone(), padding, digest }
    }

    fn resumed(key: &ChainKey, state: &State) -> Result<Self, MediaError> {
        let mut chain = Self::new(key, state.size, state.part_size)?;
        if state.next > state.part_size.count(state.size) {
            return Err(MediaError::ResumeToken);
        }
        chain.iv.copy_from_slice(&*state.start);
        chain.next = state.next;
        Ok(chain)
    }
}
