//! Drafts of any kind, and what of them should arrive at a layer.

use std::string::String;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;
use proptest::{option, string::string_regex};

use crate::media::ChainKey;
use crate::message::*;
use crate::types::id::{Layer, RandomId};

pub(super) const TWO_GIB: u64 = 1 << 31;

pub(super) fn drafts() -> impl Strategy<Value = Draft> {
    let text = string_regex("[a-z 😀é]{1,60}").unwrap();
    let entities = prop::collection::vec((entity_kinds(), 0u32..60, 1u32..30), 0..12);
    let answers = (option::of((1..i64::MAX).prop_map(RandomId)), option::of(string_regex("[a-z]{1,9}").unwrap()));
    (text, entities, option::of(media()), answers, any::<bool>()).prop_map(
        |(text, entities, media, (reply_to, via_bot), silent)| {
            let mut entities: Vec<_> =
                entities.into_iter().map(|(kind, offset, length)| Entity { kind, offset, length }).collect();
            entities.retain(|entity| entity.range(&text).is_some());
            Draft { text, entities, media, reply_to, via_bot, silent, ..Draft::default() }
        },
    )
}

/// The entities that should arrive: each is judged against all others that are known at the layer.
pub(super) fn entities_at(entities: &[Entity], layer: Layer) -> Vec<Entity> {
    let mut kept: Vec<(usize, &Entity)> = Vec::new();
    let mut order: Vec<_> = entities.iter().enumerate().filter(|(_, e)| first_layer(&e.kind) <= layer).collect();
    order.sort_by(|(_, a), (_, b)| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
    for (index, entity) in order {
        let touches = |other: &Entity| {
            entity.offset < other.offset + other.length && other.offset < entity.offset + entity.length
        };
        if layer >= Layer::L101 || !kept.iter().any(|(_, other)| touches(other)) {
            kept.push((index, entity));
        }
    }
    kept.sort_by_key(|(index, _)| *index);
    kept.into_iter().map(|(_, entity)| entity.clone()).collect()
}

/// The medium that should arrive, `None` if the layer cannot express it.
pub(super) fn media_at(media: Media, layer: Layer) -> Option<Media> {
    let size_at = |kind: &DocumentKind, image_size: Option<(u32, u32)>| {
        image_size.filter(|_| matches!(kind, DocumentKind::File | DocumentKind::Sticker { .. }))
    };
    Some(match media {
        Media::Document(mut document) => {
            if layer < Layer(143) && document.size > 2_097_152_000 {
                return None;
            }
            kind_at(&mut document.kind, layer);
            document.image_size = size_at(&document.kind, document.image_size);
            Media::Document(document)
        }
        Media::ExternalDocument(mut document) => {
            kind_at(&mut document.kind, layer);
            document.image_size = size_at(&document.kind, document.image_size);
            Media::ExternalDocument(document)
        }
        media => media,
    })
}

fn media() -> impl Strategy<Value = Media> {
    let points = || (-90.0..=90.0, -180.0..=180.0).prop_map(|(latitude, longitude)| GeoPoint { latitude, longitude });
    let files = || (kinds(), thumbnails(), names(), option::of(names()), sizes());
    prop_oneof![
        (thumbnails(), numbers(), numbers(), 1..TWO_GIB, any::<[u8; 32]>()).prop_map(
            |(thumbnail, width, height, size, key)| {
                let key = Some(ChainKey::from_parts(key, [3; 32]).into());
                Media::Photo(Photo { thumbnail, width, height, size, key })
            }
        ),
        (files(), prop_oneof![1..3 * TWO_GIB, Just(u64::MAX >> 1)], any::<[u8; 32]>()).prop_map(
            |((kind, thumbnail, mime_type, file_name, image_size), size, key)| {
                let key = Some(ChainKey::from_parts(key, [3; 32]).into());
                Media::Document(Document { kind, thumbnail, mime_type, file_name, image_size, size, key })
            }
        ),
        points().prop_map(Media::GeoPoint),
        (points(), names(), names(), names(), names()).prop_map(|(point, title, address, provider, venue_id)| {
            Media::Venue(Venue { point, title, address, provider, venue_id })
        }),
        (names(), names(), names(), any::<i32>()).prop_map(|(phone_number, first_name, last_name, user_id)| {
            Media::Contact(Contact { phone_number, first_name, last_name, user_id })
        }),
        string_regex("[a-z]{1,4096}").unwrap().prop_map(|url| Media::WebPage(WebPage { url })),
        (files(), any::<(i64, i64, i32, i32)>(), 0..TWO_GIB).prop_map(
            |((kind, thumbnail, mime_type, file_name, image_size), (id, access_hash, dc_id, date), size)| {
                Media::ExternalDocument(ExternalDocument {
                    id,
                    access_hash,
                    dc_id,
                    date,
                    kind,
                    thumbnail,
                    mime_type,
                    file_name,
                    image_size,
                    size,
                })
            }
        ),
    ]
}

fn kinds() -> impl Strategy<Value = DocumentKind> {
    let three = || (numbers(), numbers(), numbers());
    prop_oneof![
        Just(DocumentKind::File),
        three().prop_map(|(duration, width, height)| DocumentKind::video(duration, width, height)),
        (numbers(), 1..2000u32, 1..2000u32).prop_map(|(duration, width, height)| DocumentKind::Animation {
            duration,
            width,
            height
        }),
        (numbers(), names(), names()).prop_map(|(duration, title, performer)| DocumentKind::Audio {
            duration,
            title,
            performer
        }),
        (numbers(), prop::collection::vec(any::<u8>(), 0..=100))
            .prop_map(|(duration, waveform)| DocumentKind::Voice { duration, waveform }),
        (numbers(), numbers()).prop_map(|(duration, side)| DocumentKind::round_video(duration, side)),
        (names(), option::of(names())).prop_map(|(alt, set)| DocumentKind::Sticker { alt, set }),
    ]
}

fn thumbnails() -> impl Strategy<Value = Option<Thumbnail>> {
    option::of(
        (prop::collection::vec(any::<u8>(), 1..300), 1..=100u32, 1..=100u32)
            .prop_map(|(jpeg, width, height)| Thumbnail { jpeg, width, height }),
    )
}

fn sizes() -> impl Strategy<Value = Option<(u32, u32)>> {
    option::of((numbers(), numbers()))
}

fn entity_kinds() -> impl Strategy<Value = EntityKind> {
    prop_oneof![
        Just(EntityKind::Unknown),
        Just(EntityKind::Mention),
        Just(EntityKind::Hashtag),
        Just(EntityKind::BotCommand),
        Just(EntityKind::Url),
        Just(EntityKind::Email),
        Just(EntityKind::Bold),
        Just(EntityKind::Italic),
        Just(EntityKind::Code),
        names().prop_map(EntityKind::Pre),
        names().prop_map(EntityKind::TextUrl),
        any::<i32>().prop_map(EntityKind::MentionName),
        Just(EntityKind::Phone),
        Just(EntityKind::Cashtag),
        Just(EntityKind::BankCard),
        Just(EntityKind::Underline),
        Just(EntityKind::Strike),
        Just(EntityKind::Blockquote),
        Just(EntityKind::Spoiler),
        any::<i64>().prop_map(EntityKind::CustomEmoji),
    ]
}

fn names() -> impl Strategy<Value = String> {
    string_regex("[a-z.é😀]{0,40}").unwrap()
}

fn numbers() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(u32::MAX >> 1), 0..2000u32]
}

fn first_layer(kind: &EntityKind) -> Layer {
    match kind {
        EntityKind::Underline | EntityKind::Strike | EntityKind::Blockquote => Layer::L101,
        EntityKind::Spoiler | EntityKind::CustomEmoji(_) => Layer::L144,
        _ => Layer::L46,
    }
}

/// The kind that should arrive.
fn kind_at(kind: &mut DocumentKind, layer: Layer) {
    match kind {
        DocumentKind::RoundVideo { duration, side } if layer < Layer(66) => {
            *kind = DocumentKind::video(*duration, *side, *side);
        }
        DocumentKind::Sticker { set, .. } => *set = None,
        _ => {}
    }
}
