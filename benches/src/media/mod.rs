//! Files: AES-256-IGE alone, albums, whole files in each form and through each adapter, and the memory that they take.

use crate::limits::{Chains, Units};
use crate::measure::timing::{self, BOTH_WAYS};
use crate::measure::{Case, Group, Lap, Table, Unit};

mod adapters;
mod albums;
mod ige;
mod others;
pub mod resident;
mod segments;
mod streams;
mod threads;

pub use albums::Album;

/// The latency of the AES instructions alone.
pub const LIMIT: &str = "limit: the chain of AES rounds";
/// The latency of the SHA-256 instructions alone.
pub const HASH_LIMIT: &str = "limit: the chain of SHA-256";
/// Two of these chains, both together.
pub const HASHES_LIMIT: &str = "limit: two chains of SHA-256 side by side";
/// The two chains together.
pub const BOTH_LIMIT: &str = "limit: AES and SHA-256 of the same bytes, side by side";
/// `secretchat` with the features of this build.
pub const SECRETCHAT: &str = "secretchat";
/// The `ige` crate.
pub const IGE_CRATE: &str = "ige + aes crates";
/// `grammers-crypto`.
pub const GRAMMERS: &str = "grammers-crypto";
/// OpenSSL.
pub const OPENSSL: &str = "OpenSSL AES_ige_encrypt";
/// A chain through the adapters.
pub const CHAIN: &str = "EncryptReader, DecryptReader";
/// A file in segments through the adapters.
pub const SEGMENT_READERS: &str = "SegmentEncryptReader, SegmentDecryptReader";
/// A file in segments, fed in chunks.
pub const SEGMENTS: &str = "SegmentEncryptor, SegmentDecryptor";
/// A file in segments in the caller's memory.
pub const IN_PLACE: &str = "SegmentSealer, SegmentOpener, in place";
/// A chain that can be resumed.
pub const RESUMABLE: &str = "ResumableEncryptor, ResumableDecryptor";

/// One stream of 64 KiB, the base of all albums.
pub const ONE_STREAM: &str = "One stream of 64 KiB";
/// One stream of 1 MiB.
pub const LONG_STREAM: &str = "One stream of 1 MiB";
/// A preview: a single segment.
pub const SMALL_FILE: &str = "A file of 64 KiB";
/// A photo or a video.
pub const FILE: &str = "A file of 8 MiB";
/// A file in segments, by several threads.
pub const THREADS: &str = "A file of 64 MiB in segments, in place, by threads";

/// Returns the groups of cases.
#[must_use]
pub fn groups() -> Vec<Group> {
    [streams::group(ONE_STREAM, 1 << 16), streams::group(LONG_STREAM, 1 << 20)]
        .into_iter()
        .chain(Album::ALL.iter().map(albums::group))
        .chain([file(SMALL_FILE, 1 << 16), file(FILE, 8 << 20), threads::group(THREADS, 64 << 20)])
        .collect()
}

fn file(title: &'static str, len: usize) -> Group {
    let limits = Units::detect().into_iter().flat_map(|units| {
        let limit = |name, ways: [Chains; 2]| Case::new(name, ways.map(|way| Lap::of(1, move || units.run(way, len))));
        [
            limit(LIMIT, Chains::CIPHER),
            limit(HASH_LIMIT, [Chains::Hash; 2]),
            limit(HASHES_LIMIT, [Chains::TwoHashes; 2]),
            limit(BOTH_LIMIT, [Chains::EncryptionAndHash, Chains::DecryptionAndHash]),
        ]
    });
    let ours = adapters::cases(len).into_iter().chain(segments::cases(len));
    let cases = limits.chain(ours).chain(others::cases(len)).collect();
    Group { title, unit: Unit::Bytes(len), columns: BOTH_WAYS, cases }
}

/// Measures all of it but the memory.
#[must_use]
pub fn measure(rounds: u32) -> Vec<Table> {
    let mut tables = timing::measure(&mut groups(), rounds);
    let fastest = lanes(ige_lanes::Backend::detect());
    let one_stream = BOTH_WAYS.iter().map(|way| tables.first()?.get(&fastest, way)).collect::<Vec<_>>();
    for table in &mut tables {
        for (way, one_stream) in BOTH_WAYS.iter().zip(&one_stream) {
            let [aes, hash] = [LIMIT, HASH_LIMIT].map(|limit| table.get(limit, way));
            if hash.is_some() {
                table.add_ratio(way, format!("of SHA-256 ({way})"), |_| hash);
            }
            if aes.is_some() {
                table.add_ratio(way, format!("of AES ({way})"), |_| aes);
            } else {
                table.add_ratio(way, format!("x one stream ({way})"), |_| *one_stream);
            }
        }
    }
    tables
}

/// Returns the name of the case with `ige-lanes` on one path.
#[must_use]
pub fn lanes(backend: ige_lanes::Backend) -> String {
    format!("ige-lanes, {backend:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_runs_and_has_its_columns() {
        for group in &mut groups() {
            for case in &mut group.cases {
                assert_eq!(case.laps.len(), group.columns.len(), "{}", case.name);
                for lap in &mut case.laps {
                    (lap.prepare)();
                    (lap.run)();
                }
            }
        }
    }
}
