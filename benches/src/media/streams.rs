//! One stream, in place.

use ige_lanes::Backend;

use super::ige::{Grammers, Ige, IgeCrate, Lanes, OpenSsl, Secretchat};
use super::{GRAMMERS, IGE_CRATE, LIMIT, OPENSSL, SECRETCHAT, lanes};
use crate::limits::{Chains, Units};
use crate::measure::timing::BOTH_WAYS;
use crate::measure::{Case, Group, Lap, Unit, Work};

pub(super) fn group(title: &'static str, len: usize) -> Group {
    let limit = Units::detect()
        .map(|units| Case::new(LIMIT, Chains::CIPHER.map(|chains| Lap::of(1, move || units.run(chains, len)))));
    let ours = Backend::available().map(|backend| Case::both_ways(lanes(backend), Stream::new(Lanes(backend), len)));
    let others = [
        Case::both_ways(SECRETCHAT, Stream::new(Secretchat, len)),
        Case::both_ways(IGE_CRATE, Stream::new(IgeCrate, len)),
        Case::both_ways(GRAMMERS, Stream::new(Grammers, len)),
        Case::both_ways(OPENSSL, Stream::new(OpenSsl::default(), len)),
    ];
    let cases = limit.into_iter().chain(ours).chain(others).collect();
    Group { title, unit: Unit::Bytes(len), columns: BOTH_WAYS, cases }
}

struct Stream<P> {
    peer: P,
    buffer: Vec<u8>,
}

impl<P> Stream<P> {
    fn new(peer: P, len: usize) -> Self {
        Self { peer, buffer: vec![0; len] }
    }
}

impl<P: Ige> Work for Stream<P> {
    fn encrypt(&mut self) {
        self.peer.encrypt(&mut self.buffer);
    }

    fn decrypt(&mut self) {
        self.peer.decrypt(&mut self.buffer);
    }
}
