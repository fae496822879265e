//! **Hazardous materials**: the layers below the chat, for test vectors, firmware and research.
//!
//! Nothing here stops you from using a key twice, accepting a replayed message or believing an unauthenticated
//! byte. A program that wants a secret chat wants `Chat`. These items may change in a minor release, which is why
//! their enums and structs are not `#[non_exhaustive]`.

pub use crate::crypto::{ige, kdf, schedule, x25519};
pub use crate::types::secret::Secret;

#[cfg(feature = "telegram")]
pub use crate::crypto::{fingerprint, kdf_old, modp};

/// The encrypted message.
pub mod envelope {
    pub use crate::envelope::*;
}

/// The messages inside, as borrowed TL values.
pub mod wire {
    pub use crate::wire::*;
}

/// The X25519 key exchange as pure steps, for the handshake and for rekeys.
pub mod handshake {
    pub use crate::agreement::x25519::*;
    pub use crate::agreement::{Binding, Established};

    /// The hybrid key exchange: ML-KEM-768 combined with X25519.
    #[cfg(feature = "hybrid")]
    pub mod hybrid {
        pub use crate::agreement::hybrid::*;
    }
}

/// Mixing the server's randomness into exponents.
pub mod server_random {
    pub use crate::crypto::server_random::ServerRandom;
}

/// Sequence numbers and their wire form.
pub mod seq {
    pub use crate::seq::*;
    pub use crate::types::id::{Parity, WireSeqNo};
}

/// The table of rekeying.
pub mod rekey {
    pub use crate::rekey::*;
}

/// Self-destruct rules.
pub mod destruct {
    pub use crate::destruct::{Side, Timer, ViewEvent, read_since};
}

/// The chat's own clock.
pub mod time {
    pub use crate::types::time::{Elapsed, LogicalClock};
}

/// The contents of records, for tests that check what is kept and for how long.
#[cfg(feature = "alloc")]
pub mod records {
    pub use crate::record::{Opened, open};
}
