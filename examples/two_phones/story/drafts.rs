//! The messages of the story.

use secretchat::frame::FileId;
use secretchat::media::{FileForm, MediaKey};
use secretchat::{Document, Draft, EntityKind, Photo, RandomId};

use super::Result;
use super::desk::Desk;
use super::disk::Hash;
use super::os::Os;
use super::photo::Original;
use super::small::Small;
use super::text::{mark, marked_up};

pub(crate) fn hello() -> Draft {
    let text = "Hello Bob 👋 I have photos for you. About our keys, see RFC 7748";
    let link = EntityKind::TextUrl("https://www.rfc-editor.org/rfc/rfc7748".to_owned());
    let entities = [mark(EntityKind::Bold, text, "photos"), mark(link, text, "RFC 7748")];
    Draft::text(text).with_entities(entities.into_iter().flatten())
}

pub(crate) fn answer(reply_to: Option<RandomId>) -> Draft {
    Draft::text("Hi Alice, our pictures match. Send them over 📷").with_reply_to(reply_to)
}

pub(crate) fn hash_of(draft: &Draft) -> Hash {
    Hash::of_bytes(marked_up(&draft.text, &draft.entities).as_bytes())
}

pub(crate) fn small_photo(small: &Small, desk: &Desk, form: FileForm, os: &mut Os) -> Result<Draft> {
    let (file, key) = desk.encrypt_photo(small, form, os.env().rng)?;
    Ok(photo_draft(small, file, key))
}

/// A photo whose encrypted file is ready.
pub(crate) fn photo_draft(small: &Small, file: FileId, key: MediaKey) -> Draft {
    let photo =
        Photo::new(small.width, small.height, small.jpeg.len() as u64, key).with_thumbnail(small.thumbnail.clone());
    Draft::media(photo, "").with_file(file)
}

pub(crate) fn document(original: &Original, desk: &Desk, form: FileForm, os: &mut Os) -> Result<Draft> {
    let (file, key) = desk.encrypt(&original.path, original.open()?, original.size, form, os.env().rng)?;
    let document = Document::new(original.mime_type, original.size, key)
        .with_file_name(original.name.clone())
        .with_image_size(original.width, original.height);
    Ok(Draft::media(document, "").with_file(file))
}
