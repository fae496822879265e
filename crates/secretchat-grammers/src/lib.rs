#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod accepting;
mod answer;
mod asking;
mod call;
mod chat;
#[cfg(feature = "client")]
pub mod client;
mod confirm;
mod dh;
mod download;
mod failure;
mod fate;
mod file_location;
mod incoming;
mod link;
mod parts;
mod save_part;
mod saved;
mod sends;
mod token;
mod upload;

pub use accepting::{AcceptError, decline};
pub use answer::Answer;
pub use asking::{AskError, Asking};
pub use call::{Call, Method};
pub use chat::{TelegramChat, Work};
pub use confirm::{Arrival, Confirmations, Ticket};
pub use dh::{DhCache, DhError, ServerDh};
pub use download::{Download, DownloadError};
pub use failure::{Failure, ServerError};
pub use fate::{FATES, Fate, FateRow, fate};
pub use file_location::FileLocation;
/// The types of Telegram's API that this crate takes and gives.
pub use grammers_tl_types as tl;
pub use incoming::Incoming;
pub use link::{Link, LinkError};
pub use parts::{MAX_PARTS, PartError, PartPlan};
pub use save_part::{Part, SavePart};
pub use sends::Sends;
pub use upload::{Upload, UploadError, checksum};
