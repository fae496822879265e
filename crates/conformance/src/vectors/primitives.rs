//! `primitives-1`: the values of standards, as far as this crate exposes its primitives. Hashes and MACs come from other
//! crates, in the same versions.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secretchat::hazmat::Secret;
use secretchat::hazmat::ige;
use secretchat::hazmat::x25519::{KeyPair, x25519};
use sha2::{Digest, Sha256};

use super::case::{Case, Checked, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "rfc7748-single" => {
            same_bytes("product", case.bytes("product")?, x25519(case.array("scalar")?, case.array("u")?))
        }
        "rfc7748-iterated" => iterated(case),
        "rfc7748-agreement" => {
            let [a, b] = [case.array("a")?, case.array("b")?].map(|scalar| KeyPair::resume(Secret::new(scalar)));
            same_bytes("a_public", case.bytes("a_public")?, a.public())?;
            same_bytes("b_public", case.bytes("b_public")?, b.public())?;
            same_bytes("shared", case.bytes("shared")?, a.shared_secret(b.public()).map_err(words)?.expose())?;
            same_bytes("shared", case.bytes("shared")?, b.shared_secret(a.public()).map_err(words)?.expose())
        }
        "rfc5869" => {
            let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&case.bytes("salt")?), &case.bytes("ikm")?);
            same_bytes("prk", case.bytes("prk")?, prk)?;
            let mut okm = vec![0; case.bytes("okm")?.len()];
            hkdf.expand(&case.bytes("info")?, &mut okm).map_err(words)?;
            same_bytes("okm", case.bytes("okm")?, okm)
        }
        "rfc4231" => {
            let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&case.bytes("key")?).map_err(words)?;
            same_bytes("mac", case.bytes("mac")?, mac.chain_update(case.bytes("data")?).finalize().into_bytes())
        }
        "fips197" => {
            // With an iv of zeros one block of IGE is the block cipher.
            let mut blocks = [case.array("plain")?];
            ige::encrypt(&case.array("key")?, &[0; 32], &mut blocks);
            same_bytes("cipher", case.bytes("cipher")?, blocks.as_flattened())
        }
        "fips180-sha256" => same_bytes("hash", case.bytes("hash")?, Sha256::digest(case.bytes("data")?)),
        "fips180-sha1" => same_bytes("hash", case.bytes("hash")?, sha1::Sha1::digest(case.bytes("data")?)),
        "rfc1321" => same_bytes("hash", case.bytes("hash")?, md5::Md5::digest(case.bytes("data")?)),
        _ => case.unknown_kind(),
    }
}

fn iterated(case: &Case<'_>) -> Checked {
    let mut k = [0; 32];
    k[0] = 9;
    let mut u = k;
    for _ in 0..case.number::<u32>("rounds")? {
        (k, u) = (x25519(k, u), k);
    }
    same_bytes("product", case.bytes("product")?, k)
}
