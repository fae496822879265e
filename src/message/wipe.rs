//! Wiping the content of a message that its sender hides (SPEC DES-14).

use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroize;

use super::{
    Body, Contact, Content, Document, DocumentKind, Entity, EntityKind, ExternalDocument, GeoPoint, Media, Photo,
    Thumbnail, Venue, WebPage,
};

impl Content {
    /// Wipes and removes everything except the rights.
    pub(super) fn wipe(&mut self) {
        let Self { rights: _, text, entities, media } = self;
        wipe(text, entities, media);
    }
}

impl Body {
    /// Wipes and removes the content.
    pub(super) fn wipe(&mut self) {
        wipe(&mut self.text, &mut self.entities, &mut self.media);
    }
}

fn wipe(text: &mut String, entities: &mut Vec<Entity>, media: &mut Option<Media>) {
    text.zeroize();
    entities.iter_mut().for_each(Entity::wipe);
    entities.clear();
    media.iter_mut().for_each(Media::wipe);
    *media = None;
}

impl Entity {
    fn wipe(&mut self) {
        self.offset.zeroize();
        self.length.zeroize();
        if let EntityKind::Pre(text) | EntityKind::TextUrl(text) = &mut self.kind {
            text.zeroize();
        }
    }
}

impl Media {
    /// Wipes the texts. The key of a file wipes itself.
    fn wipe(&mut self) {
        match self {
            Self::Photo(Photo { thumbnail, .. }) => thumbnail.iter_mut().for_each(Thumbnail::wipe),
            Self::Document(Document { kind, thumbnail, mime_type, file_name, .. })
            | Self::ExternalDocument(ExternalDocument { kind, thumbnail, mime_type, file_name, .. }) => {
                kind.wipe();
                thumbnail.iter_mut().for_each(Thumbnail::wipe);
                mime_type.zeroize();
                file_name.zeroize();
            }
            Self::GeoPoint(point) => point.wipe(),
            Self::Venue(Venue { point, title, address, provider, venue_id }) => {
                point.wipe();
                [title, address, provider, venue_id].into_iter().for_each(Zeroize::zeroize);
            }
            Self::Contact(Contact { phone_number, first_name, last_name, user_id }) => {
                [phone_number, first_name, last_name].into_iter().for_each(Zeroize::zeroize);
                user_id.zeroize();
            }
            Self::WebPage(WebPage { url }) => url.zeroize(),
            Self::Unsupported => {}
        }
    }
}

impl DocumentKind {
    fn wipe(&mut self) {
        match self {
            Self::Audio { title, performer, .. } => [title, performer].into_iter().for_each(Zeroize::zeroize),
            Self::Voice { waveform, .. } => waveform.zeroize(),
            Self::Sticker { alt, set } => {
                alt.zeroize();
                set.zeroize();
            }
            Self::File | Self::Video { .. } | Self::Animation { .. } | Self::RoundVideo { .. } => {}
        }
    }
}

impl GeoPoint {
    fn wipe(&mut self) {
        self.latitude.zeroize();
        self.longitude.zeroize();
    }
}

impl Thumbnail {
    pub(super) fn wipe(&mut self) {
        self.jpeg.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wiped, a text is empty and a number zero.
    #[test]
    fn nothing_of_a_content_is_left() {
        let mut entity = Entity::new(EntityKind::TextUrl("https://example.org".into()), 3, 4);
        entity.wipe();
        assert_eq!((entity.offset, entity.length), (0, 0));
        assert!(entity.kind == EntityKind::TextUrl(String::new()));

        let mut point = GeoPoint { latitude: 1.5, longitude: -2.5 };
        point.wipe();
        assert_eq!((point.latitude, point.longitude), (0.0, 0.0));

        let mut audio = DocumentKind::Audio { duration: 1, title: "title".into(), performer: "performer".into() };
        audio.wipe();
        assert!(
            matches!(audio, DocumentKind::Audio { title, performer, .. } if title.is_empty() && performer.is_empty())
        );

        let mut page = Media::WebPage(WebPage { url: "https://example.org".into() });
        page.wipe();
        assert!(matches!(page, Media::WebPage(WebPage { url }) if url.is_empty()));
    }
}
