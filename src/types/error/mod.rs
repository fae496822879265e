//! Errors come in three kinds. [`ApiMisuse`] is a mistake of the host. `Unavailable` means that a call is not
//! possible now. [`PeerFault`] means that bytes from outside are wrong. They never mix.
//!
//! No variant carries message data or keys. Every error has its own code, and none is 0: 1xx is a misuse, 2xx
//! unavailable, 3xx a fault of the peer, 4xx of records, 5xx of a medium, 6xx of a group, 7xx of a frame, 8xx of
//! sealing by hand, 9xx of a driver, 10xx of a comparison. Reasons have small numbers of their own: read them
//! together with the event that holds them.

/// Defines an enum of plain variants, each with its documentation, its code, its name and the text it displays.
macro_rules! errors {
    ($(#[$doc:meta])* $type:ident {
        $($(#[$variant_doc:meta])* $code:literal $name:literal $variant:ident => $text:literal,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)+
        }

        $crate::types::names::names! { enum $type { $($code $name $variant,)+ } }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self { $(Self::$variant => $text,)+ })
            }
        }

        impl core::error::Error for $type {}
    };
}

#[cfg(feature = "alloc")]
mod call;
mod media;
mod misuse;
mod peer;
mod store;
mod verify;

#[cfg(feature = "alloc")]
pub use call::{CallError, Unavailable};
pub(crate) use errors;
pub use media::MediaError;
pub use misuse::ApiMisuse;
pub use peer::{CloseReason, PeerFault, RekeyFailure, Violation};
pub use store::StoreError;
pub use verify::VerifyError;
