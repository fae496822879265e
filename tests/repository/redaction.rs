//! No `Debug` and no `Display` shows a secret (bug class: keys and texts in logs).
//!
//! A new type is one line in `at_46_secrets_stay_hidden`, a new error one word in `ERRORS`.

use core::fmt::{Debug, Display};

use hkdf::Hkdf;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{DirectionKey, SealError};
use secretchat::hazmat::ige::{Decryptor, Encryptor};
use secretchat::hazmat::kdf::Offset;
use secretchat::hazmat::schedule::{DiscardKey, Ends, Labels, Root, Transcript};
use secretchat::{
    ApiMisuse, CloseReason, Env, KeyFingerprint, MediaError, PeerFault, RekeyFailure, Role, StoreError, Timestamp,
    Violation,
};
#[cfg(feature = "alloc")]
use secretchat::{History, Unavailable};
use sha2::Sha256;

use crate::support::rng::Seeded;

/// A byte that no structure of ours is full of: 167, `a7`.
const PLANTED: u8 = 0xa7;
/// No part of these words stands in a name of ours.
const TEXT: &[u8] = b"kwyjibo vexqus zyzzyva gnusto rezrov";

/// The way in which four or more bytes in a row of `secret` can be read in `shown`, if there is one.
///
/// Looks for hexadecimal and decimal digits with any separators between the bytes, escapes, and plain text.
fn leak(shown: &str, secret: &[u8]) -> Option<&'static str> {
    const RUN: usize = 4;
    let lower = shown.to_lowercase();
    // "[0xa7, 0xa7]", "a7:a7" and "\xa7\xa7" become "a7a7".
    let hex: String = lower.replace("0x", "").replace("\\x", "").chars().filter(char::is_ascii_alphanumeric).collect();
    let digits: Vec<&str> = lower.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).collect();
    for run in secret.windows(RUN) {
        let numbers: Vec<String> = run.iter().map(u8::to_string).collect();
        if hex.contains(&hex::encode(run)) {
            return Some("hex");
        }
        if digits.windows(RUN).any(|window| window == numbers) {
            return Some("numbers");
        }
        if run.iter().all(u8::is_ascii_graphic) && shown.contains(core::str::from_utf8(run).unwrap()) {
            return Some("text");
        }
    }
    None
}

/// Asserts that neither form of `value`'s `Debug` shows one of `secrets`.
fn hides(value: &dyn Debug, secrets: &[&[u8]]) {
    for shown in [format!("{value:?}"), format!("{value:#?}"), format!("{value:x?}"), format!("{value:02X?}")] {
        assert!(!shown.is_empty());
        for secret in secrets {
            assert_eq!(leak(&shown, secret), None, "{shown}");
        }
    }
}

/// The root of a handshake with the shared secret of planted bytes, and its bytes, which it does not show by itself.
fn root() -> (Root, [u8; 32]) {
    let th = Transcript::from_bytes([PLANTED; 32]);
    let mut bytes = [0; 32];
    let prk = Hkdf::<Sha256>::new(Some(b"secretchat/1 x25519 handshake"), &[PLANTED; 32]);
    prk.expand_multi_info(&[b"secretchat/1 root", &th.to_bytes()], &mut bytes).unwrap();
    let root = Root::of_handshake(&Labels::X25519, &Secret::new([PLANTED; 32]), &th);
    let mut chain = [0; 32];
    Hkdf::<Sha256>::from_prk(&bytes).unwrap().expand(b"secretchat/1 chain", &mut chain).unwrap();
    assert_eq!(root.chain().expose(), &chain, "these are its bytes");
    (root, bytes)
}

#[test]
fn at_46_secrets_stay_hidden() {
    let planted = &[PLANTED; 256][..];
    let (chat_key, half) = (Secret::new([PLANTED; 256]), || Secret::new([PLANTED; 32]));
    let text = Secret::new(*TEXT.first_chunk::<32>().unwrap());
    let message_key =
        DirectionKey { chat_key: &chat_key, fingerprint: KeyFingerprint::from_long(1), x: Offset::INITIATOR };
    let (root, root_bytes) = root();
    let mut rng = Seeded::new(u64::from_le_bytes([PLANTED; 8]));

    hides(&chat_key, &[planted]);
    hides(&text, &[TEXT]);
    hides(&Secret::new([PLANTED; 4]), &[planted]);
    hides(&[half(), half()], &[planted]);
    hides(&message_key, &[planted]);
    hides(&Encryptor::new(&[PLANTED; 32], &[PLANTED; 32]), &[planted]);
    hides(&Decryptor::new(&[PLANTED; 32], &[PLANTED; 32]), &[planted]);
    hides(&Transcript::from_bytes([PLANTED; 32]), &[planted]);
    hides(&root, &[planted, &root_bytes]);
    let discard = root.discard_keys();
    hides(&discard, &[Role::Initiator, Role::Responder].map(|role| &discard.of(role).secret().expose()[..]));
    hides(&DiscardKey::new(half()), &[planted]);
    #[cfg(feature = "alloc")]
    hides(&secretchat::DiscardProof { sent: 1, mac: [PLANTED; 32] }, &[planted]);
    hides(&Env::new(Timestamp::from_millis(1), &mut rng), &[planted]);
    // Without a secret: `MsgKey` stands in the clear in each message, `Verification` is there to be shown.
    hides(&Ends::new(b"initiator", b"responder", b"context").map(|_| ()), &[planted]);
}

/// One name, its variants by name, and what each displays.
type Shown = (&'static str, Vec<(&'static str, String, String)>);

fn shown<E: Debug + Display>(names: &[&'static str], values: &[E]) -> Vec<(&'static str, String, String)> {
    names.iter().zip(values).map(|(name, value)| (*name, value.to_string(), format!("{value:?}"))).collect()
}

macro_rules! errors {
    ($($(#[$cfg:meta])* $name:ident { $($variant:ident)+ })+) => {
        fn errors() -> Vec<Shown> {
            Vec::from([$($(#[$cfg])* (
                stringify!($name),
                shown(&[$(stringify!($variant)),+], &[$($name::$variant),+]),
            ),)+])
        }
    };
}

errors! {
    ApiMisuse {
        DhGenerator UnusableRng TtlTooLong IdLength IdsEqual MessageTooLong NotInProfile ViewOnce RandomId EmptyMessage
        EntityRange TooManyEntities MissingMediaKey MediaSize MediaDetails Coordinates AlbumSize AlbumMedia HostDataLength
        TtlBounds ExportLength HiddenWithoutTimer
    }
    #[cfg(feature = "alloc")]
    Unavailable {
        NotReady ChatClosed SeqExhausted OutboxFull RekeyRequired RekeyInProgress TooManyTimers NotTimed Expired NoExporter
    }
    SealError { BodyLength PaddingLength BufferTooSmall UnusableRng }
    PeerFault { UnknownKey NotAuthentic BadPublicValue FingerprintMismatch }
    Violation {
        SeqNegative SeqParity InSeqBack InSeqAhead SeqExhausted LayerBack BareObject BodyNotUnderstood ResendRange
        RekeyUnexpected
    }
    RekeyFailure { BadValue FingerprintMismatch FingerprintCollision Aborted Refused Unanswered }
    StoreError { Missing Damaged Mismatch ProfileOff NewerVersion OlderVersion RolledBack Branched }
    MediaError {
        Empty TooLong Truncated TooLarge PartSize PartLength TooManyFiles ResumeToken ResumeMismatch Header NotThisFile
        NotAuthentic Padding OutOfRange
    }
}

/// The names of the variants of an enum made by `errors!`.
fn declared(name: &str) -> Vec<String> {
    let source = concat!(
        include_str!("../../src/types/error/call.rs"),
        include_str!("../../src/types/error/media.rs"),
        include_str!("../../src/types/error/misuse.rs"),
        include_str!("../../src/types/error/peer.rs"),
        include_str!("../../src/types/error/store.rs"),
        include_str!("../../src/envelope/mod.rs"),
    );
    let (_, rest) = source.split_once(&format!("\n    {name} {{\n")).unwrap();
    let (variants, _) = rest.split_once("\n    }\n").unwrap();
    let lines = variants.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let rows = lines.filter_map(|line| line.split_once(" => "));
    rows.filter_map(|(row, _)| row.split(' ').next_back()).map(str::to_owned).collect()
}

fn numbers(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).collect()
}

fn check_display(name: &str, display: &str) {
    // Bounds of the specification, and no other number: an error carries no data.
    const BOUNDS: [&str; 8] = ["1", "2", "10", "12", "255", "1024", "4096", "8160"];
    assert!(!display.trim().is_empty(), "{name}");
    assert!(numbers(display).iter().all(|number| BOUNDS.contains(number)), "{name}: {display}");
    assert_eq!(leak(display, &[PLANTED; 8]), None, "{name}: {display}");
    assert!(!display.ends_with('.') && display.is_ascii(), "{name}: {display}");
}

#[test]
fn errors_say_something_and_carry_no_data() {
    for (name, variants) in errors() {
        let listed: Vec<_> = variants.iter().map(|(variant, ..)| (*variant).to_owned()).collect();
        assert_eq!(listed, declared(name), "{name}: the list above is complete");
        for (variant, display, debug) in &variants {
            check_display(&format!("{name}::{variant}"), display);
            assert_eq!(debug, variant);
        }
        let mut displays: Vec<_> = variants.iter().map(|(_, display, _)| display).collect();
        displays.sort();
        displays.dedup();
        assert_eq!(displays.len(), variants.len(), "{name}: each says something else");
    }
    let violation = CloseReason::Violation(Violation::SeqParity);
    for reason in [CloseReason::ByUs, CloseReason::ByPeer, CloseReason::Unproved, violation, CloseReason::RolledBack] {
        check_display("CloseReason", &reason.to_string());
    }
}

// The detector finds what it is there to find.
#[test]
fn detector_finds_a_type_that_leaks() {
    #[derive(Debug)]
    struct Derived {
        #[allow(dead_code)]
        key: [u8; 32],
    }
    struct Printed(fn(&[u8]) -> String);
    impl Debug for Printed {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str(&(self.0)(&[PLANTED; 4]))
        }
    }
    let planted = &[PLANTED; 32][..];
    let debug = |value: &dyn Debug| format!("{value:?}");

    let derived = Derived { key: [PLANTED; 32] };
    assert_eq!(leak(&debug(&derived), planted), Some("numbers"));
    assert_eq!(leak(&format!("{derived:#?}"), planted), Some("numbers"));
    assert_eq!(leak(&format!("{derived:x?}"), planted), Some("hex"));
    assert_eq!(leak(&format!("{derived:02X?}"), planted), Some("hex"));
    assert_eq!(leak(&debug(&Printed(|key| hex::encode(key))), planted), Some("hex"));
    assert_eq!(leak(&debug(&Printed(|key| hex::encode_upper(key))), planted), Some("hex"));
    assert_eq!(leak(&debug(&Printed(|key| format!("{key:#04x?}"))), planted), Some("hex"));
    assert_eq!(leak(&debug(&Printed(|key| key.escape_ascii().to_string())), planted), Some("hex"));
    assert_eq!(leak(&debug(&String::from_utf8_lossy(TEXT)), TEXT), Some("text"));
    assert_eq!(leak(&debug(&TEXT), TEXT), Some("numbers"));
    assert_eq!(leak("[1, 167, 167, 167, 3]", planted), None, "three in a row may be chance");
    assert_eq!(leak("Secret<167>(..)", planted), None);

    let caught = std::panic::catch_unwind(|| hides(&Derived { key: [PLANTED; 32] }, &[&[PLANTED; 32]]));
    assert!(caught.is_err(), "and the assertion fails for it");
}

/// What needs a heap: a whole chat and everything that goes in and comes out.
#[cfg(feature = "alloc")]
mod chat {
    use recordings::Scripted;
    use secretchat::hazmat::handshake::Request;
    use secretchat::media::{ChainKey, MediaKey, SegmentKey};
    use secretchat::{
        Chat, Config, Contact, Document, DocumentKind, Draft, Entity, EntityKind, Event, ExternalDocument, Input,
        Invitation, Media, Output, Photo, StoreKey, Thumbnail, TransmitKind, Venue, WebPage,
    };

    use super::*;
    use crate::support::agreement::{self, Agreement, Part};

    const OTHER: u8 = 0x5b;

    fn text() -> String {
        String::from_utf8(TEXT.to_vec()).unwrap()
    }

    fn chain_key() -> Option<MediaKey> {
        Some(ChainKey::from_parts([PLANTED; 32], [PLANTED; 32]).into())
    }

    fn segment_key() -> Option<MediaKey> {
        Some(SegmentKey::from_parts([PLANTED; 32], [PLANTED; 32]).into())
    }

    fn photo() -> Media {
        let thumbnail = Thumbnail::new(vec![PLANTED; 40], 4, 3);
        Media::Photo(Photo::new(40, 30, 1000, segment_key().unwrap()).with_thumbnail(thumbnail))
    }

    fn document() -> Media {
        Media::Document(Document::new(text(), 7, segment_key().unwrap()).with_file_name(text()))
    }

    fn draft(media: Media) -> Draft {
        let link = Entity::new(EntityKind::TextUrl(text()), 0, 6);
        Draft::media(media, text()).with_entities([link])
    }

    #[test]
    fn parts_of_messages_stay_hidden() {
        let secrets = [&[PLANTED; 64][..], TEXT];
        hides(&StoreKey::new([PLANTED; 32]), &secrets);
        hides(&Config::x25519("a", "b").map(|config| config.with_store(StoreKey::new([PLANTED; 32]))), &secrets);
        hides(&Config::x25519("a", "b").and_then(|config| config.with_host_data([PLANTED; 64])), &secrets);
        hides(&Request::resume(Secret::new([PLANTED; 32])), &secrets);
        #[cfg(feature = "hybrid")]
        {
            use secretchat::hazmat::handshake::hybrid::Request;
            hides(&Request::resume(Secret::new([PLANTED; 32]), Secret::new([PLANTED; 64])), &secrets);
        }
        hides(&chain_key(), &secrets);
        hides(&segment_key(), &secrets);
        hides(&photo(), &secrets);
        hides(&document(), &secrets);
        hides(&draft(photo()), &secrets);
        hides(&draft(document()), &secrets);
        hides(&draft(document()).entities, &secrets);
        hides(&EntityKind::Pre(text()), &secrets);
        let audio = DocumentKind::audio(1, text(), text());
        hides(&audio, &secrets);
        hides(&DocumentKind::voice(1, vec![PLANTED; 63]), &secrets);
        hides(&DocumentKind::sticker(text(), Some(text())), &secrets);
        hides(&Media::Document(Document::default().with_kind(audio.clone())), &secrets);
        hides(&Media::Venue(Venue::new(secretchat::GeoPoint::default(), text(), text())), &secrets);
        hides(&Media::Contact(Contact::new(text(), text())), &secrets);
        hides(&Media::WebPage(WebPage::new(text())), &secrets);
        let mut external = ExternalDocument::default();
        (external.kind, external.mime_type) = (audio, text());
        hides(&Media::ExternalDocument(external), &secrets);
        hides(&Draft::text(text()).with_via_bot(text()), &secrets);
    }

    #[test]
    fn at_46_chat_from_request_to_close_stays_hidden() {
        for agreement in agreement::EVERY {
            stays_hidden(*agreement);
        }
    }

    /// A chat whose keys are known here, because all that its ends draw for them is.
    fn stays_hidden(agreement: Agreement) {
        // Scalar, scalar, m; and the seed.
        let mut rng = Scripted::new([vec![PLANTED; 32], vec![OTHER; 32], vec![OTHER; 32], vec![PLANTED; 64]]);
        let mut env = Env::new(Timestamp::from_millis(1_700_000_000_000), &mut rng);
        let ends = Ends::new(b"alice", b"bob", b"").unwrap();
        let part = Part::Answers { secret: OTHER, request: &agreement.request(PLANTED) };
        let (shared, (th, root)) = (agreement.shared(part), agreement.handshake(part, &ends));
        let (chat_key, chain, discard) = (root.chat_key(), root.chain(), root.discard_keys());
        let (discard_i, discard_r) = (discard.of(Role::Initiator).secret(), discard.of(Role::Responder).secret());
        let secrets: [&[u8]; 9] = [
            TEXT,
            &[PLANTED; 64],
            &[OTHER; 32],
            &shared,
            &th.to_bytes(),
            chat_key.expose(),
            chain.expose(),
            discard_i.expose(),
            discard_r.expose(),
        ];

        let store = || StoreKey::new([PLANTED; 32]);
        let config = |local: &str, peer: &str| agreement.config(local, peer).with_store(store());
        let mut alice = Chat::request(config("alice", "bob"), &mut env).unwrap();
        let drain = |chat: &mut Chat| {
            hides(chat, &secrets);
            let outputs: Vec<_> = std::iter::from_fn(|| chat.poll_output()).collect();
            for output in &outputs {
                hides(output, &secrets);
            }
            hides(chat, &secrets);
            outputs
        };
        let transmits = |outputs: Vec<Output>| -> Vec<TransmitKind> {
            let kinds = outputs.into_iter().filter_map(|output| match output {
                Output::Transmit(transmit) => Some(transmit.kind),
                _ => None,
            });
            kinds.collect()
        };

        let TransmitKind::Request { public, .. } = transmits(drain(&mut alice)).remove(0) else { panic!("a request") };
        let invitation = Invitation::parse(&public, config("bob", "alice")).unwrap();
        hides(&invitation, &secrets);
        let mut bob = invitation.accept(&mut env).unwrap();
        let TransmitKind::Accept { public, fingerprint, .. } = transmits(drain(&mut bob)).remove(0) else {
            panic!("an answer")
        };
        assert_eq!(fingerprint, root.fingerprint(), "these are the keys of the chat");
        let accepted = Input::accepted(&public, fingerprint);
        hides(&accepted, &secrets);
        alice.handle(accepted, &mut env).unwrap();
        for media in [photo(), document()] {
            alice.send(&draft(media), &mut env).unwrap();
        }

        let mut received = 0;
        for kind in transmits(drain(&mut alice)) {
            let TransmitKind::Ciphertext { bytes, .. } = kind else { continue };
            bob.handle(Input::ciphertext(&bytes, None, None), &mut env).unwrap();
            for output in drain(&mut bob) {
                if let Output::Event(Event::Message(message)) = output {
                    assert_eq!(message.content.text.as_bytes(), TEXT, "it is there to be shown");
                    assert!(message.content.media.is_some());
                    received += 1;
                }
            }
        }
        assert_eq!(received, 2);
        alice.close(History::Delete, &mut env);
        drain(&mut alice);
    }
}
