//! The wire form of a draft at the peer's layer.

use alloc::vec::Vec;

use super::entity_wire::write_entities;
use super::outgoing_media;
use super::scalars::{bytes, vector, wire_name};
use super::{Document, DocumentKind, Draft, Entity, Media};
use crate::media::FileForm;
use crate::types::error::ApiMisuse;
use crate::types::id::{GroupedId, Layer, RandomId};
use crate::types::time::Ttl;
use crate::wire::{DecryptedMessage, DecryptedMessage45, DecryptedMessage73, Flags};

/// The flag of a message that its sender asks not to keep. Telegram's cloud messages use the same flag (SPEC
/// RIGHT-6).
pub(super) const PROTECTED: u32 = 1 << 26;
/// The flag of a message that its sender hides until it is opened (SPEC DES-14).
pub(super) const HIDDEN: u32 = 1 << 27;

/// How many messages make an album.
const ALBUM: core::ops::RangeInclusive<usize> = 2..=10;

/// Checks everything that can be wrong with a draft, before anything is drawn or sealed (SPEC MSG-2 to MSG-6), and
/// lends its wire form without an id to `measure`. A draft that the peer's layer cannot express at all is also
/// wrong, and so is a file of another `form` than the profile's.
///
/// The wire form is built here for the check, and again for sealing. It borrows two short lists, of entities and
/// attributes, and could not be kept together with them while ids are drawn. Texts and previews are copied only
/// once.
pub(crate) fn check_draft<R>(
    draft: &Draft,
    layer: Layer,
    grouped_id: Option<GroupedId>,
    form: FileForm,
    measure: impl FnOnce(&DecryptedMessage<'_>) -> Result<R, ApiMisuse>,
) -> Result<R, ApiMisuse> {
    if draft.text.is_empty() && draft.media.is_none() {
        return Err(ApiMisuse::EmptyMessage);
    }
    let file = draft.media.as_ref().and_then(Media::file);
    if file.and_then(|(_, key)| key).is_some_and(|key| key.form() != form) {
        return Err(ApiMisuse::NotInProfile);
    }
    if draft.entities.len() > Entity::MAX_COUNT {
        return Err(ApiMisuse::TooManyEntities);
    }
    if !Entity::fit(&draft.text, &draft.entities).iter().all(|fits| *fits) {
        return Err(ApiMisuse::EntityRange);
    }
    with_wire(draft, RandomId(0), Ttl::OFF, layer, grouped_id, measure)
}

/// Checks whether drafts make an album (SPEC MSG-7). Each must also pass [`check_draft`].
pub(crate) fn check_album(drafts: &[Draft]) -> Result<(), ApiMisuse> {
    if !ALBUM.contains(&drafts.len()) {
        return Err(ApiMisuse::AlbumSize);
    }
    let fits = |draft: &Draft| match &draft.media {
        Some(Media::Photo(_)) => true,
        Some(Media::Document(Document { kind, .. })) => {
            matches!(kind, DocumentKind::File | DocumentKind::Video { .. } | DocumentKind::Audio { .. })
        }
        _ => false,
    };
    if drafts.iter().all(fits) { Ok(()) } else { Err(ApiMisuse::AlbumMedia) }
}

/// Lends the draft's wire form at the peer's layer to `use_it`. Layers below 46 count as 46.
///
/// As in TDLib, a caption is part of the medium and the message's own text stays empty. Entities refer to the
/// caption. What the layer does not support is left out: entities, and below layer 73 the silent flag and the
/// album. A file that the layer cannot express is refused.
pub(crate) fn with_wire<R, E: From<ApiMisuse>>(
    draft: &Draft,
    random_id: RandomId,
    ttl: Ttl,
    layer: Layer,
    grouped_id: Option<GroupedId>,
    use_it: impl FnOnce(&DecryptedMessage<'_>) -> Result<R, E>,
) -> Result<R, E> {
    let layer = layer.max(Layer::L46);
    let entities = write_entities(&draft.entities, layer)?;
    let entities = if entities.is_empty() { None } else { Some(vector(&entities)?) };
    let attributes = match &draft.media {
        None => Vec::new(),
        Some(media) => outgoing_media::attributes(media, layer)?,
    };
    let mut message = bytes(draft.text.as_bytes())?;
    let media = match &draft.media {
        None => None,
        Some(media) => Some(outgoing_media::media(media, &attributes, &mut message, layer)?),
    };
    let via_bot_name = draft.via_bot.as_deref().map(wire_name).transpose()?;
    let reply_to_random_id = draft.reply_to.map(|id| id.0);
    let (random_id, ttl) = (random_id.0, ttl.to_wire());
    use_it(&if layer >= Layer::L73 {
        DecryptedMessage::Message73(DecryptedMessage73 {
            flags: Flags::new(flags_of(draft)),
            random_id,
            ttl,
            message,
            media,
            entities,
            via_bot_name,
            reply_to_random_id,
            grouped_id: grouped_id.map(|id| id.0),
        })
    } else {
        DecryptedMessage::Message45(DecryptedMessage45 {
            flags: Flags::NONE,
            random_id,
            ttl,
            message,
            media,
            entities,
            via_bot_name,
            reply_to_random_id,
        })
    })
}

/// Returns the flags that do not stand for a field.
fn flags_of(&Draft { silent, protected, hidden, .. }: &Draft) -> u32 {
    let bits = [(silent, DecryptedMessage73::SILENT), (protected, PROTECTED), (hidden, HIDDEN)];
    bits.into_iter().filter(|(is_set, _)| *is_set).fold(0, |flags, (_, bit)| flags | bit)
}
