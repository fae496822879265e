//! Chains in parts, one and several at once (SPEC RES-1 to RES-3): the bytes are those of `ChainEncryptor`, whatever goes on
//! beside them.

use proptest::prelude::*;
use secretchat::MediaError;
use secretchat::media::{
    ChainEncryptor, ChainKey, MAX_FILES, Part, PartDecryptor, PartEncryptor, PartSize, Progress, decrypt_many,
    encrypt_many, encrypted_len,
};

use crate::support::rng::{Constant, Seeded};

fn key(seed: u64) -> ChainKey {
    ChainKey::random(&mut Seeded::new(seed))
}

fn content(size: usize, seed: u8) -> Vec<u8> {
    (0_u32..).map(|i| i.wrapping_mul(0x9e37_79b1).to_be_bytes()[0] ^ seed).take(size).collect()
}

/// The file in one pass of the chain that takes chunks of any length, which has vectors of its own.
fn one_pass(plain: &[u8], seed: u64) -> Vec<u8> {
    let mut encryptor = ChainEncryptor::new(&key(seed), plain.len() as u64).unwrap();
    let mut cipher = encryptor.update(&mut plain.to_vec()).unwrap().body.to_vec();
    cipher.extend_from_slice(encryptor.finish(&mut Seeded::new(seed)).unwrap().as_slice());
    cipher
}

fn encryptor(plain: &[u8], part_size: PartSize, seed: u64) -> PartEncryptor {
    PartEncryptor::new(&key(seed), plain.len() as u64, part_size, &mut Seeded::new(seed)).unwrap()
}

/// The memory of a part, with its content at the start and something else behind it.
fn memory(plain: &[u8], part: &Part) -> Vec<u8> {
    let mut memory = plain[usize::try_from(part.range.start).unwrap()..][..part.content_len].to_vec();
    memory.resize(part.len, 0xee);
    memory
}

fn part_size() -> impl Strategy<Value = PartSize> {
    (10..=19_u32).prop_map(|power| PartSize::new(1 << power).unwrap())
}

fn size() -> impl Strategy<Value = usize> {
    let near = (1..=6_usize, -17..=17_isize).prop_map(|(parts, by)| (parts << 10).saturating_add_signed(by));
    prop_oneof![1..=50_usize, near, 1..=300_000_usize]
}

/// As many as there can be, in every second case.
fn files() -> impl Strategy<Value = Vec<(usize, PartSize)>> {
    let file = || (size(), part_size());
    prop_oneof![prop::collection::vec(file(), 1..=MAX_FILES), prop::collection::vec(file(), MAX_FILES)]
}

/// Which files a call takes, over and over: one for each bit. The last call takes all, so that there is an end.
fn calls() -> impl Strategy<Value = Vec<u16>> {
    let some = prop::collection::vec(0..1_u16 << MAX_FILES, 0..6).prop_map(|mut calls| {
        calls.push(u16::MAX);
        calls
    });
    prop_oneof![Just(vec![u16::MAX]), some]
}

/// Encrypts the files by `calls`, the next part of each that is in it and not complete; gives the ciphertexts.
fn encrypt(plains: &[Vec<u8>], part_sizes: &[PartSize], calls: &[u16]) -> Vec<Vec<u8>> {
    let mut files: Vec<_> =
        plains.iter().zip(part_sizes).zip(0..).map(|((p, size), i)| encryptor(p, *size, i)).collect();
    let mut ciphers = vec![Vec::new(); plains.len()];
    for call in calls.iter().cycle() {
        if files.iter().all(|file| file.next_part().is_none()) {
            break;
        }
        let next =
            files.iter().zip(plains).enumerate().map(|(i, (file, plain))| {
                file.next_part().filter(|_| call >> i & 1 == 1).map(|part| memory(plain, &part))
            });
        let mut next: Vec<_> = next.collect();
        let mut window: Vec<_> =
            files.iter_mut().zip(&mut next).filter_map(|(file, part)| Some((file, &mut part.as_mut()?[..]))).collect();
        encrypt_many(&mut window).unwrap();
        for (cipher, part) in ciphers.iter_mut().zip(next) {
            cipher.extend(part.unwrap_or_default());
        }
    }
    files.into_iter().for_each(|file| file.finish().unwrap());
    ciphers
}

fn decrypt(ciphers: &[Vec<u8>], sizes: &[usize], part_sizes: &[PartSize], calls: &[u16]) -> Vec<Vec<u8>> {
    let new = |((size, part_size), i): ((&usize, &PartSize), u64)| {
        PartDecryptor::new(&key(i), *size as u64, *part_size).unwrap()
    };
    let mut files: Vec<_> = sizes.iter().zip(part_sizes).zip(0..).map(new).collect();
    let mut plains = vec![Vec::new(); sizes.len()];
    for call in calls.iter().cycle() {
        if files.iter().all(|file| file.next_part().is_none()) {
            break;
        }
        let next = files.iter().zip(ciphers).enumerate().map(|(i, (file, cipher))| {
            let part = file.next_part().filter(|_| call >> i & 1 == 1)?;
            let range = usize::try_from(part.range.start).unwrap()..usize::try_from(part.range.end).unwrap();
            Some((cipher[range].to_vec(), part.content_len))
        });
        let mut next: Vec<_> = next.collect();
        let mut window: Vec<_> = files
            .iter_mut()
            .zip(&mut next)
            .filter_map(|(file, part)| Some((file, &mut part.as_mut()?.0[..])))
            .collect();
        decrypt_many(&mut window).unwrap();
        for (plain, part) in plains.iter_mut().zip(next) {
            let (part, content_len) = part.unwrap_or_default();
            plain.extend_from_slice(&part[..content_len]);
        }
    }
    files.into_iter().for_each(|file| file.finish().unwrap());
    plains
}

/// Files of up to 300 parts: fewer cases than elsewhere.
fn config() -> ProptestConfig {
    let all = ProptestConfig::default();
    ProptestConfig { failure_persistence: None, cases: all.cases / 4, ..all }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn parts_give_the_bytes_of_one_pass(size in size(), part_size in part_size(), seed: u64) {
        let plain = content(size, 3);
        let mut up = encryptor(&plain, part_size, seed);
        let mut down = PartDecryptor::new(&key(seed), size as u64, part_size).unwrap();
        let (mut cipher, mut opened) = (Vec::new(), Vec::new());
        while let Some(next) = up.next_part() {
            prop_assert_eq!(down.next_part(), Some(next.clone()));
            prop_assert_eq!(up.progress(), Progress { done: next.range.start, total: size as u64 });
            prop_assert_eq!(next.range.start, cipher.len() as u64);
            let mut part = memory(&plain, &next);
            up.encrypt(&mut part).unwrap();
            cipher.extend_from_slice(&part);
            opened.extend_from_slice(down.decrypt(&mut part).unwrap());
        }
        prop_assert!(up.progress().left() == 0 && up.finish().is_ok() && down.finish().is_ok());
        prop_assert!(cipher == one_pass(&plain, seed));
        prop_assert!(opened == plain);
    }

    #[test]
    fn files_beside_each_other_do_not_touch(
        files in files(), up in calls(), down in calls(),
    ) {
        let plains: Vec<_> = files.iter().zip(0..).map(|((size, _), i)| content(*size, i)).collect();
        let (sizes, part_sizes): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        let ciphers = encrypt(&plains, &part_sizes, &up);
        for ((cipher, plain), i) in ciphers.iter().zip(&plains).zip(0..) {
            prop_assert!(*cipher == one_pass(plain, i), "file {}", i);
        }
        prop_assert!(decrypt(&ciphers, &sizes, &part_sizes, &down) == plains);
    }
}

#[test]
fn an_album_that_is_wrong_changes_nothing() {
    let plain = content(3000, 0);
    let mut files: Vec<_> = (0..11).map(|i| encryptor(&plain, PartSize::new(1024).unwrap(), i)).collect();
    let mut parts = vec![vec![7; 1024]; 11];
    let mut window: Vec<_> = files.iter_mut().zip(&mut parts).map(|(file, part)| (file, &mut part[..])).collect();
    assert_eq!(encrypt_many(&mut window), Err(MediaError::TooManyFiles));
    window.truncate(10);
    window[9].1 = &mut [];
    assert_eq!(encrypt_many(&mut window), Err(MediaError::PartLength));
    assert_eq!(encrypt_many(&mut []), Ok(()));
    assert!(parts.iter().all(|part| *part == [7; 1024]));
    assert!(files.iter().all(|file| file.progress().done == 0));

    let mut files: Vec<_> =
        (0..11).map(|i| PartDecryptor::new(&key(i), 3000, PartSize::new(1024).unwrap()).unwrap()).collect();
    let mut window: Vec<_> = files.iter_mut().zip(&mut parts).map(|(file, part)| (file, &mut part[..])).collect();
    assert_eq!(decrypt_many(&mut window), Err(MediaError::TooManyFiles));
    window.truncate(2);
    window[1].1 = &mut [];
    assert_eq!(decrypt_many(&mut window), Err(MediaError::PartLength));
    assert!(parts.iter().all(|part| *part == [7; 1024]));
    assert!(files.iter().all(|file| file.progress().done == 0));
}

#[test]
fn a_complete_file_has_no_next_part() {
    let plain = content(16, 0);
    let mut file = encryptor(&plain, PartSize::MAX, 0);
    let mut part = plain.clone();
    file.encrypt(&mut part).unwrap();
    assert_eq!((file.next_part(), part.clone()), (None, one_pass(&plain, 0)));
    assert_eq!(file.encrypt(&mut part), Err(MediaError::PartLength));
    assert_eq!(file.encrypt(&mut []), Err(MediaError::PartLength));
    file.finish().unwrap();
    let unfinished = encryptor(&plain, PartSize::MAX, 0);
    assert_eq!(unfinished.finish(), Err(MediaError::Truncated));
    let unfinished = PartDecryptor::new(&key(0), 16, PartSize::MAX).unwrap();
    assert_eq!(unfinished.finish(), Err(MediaError::Truncated));
}

/// The sizes that Telegram's servers take: multiples of 1 KiB that divide 512 KiB.
#[test]
fn a_part_size_divides_half_a_mebibyte() {
    for bytes in (0..=1_100_000).chain([u32::MAX - 1023, u32::MAX]) {
        let fits = bytes > 0 && bytes % 1024 == 0 && 524_288 % bytes == 0;
        assert_eq!(PartSize::new(bytes).map(PartSize::bytes), if fits { Ok(bytes) } else { Err(MediaError::PartSize) });
    }
    assert_eq!(PartSize::new(524_288), Ok(PartSize::MAX));
}

/// Files beyond 32 bits of length, up to the largest that there is.
#[test]
fn parts_lie_one_after_the_other() {
    let (least, most) = (PartSize::new(1024).unwrap(), PartSize::MAX);
    for (part_size, size) in [
        (least, 1),
        (least, 1024),
        (least, 1025),
        (most, 4000 << 19),
        (most, (4000 << 19) + 1),
        (most, 1 << 32),
        (least, (1 << 32) + 1),
        (most, 5_000_000_001),
        (most, u64::MAX - 15),
        (least, u64::MAX - 16),
    ] {
        let (len, bytes) = (encrypted_len(size).unwrap(), u64::from(part_size.bytes()));
        let count = part_size.count(size);
        assert_eq!(u128::from(count), u128::from(len).div_ceil(u128::from(bytes)));
        for number in [0, 1, count / 2, count.saturating_sub(2), count - 1, count, count + 1, u64::MAX] {
            let start = u128::from(number) * u128::from(bytes);
            let end = (start + u128::from(bytes)).min(len.into());
            let place = part_size.range(size, number).map(|range| u128::from(range.start)..u128::from(range.end));
            assert_eq!(place, (number < count).then_some(start..end), "{size} {number}");
        }
    }
    for size in [0, u64::MAX - 14, u64::MAX] {
        assert_eq!((most.count(size), most.range(size, 0)), (0, None));
    }
    let part = PartDecryptor::new(&key(0), u64::MAX - 15, most).unwrap().next_part().unwrap();
    assert_eq!((part.number, part.range, part.len, part.content_len), (0, 0..1 << 19, 1 << 19, 1 << 19));
}

#[test]
fn debug_shows_how_far_and_nothing_else() {
    let key = ChainKey::from_parts([0xa7; 32], [0xa7; 32]);
    let part_size = PartSize::new(1024).unwrap();
    let mut up = PartEncryptor::new(&key, 2000, part_size, &mut Constant(0xa7)).unwrap();
    up.encrypt(&mut [0xa7; 1024]).unwrap();
    assert_eq!(format!("{up:?}"), "PartEncryptor { progress: Progress { done: 1024, total: 2000 }, .. }");
    let down = PartDecryptor::new(&key, 2000, part_size).unwrap();
    assert_eq!(format!("{down:?}"), "PartDecryptor { progress: Progress { done: 0, total: 2000 }, .. }");
}
