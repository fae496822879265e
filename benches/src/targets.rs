//! The performance targets, and whether they hold.

use std::fmt;

use ige_lanes::Backend;

use crate::cases::{
    self, Album, GRAMMERS, LIMIT, LONG_STREAM, ONE_STREAM, OPENSSL, SECRETCHAT, SEGMENTED_FILE, SEGMENTS,
};
use crate::memory::Peaks;
use crate::table::Tables;

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
    AtMostMib(f64),
}

impl Target {
    fn at_least(least: f64, what: impl Into<String>, measured: Option<f64>) -> Self {
        Self { what: what.into(), bound: Bound::AtLeast(least), measured }
    }

    /// `None` if nothing was measured.
    #[must_use]
    pub fn holds(&self) -> Option<bool> {
        self.measured.map(|measured| match self.bound {
            Bound::AtLeast(least) => measured >= least,
            Bound::AtMostMib(most) => measured <= most,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, bound, measured } = self;
        match bound {
            Bound::AtLeast(least) => write!(f, "| {what} >= {least:.2} |")?,
            Bound::AtMostMib(most) => write!(f, "| {what} <= {most:.2} MiB |")?,
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

/// Returns every target for this build. The worse of both directions counts.
#[must_use]
pub fn all(tables: &Tables, peaks: Option<Peaks>) -> Vec<Target> {
    let mut targets = one_stream(tables);
    targets.extend(albums(tables));
    if cfg!(feature = "lanes") {
        targets.extend(peers(tables));
        targets.extend(albums_of_secretchat(tables));
        targets.extend(segments(tables));
    }
    targets.extend(memory(peaks));
    targets
}

/// `ige-lanes` reaches the limit of the processor; the crates that replace it reach less.
fn one_stream(tables: &Tables) -> Vec<Target> {
    let least = if cfg!(feature = "lanes") { 0.97 } else { 0.93 };
    [ONE_STREAM, LONG_STREAM]
        .map(|title| {
            let ratio = worse(tables.speeds(title, SECRETCHAT), tables.speeds(title, LIMIT));
            Target::at_least(least, format!("{title}, {SECRETCHAT}: of the limit"), ratio)
        })
        .into()
}

fn peers(tables: &Tables) -> [Target; 2] {
    [(4.5, GRAMMERS), (7.0, OPENSSL)].map(|(least, peer)| {
        let ratio = worse(tables.speeds(ONE_STREAM, SECRETCHAT), tables.speeds(ONE_STREAM, peer));
        Target::at_least(least, format!("{ONE_STREAM}, {SECRETCHAT}: x {peer}"), ratio)
    })
}

/// The speed of one core with eight streams at once, by its instructions.
const ALBUM: [(f64, Backend); 2] = [(7.2, Backend::Vaes), (5.3, Backend::AesNi)];

fn albums(tables: &Tables) -> impl Iterator<Item = Target> {
    ALBUM.into_iter().flat_map(|(least, backend)| album(tables, least, &cases::lanes(backend)))
}

/// `secretchat` uses the fastest path of the processor; no other path can be selected.
fn albums_of_secretchat(tables: &Tables) -> impl Iterator<Item = Target> {
    let least = ALBUM.into_iter().find(|(_, backend)| *backend == Backend::detect());
    least.into_iter().flat_map(|(least, _)| album(tables, least, SECRETCHAT))
}

fn album(tables: &Tables, least: f64, name: &str) -> [Target; 2] {
    [Album::PHOTOS, Album::LARGE].map(|album| {
        let ratio = worse(tables.speeds(album.title, name), tables.one_stream());
        Target::at_least(least, format!("{}, {name}: x one stream", album.title), ratio)
    })
}

fn segments(tables: &Tables) -> [Target; 2] {
    [(1.4, Backend::Vaes), (1.25, Backend::AesNi)].map(|(least, backend)| {
        let speeds = tables.speeds(SEGMENTED_FILE, SEGMENTS).filter(|_| backend == Backend::detect());
        let ratio = worse(speeds, tables.one_stream());
        Target::at_least(least, format!("{SEGMENTED_FILE}, {backend:?}: x one stream"), ratio)
    })
}

#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
fn memory(peaks: Option<Peaks>) -> [Target; 2] {
    [("through a chain", peaks.map(|peaks| peaks.chain)), ("in segments", peaks.map(|peaks| peaks.segments))].map(
        |(form, kib)| Target {
            what: format!("1 GiB {form}, both ends: memory above the buffer"),
            bound: Bound::AtMostMib(2.0),
            measured: kib.map(|kib| kib as f64 / 1024.0),
        },
    )
}

fn worse(speeds: Option<[f64; 2]>, base: Option<[f64; 2]>) -> Option<f64> {
    let ([encrypt, decrypt], [base_encrypt, base_decrypt]) = speeds.zip(base)?;
    Some((encrypt / base_encrypt).min(decrypt / base_decrypt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_direction_counts_and_the_bound_itself_holds() {
        let target = |speeds| Target::at_least(4.5, "", worse(Some(speeds), Some([2.0, 1.0]))).holds();
        assert_eq!(target([9.0, 4.5]), Some(true));
        assert_eq!(target([9.0, 4.4]), Some(false));
        assert_eq!(target([8.9, 4.5]), Some(false));
        assert_eq!(Target::at_least(4.5, "", worse(None, Some([2.0, 1.0]))).holds(), None);
    }

    #[test]
    fn two_mebibytes_hold_and_a_page_more_does_not() {
        let holds = |chain, segments| memory(Some(Peaks { chain, segments })).map(|target| target.holds());
        assert_eq!(holds(2048, 2052), [Some(true), Some(false)]);
        assert_eq!(memory(None).map(|target| target.holds()), [None, None]);
    }
}
