//! The primitive crates give what their standards print: a wrong version or feature of one is found here.

use cipher::{BlockCipherDecrypt, BlockCipherEncrypt};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secretchat::hazmat::ige;
use sha2::{Digest, Sha256};

use super::json::{array, bytes, published, text};

fn hashes<D: Digest>(name: &str, source: &str) {
    for case in published(name, source) {
        let data = bytes(&case["data"]);
        assert_eq!(hex::encode(D::digest(&data)), text(&case["hash"]), "{name}: {}", case["comment"]);
        let (head, tail) = data.split_at(data.len() / 3);
        let parts = D::new().chain_update(head).chain_update(tail).finalize();
        assert_eq!(hex::encode(parts), text(&case["hash"]), "{name} in parts: {}", case["comment"]);
    }
}

#[test]
fn sha256_of_fips_180() {
    hashes::<Sha256>("fips180-sha256", "FIPS 180");
}

#[cfg(feature = "telegram")]
#[test]
fn sha1_of_fips_180() {
    hashes::<sha1::Sha1>("fips180-sha1", "FIPS 180");
}

#[cfg(feature = "telegram")]
#[test]
fn md5_of_rfc_1321() {
    hashes::<md5::Md5>("rfc1321", "RFC 1321");
}

#[test]
fn hmac_of_rfc_4231() {
    for case in published("rfc4231", "RFC 4231") {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&bytes(&case["key"])).unwrap();
        let mac = mac.chain_update(bytes(&case["data"]));
        assert_eq!(hex::encode(mac.clone().finalize().into_bytes()), text(&case["mac"]), "{}", case["comment"]);
        mac.verify_slice(&bytes(&case["mac"])).unwrap();
    }
}

#[test]
fn hkdf_of_rfc_5869() {
    let cases = published("rfc5869", "RFC 5869");
    assert_eq!(cases.len(), 3);
    for case in cases {
        let (salt, info, okm) = (bytes(&case["salt"]), bytes(&case["info"]), bytes(&case["okm"]));
        let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&salt), &bytes(&case["ikm"]));
        assert_eq!(hex::encode(prk), text(&case["prk"]), "{}", case["comment"]);
        let mut out = vec![0; okm.len()];
        hkdf.expand(&info, &mut out).unwrap();
        assert_eq!(out, okm, "{}", case["comment"]);
        // As the key schedule uses it: from a key that is uniform already, with the info in pieces.
        let (head, tail) = info.split_at(info.len() / 2);
        let mut out = vec![0; okm.len()];
        let hkdf = Hkdf::<Sha256>::from_prk(&bytes(&case["prk"])).unwrap();
        hkdf.expand_multi_info(&[head, &[], tail], &mut out).unwrap();
        assert_eq!(out, okm, "{} from its key", case["comment"]);
    }
}

#[test]
fn aes_256_of_fips_197() {
    let case = &published("fips197", "FIPS 197")[0];
    let (key, plain, cipher) = (array::<32>(&case["key"]), array(&case["plain"]), array(&case["cipher"]));

    let mut block = plain.into();
    aes::Aes256Enc::new(&key.into()).encrypt_block(&mut block);
    assert_eq!(<[u8; 16]>::from(block), cipher);
    aes::Aes256Dec::new(&key.into()).decrypt_block(&mut block);
    assert_eq!(<[u8; 16]>::from(block), plain);

    // With an iv of zeros, one block of IGE is the block cipher.
    let mut blocks = [plain];
    ige::encrypt(&key, &[0; 32], &mut blocks);
    assert_eq!(blocks, [cipher]);
    ige::decrypt(&key, &[0; 32], &mut blocks);
    assert_eq!(blocks, [plain]);
}
