//! MLS, by openmls: a group of two.

use openmls::prelude::tls_codec::Deserialize;
use openmls::prelude::{
    BasicCredential, Ciphersuite, CredentialWithKey, KeyPackage, KeyPackageBundle, LeafNodeParameters, MlsGroup,
    MlsGroupCreateConfig, MlsGroupJoinConfig, MlsMessageBodyIn, MlsMessageIn, MlsMessageOut, ProcessedMessageContent,
    StagedWelcome,
};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;

const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

/// Somebody with a name, a key that signs, and a store in memory.
#[derive(Debug)]
pub struct Member {
    provider: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
    credential: CredentialWithKey,
}

impl Member {
    /// Creates a member.
    ///
    /// # Panics
    /// Never: the suite is known.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let signer = SignatureKeyPair::new(SUITE.signature_algorithm()).unwrap();
        let credential = CredentialWithKey {
            credential: BasicCredential::new(name.into()).into(),
            signature_key: signer.to_public_vec().into(),
        };
        Self { provider: OpenMlsRustCrypto::default(), signer, credential }
    }

    /// Makes a key for one group, which others look up.
    ///
    /// # Panics
    /// If openmls fails.
    pub fn key_package(&self) -> KeyPackageBundle {
        KeyPackage::builder().build(SUITE, &self.provider, &self.signer, self.credential.clone()).unwrap()
    }

    /// Creates a group with the owner of the key package. Returns the group and the welcome.
    ///
    /// # Panics
    /// If openmls fails.
    pub fn create(&self, theirs: &KeyPackage) -> (MlsGroup, Vec<u8>) {
        let config = MlsGroupCreateConfig::builder().ciphersuite(SUITE).use_ratchet_tree_extension(true).build();
        let mut group = MlsGroup::new(&self.provider, &self.signer, &config, self.credential.clone()).unwrap();
        let (_, welcome, _) = group.add_members(&self.provider, &self.signer, std::slice::from_ref(theirs)).unwrap();
        group.merge_pending_commit(&self.provider).unwrap();
        (group, welcome.to_bytes().unwrap())
    }

    /// Joins the group of a welcome.
    ///
    /// # Panics
    /// If openmls fails.
    #[must_use]
    pub fn join(&self, welcome: &[u8]) -> MlsGroup {
        let message = MlsMessageIn::tls_deserialize_exact(welcome).unwrap();
        let MlsMessageBodyIn::Welcome(welcome) = message.extract() else { panic!("a welcome") };
        let config = MlsGroupJoinConfig::default();
        let staged = StagedWelcome::new_from_welcome(&self.provider, &config, welcome, None).unwrap();
        staged.into_group(&self.provider).unwrap()
    }

    /// Encrypts and encodes a message.
    ///
    /// # Panics
    /// If openmls fails.
    pub fn seal(&self, group: &mut MlsGroup, text: &[u8]) -> Vec<u8> {
        group.create_message(&self.provider, &self.signer, text).unwrap().to_bytes().unwrap()
    }

    /// Renews the keys of this end.
    ///
    /// # Panics
    /// If openmls fails.
    pub fn update(&self, group: &mut MlsGroup) -> Vec<u8> {
        let bundle = group.self_update(&self.provider, &self.signer, LeafNodeParameters::default()).unwrap();
        let commit: MlsMessageOut = bundle.into_commit();
        group.merge_pending_commit(&self.provider).unwrap();
        commit.to_bytes().unwrap()
    }

    /// Decodes and decrypts a message, or takes over new keys. Returns the text of a message.
    ///
    /// # Panics
    /// If openmls fails.
    pub fn open(&self, group: &mut MlsGroup, bytes: &[u8]) -> Option<Vec<u8>> {
        let message = MlsMessageIn::tls_deserialize_exact(bytes).unwrap();
        let processed = group.process_message(&self.provider, message.try_into_protocol_message().unwrap()).unwrap();
        match processed.into_content() {
            ProcessedMessageContent::ApplicationMessage(message) => Some(message.into_bytes()),
            ProcessedMessageContent::StagedCommitMessage(commit) => {
                group.merge_staged_commit(&self.provider, *commit).unwrap();
                None
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Two members that have joined.
pub(super) struct Group {
    members: [Member; 2],
    groups: [MlsGroup; 2],
}

impl Group {
    pub(super) fn ready() -> Self {
        let members = [Member::new("alice"), Member::new("bob")];
        let (alice, welcome) = members[0].create(members[1].key_package().key_package());
        let bob = members[1].join(&welcome);
        Self { members, groups: [alice, bob] }
    }

    pub(super) fn say(&mut self, text: &[u8]) {
        let [alice, bob] = &self.members;
        let [ours, theirs] = &mut self.groups;
        let bytes = alice.seal(ours, text);
        assert_eq!(bob.open(theirs, &bytes).as_deref(), Some(text));
    }
}
