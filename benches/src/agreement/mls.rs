//! MLS, by openmls: a group of two members who exist already.

use openmls::prelude::{KeyPackageBundle, MlsGroup, tls_codec::Serialize};

use super::{Agreement, Step};
use crate::message::mls::Member;

pub(super) fn meet() -> Mls {
    Mls {
        alice: Member::new("alice"),
        bob: Member::new("bob"),
        key: None,
        welcome: Vec::new(),
        groups: Vec::new(),
        sent: 0,
    }
}

/// Bob publishes a key package for one group, so the "request" here is his.
pub(super) struct Mls {
    alice: Member,
    bob: Member,
    key: Option<KeyPackageBundle>,
    welcome: Vec<u8>,
    /// The groups of Alice and Bob.
    groups: Vec<MlsGroup>,
    sent: usize,
}

impl Agreement for Mls {
    fn take(&mut self, step: Step) {
        let Self { alice, bob, key, welcome, groups, sent } = self;
        match step {
            Step::Request => {
                let key = key.insert(bob.key_package());
                *sent += key.key_package().tls_serialize_detached().unwrap().len();
            }
            Step::Answer => {
                let (group, bytes) = alice.create(key.as_ref().unwrap().key_package());
                *sent += bytes.len();
                *welcome = bytes;
                groups.push(group);
            }
            Step::Finish => {
                groups.push(bob.join(welcome));
                let [ours, theirs] = &mut groups[..] else { panic!("two groups") };
                let first = alice.seal(ours, b"");
                *sent += first.len();
                bob.open(theirs, &first);
            }
            // Both renew their keys.
            Step::Rekey => {
                let [ours, theirs] = &mut groups[..] else { panic!("two groups") };
                let commit = alice.update(ours);
                bob.open(theirs, &commit);
                let other = bob.update(theirs);
                alice.open(ours, &other);
                *sent += commit.len() + other.len();
            }
        }
    }

    fn sent(&self) -> usize {
        self.sent
    }
}
