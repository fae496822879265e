//! Exchanges of keys, and what comes of them.

use std::convert::Infallible;
use std::hint::black_box;

use ml_kem::kem::Decapsulate;
use ml_kem::ml_kem_768::DecapsulationKey;
use rand_core::{TryCryptoRng, TryRng};
use recordings::Seeded;
use secretchat::hazmat::Secret;
use secretchat::hazmat::fingerprint as identifiers;
use secretchat::hazmat::handshake::{Binding, hybrid as kem};
use secretchat::hazmat::kdf::ChatKey;
use secretchat::hazmat::modp::{DhGroup, KeyPair as ModpPair};
use secretchat::hazmat::schedule::{Ends, Labels, Rekey, Root, Transcript};
use secretchat::hazmat::x25519::KeyPair;
use secretchat::{
    Chat, Config, Env, ExchangeId, Handled, Input, Invitation, KeyFingerprint, Output, PeerFault, Role, Timestamp,
    TransmitKind, Verification,
};

use crate::judge::Public;
use crate::memory::{hide, hide_value, reveal, reveal_bytes, reveal_value};

const OWN_VALUE: &str = "the own public value, which is sent";
pub(crate) const MODP_PUBLIC: &[Public] = &[
    Public {
        file: "src/crypto/modp/exchange.rs",
        line: "is_in_range(&Integer::from_be_slice(&public)",
        why: OWN_VALUE,
    },
    Public {
        file: "src/crypto/modp/exchange.rs",
        line: "(MARGIN..=p.wrapping_sub(&MARGIN)).contains(value)",
        why: OWN_VALUE,
    },
];
pub(crate) const MODP_SHARED: &[Public] = &[
    MODP_PUBLIC[0],
    MODP_PUBLIC[1],
    Public { file: "src/crypto/modp/exchange.rs", line: "if peer.0 == self.public", why: OWN_VALUE },
];
const MATRIX: &str = "the matrix is made of rho, which is in the public key (FIPS 203, algorithm 7)";
pub(crate) const ML_KEM: &[Public] = &[
    Public { file: "src/algebra.rs", line: "if d1 < BaseField::Q {", why: MATRIX },
    Public { file: "src/algebra.rs", line: "if d2 < BaseField::Q && n < coeffs.len() {", why: MATRIX },
];
pub(crate) const X25519_SHARED: &[Public] = &[
    Public {
        file: "src/crypto/x25519.rs",
        line: "if !is_canonical(&peer) || peer == self.public",
        why: "two public values",
    },
    Public {
        file: "src/crypto/x25519.rs",
        line: "if !shared.was_contributory()",
        why: "an error, which depends on the peer's value alone",
    },
];
pub(crate) const HYBRID: &[Public] = &[X25519_SHARED[0], X25519_SHARED[1], ML_KEM[0], ML_KEM[1]];
pub(crate) const FINGERPRINT: &[Public] = &[
    X25519_SHARED[0],
    X25519_SHARED[1],
    Public { file: "src/agreement/pending.rs", line: "if bool::from(same)", why: "the verdict is returned" },
];

fn secret<const N: usize>(seed: u64) -> Secret<N> {
    let known: Secret<N> = Secret::random(&mut Seeded::new(seed));
    Secret::fill_with(|bytes| {
        bytes.copy_from_slice(known.expose());
        hide(bytes);
    })
}

pub(crate) fn schedule() {
    let ends = Ends::new(b"alice", b"bob", b"").expect("two ids");
    let transcript = Transcript::new(&Labels::X25519, &ends, &[1; 32], &[2; 32]);
    let root = Root::of_handshake(&Labels::X25519, &secret::<32>(3), &transcript);
    let chain = root.chain();
    let rekey = Rekey { chain: &chain, transcript: &transcript, exchange_id: ExchangeId(5), starter: Role::Initiator };
    let next = Root::of_rekey(&Labels::X25519, &secret::<32>(4), &rekey, &[3; 32], &[4; 32]);
    black_box((root.chat_key(), root.fingerprint(), next.chat_key(), next.fingerprint()));
}

fn group() -> DhGroup {
    DhGroup::published(3).expect("a generator")
}

pub(crate) fn modp_public() {
    black_box(ModpPair::resume(&group(), secret(5)));
}

pub(crate) fn modp_shared() {
    let peer = ModpPair::resume(&group(), Secret::random(&mut Seeded::new(6))).expect("an honest value");
    let own = ModpPair::resume(&group(), secret(5)).expect("an honest value");
    black_box(own.shared_key(&group(), peer.public()).expect("an honest value"));
}

pub(crate) fn x25519_public() {
    black_box(KeyPair::resume(secret(7)).public());
}

pub(crate) fn x25519_shared() {
    let peer = *KeyPair::resume(Secret::random(&mut Seeded::new(8))).public();
    black_box(KeyPair::resume(secret(7)).shared_secret(&peer).expect("an honest value"));
}

/// A key whose halves are both marked: the public one need not be told from the other then.
fn decapsulate(change: u8) {
    let mut key = Box::new(DecapsulationKey::from_seed([9; 64].into()));
    let (mut ciphertext, shared) = key.encapsulation_key().encapsulate_deterministic(&[4; 32].into());
    ciphertext[77] ^= change;
    hide_value(&mut *key);
    let opened = key.decapsulate(&ciphertext);
    // Dropping it asks whether it has a seed, which was marked with the rest.
    reveal_value(&mut *key);
    assert_eq!(reveal(opened) == shared, change == 0);
}

pub(crate) fn ml_kem() {
    decapsulate(0);
}

pub(crate) fn ml_kem_forged() {
    decapsulate(1);
}

fn binding() -> Binding<'static> {
    Binding::Handshake(Ends::new(b"alice", b"bob", b"").expect("two ids"))
}

pub(crate) fn hybrid() {
    let honest = kem::Request::resume(Secret::random(&mut Seeded::new(10)), Secret::random(&mut Seeded::new(11)));
    let (answer, _) = kem::answer(&binding(), honest.public(), &mut Seeded::new(12)).expect("an honest value");
    let request = kem::Request::resume(secret(10), secret(11));
    black_box(request.confirm(&binding(), &answer).expect("an honest value"));
}

/// The fingerprint of a chat key, and its comparison with the one that an answer brings: a wrong one, then the right one.
pub(crate) fn fingerprint() {
    black_box(identifiers::key_fingerprint(&secret(13)));
    let now = Timestamp::from_unix_seconds(1_700_000_000);
    let mut rng = Hidden(Seeded::new(14));
    let mut alice = Chat::request(Config::x25519("alice", "bob").expect("two ids"), &mut Env::new(now, &mut rng))
        .expect("it draws");
    let Some(TransmitKind::Request { public, .. }) = transmit(&mut alice) else { panic!("a request") };
    reveal_bytes(&public);
    let invitation =
        Invitation::parse(&public, Config::x25519("bob", "alice").expect("two ids")).expect("an honest value");
    let mut bob = invitation.accept(&mut Env::new(now, &mut Seeded::new(15))).expect("it draws");
    let Some(TransmitKind::Accept { public, fingerprint, .. }) = transmit(&mut bob) else { panic!("an answer") };
    let wrong = Input::accepted(&public, KeyFingerprint::from_bytes([1; 8]));
    let refused = alice.handle(wrong, &mut Env::new(now, &mut Seeded::new(16)));
    assert_eq!(refused, Err(PeerFault::FingerprintMismatch));
    let right = Input::accepted(&public, fingerprint);
    assert_eq!(alice.handle(right, &mut Env::new(now, &mut Seeded::new(16))), Ok(Handled::Applied));
}

fn transmit(chat: &mut Chat) -> Option<TransmitKind> {
    std::iter::from_fn(|| chat.poll_output()).find_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.kind),
        _ => None,
    })
}

/// Draws that are secret if they are long enough for a key.
struct Hidden(Seeded);

impl TryRng for Hidden {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)?;
        if bytes.len() >= 32 {
            hide(bytes);
        }
        Ok(())
    }
}

impl TryCryptoRng for Hidden {}

pub(crate) fn verification() {
    let chat_key: ChatKey = secret(13);
    let own = Verification::from_bytes(identifiers::verification(&chat_key));
    let same = own == Verification::from_bytes([5; 36]);
    assert!(!reveal(same));
}
