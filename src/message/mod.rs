//! The messages of users (SPEC MSG-1 to MSG-6).

mod attributes;
mod body;
mod document;
mod draft;
mod entity;
mod entity_wire;
mod hidden;
mod incoming;
mod incoming_file;
mod incoming_media;
mod lease;
mod media;
mod outgoing;
mod outgoing_media;
mod preview;
mod received;
mod scalars;
mod thumbnail;
mod typing;
mod wipe;

#[cfg(test)]
mod tests;

pub(crate) use body::Body;
pub use document::{Document, DocumentKind, ExternalDocument};
pub use draft::Draft;
pub use entity::{Entity, EntityKind};
pub use hidden::ContentLease;
pub(crate) use hidden::Hidden;
pub(crate) use incoming::read_body;
pub use incoming_file::IncomingFile;
pub(crate) use lease::Held;
pub use lease::MediaLease;
pub use media::{Contact, GeoPoint, Media, Photo, Venue, WebPage};
pub(crate) use outgoing::{check_album, check_draft, with_wire};
pub use preview::{Preview, PreviewContent};
pub use received::{Content, Message};
pub(crate) use received::{Outside, Received};
pub use thumbnail::Thumbnail;
pub use typing::TypingAction;
pub(crate) use typing::{read_typing, typing_action};
