//! The runs of `resume.json`, and a long one.

use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{
    ChainEncryptor, ChainKey, PartSize, ResumableDecryptor, ResumableEncryptor, ResumeKey, Resuming,
};
use serde_json::{Value, json};

/// The cases of a kind.
pub(super) fn vectors(kind: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../../test-vectors/resume.json")).unwrap();
    file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == kind).cloned().collect()
}

pub(super) fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

pub(super) fn half(value: &Value) -> [u8; 32] {
    bytes(value).try_into().unwrap()
}

/// One file of the vectors.
pub(super) struct Run {
    pub(super) value: Value,
    pub(super) size: u64,
    pub(super) part_size: PartSize,
    pub(super) plain: Vec<u8>,
    pub(super) cipher: Vec<u8>,
}

impl Run {
    pub(super) fn new(value: &Value) -> Self {
        Self {
            size: value["size"].as_u64().unwrap(),
            part_size: PartSize::new(value["part_size"].as_u64().unwrap().try_into().unwrap()).unwrap(),
            plain: bytes(&value["plain"]),
            cipher: bytes(&value["cipher"]),
            value: value.clone(),
        }
    }

    pub(super) fn key(&self) -> ChainKey {
        ChainKey::from_parts(half(&self.value["key"]), half(&self.value["iv"]))
    }

    pub(super) fn host(&self) -> ResumeKey {
        ResumeKey::new(half(&self.value["host"]))
    }

    pub(super) fn tokens(&self) -> &[Value] {
        self.value["tokens"].as_array().unwrap()
    }

    /// A run that has planned the content.
    pub(super) fn encryptor(&self) -> ResumableEncryptor {
        let mut rng = Scripted::new(["key", "iv", "padding"].map(|name| bytes(&self.value[name])));
        let mut plan = ResumableEncryptor::plan(self.size, self.part_size, &mut rng).unwrap();
        self.plain.chunks(333).for_each(|chunk| plan.take(chunk).unwrap());
        let (run, _token) = plan.finish(&self.host(), &mut rng).unwrap();
        assert_eq!(run.key().parts(), self.key().parts());
        run
    }

    pub(super) fn decryptor(&self) -> ResumableDecryptor {
        ResumableDecryptor::new(&self.key(), self.size, self.part_size).unwrap()
    }

    /// The ciphertext of the next part.
    pub(super) fn encrypt_next(&self, run: &mut ResumableEncryptor) -> Option<Vec<u8>> {
        let next = run.next_part()?;
        let start = usize::try_from(next.range.start).unwrap();
        let mut part = self.plain[start..][..next.content_len].to_vec();
        part.resize(next.len, 0xee);
        run.encrypt(&mut part).unwrap();
        Some(part)
    }

    /// The content of the next part.
    pub(super) fn decrypt_next(&self, run: &mut ResumableDecryptor) -> Option<Vec<u8>> {
        let range = run.next_part()?.range;
        let mut part = self.cipher[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec();
        Some(run.decrypt(&mut part).unwrap().to_vec())
    }

    pub(super) fn resume_encryption(&self, token: &[u8]) -> Result<Resuming<ResumableEncryptor>, MediaError> {
        ResumableEncryptor::resume(&self.key(), self.size, token, &self.host())
    }

    pub(super) fn resume_decryption(&self, token: &[u8]) -> Result<Resuming<ResumableDecryptor>, MediaError> {
        ResumableDecryptor::resume(&self.key(), self.size, token, &self.host())
    }
}

pub(super) fn runs() -> Vec<Run> {
    let runs: Vec<_> = vectors("run").iter().map(Run::new).collect();
    assert_eq!(runs.iter().map(|run| run.size).collect::<Vec<_>>(), [1, 1024, 2500, 4096, 4097, 3000]);
    runs
}

/// The run of 2,500 bytes in three parts.
pub(super) fn three_parts() -> Run {
    runs().remove(2)
}

/// Shows the content in chunks of `len` bytes.
pub(super) fn checked<T>(mut resuming: Resuming<T>, content: &[u8], len: usize) -> Result<T, MediaError> {
    content.chunks(len).try_for_each(|chunk| resuming.check(chunk))?;
    resuming.finish()
}

/// A run of 40 parts, as its ciphertext comes from the chain that takes chunks of any length.
pub(super) fn forty_parts() -> Run {
    let plain: Vec<u8> =
        (0_u32..).map(|i| i.wrapping_mul(0x9e37_79b1).to_be_bytes()[0]).take(39 * 1024 + 500).collect();
    let (key, padding) = (ChainKey::from_parts([1; 32], [2; 32]), vec![3; 12]);
    let mut chain = ChainEncryptor::new(&key, plain.len() as u64).unwrap();
    let mut cipher = chain.update(&mut plain.clone()).unwrap().body.to_vec();
    cipher.extend_from_slice(chain.finish(&mut Scripted::new([padding.clone()])).unwrap().as_slice());
    let [key, iv, host] = [1, 2, 4].map(|byte| hex::encode([byte; 32]));
    let [plain_hex, padding, cipher] = [&plain, &padding, &cipher].map(hex::encode);
    Run::new(&json!({
        "size": plain.len(), "part_size": 1024, "key": key, "iv": iv, "host": host,
        "plain": plain_hex, "padding": padding, "cipher": cipher,
    }))
}
