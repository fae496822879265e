//! 2,048-bit Diffie-Hellman of the Telegram profile: validated groups, and key pairs in them.
//!
//! Numbers travel big-endian. What is secret, the exponent and the key, goes only through constant-time arithmetic of
//! fixed width; what is public (primes, generators, public values) may take as long as it takes.

mod exchange;
mod group;
mod prime;

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Limb, U2048, Uint};

pub use exchange::{KeyPair, check_public};
pub use group::{DhGroup, DhGroupError, PrimePolicy, stored_group};

/// Numbers of 256 bytes.
type Integer = U2048;
/// A number modulo p in Montgomery's form.
type Residue = FixedMontyForm<{ U2048::LIMBS }>;
/// A modulus with what Montgomery's form needs.
type Modulus = FixedMontyParams<{ U2048::LIMBS }>;

/// Writes all 256 bytes, leading zeros too, without a copy in between.
fn write<const LIMBS: usize>(number: &Uint<LIMBS>, to: &mut [u8; 256]) {
    const { assert!(LIMBS * Limb::BYTES == 256) };
    for (bytes, limb) in to.rchunks_exact_mut(Limb::BYTES).zip(number.as_limbs()) {
        bytes.copy_from_slice(&limb.0.to_be_bytes());
    }
}

/// Returns `number` modulo a small `modulus`.
fn remainder(number: &Integer, modulus: u32) -> u32 {
    let mut bytes = [0; 256];
    write(number, &mut bytes);
    bytes.iter().fold(0, |sum, byte| (sum * 256 + u32::from(*byte)) % modulus)
}
