//! The paths whose instructions are counted.

use std::hint::black_box;

use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::hazmat::kdf::{ChatKey, Offset};
use secretchat::{Chat, KeyFingerprint};

use crate::{Counter, Hosts, Profile, Settings, draft, env, input_of, transmissions};

/// The length of a text of 100 characters in its layer.
const BODY_LEN: usize = 172;

/// A path, with a text of 100 characters and without the system's randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// The cipher alone, as the sender.
    Seal,
    /// The cipher alone, as the receiver.
    Open,
    /// `send` and its outputs.
    Send,
    /// `handle` and its outputs.
    Handle,
    /// `send` and its outputs, with records.
    SendWithRecords,
    /// `handle` and its outputs, with records.
    HandleWithRecords,
    /// Two drivers with stores in memory, frames and receipts.
    Driver,
    /// A request, its answer, and the first message, with X25519.
    Handshake,
}

impl Path {
    /// All paths.
    pub const ALL: [Self; 8] = [
        Self::Seal,
        Self::Open,
        Self::Send,
        Self::Handle,
        Self::SendWithRecords,
        Self::HandleWithRecords,
        Self::Driver,
        Self::Handshake,
    ];

    /// Returns the name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Open => "open",
            Self::Send => "send",
            Self::Handle => "handle",
            Self::SendWithRecords => "send-with-records",
            Self::HandleWithRecords => "handle-with-records",
            Self::Driver => "driver",
            Self::Handshake => "handshake-x25519",
        }
    }

    /// Takes the path so many times. What comes before it is the same for each number of times up to [`Path::MOST`].
    ///
    /// # Panics
    /// If the chats do not understand each other, or for more than [`Path::MOST`] times.
    pub fn take(self, times: usize) {
        assert!(times <= Self::MOST);
        match self {
            Self::Seal => (0..times).for_each(|_| drop(black_box(seal(black_box(&ChatKey::new([0x33; 256])))))),
            Self::Open => open(times),
            Self::Send => send(false, times),
            Self::Handle => handle(false, times),
            Self::SendWithRecords => send(true, times),
            Self::HandleWithRecords => handle(true, times),
            Self::Driver => {
                let mut hosts = Hosts::ready(settings(true));
                (0..times).for_each(|_| hosts.say_both());
            }
            Self::Handshake => (0..times).for_each(|_| drop(black_box(settings(false).ready(&mut Counter::default())))),
        }
    }

    /// How many times a path can be taken.
    pub const MOST: usize = 64;
}

const fn settings(records: bool) -> Settings {
    Settings { profile: Profile::X25519, records, rekeys: false }
}

fn direction(chat_key: &ChatKey) -> DirectionKey<'_> {
    DirectionKey { chat_key, fingerprint: KeyFingerprint::from_bytes([0x44; 8]), x: Offset::INITIATOR }
}

fn seal(key: &ChatKey) -> Vec<u8> {
    let layout = Layout::size_class(BODY_LEN).unwrap();
    let mut sealed = vec![0; layout.sealed_len()];
    envelope::seal(&direction(key), layout, &mut Counter::default(), &mut sealed, |body| body.fill(0x55)).unwrap();
    sealed
}

fn open(times: usize) {
    let key = ChatKey::new([0x33; 256]);
    let sealed = vec![seal(&key); Path::MOST];
    for mut message in sealed.into_iter().take(times) {
        black_box(envelope::open(&direction(&key), &mut message).unwrap());
    }
}

fn send(records: bool, times: usize) {
    let mut rng = Counter::default();
    let [mut alice, _bob] = settings(records).ready(&mut rng);
    (0..times).for_each(|_| drop(black_box(say(&mut alice, &mut rng))));
}

fn say(chat: &mut Chat, rng: &mut Counter) -> Vec<secretchat::TransmitKind> {
    chat.send(&draft(), &mut env(rng)).unwrap();
    transmissions(chat).collect()
}

fn handle(records: bool, times: usize) {
    let mut rng = Counter::default();
    let [mut alice, mut bob] = settings(records).ready(&mut rng);
    let said: Vec<_> = (0..Path::MOST).flat_map(|_| say(&mut alice, &mut rng)).collect();
    for kind in said.iter().take(times) {
        bob.handle(input_of(kind), &mut env(&mut rng)).unwrap();
        assert_eq!(transmissions(&mut bob).count(), 0);
    }
}
