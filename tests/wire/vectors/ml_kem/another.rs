//! `libcrux-ml-kem`, another implementation, at random.

use libcrux_ml_kem::mlkem768;
use proptest::prelude::*;
use secretchat::PeerFault;

use super::{decapsulate, encapsulate, fingerprint, generate};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn keys_ciphertexts_and_secrets_are_the_same(
        seed in prop::array::uniform32(any::<[u8; 2]>()),
        m: [u8; 32],
        damage in prop::collection::vec((0..1088_usize, 1..=u8::MAX), 1..4),
        place in 0..768_usize,
        above in 0..767_u16,
    ) {
        let seed: [u8; 64] = seed.as_flattened().try_into().unwrap();
        let pair = mlkem768::generate_key_pair(seed);
        let key = generate(seed);
        prop_assert_eq!(&key, pair.pk());

        let (ciphertext, secret) = mlkem768::encapsulate(pair.public_key(), m);
        let expected = fingerprint(secret, &key, ciphertext.as_slice());
        prop_assert_eq!(encapsulate(&key, m), Ok((ciphertext.as_slice().to_vec(), expected)));
        prop_assert_eq!(decapsulate(seed, ciphertext.as_slice()), Ok(expected));

        // Implicit rejection.
        let mut damaged = *ciphertext.as_slice();
        for (at, difference) in damage {
            damaged[at] ^= difference;
        }
        let rejected = mlkem768::decapsulate(pair.private_key(), &damaged.into());
        prop_assert_eq!(decapsulate(seed, &damaged), Ok(fingerprint(rejected, &key, &damaged)));

        // A number that is not reduced, and one that is.
        for (number, reduced) in [(3329 + above, false), (above, true)] {
            let mut other = *pair.pk();
            set(&mut other, place, number);
            prop_assert_eq!(mlkem768::validate_public_key(&other.into()), reduced);
            let result = encapsulate(&other, m).map(|(ciphertext, _)| ciphertext);
            let expected = match reduced {
                true => Ok(mlkem768::encapsulate(&other.into(), m).0.as_slice().to_vec()),
                false => Err(PeerFault::BadPublicValue),
            };
            prop_assert_eq!(result, expected);
        }
    }
}

/// Writes a number of 12 bits, the least significant first (FIPS 203 section 4.2.1).
fn set(key: &mut [u8; 1184], place: usize, number: u16) {
    for bit in 0..12 {
        let (byte, mask) = ((12 * place + bit) / 8, 1 << ((12 * place + bit) % 8));
        key[byte] = if number >> bit & 1 == 1 { key[byte] | mask } else { key[byte] & !mask };
    }
}
