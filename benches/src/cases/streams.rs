//! One stream, in place.

use ige_lanes::Backend;

use super::{Case, GRAMMERS, Group, IGE_CRATE, LIMIT, OPENSSL, SECRETCHAT, Unit, Work, lanes};
use crate::peers::{Grammers, Ige, IgeCrate, Lanes, OpenSsl, Secretchat};
use crate::probe::AesUnit;

pub(super) fn group(title: &'static str, len: usize) -> Group {
    let limit = AesUnit::detect().map(|unit| Case::new(LIMIT, Limit { unit, blocks: len / 16 }));
    let ours = Backend::available().map(|backend| Case::new(lanes(backend), Stream::new(Lanes(backend), len)));
    let others = [
        Case::new(SECRETCHAT, Stream::new(Secretchat, len)),
        Case::new(IGE_CRATE, Stream::new(IgeCrate, len)),
        Case::new(GRAMMERS, Stream::new(Grammers, len)),
        Case::new(OPENSSL, Stream::new(OpenSsl::default(), len)),
    ];
    Group { title, unit: Unit::Stream(len), cases: limit.into_iter().chain(ours).chain(others).collect() }
}

struct Limit {
    unit: AesUnit,
    blocks: usize,
}

impl Work for Limit {
    fn encrypt(&mut self) {
        self.unit.encryption_rounds(self.blocks);
    }

    fn decrypt(&mut self) {
        self.unit.decryption_rounds(self.blocks);
    }
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
