//! A file of either form, as the chat's profile has it (SPEC MED-1).

mod key;

pub(crate) use key::FileForm;
#[cfg(feature = "std")]
pub use key::MediaReader;
pub use key::{MediaDecryptor, MediaKey};
