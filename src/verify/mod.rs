//! The value that the two users compare to be sure that nobody sits between them (SPEC VER-1 to VER-6): as a
//! picture, as numbers, as words, or by scanning a code.

mod code;
mod hex;
mod picture;
mod value;
mod words;

pub use code::ScanCode;
pub use hex::HexLine;
pub use picture::{PictureRow, Svg};
pub use value::{Verification, Verified};
