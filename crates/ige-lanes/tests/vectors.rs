//! Known answers, on every path that this processor has.

use ige_lanes::{Backend, Block, DecryptionKey, EncryptionKey, Iv, Job, LengthMismatch, decrypt_many, encrypt_many};

// Computed by a program of its own over the AES of OpenSSL, which also gives both published vectors of the mode, those
// of OpenSSL's test/igetest.c for AES-128. No standard has one for AES-256.
const CIPHER: &str = "42e66e1a756cccf5b27acc47523ad074ee39bf54e3db37bbdf415df6b400fca977f708327c9e9341cc3dc8efd31e76463daa65b1f0d0252f790d77f1824a662c9da1c08a9a34e749203d698683b58746";

fn counting<const N: usize>(first: u8) -> [u8; N] {
    std::array::from_fn(|i| first + u8::try_from(i).unwrap())
}

fn plain() -> Vec<Block> {
    counting::<80>(0).as_chunks().0.to_vec()
}

fn cipher() -> Vec<Block> {
    hex::decode(CIPHER).unwrap().as_chunks().0.to_vec()
}

fn keys(backend: Backend) -> (EncryptionKey, DecryptionKey) {
    let key = counting(0);
    (EncryptionKey::with_backend(&key, backend).unwrap(), DecryptionKey::with_backend(&key, backend).unwrap())
}

#[test]
fn one_stream() {
    for backend in Backend::available() {
        let (encryption, decryption) = keys(backend);
        let mut blocks = plain();
        encryption.encrypt(&mut counting(0x20), &mut blocks);
        assert_eq!(blocks, cipher(), "{backend:?}");
        decryption.decrypt(&mut counting(0x20), &mut blocks);
        assert_eq!(blocks, plain(), "{backend:?}");
    }
}

// Up to more streams than any path takes at once. Each has a different iv; the first and the last have the known one.
#[test]
fn any_number_of_streams() {
    for backend in Backend::available() {
        let (encryption, decryption) = keys(backend);
        // An interpreter takes a second for a stream.
        let counts = if cfg!(miri) { vec![1, 8, 13] } else { (1..=30).collect() };
        for count in counts {
            let mut blocks = vec![plain(); count];
            let mut ivs: Vec<Iv> = (0..)
                .take(count)
                .map(|n: u8| if usize::from(n) + 1 == count { counting(0x20) } else { [n; 32] })
                .collect();
            ivs[0] = counting(0x20);
            let start = ivs.clone();
            encrypt_many(ivs.iter_mut().zip(&mut blocks).map(|(iv, blocks)| Job::new(&encryption, iv, blocks)));
            assert_eq!(blocks[0], cipher(), "{backend:?}, {count} streams");
            assert_eq!(blocks[count - 1], cipher(), "{backend:?}, {count} streams");
            let mut ivs = start;
            decrypt_many(ivs.iter_mut().zip(&mut blocks).map(|(iv, blocks)| Job::new(&decryption, iv, blocks)));
            assert_eq!(blocks, vec![plain(); count], "{backend:?}, {count} streams");
        }
    }
}

#[test]
fn streams_without_blocks() {
    for backend in Backend::available() {
        let (encryption, _) = keys(backend);
        let mut ivs = [counting(0x20); 21];
        let mut blocks = plain();
        // More of them than any path has lanes, and the one with blocks last.
        let buffers = std::iter::repeat_with(|| &mut [][..]).take(20).chain([&mut blocks[..]]);
        encrypt_many(ivs.iter_mut().zip(buffers).map(|(iv, blocks)| Job::new(&encryption, iv, blocks)));
        assert_eq!(blocks, cipher(), "{backend:?}");
        assert_eq!(ivs[..20], [counting(0x20); 20], "{backend:?}");
    }
}

// FIPS 197, appendix C.3. With an iv of zeros, one block of IGE is the block cipher.
#[test]
fn block_cipher() {
    let plain: Block = hex::decode("00112233445566778899aabbccddeeff").unwrap().try_into().unwrap();
    let cipher: Block = hex::decode("8ea2b7ca516745bfeafc49904b496089").unwrap().try_into().unwrap();
    for backend in Backend::available() {
        let (encryption, decryption) = keys(backend);
        let mut blocks = [plain];
        encryption.encrypt(&mut [0; 32], &mut blocks);
        assert_eq!(blocks, [cipher], "{backend:?}");
        decryption.decrypt(&mut [0; 32], &mut blocks);
        assert_eq!(blocks, [plain], "{backend:?}");
    }
}

#[test]
fn buffers_of_different_lengths() {
    for backend in Backend::available() {
        let (encryption, decryption) = keys(backend);
        let (mut iv, from, mut to) = (counting(0x20), plain(), [[7; 16]; 4]);
        assert_eq!(encryption.encrypt_to(&mut iv, &from, &mut to), Err(LengthMismatch));
        assert_eq!(decryption.decrypt_to(&mut iv, &from, &mut to), Err(LengthMismatch));
        assert!(Job::between(&encryption, &mut iv, &from, &mut to).is_err());
        assert_eq!((iv, to), (counting(0x20), [[7; 16]; 4]));
    }
}

#[test]
fn paths() {
    let available: Vec<_> = Backend::available().collect();
    assert_eq!(available.first(), Some(&Backend::detect()));
    assert_eq!(available.last(), Some(&Backend::Portable));
    for backend in [Backend::Vaes, Backend::AesNi, Backend::Portable] {
        assert_eq!(EncryptionKey::with_backend(&[0; 32], backend).is_some(), available.contains(&backend));
    }
    // The standard library asks the processor with code of its own.
    #[cfg(target_arch = "x86_64")]
    assert_eq!(
        available.contains(&Backend::AesNi),
        std::arch::is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("avx")
    );
    #[cfg(target_arch = "x86_64")]
    assert_eq!(
        available.contains(&Backend::Vaes),
        std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512vl")
            && std::arch::is_x86_feature_detected!("vaes")
    );
}

#[test]
fn shared_between_threads_and_opaque() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    let (encryption, decryption) = keys(Backend::detect());
    let (mut iv, mut blocks) = (counting(0x20), plain());
    is_send_and_sync(&encryption);
    is_send_and_sync(&decryption);
    let job = Job::new(&encryption, &mut iv, &mut blocks);
    is_send_and_sync(&job);
    assert_eq!(format!("{encryption:?} {decryption:?} {job:?}"), "Key(..) Key(..) Job(..)");
}
