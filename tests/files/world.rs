//! Two hosts and a network between them, with its accounts.

use std::collections::BTreeMap;

use recordings::{Faults, Network};
use secretchat::frame::{FileId, Frame, Ranges, decode_one};
use secretchat::{RandomId, TransmitId};

use super::host::{Host, TAG, pair};

/// What one end has put on the network.
#[derive(Default)]
pub(crate) struct Account {
    /// Of each file: the bytes that left at least once, and how many left in all.
    pub(crate) parts: BTreeMap<FileId, (Ranges, u64)>,
    /// How often a message with this file left.
    pub(crate) messages: BTreeMap<FileId, u32>,
    /// The files that transmissions name.
    names: BTreeMap<TransmitId, FileId>,
}

pub(crate) struct World {
    pub(crate) hosts: [Host; 2],
    pub(crate) network: Network<Vec<u8>>,
    pub(crate) now: u64,
    pub(crate) accounts: [Account; 2],
    /// The contents of planned files by the end that sends them.
    planned: [Vec<(RandomId, FileId, Vec<u8>)>; 2],
    /// Nobody makes frames up, so what is sent must be in the right order.
    pub(crate) is_honest: bool,
}

impl World {
    pub(crate) fn new(seed: u64, part_len: usize, faults: Faults) -> Self {
        Self {
            hosts: pair(seed, part_len),
            network: Network::new(seed, faults),
            now: 0,
            accounts: Default::default(),
            planned: Default::default(),
            is_honest: true,
        }
    }

    pub(crate) fn plan(&mut self, from: usize, content: &[u8], upload_first: bool) -> FileId {
        let (random_id, file) = self.hosts[from].plan(content, upload_first);
        let sealed = self.hosts[from].disk.outgoing[&file].clone();
        self.planned[from].push((random_id, file, sealed));
        file
    }

    /// Lets one end do what it has to, with a frame that arrived.
    pub(crate) fn live(&mut self, end: usize, frame: Option<&[u8]>) {
        self.hosts[end].live(frame, self.now);
        self.hosts[end].check_bounds();
        for frame in std::mem::take(&mut self.hosts[end].link) {
            self.note(end, &frame);
            self.network.post(end, frame, self.now);
        }
    }

    /// Keeps account of what leaves (SPEC FILE-2).
    fn note(&mut self, end: usize, bytes: &[u8]) {
        let (TAG, frame) = decode_one(bytes).unwrap() else { panic!("one chat") };
        match frame {
            Frame::FilePart { file_id, offset, bytes, .. } => {
                let (left, count) = self.accounts[end].parts.entry(file_id).or_default();
                left.insert(offset..offset + bytes.len() as u64);
                *count += bytes.len() as u64;
            }
            Frame::Ciphertext { transmit_id, file: Some(file), .. } => {
                self.accounts[end].names.insert(transmit_id, file);
                *self.accounts[end].messages.entry(file).or_default() += 1;
                let len = self.len_of(file);
                let left = self.accounts[end].parts.get(&file).map(|(left, _)| left.clone()).unwrap_or_default();
                assert!(!self.is_honest || left == Ranges::from(0..len), "parts leave before their message");
            }
            Frame::Receipt { transmit_id, .. } => {
                let taken = &self.hosts[end].disk.taken;
                let named = self.accounts[1 - end].names.get(&transmit_id);
                assert!(named.is_none_or(|file| taken.contains_key(file)), "no receipt before the file is there");
            }
            _ => {}
        }
    }

    /// Goes on to the next thing that happens.
    pub(crate) fn step(&mut self) {
        for end in [0, 1] {
            self.live(end, None);
        }
        let timeouts = self.hosts.iter().filter_map(Host::poll_timeout);
        let next = timeouts.chain(self.network.next_arrival()).min().expect("nothing will happen any more");
        self.now = self.now.max(next);
        while let Some(parcel) = self.network.arrive(self.now) {
            self.live(1 - parcel.from, Some(&parcel.load));
        }
    }

    /// Returns how long a planned file is once it is sealed.
    pub(crate) fn len_of(&self, file: FileId) -> u64 {
        self.planned.iter().flatten().find(|(_, planned, _)| *planned == file).unwrap().2.len() as u64
    }

    pub(crate) fn is_done(&self) -> bool {
        [0, 1]
            .into_iter()
            .all(|end| self.planned[end].iter().all(|(id, ..)| self.hosts[end].disk.acknowledged.contains(id)))
    }

    pub(crate) fn run(&mut self, mut between: impl FnMut(&mut Self)) {
        for _ in 0..20_000 {
            between(self);
            if self.is_done() {
                return self.check();
            }
            self.step();
        }
        panic!("it comes to no end");
    }

    /// Every file is there, with exactly its bytes, and every message once.
    pub(crate) fn check(&self) {
        for end in [0, 1] {
            let there = &self.hosts[1 - end].disk;
            let mut received = there.received.clone();
            received.sort_unstable();
            let mut planned: Vec<_> = self.planned[end].iter().map(|(id, file, _)| (*id, *file)).collect();
            planned.sort_unstable();
            assert_eq!(received, planned);
            for (_, file, sealed) in &self.planned[end] {
                assert!(there.taken[file] == *sealed, "exactly the bytes");
            }
        }
    }
}
