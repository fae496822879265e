//! Looks into every record that a chat writes: which keys it keeps, and that a key that was wiped is in none of them
//! (SPEC REKEY-4, REC-4).

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use secretchat::hazmat::records;
use secretchat::{Batch, RecordName, Records, StoreKey};

/// A trace of a secret that this is long cannot be there by chance.
const WINDOW: usize = 32;

pub(crate) struct KeyWatch {
    store_key: StoreKey,
    plain: BTreeMap<RecordName, Vec<u8>>,
    kept: Kept,
    wiped: HashSet<[u8; WINDOW]>,
    pub(crate) most_keys: usize,
    /// Secrets that were kept and are not any more.
    pub(crate) wiped_secrets: usize,
}

/// What the record of keys holds.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) current: Option<[u8; 8]>,
    pub(crate) old: Option<[u8; 8]>,
    pub(crate) candidate: Option<[u8; 8]>,
    /// 0 idle, 1 requested, 2 asked, 3 accepted, 4 answered.
    pub(crate) exchange: u8,
    /// Chat keys, chains, keys that make and check Discards, secrets of an exchange that waits, and exporters.
    secrets: Vec<Vec<u8>>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { current, old, candidate, exchange, secrets } = self;
        write!(f, "{current:?} {old:?} {candidate:?} in state {exchange}, {} secrets", secrets.len())
    }
}

impl Kept {
    pub(crate) fn keys(&self) -> usize {
        [self.current, self.old, self.candidate].into_iter().flatten().collect::<HashSet<_>>().len()
    }

    pub(crate) fn secrets(&self) -> &[Vec<u8>] {
        &self.secrets
    }
}

impl KeyWatch {
    pub(crate) fn new(store_key: StoreKey) -> Self {
        Self {
            store_key,
            plain: BTreeMap::new(),
            kept: Kept::default(),
            wiped: HashSet::new(),
            most_keys: 0,
            wiped_secrets: 0,
        }
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Takes one batch as the store does, and looks for what must not be there any more.
    pub(crate) fn apply(&mut self, batch: &Batch) {
        for name in &batch.delete {
            self.plain.remove(name);
        }
        let opened = records::open(&Records { chat: batch.chat, rows: batch.put.clone() }, &self.store_key).unwrap();
        let mut look_at: Vec<RecordName> = opened.iter().map(|(name, ..)| *name).collect();
        self.plain.extend(opened.into_iter().map(|(name, _, plain)| (name, plain.to_vec())));
        if look_at.contains(&RecordName::Keys) || batch.delete.contains(&RecordName::Keys) {
            let kept = self.plain.get(&RecordName::Keys).map(|plain| read_keys(plain)).unwrap_or_default();
            let before = std::mem::replace(&mut self.kept, kept);
            for secret in before.secrets.iter().filter(|secret| !self.kept.secrets.contains(secret)) {
                self.wiped_secrets += 1;
                self.wiped.extend(windows(secret));
                look_at = self.plain.keys().copied().collect();
            }
            self.most_keys = self.most_keys.max(self.kept.keys());
        }
        for name in look_at {
            assert!(!self.holds_wiped(&self.plain[&name]), "{name} holds a part of a wiped key");
        }
    }

    /// The same for all records of a store, which must be those of the batches.
    pub(crate) fn check_all(&self, records: &Records) {
        let opened = records::open(records, &self.store_key).unwrap();
        let all: BTreeMap<_, _> = opened.into_iter().map(|(name, _, plain)| (name, plain.to_vec())).collect();
        assert!(all == self.plain, "the store holds what the batches said");
        assert!(!all.values().any(|plain| self.holds_wiped(plain)));
    }

    pub(crate) fn holds_wiped(&self, plain: &[u8]) -> bool {
        windows(plain).any(|window| self.wiped.contains(&window))
    }

    /// All secrets in the record of keys.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.kept.secrets.iter()
    }

    /// The current chat key, to show that it is found once it is wiped.
    pub(crate) fn current_key(&self) -> Vec<u8> {
        self.kept.secrets[0].clone()
    }
}

fn windows(bytes: &[u8]) -> impl Iterator<Item = [u8; WINDOW]> {
    bytes.windows(WINDOW).map(|window| window.try_into().unwrap())
}

/// The layout of SPEC REC-4, read apart from the code that writes it.
pub(crate) fn read_keys(plain: &[u8]) -> Kept {
    let mut fields = Fields { rest: plain, telegram: false };
    assert_eq!(fields.take(1), [1], "layout");
    // Those of a request: scalar, scalar and seed, exponent.
    let request: &[usize] = match fields.take(2) {
        [1, _role] => &[32],
        [3, _role] => &[32, 64],
        [2, _role] => {
            fields.telegram = true;
            fields.take(1 + 4 + 256);
            &[256]
        }
        other => panic!("{other:?}"),
    };
    for _ in 0..3 {
        fields.bytes();
    }
    fields.take(8 * 4 + 3 * 4 + 3 * 8 + 1 + 1);
    let telegram = fields.telegram;
    let mut kept = Kept::default();
    if fields.take(1) == [0] {
        kept.secrets.extend(request.iter().map(|len| fields.take(*len).to_vec()));
        fields.options(&mut kept.secrets);
        return kept;
    }
    kept.current = Some(fields.key(&mut kept.secrets));
    fields.take(36 + 1);
    fields.bytes();
    if !telegram {
        fields.take(32);
        fields.bound(&mut kept.secrets);
    }
    if fields.take(1) == [1] {
        kept.old = Some(fields.key(&mut kept.secrets));
        fields.take(1 + 4);
    }
    kept.exchange = fields.take(1)[0];
    if kept.exchange != 0 {
        fields.take(8);
    }
    match kept.exchange {
        0 => {}
        1 => {
            fields.take(4 + 8);
            kept.secrets.extend(request.iter().map(|len| fields.take(*len).to_vec()));
            fields.take(1 + 8);
            fields.bytes();
        }
        2 => drop(fields.bytes()),
        3 | 4 => {
            fields.take(if kept.exchange == 3 { 4 } else { 0 });
            kept.candidate = Some(fields.key(&mut kept.secrets));
            if !telegram {
                fields.bound(&mut kept.secrets);
            }
        }
        other => panic!("{other}"),
    }
    fields.options(&mut kept.secrets);
    kept
}

struct Fields<'a> {
    rest: &'a [u8],
    telegram: bool,
}

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn bytes(&mut self) -> &'a [u8] {
        let length = u32::from_le_bytes(self.take(4).try_into().unwrap());
        self.take(usize::try_from(length).unwrap())
    }

    /// A chat key among the secrets, and its name.
    fn key(&mut self, secrets: &mut Vec<Vec<u8>>) -> [u8; 8] {
        secrets.push(self.take(256).to_vec());
        let name = self.take(8).try_into().unwrap();
        if !self.telegram {
            secrets.push(self.take(32).to_vec());
        }
        name
    }

    /// The host's data and the options, if there are such (SPEC REC-4, REC-9). Among the options are the exporters of the
    /// current root and of the next.
    fn options(&mut self, secrets: &mut Vec<Vec<u8>>) {
        if !self.rest.is_empty() {
            self.bytes();
        }
        while !self.rest.is_empty() {
            let number = self.take(1)[0];
            let value = self.bytes();
            if matches!(number, 128 | 129) {
                secrets.push(value.to_vec());
            }
        }
    }

    /// What the next root is bound to, and the key that makes Discards.
    fn bound(&mut self, secrets: &mut Vec<Vec<u8>>) {
        secrets.push(self.take(32).to_vec());
        self.take(36);
        secrets.push(self.take(32).to_vec());
    }
}
