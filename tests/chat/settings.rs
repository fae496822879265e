//! A setter sets its fields and leaves the others as they are.

use std::time::Duration;

#[cfg(feature = "telegram")]
use secretchat::{ApiMisuse, Config, DhGroup, Layer, PeerPolicy};
use secretchat::{Contact, Document, GeoPoint, Limits, RekeyLimit, RekeyPolicy, Venue};

use crate::support::timed;

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn limits_are_set_one_by_one() {
    let expected = |set: fn(&mut Limits)| {
        let mut limits = Limits::default();
        set(&mut limits);
        limits
    };
    let limits = Limits::default;
    assert_eq!(limits().with_outbox(1, 2), expected(|it| (it.outbox_messages, it.outbox_bytes) = (1, 2)));
    let waiting = expected(|it| (it.waiting_messages, it.waiting_bytes, it.waiting_span) = (3, 4, 5));
    assert_eq!(limits().with_waiting(3, 4, 5), waiting);
    assert_eq!(limits().with_timed_messages(6), expected(|it| it.timed_messages = 6));
    assert_eq!(limits().with_view_once(HOUR), expected(|it| it.view_once = HOUR));
    assert_eq!(limits().with_discard_patience(HOUR), expected(|it| it.discard_patience = HOUR));
}

#[test]
fn a_rekey_policy_is_set_one_by_one() {
    let expected = |set: fn(&mut RekeyPolicy)| {
        let mut policy = RekeyPolicy::x25519();
        set(&mut policy);
        policy
    };
    let policy = RekeyPolicy::x25519;
    let messages = expected(|it| (it.initiator_messages, it.responder_messages) = (7, 8));
    assert_eq!(policy().with_messages(7, 8), messages);
    assert_eq!(policy().with_bytes(9), expected(|it| it.bytes = Some(9)));
    assert_eq!(policy().with_age(HOUR), expected(|it| it.age = HOUR));
    let limit = expected(|it| (it.limit, it.limit_messages, it.limit_age) = (RekeyLimit::Tell, 10, HOUR));
    assert_eq!(policy().with_limit(RekeyLimit::Tell, 10, HOUR), limit);
    assert_eq!(policy().with_patience(HOUR), expected(|it| it.patience = HOUR));
}

#[test]
fn what_a_medium_tells_is_set_one_by_one() {
    let point = GeoPoint { latitude: 1.0, longitude: 2.0 };
    let venue = Venue::new(point, "title", "address");
    let mut listed = venue.clone();
    (listed.provider, listed.venue_id) = ("foursquare".to_owned(), "7".to_owned());
    assert!(venue.with_provider("foursquare", "7") == listed);

    let contact = Contact::new("+100", "first");
    let mut whole = contact.clone();
    (whole.last_name, whole.user_id) = ("last".to_owned(), 9);
    assert!(contact.with_last_name("last").with_user_id(9) == whole);

    let document = Document::new("a/b", 10, timed::file_key()).with_image_size(3, 4);
    assert_eq!((document.image_size, document.size, document.mime_type.as_str()), (Some((3, 4)), 10, "a/b"));
}

/// The Telegram profile has no names, and the same longest context as the others (SPEC X25-1).
#[cfg(feature = "telegram")]
#[test]
fn a_context_has_a_longest_length_in_the_telegram_profile_too() {
    let config = || Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default);
    assert!(config().with_context([7; 1_023]).is_ok());
    assert!(config().with_context([7; 1_024]).is_ok());
    assert_eq!(config().with_context([7; 1_025]).map(drop), Err(ApiMisuse::IdLength));
}

/// SPEC LAY-2.
#[cfg(feature = "telegram")]
#[test]
fn only_the_telegram_profile_has_layers() {
    let config = Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default);
    assert!(config.with_layer(Layer::L73).is_ok());
    let config = Config::x25519("alice", "bob").unwrap();
    assert_eq!(config.with_layer(Layer::L73).map(drop), Err(ApiMisuse::NotInProfile));
}
