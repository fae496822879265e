//! The messages of the story.

use secretchat::frame::FileId;
use secretchat::media::{FileForm, MediaKey};
use secretchat::{Document, Draft, EntityKind, Media, Photo, RandomId};

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
    Draft { entities: entities.into_iter().flatten().collect(), ..Draft::text(text) }
}

pub(crate) fn answer(reply_to: Option<RandomId>) -> Draft {
    Draft { reply_to, ..Draft::text("Hi Alice, our pictures match. Send them over 📷") }
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
    let photo = Photo {
        thumbnail: Some(small.thumbnail.clone()),
        width: small.width,
        height: small.height,
        size: small.jpeg.len() as u64,
        key: Some(key),
    };
    Draft { file: Some(file.0.to_vec()), ..Draft::media(Media::Photo(photo), "") }
}

pub(crate) fn document(original: &Original, desk: &Desk, form: FileForm, os: &mut Os) -> Result<Draft> {
    let (file, key) = desk.encrypt(&original.path, original.open()?, original.size, form, os.env().rng)?;
    let document = Document {
        mime_type: original.mime_type.to_owned(),
        file_name: Some(original.name.clone()),
        image_size: Some((original.width, original.height)),
        size: original.size,
        key: Some(key),
        ..Document::default()
    };
    Ok(Draft { file: Some(file.0.to_vec()), ..Draft::media(Media::Document(document), "") })
}
