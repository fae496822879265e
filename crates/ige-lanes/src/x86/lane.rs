//! One of the streams that run together.

use core::marker::PhantomData;
use core::mem;

use cipher::InOutBuf;

use super::schedule::{Key, Rounds};
use super::{AesNi, Wide};
use crate::direction::Order;
use crate::{Block, Iv};

/// The rest of one stream.
pub(crate) struct Lane<'a, D> {
    pub(super) rounds: &'a Rounds,
    pub(super) aes_ni: AesNi,
    pub(super) wide: Option<Wide>,
    pub(super) iv: &'a mut Iv,
    pub(super) data: InOutBuf<'a, 'a, Block>,
    pub(super) direction: PhantomData<D>,
}

impl<'a, D: Order> Lane<'a, D> {
    pub(crate) fn new(key: &'a Key<D>, iv: &'a mut Iv, data: InOutBuf<'a, 'a, Block>) -> Self {
        Self { rounds: &key.rounds, aes_ni: key.aes_ni, wide: key.wide, iv, data, direction: PhantomData }
    }

    /// Takes the next blocks.
    pub(super) fn take(&mut self, len: usize) -> InOutBuf<'a, 'a, Block> {
        let (taken, rest) = mem::replace(&mut self.data, nothing()).split_at(len);
        self.data = rest;
        taken
    }
}

/// Shortens the lane to `len`, so that the compiler sees that all lanes have the same length.
#[inline]
pub(super) fn cut(data: &mut InOutBuf<'_, '_, Block>, len: usize) {
    *data = mem::replace(data, nothing()).split_at(len).0;
}

pub(super) fn nothing<'a>() -> InOutBuf<'a, 'a, Block> {
    InOutBuf::from(&mut [][..])
}
