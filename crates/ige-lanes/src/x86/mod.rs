//! The mode on x86-64: with AES-NI, or with VAES for four or more streams.
//!
//! All XORs of the mode are kept out of the chain from block to block. A block is `out[i] = E(in[i] ^ out[i-1]) ^ in[i-1]`,
//! and the last step of `E` adds a round key, which may be any value. If that value is `last ^ in[i-1] ^ in[i+1] ^ first`,
//! the step directly gives `out[i] ^ in[i+1] ^ first`, which is the state of the next block after its first key. `out[i]`
//! itself is computed off the chain. Decryption is the same with the inverse cipher.

mod aes_ni;
mod lane;
mod run;
mod schedule;
mod vaes;
mod vector;

pub(crate) use lane::Lane;
pub(crate) use run::{run_many, run_one};
pub(crate) use schedule::Key;

cpufeatures::new!(has_aes_ni, "aes", "avx");
// `cpufeatures` also requires the 512-bit registers wherever it is asked for VAES.
cpufeatures::new!(has_vaes, "aes", "avx512f", "avx512vl", "vaes");

/// Proof that the processor has AES-NI and AVX. The three-operand instructions of AVX save copies.
#[derive(Clone, Copy)]
pub(crate) struct AesNi(());

impl AesNi {
    pub(crate) fn detect() -> Option<Self> {
        has_aes_ni::get().then_some(Self(()))
    }
}

/// Proof that the processor has AES-NI, AVX-512F, AVX-512VL and VAES.
#[derive(Clone, Copy)]
pub(crate) struct Wide(());

impl Wide {
    pub(crate) fn detect() -> Option<Self> {
        has_vaes::get().then_some(Self(()))
    }
}
