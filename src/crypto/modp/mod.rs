//! Diffie-Hellman with 2,048 bits for the Telegram profile: validated groups, and key pairs in them.
//!
//! Numbers are big-endian on the wire. Secrets (the exponent and the key) are handled only with constant-time
//! arithmetic of fixed width. Public numbers (primes, generators, public values) may take variable time.

mod comb;
mod exchange;
mod group;
mod prime;

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Limb, U2048, Uint};

pub use exchange::{KeyPair, PublicValue};
pub use group::{DhGroup, DhGroupError, PrimePolicy, stored_group};

/// Numbers of 256 bytes.
type Integer = U2048;
/// A number modulo p in Montgomery form.
type Residue = FixedMontyForm<{ U2048::LIMBS }>;
/// A modulus with the parameters of its Montgomery form.
type Modulus = FixedMontyParams<{ U2048::LIMBS }>;

/// Writes all 256 bytes, including leading zeros, without an intermediate copy.
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
