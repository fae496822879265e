//! The only holder of key bytes, and clearing of the stack after work with keys.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::fmt;
#[cfg(feature = "alloc")]
use core::hint::black_box;
use core::ops::{Deref, DerefMut};

use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// With a heap the bytes have their own allocation, so moving a secret leaves no copy behind.
#[cfg(feature = "alloc")]
type Place<const N: usize> = Box<[u8; N]>;
#[cfg(not(feature = "alloc"))]
type Place<const N: usize> = [u8; N];

/// `N` secret bytes. They are wiped on drop, hidden from `Debug`, compared in constant time, and never cloned by
/// accident. With the feature `alloc` they live on the heap and do not move.
pub struct Secret<const N: usize>(Place<N>);

impl<const N: usize> Secret<N> {
    /// Wraps the bytes. If the caller kept a copy, the caller must wipe it.
    #[must_use]
    pub fn new(mut bytes: [u8; N]) -> Self {
        let secret = Self::fill_with(|to| *to = bytes);
        bytes.as_mut_slice().zeroize();
        secret
    }

    /// Lets `fill` write the bytes in place, so that no copy is left on the stack.
    #[must_use]
    pub fn fill_with(fill: impl FnOnce(&mut [u8; N])) -> Self {
        #[cfg(feature = "alloc")]
        let mut secret = Self(Box::new([0; N]));
        #[cfg(not(feature = "alloc"))]
        let mut secret = Self([0; N]);
        fill(&mut secret.0);
        secret
    }

    /// Draws `N` bytes in one call to the generator.
    #[must_use]
    pub fn random(rng: &mut dyn CryptoRng) -> Self {
        Self::fill_with(|bytes| rng.fill_bytes(bytes))
    }

    /// Returns the bytes. The caller must wipe any copy.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// Copies the bytes into a second secret. There is no `Clone`, so every copy is visible in the code.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self::fill_with(|to| to.copy_from_slice(self.expose()))
    }
}

impl<const N: usize> Zeroize for Secret<N> {
    fn zeroize(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl<const N: usize> ZeroizeOnDrop for Secret<N> {}

impl<const N: usize> ConstantTimeEq for Secret<N> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.expose().ct_eq(other.expose())
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        write!(f, "Secret<{N}>(..)")
    }
}

/// `N` bytes of a computation with secrets. They lie where their owner lies, for as long as one step takes, and are
/// wiped on drop, all at once: `Zeroizing` would wipe an array byte by byte.
pub(crate) struct Scratch<const N: usize>([u8; N]);

impl<const N: usize> Scratch<N> {
    /// Wraps the bytes. If the caller kept a copy, the caller must wipe it.
    #[inline]
    pub(crate) const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }
}

impl<const N: usize> Deref for Scratch<N> {
    type Target = [u8; N];

    #[inline]
    fn deref(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> DerefMut for Scratch<N> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> Drop for Scratch<N> {
    #[inline]
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

/// How many bytes of the stack below a call are cleared after it. A step of a chat, key exchange with X25519 included,
/// takes up to 16 KiB in an optimised build for x86-64, and up to 66 KiB in an unoptimised one. Powers modulo a prime
/// lie deeper in a step, and clear as much below themselves. On Cortex-M a step takes up to 7.2 KiB, or 10.6 KiB if
/// the values of the hybrid profile have to fit too.
#[cfg(feature = "alloc")]
const SWEPT: usize = if cfg!(debug_assertions) {
    UNOPTIMISED
} else if cfg!(not(target_pointer_width = "32")) {
    16 * 1024
} else if cfg!(feature = "hybrid") {
    12 * 1024
} else {
    8 * 1024
};

/// How many bytes are cleared after an exchange with ML-KEM, which takes up to 46 KiB, or 97 KiB unoptimised
/// (x86-64, opt-levels 1 to 3, z and 0). Messages do not use it.
#[cfg(all(feature = "alloc", feature = "hybrid"))]
const SWEPT_DEEP: usize = if cfg!(debug_assertions) { UNOPTIMISED } else { 56 * 1024 };

/// How many bytes are cleared after one message is sealed or opened. That takes up to 4.0 KiB in an optimised build for
/// x86-64, without the feature `lanes`, and 3.3 KiB on Cortex-M.
#[cfg(feature = "alloc")]
const SWEPT_CIPHER: usize = if cfg!(debug_assertions) {
    UNOPTIMISED
} else if cfg!(target_pointer_width = "32") {
    4 * 1024
} else {
    6 * 1024
};

/// An unoptimised build has large frames, and its speed does not matter.
#[cfg(feature = "alloc")]
const UNOPTIMISED: usize = 128 * 1024;

/// Runs the work, then clears the stack that it used, even if it panics. This removes what primitives, moves and
/// the compiler left of keys. A build without a heap clears no stack.
#[inline(never)]
pub(crate) fn swept<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "alloc")]
    let _sweep = Sweep::<SWEPT>;
    deeper(work)
}

/// Does the same as [`swept`] for the cipher of one message. A call goes on with values that it has read or written there.
/// Where these lie in the frames of the cipher, moving one into the heap copies in its padding what is left of round
/// keys.
#[cfg(feature = "alloc")]
#[inline(never)]
pub(crate) fn swept_cipher<R>(work: impl FnOnce() -> R) -> R {
    let _sweep = Sweep::<SWEPT_CIPHER>;
    deeper(work)
}

/// Does the same as [`swept`] for a whole exchange with ML-KEM.
#[cfg(feature = "hybrid")]
#[inline(never)]
pub(crate) fn swept_deep<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "alloc")]
    let _sweep = Sweep::<SWEPT_DEEP>;
    deeper(work)
}

#[cfg(feature = "alloc")]
struct Sweep<const LEN: usize>;

#[cfg(feature = "alloc")]
impl<const LEN: usize> Drop for Sweep<LEN> {
    fn drop(&mut self) {
        sweep::<LEN>();
    }
}

/// Runs in a frame of its own, at the place where the frame of `sweep` will be.
#[inline(never)]
fn deeper<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(feature = "alloc")]
#[inline(never)]
fn sweep<const LEN: usize>() {
    let mut below = [0_u8; LEN];
    black_box(&mut below);
}
