//! The path for every processor: the mode over the block cipher of the `aes` crate.
//!
//! One closure processes all blocks of a call. Calling `encrypt_block` for each block would select the instruction set and
//! load the round keys each time.

use aes::{Aes256Dec, Aes256Enc};
use cipher::array::Array;
use cipher::consts::U16;
use cipher::{
    BlockCipherDecBackend, BlockCipherDecClosure, BlockCipherDecrypt, BlockCipherEncBackend, BlockCipherEncClosure,
    BlockCipherEncrypt, BlockSizeUser, InOutBuf, KeyInit,
};

use crate::direction::{Decrypt, Encrypt, Order};
use crate::{Block, Iv};

/// A direction, with its cipher on this path.
pub trait Portable: Order {
    type Cipher: Cipher;
}

impl Portable for Encrypt {
    type Cipher = Aes256Enc;
}

impl Portable for Decrypt {
    type Cipher = Aes256Dec;
}

pub trait Cipher {
    fn new(key: &[u8; 32]) -> Self;
    fn run(&self, iv: &mut Iv, data: InOutBuf<'_, '_, Block>);
}

impl Cipher for Aes256Enc {
    fn new(key: &[u8; 32]) -> Self {
        KeyInit::new(key.into())
    }

    fn run(&self, iv: &mut Iv, data: InOutBuf<'_, '_, Block>) {
        self.encrypt_with_backend(Chain { iv, data });
    }
}

impl Cipher for Aes256Dec {
    fn new(key: &[u8; 32]) -> Self {
        KeyInit::new(key.into())
    }

    fn run(&self, iv: &mut Iv, data: InOutBuf<'_, '_, Block>) {
        self.decrypt_with_backend(Chain { iv, data });
    }
}

struct Chain<'a> {
    iv: &'a mut Iv,
    data: InOutBuf<'a, 'a, Block>,
}

impl Chain<'_> {
    #[inline(always)]
    fn run<D: Order>(self, cipher: impl Fn(&mut Array<u8, U16>)) {
        let [mut output, mut input] = D::halves(self.iv).map(|block| *block);
        for block in self.data {
            let next = *block.get_in();
            let mut state = Array(xor(&next, &output));
            cipher(&mut state);
            output = xor(&state.0, &input);
            input = next;
            let mut block = block;
            *block.get_out() = output;
        }
        D::set_halves(self.iv, &output, &input);
    }
}

impl BlockSizeUser for Chain<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Chain<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        self.run::<Encrypt>(|block| backend.encrypt_block_inplace(block));
    }
}

impl BlockCipherDecClosure for Chain<'_> {
    #[inline(always)]
    fn call<B: BlockCipherDecBackend<BlockSize = U16>>(self, backend: &B) {
        self.run::<Decrypt>(|block| backend.decrypt_block_inplace(block));
    }
}

/// XORs byte by byte, which compiles to one vector instruction, unlike `u128`.
#[inline(always)]
fn xor(a: &Block, b: &Block) -> Block {
    core::array::from_fn(|i| a[i] ^ b[i])
}
