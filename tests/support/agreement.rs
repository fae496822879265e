//! Agreements of the profiles that bind their keys, made by hand from secrets of equal bytes: the values on the wire, and
//! the roots (SPEC X25-3, X25-7, HYB-4, HYB-6). ML-KEM is another implementation than that of the crate.

#[cfg(feature = "hybrid")]
use libcrux_ml_kem::mlkem768;
use secretchat::Config;
use secretchat::hazmat::Secret;
use secretchat::hazmat::schedule::{Ends, Labels, Rekey, Root, Transcript};
use secretchat::hazmat::x25519::KeyPair;

/// The profiles that bind their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    X25519,
    #[cfg(feature = "hybrid")]
    Hybrid,
}

pub(crate) const EVERY: &[Agreement] = &[
    Agreement::X25519,
    #[cfg(feature = "hybrid")]
    Agreement::Hybrid,
];

/// The part of one end in an exchange: its secret, and the value of the other end.
#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    Asks { secret: u8, answer: &'a [u8] },
    Answers { secret: u8, request: &'a [u8] },
}

/// Both values and what the two ends share.
struct Exchange {
    request: Vec<u8>,
    answer: Vec<u8>,
    shared: Shared,
}

enum Shared {
    Classic(Secret<32>),
    #[cfg(feature = "hybrid")]
    Both(Secret<64>),
}

impl Agreement {
    pub(crate) fn config(self, local: &str, peer: &str) -> Config {
        match self {
            Self::X25519 => Config::x25519(local, peer).unwrap(),
            #[cfg(feature = "hybrid")]
            Self::Hybrid => Config::hybrid(local, peer).unwrap(),
        }
    }

    /// The value of a request with this secret.
    pub(crate) fn request(self, secret: u8) -> Vec<u8> {
        let classic = *pair(secret).public();
        match self {
            Self::X25519 => classic.to_vec(),
            #[cfg(feature = "hybrid")]
            Self::Hybrid => [&classic[..], mlkem768::generate_key_pair([secret; 64]).pk()].concat(),
        }
    }

    /// The value of the answer with this secret.
    pub(crate) fn answer(self, secret: u8, request: &[u8]) -> Vec<u8> {
        self.exchange(Part::Answers { secret, request }).answer
    }

    /// The secret of an exchange.
    pub(crate) fn shared(self, part: Part<'_>) -> Vec<u8> {
        match self.exchange(part).shared {
            Shared::Classic(shared) => shared.expose().to_vec(),
            #[cfg(feature = "hybrid")]
            Shared::Both(shared) => shared.expose().to_vec(),
        }
    }

    pub(crate) fn handshake(self, part: Part<'_>, ends: &Ends<'_>) -> (Transcript, Root) {
        let Exchange { request, answer, shared } = self.exchange(part);
        let transcript = Transcript::new(self.labels(), ends, &request, &answer);
        let root = match shared {
            Shared::Classic(shared) => Root::of_handshake(self.labels(), &shared, &transcript),
            #[cfg(feature = "hybrid")]
            Shared::Both(shared) => Root::of_handshake(self.labels(), &shared, &transcript),
        };
        (transcript, root)
    }

    pub(crate) fn rekey(self, part: Part<'_>, rekey: &Rekey<'_>) -> Root {
        let Exchange { request, answer, shared } = self.exchange(part);
        match shared {
            Shared::Classic(shared) => Root::of_rekey(self.labels(), &shared, rekey, &request, &answer),
            #[cfg(feature = "hybrid")]
            Shared::Both(shared) => Root::of_rekey(self.labels(), &shared, rekey, &request, &answer),
        }
    }

    const fn labels(self) -> &'static Labels {
        match self {
            Self::X25519 => &Labels::X25519,
            #[cfg(feature = "hybrid")]
            Self::Hybrid => &Labels::X25519_ML_KEM_768,
        }
    }

    fn exchange(self, part: Part<'_>) -> Exchange {
        let (Part::Asks { secret, answer: theirs } | Part::Answers { secret, request: theirs }) = part;
        // The X25519 value stands first in every value.
        let pair = pair(secret);
        let classic = pair.shared_secret(&theirs[..32]).unwrap();
        let own = pair.public().to_vec();
        let (own, shared) = match self {
            Self::X25519 => (own, Shared::Classic(classic)),
            #[cfg(feature = "hybrid")]
            Self::Hybrid => {
                let (kem, shared) = kem(part);
                (
                    [own, kem].concat(),
                    Shared::Both(Secret::new([shared, *classic.expose()].concat().try_into().unwrap())),
                )
            }
        };
        match part {
            Part::Asks { answer, .. } => Exchange { request: own, answer: answer.to_vec(), shared },
            Part::Answers { request, .. } => Exchange { request: request.to_vec(), answer: own, shared },
        }
    }
}

fn pair(secret: u8) -> KeyPair {
    KeyPair::resume(Secret::new([secret; 32]))
}

/// The own value of ML-KEM, and the secret.
#[cfg(feature = "hybrid")]
fn kem(part: Part<'_>) -> (Vec<u8>, [u8; 32]) {
    match part {
        Part::Asks { secret, answer } => {
            let key = mlkem768::generate_key_pair([secret; 64]);
            let ciphertext = answer[32..].try_into().unwrap();
            (key.pk().to_vec(), mlkem768::decapsulate(key.private_key(), &ciphertext))
        }
        Part::Answers { secret, request } => {
            let key = request[32..].try_into().unwrap();
            let (ciphertext, shared) = mlkem768::encapsulate(&key, [secret; 32]);
            (ciphertext.as_slice().to_vec(), shared)
        }
    }
}
