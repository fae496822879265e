//! Files of either form, without a branch by profile (SPEC MED-1).

mod copies;
mod decryptor;
mod encryptor;
mod form;
#[cfg(feature = "std")]
mod io;
mod key;
mod resume;
mod whole;
mod window;

pub use copies::{MediaCopies, MediaReseal};
pub use decryptor::MediaDecryptor;
pub use encryptor::MediaEncryptor;
pub use form::FileForm;
#[cfg(feature = "std")]
pub use io::{MediaDecryptReader, MediaEncryptReader};
pub use key::MediaKey;
pub use resume::{ResumableMediaDecryptor, ResumableMediaEncryptor};
pub use whole::{open, seal};
