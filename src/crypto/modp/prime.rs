//! Tests whether an unknown prime is safe: p and q = (p - 1)/2 are both prime.
//!
//! Somebody may have chosen the number so that it passes as a prime. The bases therefore come from the caller's
//! generator: each round detects a composite q with a chance of at least 3/4, whatever q is.

use crypto_bigint::{NonZero, Odd};
use crypto_primes::hazmat::{MillerRabin, Primality};
use rand_core::CryptoRng;

use super::{Integer, Modulus, Residue, remainder};

/// A composite q passes with a chance below 2^-128.
const ROUNDS: usize = 64;

/// Returns whether p and (p - 1)/2 are prime, for p with its top bit set. Takes variable time, because p is public.
pub(super) fn is_safe(p: &Odd<Integer>, rng: &mut dyn CryptoRng) -> bool {
    let Some(q) = Odd::new(p.shr_vartime(1)).into_option() else { return false };
    // Pocklington's test comes first because it is cheap: if q is prime and q > sqrt(p), then p is prime as soon as
    // 2^(p - 1) = 1 modulo p and 2^((p - 1)/q) - 1 = 3 has no factor in common with p.
    remainder(p, 3) != 0 && is_fermat_probable_prime(p) && is_prime(q, rng)
}

/// Returns whether 2^(n - 1) = 1 modulo n.
fn is_fermat_probable_prime(n: &Odd<Integer>) -> bool {
    let modulus = Modulus::new_vartime(*n);
    let power = Residue::new(&Integer::from_u8(2), &modulus).pow_vartime(&n.wrapping_sub(&Integer::ONE));
    power.retrieve() == Integer::ONE
}

/// Tests by Miller-Rabin with [`ROUNDS`] random bases.
fn is_prime(q: Odd<Integer>, rng: &mut dyn CryptoRng) -> bool {
    // Bases are 2 to q - 2, since 1 and q - 1 pass for every q.
    let Some(bases) = NonZero::new(q.wrapping_sub(&Integer::from_u8(3))).into_option() else { return false };
    let test = MillerRabin::new(q);
    (0..ROUNDS).all(|_| test.test(&random_base(&bases, rng)) != Primality::Composite)
}

/// Returns 2 plus a number below `bases`, from one draw. The draw has 128 bits more than q, so reducing it favours
/// no base. There are no rejections, so a broken generator cannot keep it busy.
fn random_base(bases: &NonZero<Integer>, rng: &mut dyn CryptoRng) -> Integer {
    let mut draw = [0; 272];
    rng.fill_bytes(&mut draw);
    let (high, low) = draw.split_at(16);
    let mut padded = [0; 256];
    for (to, from) in padded.iter_mut().rev().zip(high.iter().rev()) {
        *to = *from;
    }
    let wide = (Integer::from_be_slice(low), Integer::from_be_slice(&padded));
    Integer::rem_wide_vartime(wide, bases).wrapping_add(&Integer::from_u8(2))
}
