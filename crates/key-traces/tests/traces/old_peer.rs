//! A program that begins under MTProto 1.0, as far as alice's end of the Telegram profile hears it (SPEC ENV-5). Nothing that it
//! sends is secret, so a search can play it without its keys.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use secretchat::hazmat::Secret;
use secretchat::{DhGroup, KeyFingerprint};
use sha1::{Digest, Sha1};

use super::exchanges::{self, Drawn};
use super::lives::{Hold, Known, Life};
use super::old_protocol;
use super::sealing;
use super::story::OLD_TEXT;

const EXPONENT: [u8; 256] = [0x33; 256];
/// The layer that such programs write in.
const LAYER: u32 = 46;

/// What it answers and says.
#[derive(Clone)]
pub(crate) struct OldPeer {
    pub(crate) public: Vec<u8>,
    pub(crate) fingerprint: KeyFingerprint,
    pub(crate) sealed: Vec<Vec<u8>>,
}

impl OldPeer {
    /// Answers a request, and says a text twice under its first protocol.
    pub(crate) fn answer(request: &[u8]) -> Self {
        let key = to_the_exponent(&U2048::from_be_slice(request));
        let fingerprint = KeyFingerprint::from_bytes(Sha1::digest(key)[12..].try_into().unwrap());
        let chat_key = Secret::new(key);
        let sealed = [0, 1].map(|slot| old_protocol::seal(&chat_key, fingerprint, &body(slot))).into();
        Self { public: to_the_exponent(&U2048::from_u8(3)).to_vec(), fingerprint, sealed }
    }

    /// Returns what alice's end has of this chat that is secret, and the chat key. `drawn` is her exponent.
    pub(crate) fn secrets(&self, drawn: &[u8]) -> (Vec<Known>, Vec<u8>) {
        let mut secrets = Vec::new();
        let exchange = Drawn { request: vec![drawn.to_vec()], answer: vec![EXPONENT.to_vec()], rekey: None };
        let chat_key = exchanges::power(3, &exchange, &mut secrets);
        // Its exponent is no secret here.
        secrets.retain(|known| !known.name.contains("of answer"));
        secrets.push(Known::new("draw 0 of request 3", drawn, Hold::Until(Life::OldProtocol)));
        secrets.push(Known::new("chat key 3", &chat_key, Hold::Until(Life::OldProtocol)));
        for (n, sealed) in self.sealed.iter().enumerate() {
            secrets.extend(sealing::of_old_message(n, &chat_key, sealed));
        }
        (secrets, chat_key)
    }
}

fn to_the_exponent(base: &U2048) -> [u8; 256] {
    let prime = DhGroup::published(3).unwrap().prime();
    let modulus = FixedMontyParams::new_vartime(Odd::new(U2048::from_be_slice(&prime)).unwrap());
    let power = FixedMontyForm::new(base, &modulus).pow(&U2048::from_be_slice(&EXPONENT)).retrieve();
    let bytes: Vec<u8> = power.as_words().iter().rev().flat_map(|word| word.to_be_bytes()).collect();
    bytes.try_into().unwrap()
}

/// `decryptedMessageLayer` with a `decryptedMessage` of layer 73 of nothing but a text (SPEC section 23).
fn body(slot: u32) -> Vec<u8> {
    let mut body = 0x1be3_1789_u32.to_le_bytes().to_vec();
    body.extend([15; 16]);
    // The responder's numbers: it has processed nothing.
    for number in [LAYER, 1, 2 * slot, 0x91cc_4674, 0] {
        body.extend(number.to_le_bytes());
    }
    body.extend((7 + u64::from(slot)).to_le_bytes());
    body.extend([0; 4]);
    body.push(u8::try_from(OLD_TEXT.len()).unwrap());
    body.extend(OLD_TEXT.as_bytes());
    body.resize(body.len().next_multiple_of(4), 0);
    body
}
