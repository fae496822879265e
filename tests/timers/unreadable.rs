//! What is destroyed is unreadable: nothing that the chat holds or stores gives the file back (SPEC DES-8, DES-10, REC-2).

use std::io::Read;

use secretchat::hazmat::Secret;
use secretchat::hazmat::{envelope, kdf, records};
use secretchat::media::{Padding, SegmentEncryptReader, SegmentKey};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Draft, Env, Event, Handled, Input, Invitation, Media, MediaLease, Output, Photo, RandomId, Records, Role,
    StoreKey, Timestamp, TransmitKind, Ttl, Unavailable,
};
use zeroize::ZeroizeOnDrop;

use crate::support::rng::Seeded;
use crate::world::{STORE_KEY, config};

const START: u64 = 1_700_000_000_000;
const CONTENT: &[u8] = b"what the sender does not want to be seen for longer";
const ID: RandomId = RandomId(77);

/// A chat, its store, and everything that an attacker could have copied on the way.
struct Watched {
    chat: Chat,
    store: MemoryStore,
    /// The records after every batch.
    versions: Vec<Records>,
    /// Every message that left.
    sent: Vec<Vec<u8>>,
    outgoing: Vec<Vec<u8>>,
    ended: usize,
    lease: Option<Box<MediaLease>>,
}

impl Watched {
    fn new(chat: Chat) -> Self {
        let store = MemoryStore::default();
        Self { chat, store, versions: vec![], sent: vec![], outgoing: vec![], ended: 0, lease: None }
    }

    fn current(&self) -> Records {
        self.store.load(self.chat.id().unwrap()).unwrap().unwrap()
    }

    /// Takes all outputs; requests and acceptances come back.
    fn drain(&mut self) -> Option<TransmitKind> {
        let mut first_words = None;
        while let Some(output) = self.chat.poll_output() {
            match output {
                Output::Persist(batch) => {
                    self.store.apply(&batch).unwrap();
                    self.versions.push(self.current());
                }
                Output::Transmit(transmit) => match transmit.kind {
                    TransmitKind::Ciphertext { bytes, .. } => {
                        self.sent.push(bytes.clone());
                        self.outgoing.push(bytes);
                    }
                    kind => first_words = Some(kind),
                },
                Output::Event(Event::Expired { random_id: ID, .. }) => self.ended += 1,
                Output::Event(Event::Opened { lease, .. }) => self.lease = lease,
                _ => {}
            }
        }
        first_words
    }
}

/// Alice, Bob, and a photo whose key goes from one to the other.
struct Story {
    alice: Watched,
    bob: Watched,
    rng: Seeded,
    now: u64,
    key: SegmentKey,
    /// The encrypted file, which the carrier keeps.
    file: Vec<u8>,
}

impl Story {
    fn tell(ttl: Ttl) -> Self {
        let mut rng = Seeded::new(9);
        let (key, file) = encrypted(&mut rng);
        let mut env = Env::new(Timestamp::from_millis(START), &mut rng);
        let mut alice = Watched::new(Chat::request(config("alice", "bob"), &mut env).unwrap());
        let Some(TransmitKind::Request { public, .. }) = alice.drain() else { panic!("a request") };
        let invitation = Invitation::parse(&public, config("bob", "alice")).unwrap();
        let mut bob = Watched::new(invitation.accept(&mut env).unwrap());
        let Some(TransmitKind::Accept { public, fingerprint, .. }) = bob.drain() else { panic!("an acceptance") };
        alice.chat.handle(Input::accepted(&public, fingerprint), &mut env).unwrap();
        let mut story = Self { alice, bob, rng, now: START, key, file };
        story.carry();
        let size = u64::try_from(CONTENT.len()).unwrap();
        let photo = Photo::new(1, 1, size, story.key.duplicate());
        let draft = Draft::media(Media::Photo(photo), "").with_random_id(ID).with_ttl(ttl);
        let mut env = Env::new(Timestamp::from_millis(story.now), &mut story.rng);
        story.alice.chat.send(&draft, &mut env).unwrap();
        story.carry();
        story
    }

    /// Until nothing moves.
    fn carry(&mut self) {
        let mut env = Env::new(Timestamp::from_millis(self.now), &mut self.rng);
        loop {
            self.alice.drain();
            self.bob.drain();
            let (to_bob, to_alice) = (std::mem::take(&mut self.alice.outgoing), std::mem::take(&mut self.bob.outgoing));
            if to_bob.is_empty() && to_alice.is_empty() {
                return;
            }
            for (to, all) in [(&mut self.bob, to_bob), (&mut self.alice, to_alice)] {
                for bytes in all {
                    to.chat.handle(Input::ciphertext(&bytes, None, None), &mut env).unwrap();
                }
            }
        }
    }

    fn bob_opens(&mut self) -> Box<MediaLease> {
        self.bob.chat.open_view(ID, &mut Env::new(Timestamp::from_millis(self.now), &mut self.rng)).unwrap();
        self.bob.drain();
        self.bob.lease.take().unwrap()
    }

    fn let_pass(&mut self, millis: u64) {
        self.now += millis;
        let mut env = Env::new(Timestamp::from_millis(self.now), &mut self.rng);
        self.alice.chat.handle_timeout(&mut env);
        self.bob.chat.handle_timeout(&mut env);
        self.carry();
    }

    /// Acknowledges what there is, and lets both ends renew their keys.
    fn renew_keys(&mut self) {
        self.alice.chat.rekey(&mut Env::new(Timestamp::from_millis(self.now), &mut self.rng)).unwrap();
        for _ in 0..3 {
            self.carry();
            let mut env = Env::new(Timestamp::from_millis(self.now), &mut self.rng);
            self.alice.chat.acknowledge(&mut env).unwrap();
            self.bob.chat.acknowledge(&mut env).unwrap();
        }
        self.carry();
        assert_eq!((self.alice.chat.rekeys(), self.bob.chat.rekeys()), (1, 1));
    }

    /// Whether some 32 bytes of these records are the file's key, or its iv.
    fn names_the_file(&self, records: &Records) -> bool {
        let (key, iv) = self.key.parts();
        plain(records).iter().any(|plain| plain.windows(32).any(|window| window == key || window == iv))
    }

    /// Whether some 256 bytes of these records are the key of Alice's message that carried the file's key.
    fn opens_the_message(&self, records: &Records) -> bool {
        plain(records).iter().any(|plain| {
            plain.windows(256).any(|window| {
                let chat_key = Secret::new(*window.first_chunk().unwrap());
                self.alice.sent.iter().any(|sealed| {
                    let Some(fingerprint) = envelope::fingerprint(sealed) else { return false };
                    let x = kdf::Offset::x25519(Role::Initiator);
                    let key = envelope::DirectionKey { chat_key: &chat_key, fingerprint, x };
                    let mut sealed = sealed.clone();
                    envelope::open(&key, &mut sealed)
                        .is_ok_and(|body| body.windows(32).any(|w| w == self.key.parts().0))
                })
            })
        })
    }
}

fn encrypted(rng: &mut Seeded) -> (SegmentKey, Vec<u8>) {
    let size = u64::try_from(CONTENT.len()).unwrap();
    let mut reader = SegmentEncryptReader::new(CONTENT, size, Padding::None, rng).unwrap();
    let mut file = vec![];
    reader.read_to_end(&mut file).unwrap();
    (reader.key().duplicate(), file)
}

fn decrypted(lease: &MediaLease, file: &[u8]) -> Vec<u8> {
    let mut content = vec![];
    lease.reader(file).unwrap().read_to_end(&mut content).unwrap();
    content
}

/// The plain contents of records.
fn plain(records: &Records) -> Vec<Vec<u8>> {
    let opened = records::open(records, &StoreKey::new(STORE_KEY)).unwrap();
    opened.into_iter().map(|(_, _, plain)| plain.to_vec()).collect()
}

#[test]
fn at_56_destroyed_means_unreadable() {
    let mut story = Story::tell(Ttl::from_seconds(30).unwrap());
    let lease = story.bob_opens();
    assert_eq!(decrypted(&lease, &story.file), CONTENT, "as long as it lives");
    drop(lease);
    story.carry();
    story.let_pass(29_999);
    assert!(story.names_the_file(&story.bob.current()), "a living one can be opened again");
    story.let_pass(1);
    assert_eq!((story.alice.ended, story.bob.ended), (1, 1));

    // Nothing of the file's key is left in what either end keeps, while old copies of the records have it.
    for end in [&story.alice, &story.bob] {
        assert!(!story.names_the_file(&end.current()));
    }
    assert!(story.bob.versions.iter().any(|old| story.names_the_file(old)));
    assert!(story.alice.versions.iter().all(|old| !story.names_the_file(old)), "never in a record of the sender");

    // The chat gives it to nobody, though it is given every message again; nor does one that is restored.
    let records = story.bob.current();
    let mut env = Env::new(Timestamp::from_millis(story.now), &mut story.rng);
    let mut restored = Chat::restore(&records, &StoreKey::new(STORE_KEY), None, &mut env).unwrap();
    for chat in [&mut story.bob.chat, &mut restored] {
        refuses(chat, &story.alice.sent, story.now);
    }
}

fn refuses(chat: &mut Chat, sent: &[Vec<u8>], now: u64) {
    let mut rng = Seeded::new(1);
    let mut env = Env::new(Timestamp::from_millis(now), &mut rng);
    for bytes in sent {
        let handled = chat.handle(Input::ciphertext(bytes, None, None), &mut env);
        assert_eq!(handled, Ok(Handled::Duplicate));
    }
    assert_eq!(chat.open_view(ID, &mut env), Err(Unavailable::NotTimed.into()));
    assert_eq!(chat.deadline(ID), None);
    while let Some(output) = chat.poll_output() {
        assert!(!matches!(output, Output::Event(Event::Message(_) | Event::Opened { .. })), "{output:?}");
    }
}

// Who recorded the network and steals the device after the end needs the chat key of then: it goes with the next key.
#[test]
fn new_keys_end_what_a_recorded_message_could_still_tell() {
    let mut story = Story::tell(Ttl::from_seconds(30).unwrap());
    drop(story.bob_opens());
    story.carry();
    story.let_pass(30_000);
    assert!(story.opens_the_message(&story.bob.current()), "under the same key as before");
    story.renew_keys();
    for end in [&story.alice, &story.bob] {
        assert!(!story.opens_the_message(&end.current()));
        assert!(end.versions.iter().any(|old| story.opens_the_message(old)), "an old copy does");
    }
}

#[test]
fn the_key_of_a_view_once_medium_leaves_the_records_with_its_only_lease() {
    let mut story = Story::tell(Ttl::VIEW_ONCE);
    assert!(story.names_the_file(&story.bob.current()));
    let lease = story.bob_opens();
    assert!(!story.names_the_file(&story.bob.current()), "before the view has ended");
    assert_eq!(decrypted(&lease, &story.file), CONTENT);
    let again = story.bob.chat.open_view(ID, &mut Env::new(Timestamp::from_millis(story.now), &mut story.rng));
    assert_eq!(again, Err(Unavailable::Expired.into()));
}

// That memory is wiped cannot be looked at in safe Rust; that dropping a key runs code can, and that the code is Secret's.
#[test]
fn a_lease_is_wiped_when_it_is_dropped_and_has_no_copies() {
    const { assert!(core::mem::needs_drop::<SegmentKey>() && core::mem::needs_drop::<MediaLease>()) };
    wiped_on_drop::<Secret<32>>();
    // Would be ambiguous if they were Clone.
    <MediaLease as NotClone<_>>::holds();
    <SegmentKey as NotClone<_>>::holds();
    let mut secret = Secret::new([7; 32]);
    zeroize::Zeroize::zeroize(&mut secret);
    assert_eq!(secret.expose(), &[0; 32]);
}

fn wiped_on_drop<T: ZeroizeOnDrop>() {}

trait NotClone<Otherwise> {
    fn holds() {}
}

impl<T> NotClone<()> for T {}

impl<T: Clone> NotClone<u8> for T {}
