//! Groups: a prime and a generator, chosen by the server and checked by the client.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::fmt;

use crypto_bigint::Odd;
use rand_core::CryptoRng;

use super::{Integer, Modulus, prime, remainder, write};
use crate::types::error::{ApiMisuse, errors};

/// Telegram's published prime.
const PUBLISHED: Odd<Integer> = Odd::<Integer>::from_be_hex(concat!(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f",
    "48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37",
    "20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64",
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4",
    "a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754",
    "fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4",
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f",
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b",
));
pub(super) static PUBLISHED_MODULUS: Modulus = Modulus::new_vartime(PUBLISHED);

/// A validated group. Every value of this type has a safe prime of 2,048 bits and a generator of its large
/// subgroup.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::{DhGroup, DhGroupError, PrimePolicy};
///
/// /// Checks the answer of `messages.dhConfig`.
/// fn group(g: u32, p: &[u8]) -> Result<DhGroup, DhGroupError> {
///     DhGroup::check(g, p, PrimePolicy::PublishedOnly, &mut UnwrapErr(SysRng))
/// }
///
/// let published = DhGroup::published(3)?;
/// assert_eq!(group(3, &published.prime()), Ok(published));
/// assert_eq!(group(4, &[0xff; 256]), Err(DhGroupError::PrimeUnknown));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DhGroup {
    g: u8,
    prime: Prime,
}

#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(not(feature = "alloc"), expect(clippy::large_enum_variant, reason = "there is no heap to put it on"))]
enum Prime {
    Published,
    Other(Held),
}

// A chat at rest stays small, because hardly any has a prime of its own.
#[cfg(feature = "alloc")]
type Held = Box<Odd<Integer>>;
#[cfg(not(feature = "alloc"))]
type Held = Odd<Integer>;

/// The primes that a host accepts from its server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrimePolicy {
    /// Accepts only Telegram's published prime. Any other may have a trapdoor that no test finds.
    #[default]
    PublishedOnly,
    /// Accepts every safe prime, after a test of about 70 exponentiations.
    AllowSafePrime,
}

errors! {
    /// A server's parameters are not a valid group.
    DhGroupError {
        /// The prime is not 256 bytes with the top bit set.
        601 "prime_size" PrimeSize => "the prime has the wrong size; refuse the server's parameters",
        /// The number, or half of it, is not prime.
        602 "not_safe_prime" NotSafePrime => "the number is not a safe prime; refuse the server's parameters",
        /// The policy does not accept this prime.
        603 "prime_unknown" PrimeUnknown => "the prime is not the published one; refuse it, or allow other primes with `PrimePolicy`",
        /// The generator is not 2 to 7, or does not generate the large subgroup.
        604 "generator" Generator => "the generator does not fit the prime; refuse the server's parameters",
    }
}

impl DhGroup {
    /// Creates the group of Telegram's published prime with a generator: 3, 4 or 7.
    ///
    /// # Errors
    /// [`ApiMisuse::DhGenerator`] for every other generator.
    pub fn published(g: u32) -> Result<Self, ApiMisuse> {
        let g = generator(g, &PUBLISHED).ok_or(ApiMisuse::DhGenerator)?;
        Ok(Self { g, prime: Prime::Published })
    }

    /// Checks a server's parameters. The published prime needs no test and no randomness.
    ///
    /// For another prime, where `policy` allows one, draws 64 bases for Miller-Rabin rounds from `rng`. This takes
    /// about 0.3 s.
    ///
    /// # Errors
    /// [`DhGroupError`]. Cheap checks come first.
    pub fn check(g: u32, p: &[u8], policy: PrimePolicy, rng: &mut dyn CryptoRng) -> Result<Self, DhGroupError> {
        let (g, prime) = parse(g, p)?;
        if let Prime::Other(p) = &prime {
            if policy == PrimePolicy::PublishedOnly {
                return Err(DhGroupError::PrimeUnknown);
            }
            if !prime::is_safe(p, rng) {
                return Err(DhGroupError::NotSafePrime);
            }
        }
        Ok(Self { g, prime })
    }

    /// Returns the generator.
    #[must_use]
    pub fn generator(&self) -> u32 {
        u32::from(self.g)
    }

    /// Returns the prime, big-endian.
    #[must_use]
    pub fn prime(&self) -> [u8; 256] {
        let mut bytes = [0; 256];
        write(self.p(), &mut bytes);
        bytes
    }

    /// Returns whether the prime is Telegram's published one.
    #[must_use]
    pub const fn is_published(&self) -> bool {
        matches!(self.prime, Prime::Published)
    }

    pub(super) const fn g(&self) -> Integer {
        Integer::from_u8(self.g)
    }

    /// Returns whether this is the group whose generator has tables. It is the one that Telegram uses.
    pub(super) const fn has_comb(&self) -> bool {
        self.is_published() && self.g == 3
    }

    pub(super) fn p(&self) -> &Odd<Integer> {
        match &self.prime {
            Prime::Published => &PUBLISHED,
            Prime::Other(p) => p,
        }
    }

    pub(super) fn modulus(&self) -> Modulus {
        match &self.prime {
            Prime::Published => PUBLISHED_MODULUS,
            Prime::Other(_) => Modulus::new_vartime(*self.p()),
        }
    }
}

impl fmt::Debug for DhGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let published = self.is_published();
        f.debug_struct("DhGroup").field("g", &self.g).field("published", &published).finish_non_exhaustive()
    }
}

/// Rebuilds a group from its record. **Trusts** that the prime was checked before: use it only for authenticated
/// records.
///
/// # Errors
/// [`DhGroupError::PrimeSize`], [`DhGroupError::Generator`], and [`DhGroupError::NotSafePrime`] for an even number.
pub fn stored_group(g: u32, p: &[u8]) -> Result<DhGroup, DhGroupError> {
    let (g, prime) = parse(g, p)?;
    Ok(DhGroup { g, prime })
}

/// Checks everything except primality.
fn parse(g: u32, p: &[u8]) -> Result<(u8, Prime), DhGroupError> {
    if p.len() != 256 || p.first().is_none_or(|first| *first < 0x80) {
        return Err(DhGroupError::PrimeSize);
    }
    let p = Odd::new(Integer::from_be_slice(p)).into_option().ok_or(DhGroupError::NotSafePrime)?;
    let g = generator(g, &p).ok_or(DhGroupError::Generator)?;
    Ok((g, if p == PUBLISHED { Prime::Published } else { Prime::Other(Held::from(p)) }))
}

/// Returns `g` if it is 2 to 7 and a quadratic residue modulo a safe prime `p`. It then generates the subgroup of
/// order (p - 1)/2.
fn generator(g: u32, p: &Integer) -> Option<u8> {
    let fits = match g {
        2 => remainder(p, 8) == 7,
        3 => remainder(p, 3) == 2,
        4 => true,
        5 => matches!(remainder(p, 5), 1 | 4),
        6 => matches!(remainder(p, 24), 19 | 23),
        7 => matches!(remainder(p, 7), 3 | 5 | 6),
        _ => false,
    };
    u8::try_from(g).ok().filter(|_| fits)
}
