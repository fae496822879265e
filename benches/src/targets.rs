//! The performance targets, and whether they hold.

use std::fmt;

use ige_lanes::Backend;

use crate::measure::Tables;
use crate::measure::timing::BOTH_WAYS;
use crate::media::{self, Album, resident};
use crate::message::{self, Path};
use crate::{agreement, scale, stores};
use message_paths::Profile;

/// One target.
#[derive(Clone, Debug)]
pub struct Target {
    what: String,
    bound: Bound,
    measured: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    fn at_least(least: f64, what: impl Into<String>, measured: Option<f64>) -> Self {
        Self { what: what.into(), bound: Bound::AtLeast(least), measured }
    }

    fn at_most(most: f64, what: impl Into<String>, measured: Option<f64>) -> Self {
        Self { what: what.into(), bound: Bound::AtMost(most), measured }
    }

    /// `None` if nothing was measured.
    #[must_use]
    pub fn holds(&self) -> Option<bool> {
        self.measured.map(|measured| match self.bound {
            Bound::AtLeast(least) => measured >= least,
            Bound::AtMost(most) => measured <= most,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, bound, measured } = self;
        match bound {
            Bound::AtLeast(least) => write!(f, "| {what} | >= {least} |")?,
            Bound::AtMost(most) => write!(f, "| {what} | <= {most} |")?,
        }
        match measured {
            Some(measured) => write!(f, " {measured:.2} |")?,
            None => write!(f, " – |")?,
        }
        f.write_str(match self.holds() {
            Some(true) => " yes |",
            Some(false) => " **no** |",
            None => " **not** measured |",
        })
    }
}

/// All targets of a run. `Display` writes a Markdown table.
#[derive(Clone, Debug)]
pub struct Targets(pub Vec<Target>);

impl fmt::Display for Targets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### Targets\n\n| what | target | measured | holds |\n|---|--:|--:|---|")?;
        self.0.iter().try_for_each(|target| writeln!(f, "{target}"))
    }
}

/// Returns every target for this build. Where there are two directions, the worse one counts.
#[must_use]
pub fn all(tables: &Tables) -> Targets {
    let mut targets = one_stream(tables);
    targets.extend(albums(tables));
    if cfg!(feature = "lanes") {
        targets.extend(peers(tables));
        targets.extend(albums_of_secretchat(tables));
        targets.extend(files(tables));
        targets.extend(messages(tables));
    }
    targets.extend(agreements(tables));
    targets.extend(records(tables));
    targets.extend(scales(tables));
    targets.extend(memory(tables));
    Targets(targets)
}

/// Seal and open against the floor of the processor, the whole way against the floor of the code.
fn messages(tables: &Tables) -> Vec<Target> {
    let floor = |way: &str| tables.get(message::SEALED, message::ENVELOPE, &format!("x latency ({way})"));
    let whole = |path: Path| tables.get(message::WHOLE, &path.name(), "X25519");
    let micros = |path: Path| whole(path).map(|nanos| nanos / 1e3);
    let code = tables.get(message::WHOLE, &Path::NO_RECORDS.name(), "x code floor");
    let calls = |path: Path| {
        let calls = ["send", "handle"].map(|end| tables.get(message::ALLOCATIONS, &path.name(), end));
        Some(calls[0]?.max(calls[1]?))
    };
    let alone = |row| {
        let ways = ["seal", "open"].map(|way| tables.get(message::SEALED, row, way));
        Some(ways[0]? + ways[1]?)
    };
    let of_alone = |time: Option<f64>| Some(time? / alone(message::ENVELOPE)?);
    vec![
        Target::at_most(1.25, "message, seal: x the latency floor", floor("seal")),
        Target::at_most(1.25, "message, open: x the latency floor", floor("open")),
        Target::at_most(1.4, "whole way, no records: x the code floor", code),
        Target::at_most(1.25, "the same, stretch", code),
        Target::at_most(2.5, "whole way, records: us", micros(Path::RECORDS)),
        Target::at_most(3.5, "driver, `MemoryStore`, frames, receipts: us", micros(Path::HOST)),
        Target::at_most(4.0, "allocations of an end for a message, no records", calls(Path::NO_RECORDS)),
        Target::at_most(4.0, "allocations of an end for a message, records", calls(Path::RECORDS)),
        Target::at_least(2.3, "grammers' two functions: x seal and open", of_alone(alone(message::GRAMMERS))),
        Target::at_least(
            15.0,
            "Olm, one chain: x seal and open",
            of_alone(tables.get(message::PEERS, message::OLM_CHAIN, "ns")),
        ),
    ]
}

fn agreements(tables: &Tables) -> Vec<Target> {
    let power = |row| tables.get(agreement::powers::TITLE, row, "us");
    let of_openssl = |row| Some(power(row)? / power(agreement::powers::OPENSSL)?);
    let answer = tables.get(agreement::TITLE, Profile::X25519.name(), "answer");
    let olm = tables.get(agreement::TITLE, agreement::OLM, "x X25519");
    let rekeys = |path: Path| tables.get(message::WHOLE, &path.name(), "Telegram");
    let rekey = rekeys(Path::REKEYS).zip(rekeys(Path::NO_RECORDS)).map(|(with, without)| (with - without) / 1e3);
    vec![
        Target::at_most(0.7, "g^a, published group: x a power of OpenSSL", of_openssl(agreement::powers::OWN)),
        Target::at_most(2.0, "peer^a with its check: x a power of OpenSSL", of_openssl(agreement::powers::SHARED)),
        Target::at_most(1.5, "the same, stretch", of_openssl(agreement::powers::SHARED)),
        Target::at_most(5.0, "check of the published group: us", power(agreement::powers::GROUP_CHECK)),
        Target::at_most(
            1.15,
            "X25519, answer: x one public value and one shared secret",
            answer.zip(power(agreement::powers::CURVE)).map(|(answer, curve)| answer / curve),
        ),
        // 150 us where a power of OpenSSL takes 1,608.
        Target::at_most(
            0.047,
            "Telegram, default policy, new keys in a message: x a power of OpenSSL",
            rekey.zip(power(agreement::powers::OPENSSL)).map(|(rekey, power)| rekey / power),
        ),
        Target::at_least(1.0, "Olm: x the X25519 handshake", olm),
    ]
}

fn records(tables: &Tables) -> Vec<Target> {
    let bare = |store| tables.get(stores::BATCHES, store, "x bare client");
    let batches = |end| tables.get(stores::COUNTS, "64 one way", end);
    vec![
        Target::at_most(1.05, "SQLite, durable: x a bare client", bare(stores::SQLITE)),
        Target::at_most(1.3, "SQLite, not durable: x a bare client", bare(stores::SQLITE_OFF)),
        Target::at_most(1.05, "batches of the sender for a message and its receipt", batches("batches, sender")),
        Target::at_most(1.05, "batches of the receiver for a message", batches("batches, receiver")),
    ]
}

fn scales(tables: &Tables) -> Vec<Target> {
    let resting = |profile: Profile| {
        let memory = |records| tables.get(scale::RESTING, &format!("{}, {records}", profile.name()), "memory, KiB");
        Some(memory("no records")?.max(memory("with records")?))
    };
    let live = |records| tables.get(scale::LIVE, records, "x 2 chats");
    let acknowledged = tables.get(scale::ACKNOWLEDGED, "100000", "x 1000");
    let chats = Profile::ALL
        .map(|profile| Target::at_most(1.5, format!("resting chat, {}: KiB", profile.name()), resting(profile)));
    let mut targets = Vec::from(chats);
    targets.extend([
        Target::at_most(1.0, "resting chat, X25519, stretch: KiB", resting(Profile::X25519)),
        Target::at_most(1.3, "a message in 100,000 live chats, no records: x in 2", live("no records")),
        Target::at_most(1.3, "a message in 100,000 live chats, records: x in 2", live("records")),
        Target::at_most(1.5, "one acknowledgement of 100,000 messages: x 1,000, for each", acknowledged),
    ]);
    targets
}

/// `ige-lanes` reaches the limit of the processor; the crates that replace it reach less.
fn one_stream(tables: &Tables) -> Vec<Target> {
    let least = if cfg!(feature = "lanes") { 0.97 } else { 0.93 };
    [media::ONE_STREAM, media::LONG_STREAM]
        .map(|title| {
            Target::at_least(
                least,
                format!("{title}: of the AES chain"),
                of(tables, title, media::SECRETCHAT, "of AES"),
            )
        })
        .into()
}

fn peers(tables: &Tables) -> [Target; 2] {
    [(4.5, media::GRAMMERS), (7.0, media::OPENSSL)].map(|(least, peer)| {
        let ratio = worse(BOTH_WAYS.iter().map(|way| {
            let speed = |row| tables.get(media::ONE_STREAM, row, way);
            Some(speed(media::SECRETCHAT)? / speed(peer)?)
        }));
        Target::at_least(least, format!("{}: x {peer}", media::ONE_STREAM), ratio)
    })
}

/// The speed of one core with eight streams at once, by its instructions.
const ALBUM: [(f64, Backend); 2] = [(7.5, Backend::Vaes), (6.5, Backend::AesNi)];

fn albums(tables: &Tables) -> impl Iterator<Item = Target> {
    ALBUM.into_iter().flat_map(|(least, backend)| album(tables, least, &media::lanes(backend)))
}

/// `secretchat` uses the fastest path of the processor; no other path can be selected.
fn albums_of_secretchat(tables: &Tables) -> impl Iterator<Item = Target> {
    let least = ALBUM.into_iter().find(|(_, backend)| *backend == Backend::detect());
    least.into_iter().flat_map(|(least, _)| album(tables, least, media::SECRETCHAT))
}

fn album(tables: &Tables, least: f64, name: &str) -> [Target; 2] {
    [Album::PHOTOS, Album::LARGE].map(|album| {
        let what = format!("{}, {name}: x one stream", album.title);
        Target::at_least(least, what, of(tables, album.title, name, "x one stream"))
    })
}

/// The hash is slower than eight lanes of the cipher, so its chain is the limit of segments, and the chain of the cipher that
/// of everything else.
fn files(tables: &Tables) -> Vec<Target> {
    let of_hash = |row| of(tables, media::FILE, row, "of SHA-256");
    let one_segment = worse(BOTH_WAYS.iter().map(|way| tables.get(media::SMALL_FILE, media::IN_PLACE, way)));
    let threads = worse(BOTH_WAYS.iter().map(|way| {
        let speed = |row| tables.get(media::THREADS, row, way);
        Some(speed("2 threads")? / speed("1 thread")?)
    }));
    vec![
        Target::at_least(0.97, "segments, 8 MiB, in place: of the SHA-256 chain", of_hash(media::IN_PLACE)),
        Target::at_least(
            0.9,
            "segments, 8 MiB, through the adapters: of the SHA-256 chain",
            of_hash(media::SEGMENT_READERS),
        ),
        Target::at_least(1.0, "one segment of 64 KiB, in place: GB/s", one_segment),
        Target::at_least(
            0.9,
            "resumable parts, 8 MiB: of the AES chain",
            of(tables, media::FILE, media::RESUMABLE, "of AES"),
        ),
        Target::at_least(1.8, "segments, 64 MiB: 2 threads x 1 thread", threads),
    ]
}

fn memory(tables: &Tables) -> [Target; 2] {
    [resident::CHAIN, resident::SEGMENTS].map(|form| {
        Target::at_most(
            2.0,
            format!("1 GiB {form}, both ends: MiB above the buffer"),
            tables.get(resident::TITLE, form, "MiB"),
        )
    })
}

/// Returns the worse of both directions of a ratio.
fn of(tables: &Tables, title: &str, row: &str, ratio: &str) -> Option<f64> {
    worse(BOTH_WAYS.iter().map(|way| tables.get(title, row, &format!("{ratio} ({way})"))))
}

/// Returns the least, `None` if one is missing.
fn worse(ratios: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    ratios.reduce(|least, ratio| Some(least?.min(ratio?))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_direction_counts_and_the_bound_itself_holds() {
        let least = |ratios: [Option<f64>; 2]| Target::at_least(4.5, "", worse(ratios.into_iter())).holds();
        assert_eq!(least([Some(4.5), Some(9.0)]), Some(true));
        assert_eq!(least([Some(9.0), Some(4.4)]), Some(false));
        assert_eq!(least([Some(4.4), Some(9.0)]), Some(false));
        assert_eq!(least([Some(9.0), None]), None);
        let most = |measured| Target::at_most(2.0, "", measured).holds();
        assert_eq!([most(Some(2.0)), most(Some(2.01)), most(None)], [Some(true), Some(false), None]);
    }
}
