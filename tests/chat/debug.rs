//! `Debug` names what a value is and shows its sizes, but nothing of a key, a text or a picture.

use std::fmt;

use secretchat::frame::{Decoder, FragmentBounds, Reassembler};
use secretchat::hazmat::envelope::DirectionKey;
use secretchat::hazmat::ige::{Decryptor, Encryptor};
use secretchat::hazmat::kdf::{ChatKey, Offset};
use secretchat::hazmat::schedule::{Ends, Labels, Transcript};
#[cfg(feature = "telegram")]
use secretchat::hazmat::server_random::ServerRandom;
use secretchat::media::{
    self, FileForm, MediaCopies, MediaReseal, Progress, ResumableMediaDecryptor, ResumableMediaEncryptor, ResumeKey,
};
use secretchat::{
    Config, DiscardProof, Document, DocumentKind, Draft, Entity, EntityKind, Event, ExternalDocument, KeyFingerprint,
    Output, Peek, RandomId, rng_from_fn,
};

use crate::support::pair::{self, Pair, env};
use crate::support::rng::Seeded;
use crate::support::timed;

/// In decimal, as `Debug` prints bytes, a run of each of the secrets below.
const SECRETS: [&str; 5] = ["secret", "161, 161", "178, 178", "195, 195", "66, 66"];

#[track_caller]
fn shows(value: &dyn fmt::Debug, start: &str) {
    let shown = format!("{value:?}");
    assert!(shown.starts_with(start), "{shown}");
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_message_shows_no_content() {
    let kind = DocumentKind::voice(9, vec![66; 30]);
    let document = Document::new("audio/ogg", 1000, timed::file_key())
        .with_kind(kind)
        .with_file_name("secret name")
        .with_thumbnail(timed::preview());
    shows(&document, "Document { kind: Voice");
    shows(&ExternalDocument::new(1, 2, 3), "ExternalDocument");
    shows(&timed::preview(), "Thumbnail { width: 9, height: 6");
    let draft = Draft::media(document, "a secret caption");
    shows(&draft, "Draft");

    let mut pair = Pair::ready();
    pair.alice.send(&draft, &mut env(&mut Seeded::new(3))).unwrap();
    let sealed = pair::all_sealed(&mut pair.alice).remove(0);
    let Ok(Peek::Message(preview)) = pair.bob.peek(&sealed) else { panic!("a message") };
    shows(&preview, "Preview { random_id: ");
    shows(preview.content.as_ref().unwrap(), "PreviewContent { media: Some(\"voice\")");
    pair.bob_gets(&sealed).unwrap();
    let events = pair::events(&mut pair.bob);
    let message = events.iter().find_map(|event| match event {
        Event::Message(message) => Some(message),
        _ => None,
    });
    shows(message.unwrap(), "Message { random_id: ");
    shows(&message.unwrap().content, "Content { rights: ");
    shows(&pair.bob, "Chat { ");
}

#[test]
fn what_was_hidden_shows_no_content_when_it_is_opened() {
    let mut pair = Pair::ready();
    let draft = Draft::text("secret").with_ttl(timed::ttl(30)).hidden().with_random_id(RandomId(7));
    pair.alice.send(&draft, &mut env(&mut pair.rng)).unwrap();
    let sealed = pair::sealed(&mut pair.alice);
    pair.bob_gets(&sealed).unwrap();
    pair.bob.open_view(RandomId(7), &mut env(&mut pair.rng)).unwrap();
    let events = pair::events(&mut pair.bob);
    let opened = events.iter().find_map(|event| match event {
        Event::Opened { content, .. } => content.as_ref(),
        _ => None,
    });
    shows(opened.unwrap(), "ContentLease");
}

#[test]
fn a_config_shows_how_long_the_hosts_data_is() {
    let config = Config::x25519("alice", "bob").unwrap().with_host_data(*b"secret").unwrap();
    shows(&config, "Config { ");
    assert!(format!("{config:?}").contains("HostData(6 bytes)"));
}

#[test]
fn an_entity_shows_its_kind() {
    let kinds = [
        (EntityKind::Unknown, "Unknown"),
        (EntityKind::Mention, "Mention"),
        (EntityKind::Hashtag, "Hashtag"),
        (EntityKind::BotCommand, "BotCommand"),
        (EntityKind::Url, "Url"),
        (EntityKind::Email, "Email"),
        (EntityKind::Bold, "Bold"),
        (EntityKind::Italic, "Italic"),
        (EntityKind::Code, "Code"),
        (EntityKind::Pre("secret".into()), "Pre(..)"),
        (EntityKind::TextUrl("secret".into()), "TextUrl(..)"),
        (EntityKind::MentionName(42), "MentionName(..)"),
        (EntityKind::Phone, "Phone"),
        (EntityKind::Cashtag, "Cashtag"),
        (EntityKind::BankCard, "BankCard"),
        (EntityKind::Underline, "Underline"),
        (EntityKind::Strike, "Strike"),
        (EntityKind::Blockquote, "Blockquote"),
        (EntityKind::Spoiler, "Spoiler"),
        (EntityKind::CustomEmoji(42), "CustomEmoji(..)"),
    ];
    for (kind, name) in kinds {
        shows(&kind, name);
        shows(&Entity::new(kind, 1, 2), &format!("Entity {{ kind: {name}, offset: 1, length: 2 }}"));
    }
}

#[test]
fn keys_show_that_they_are_keys() {
    let chat_key = ChatKey::fill_with(|bytes| bytes.fill(66));
    let fingerprint = KeyFingerprint::from_bytes([1; 8]);
    shows(&fingerprint, "KeyFingerprint(0101010101010101)");
    shows(&DirectionKey { chat_key: &chat_key, fingerprint, x: Offset::INITIATOR }, "DirectionKey { fingerprint: ");
    shows(&chat_key, "Secret");
    #[cfg(feature = "telegram")]
    shows(&ServerRandom::new(&[66; 256]), "ServerRandom(..)");
    shows(&Encryptor::new(&[66; 32], &[66; 32]), "Encryptor(..)");
    shows(&Decryptor::new(&[66; 32], &[66; 32]), "Decryptor(..)");
    let ends = Ends::new(b"secret alice", b"bob", b"").unwrap();
    shows(&Transcript::new(&Labels::X25519, &ends, &[66; 32], &[66; 32]), "Transcript(..)");
    shows(&DiscardProof { sent: 7, mac: [66; 32] }, "DiscardProof { sent: 7");
    shows(&MediaCopies::new(&[FileForm::Segments], 100, &mut Seeded::new(1)).unwrap(), "MediaCopies([");
}

#[test]
fn what_encrypts_a_file_shows_how_far_it_is() {
    let rng = &mut Seeded::new(1);
    let (key, _) = media::seal(FileForm::Segments, &[66; 100], rng).unwrap();
    let reseal = MediaReseal::new(&key, 100, &[FileForm::Segments], rng).unwrap();
    shows(&reseal, "MediaReseal { from: ");
    assert_eq!(reseal.progress(), Progress { done: 0, total: 100 });
    let copies = MediaCopies::new(&[FileForm::Segments; 2], 100, rng).unwrap();
    assert_eq!(copies.encryptors().len(), 2);
    let resume_key = ResumeKey::new([66; 32]);
    let mut plan = ResumableMediaEncryptor::plan(FileForm::Segments, 100, rng).unwrap();
    plan.take(&[66; 100]).unwrap();
    shows(&plan.finish(&resume_key, rng).unwrap().0, "ResumableMediaEncryptor { encryptor: ");
    shows(&ResumableMediaDecryptor::new(&key, 100).unwrap(), "ResumableMediaDecryptor { decryptor: ");
}

#[test]
fn what_the_transport_gets_shows_no_bytes() {
    let mut pair = Pair::ready();
    pair.alice.send(&Draft::text("secret"), &mut env(&mut Seeded::new(3))).unwrap();
    let outputs = pair::outputs(&mut pair.alice);
    let transmit = outputs.iter().find_map(|output| match output {
        Output::Transmit(transmit) => Some(&transmit.kind),
        _ => None,
    });
    shows(transmit.unwrap(), "Ciphertext { ");
    let mut rng = Seeded::new(1);
    shows(&env(&mut rng), "Env { now: ");
    shows(&rng_from_fn(|bytes| bytes.fill(66)), "FnRng");
    shows(&Decoder::new(), "Decoder { ");
    shows(&Reassembler::new(FragmentBounds::default()), "Reassembler { bounds: ");
}
