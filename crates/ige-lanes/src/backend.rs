//! The code paths, and which of them this processor has.

/// A code path. All give the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// Code for x86-64 with AES-NI, VAES and AVX-512 (F, VL): four streams in each register, twelve streams at once.
    Vaes,
    /// Code for x86-64 with AES-NI and AVX: eight streams at once.
    AesNi,
    /// The `aes` crate, one stream after the other. It uses AES instructions on x86 and aarch64 if there are any, and
    /// constant-time code elsewhere.
    Portable,
}

impl Backend {
    /// Returns the fastest path that this processor has.
    #[must_use]
    pub fn detect() -> Self {
        if Self::Vaes.is_available() {
            Self::Vaes
        } else if Self::AesNi.is_available() {
            Self::AesNi
        } else {
            Self::Portable
        }
    }

    /// Returns every path that this processor can run, fastest first.
    pub fn available() -> impl Iterator<Item = Self> {
        [Self::Vaes, Self::AesNi, Self::Portable].into_iter().filter(|backend| backend.is_available())
    }

    /// Returns whether this processor can run this path.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Vaes => crate::x86::Wide::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::AesNi => crate::x86::AesNi::detect().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Vaes | Self::AesNi => false,
            Self::Portable => true,
        }
    }
}
