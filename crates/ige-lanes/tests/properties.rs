//! Every path that this processor has gives the bytes of the `ige` crate.

use ige::Encryptor;
use ige::cipher::array::Array;
use ige::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use ige_lanes::{Backend, Block, DecryptionKey, EncryptionKey, Iv, Job, decrypt_many, encrypt_many};
use proptest::prelude::*;

/// One stream: what goes in, and what the `ige` crate makes of it.
#[derive(Clone, Debug)]
struct Stream {
    key: [u8; 32],
    iv: Iv,
    plain: Vec<Block>,
}

impl Stream {
    fn cipher(&self) -> Vec<Block> {
        let mut blocks = self.plain.clone();
        Encryptor::<aes::Aes256Enc>::new(&self.key.into(), &self.iv.into())
            .encrypt_blocks(Array::cast_slice_from_core_mut(&mut blocks));
        blocks
    }

    /// What the `ige` crate decrypts the plaintext to, as if it were ciphertext.
    fn decrypted(&self) -> Vec<Block> {
        let mut blocks = self.plain.clone();
        ige::Decryptor::<aes::Aes256Dec>::new(&self.key.into(), &self.iv.into())
            .decrypt_blocks(Array::cast_slice_from_core_mut(&mut blocks));
        blocks
    }
}

fn stream() -> impl Strategy<Value = Stream> {
    (any::<[u8; 32]>(), any::<Iv>(), prop::collection::vec(any::<Block>(), 0..40)).prop_map(|(key, iv, plain)| Stream {
        key,
        iv,
        plain,
    })
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// The chain after the last block: what went in and came out last, the ciphertext first.
fn next_iv(iv: Iv, cipher: &[Block], plain: &[Block]) -> Iv {
    match (cipher.last(), plain.last()) {
        (Some(cipher), Some(plain)) => [*cipher, *plain].concat().try_into().unwrap(),
        _ => iv,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn one_stream_in_any_parts(stream in stream(), cuts in prop::collection::vec(0usize..40, 0..4)) {
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(stream.plain.len())).collect();
        cuts.extend([0, stream.plain.len()]);
        cuts.sort_unstable();
        let (cipher, decrypted) = (stream.cipher(), stream.decrypted());
        for backend in Backend::available() {
            let key = EncryptionKey::with_backend(&stream.key, backend).unwrap();
            let mut blocks = stream.plain.clone();
            let mut iv = stream.iv;
            for cut in cuts.windows(2) {
                key.encrypt(&mut iv, &mut blocks[cut[0]..cut[1]]);
            }
            prop_assert_eq!(&blocks, &cipher, "{:?}", backend);
            prop_assert_eq!(iv, next_iv(stream.iv, &cipher, &stream.plain));

            let key = DecryptionKey::with_backend(&stream.key, backend).unwrap();
            let mut to = vec![[0; 16]; stream.plain.len()];
            let mut iv = stream.iv;
            for cut in cuts.windows(2) {
                let part = cut[0]..cut[1];
                key.decrypt_to(&mut iv, &stream.plain[part.clone()], &mut to[part]).unwrap();
            }
            prop_assert_eq!(&to, &decrypted, "{:?}", backend);
            prop_assert_eq!(iv, next_iv(stream.iv, &stream.plain, &decrypted));
        }
    }

    // 25 streams: lanes are filled again, and at the end fewer and fewer are left. Every second one into another buffer.
    #[test]
    fn many_streams_of_any_lengths(streams in prop::collection::vec(stream(), 0..25)) {
        for backend in Backend::available() {
            let keys: Vec<_> = streams.iter().map(|s| EncryptionKey::with_backend(&s.key, backend).unwrap()).collect();
            let (blocks, ivs) = encrypted(&streams, &keys);
            for ((stream, blocks), iv) in streams.iter().zip(&blocks).zip(ivs) {
                prop_assert_eq!(blocks, &stream.cipher(), "{:?}", backend);
                prop_assert_eq!(iv, next_iv(stream.iv, blocks, &stream.plain));
            }

            let keys: Vec<_> = streams.iter().map(|s| DecryptionKey::with_backend(&s.key, backend).unwrap()).collect();
            let mut blocks: Vec<_> = streams.iter().map(|stream| stream.plain.clone()).collect();
            let mut ivs: Vec<_> = streams.iter().map(|stream| stream.iv).collect();
            decrypt_many(keys.iter().zip(&mut ivs).zip(&mut blocks).map(|((key, iv), b)| Job::new(key, iv, b)));
            for ((stream, blocks), iv) in streams.iter().zip(&blocks).zip(ivs) {
                prop_assert_eq!(blocks, &stream.decrypted(), "{:?}", backend);
                prop_assert_eq!(iv, next_iv(stream.iv, &stream.plain, blocks));
            }
        }
    }

    // A call may have keys of every kind.
    #[test]
    fn keys_of_different_paths(streams in prop::collection::vec(stream(), 0..25)) {
        let backends: Vec<_> = Backend::available().collect();
        let keys: Vec<_> = streams
            .iter()
            .zip(backends.iter().cycle())
            .map(|(stream, backend)| EncryptionKey::with_backend(&stream.key, *backend).unwrap())
            .collect();
        let (blocks, _) = encrypted(&streams, &keys);
        for (stream, blocks) in streams.iter().zip(&blocks) {
            prop_assert_eq!(blocks, &stream.cipher());
        }
    }
}

fn encrypted(streams: &[Stream], keys: &[EncryptionKey]) -> (Vec<Vec<Block>>, Vec<Iv>) {
    let mut to: Vec<_> = streams.iter().map(|stream| stream.plain.clone()).collect();
    let mut ivs: Vec<_> = streams.iter().map(|stream| stream.iv).collect();
    let jobs = streams.iter().zip(keys).zip(&mut ivs).zip(&mut to).enumerate();
    encrypt_many(jobs.map(|(n, (((stream, key), iv), to))| {
        if n % 2 == 0 {
            return Job::new(key, iv, to);
        }
        to.fill([0; 16]);
        Job::between(key, iv, &stream.plain, to).unwrap()
    }));
    (to, ivs)
}
