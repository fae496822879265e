//! Public values of key exchanges.

use recordings::Seeded;
use secretchat::{Chat, Handled, Input, Invitation, KeyFingerprint, PeerFault};

use crate::support::agreement::{Agreement, EVERY};
use crate::support::pair::{self, env};
use crate::support::rekeyer::{self, Rekeyer, Rules, THEIRS};
use crate::support::twin;

/// The secret of a peer that makes values by hand.
const SECRET: u8 = 0x44;

/// Checks any public value in the request and the answer of a handshake and of a rekey, where both ends run this crate: why a
/// value must be refused is computed independently (SPEC X25-2, HYB-3). A refused value changes nothing. A wrong value that
/// passes all checks gives a wrong fingerprint, and nothing else.
///
/// The input: the profile, the step, and a mode. Mode 0 takes the bytes as the value. Others write them over the right value,
/// at a place that comes first.
pub fn public_values(data: &[u8]) {
    check(data, |parsed| parsed);
}

/// With what becomes of the verdict on a request.
fn check(data: &[u8], verdict: fn(bool) -> bool) {
    let Some((&[profile, step, how], bytes)) = data.split_first_chunk() else { return };
    let agreement = EVERY[usize::from(profile) % EVERY.len()];
    let given = Given { bytes, over: how != 0 };
    match step % 4 {
        0 => in_the_request(agreement, &given, verdict),
        1 => in_the_answer(agreement, &given),
        2 => in_the_request_of_a_rekey(agreement, &given),
        _ => in_the_answer_of_a_rekey(agreement, &given),
    }
}

struct Given<'a> {
    bytes: &'a [u8],
    over: bool,
}

impl Given<'_> {
    fn value(&self, right: &[u8]) -> Vec<u8> {
        if !self.over {
            return self.bytes.to_vec();
        }
        let mut value = right.to_vec();
        if let Some((place, bytes)) = self.bytes.split_first_chunk() {
            let place = usize::from(u16::from_le_bytes(*place)) % value.len();
            value[place..].iter_mut().zip(bytes).for_each(|(byte, new)| *byte = *new);
        }
        value
    }
}

fn in_the_request(agreement: Agreement, given: &Given<'_>, verdict: fn(bool) -> bool) {
    let mut alice = Asking::new(agreement);
    let value = given.value(&alice.request);
    let parsed = Invitation::parse(&value, agreement.config("bob", "alice"));
    assert_eq!(verdict(parsed.is_ok()), is_good_request(agreement, &value));
    let Ok(invitation) = parsed else { return };
    let mut bob = invitation.accept(&mut env(&mut Seeded::new(6))).unwrap();
    let (answer, fingerprint) = pair::accept_of(&mut bob);
    // The end that asked notices the change.
    let right = value == alice.request;
    alice.hears(&answer, fingerprint, if right { Ok(Handled::Applied) } else { Err(PeerFault::FingerprintMismatch) });
}

fn in_the_answer(agreement: Agreement, given: &Given<'_>) {
    let mut alice = Asking::new(agreement);
    let (answer, fingerprint) = alice.right_answer();
    let value = given.value(&answer);
    let expected = if value == answer {
        Ok(Handled::Applied)
    } else if is_good_answer(agreement, &value, &alice.request) {
        Err(PeerFault::FingerprintMismatch)
    } else {
        Err(PeerFault::BadPublicValue)
    };
    alice.hears(&value, fingerprint, expected);
}

fn in_the_request_of_a_rekey(agreement: Agreement, given: &Given<'_>) {
    let (mut peer, mut bob) = Rekeyer::meet(Rules::Bound(agreement));
    let right = agreement.request(SECRET);
    let value = given.value(&right);
    let asked = if value == right { peer.question(THEIRS, SECRET) } else { rekeyer::request(THEIRS, &value) };
    assert_eq!(peer.says(&mut bob, &asked), Ok(Handled::Applied));
    let told = peer.take(&mut bob);
    if !is_good_request(agreement, &value) {
        assert_eq!(told, ["RekeyFailed BadValue", "0: AbortKey 77"]);
        return peer.goes_on_as_before(&mut bob);
    }
    assert_eq!(told, ["0: AcceptKey"]);
    if value == right {
        peer.commits(&mut bob);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "1: Noop"]);
    } else {
        // The real requester does not have this key, and aborts.
        assert_eq!(peer.says(&mut bob, &rekeyer::abort(THEIRS)), Ok(Handled::Applied));
        assert_eq!(peer.take(&mut bob), ["RekeyFailed Aborted"]);
        peer.goes_on_as_before(&mut bob);
    }
}

fn in_the_answer_of_a_rekey(agreement: Agreement, given: &Given<'_>) {
    let (mut peer, mut bob, open) = Rekeyer::requested(Rules::Bound(agreement));
    let (_, request) = peer.request.clone().unwrap();
    let right = agreement.answer(SECRET, &request);
    let value = given.value(&right);
    // This end gets the right key.
    peer.acceptance(SECRET);
    let accepted = rekeyer::accept(open, &value, peer.last_fingerprint());
    assert_eq!(peer.says(&mut bob, &accepted), Ok(Handled::Applied));
    let told = peer.take(&mut bob);
    if value == right {
        assert_eq!(told, ["Rekeyed 1", "0: CommitKey"]);
        return;
    }
    let good = is_good_answer(agreement, &value, &request);
    let reason = if good { "FingerprintMismatch" } else { "BadValue" };
    assert_eq!(told, [format!("RekeyFailed {reason}"), format!("0: AbortKey {open}")]);
    peer.goes_on_as_before(&mut bob);
}

/// An end that waits for the answer to its request.
struct Asking {
    agreement: Agreement,
    chat: Chat,
    /// The same chat, which never gets the refused values.
    twin: Chat,
    request: Vec<u8>,
}

impl Asking {
    fn new(agreement: Agreement) -> Self {
        let [(chat, request), (twin, _)] = [(); 2].map(|()| {
            let config = agreement.config("alice", "bob");
            let mut chat = Chat::request(config, &mut env(&mut Seeded::new(5))).unwrap();
            let request = pair::request_of(&mut chat);
            (chat, request)
        });
        Self { agreement, chat, twin, request }
    }

    fn right_answer(&self) -> (Vec<u8>, KeyFingerprint) {
        let invitation = Invitation::parse(&self.request, self.agreement.config("bob", "alice")).unwrap();
        pair::accept_of(&mut invitation.accept(&mut env(&mut Seeded::new(7))).unwrap())
    }

    fn hears(&mut self, answer: &[u8], fingerprint: KeyFingerprint, expected: Result<Handled, PeerFault>) {
        let heard = self.chat.handle(Input::accepted(answer, fingerprint), &mut env(&mut Seeded::new(8)));
        assert_eq!(heard, expected);
        let (right, right_fingerprint) = self.right_answer();
        let mut both = vec![&mut self.twin];
        if heard.is_err() {
            both.push(&mut self.chat);
        }
        for chat in both {
            let accepted = chat.handle(Input::accepted(&right, right_fingerprint), &mut env(&mut Seeded::new(8)));
            assert_eq!(accepted, Ok(Handled::Applied));
        }
        let same = heard.is_err() || answer == right;
        if same {
            twin::assert_same(&twin::life(&mut self.chat), &twin::life(&mut self.twin));
        }
    }
}

fn is_good_request(agreement: Agreement, value: &[u8]) -> bool {
    match agreement {
        Agreement::X25519 => value.len() == 32 && is_good_point(value),
        Agreement::Hybrid => value.len() == 1_216 && is_good_point(&value[..32]) && is_reduced(&value[32..1_184]),
    }
}

fn is_good_answer(agreement: Agreement, value: &[u8], request: &[u8]) -> bool {
    let len = match agreement {
        Agreement::X25519 => 32,
        Agreement::Hybrid => 1_120,
    };
    value.len() == len && is_good_point(&value[..32]) && value[..32] != request[..32]
}

/// Returns whether a value is a little-endian number below 2^255 - 19 whose point does not have a small order. For the
/// points of small order see RFC 7748 section 6.1 and <https://cr.yp.to/ecdh.html#validate>.
fn is_good_point(value: &[u8]) -> bool {
    const P_BUT_THE_LOWEST: [u8; 31] = {
        let mut bytes = [0xff; 31];
        bytes[30] = 0x7f;
        bytes
    };
    const OF_ORDER_8: [[u8; 32]; 2] = [
        *b"\xe0\xeb\x7a\x7c\x3b\x41\xb8\xae\x16\x56\xe3\xfa\xf1\x9f\xc4\x6a\xda\x09\x8d\xeb\x9c\x32\xb1\xfd\x86\x62\x05\x16\x5f\x49\xb8\x00",
        *b"\x5f\x9c\x95\xbc\xa3\x50\x8c\x24\xb1\xd0\xb1\x55\x9c\x83\xef\x5b\x04\x44\x5c\xc4\x58\x1c\x8e\x86\xd8\x22\x4e\xdd\xd0\x9f\x11\x57",
    ];
    let (lowest, rest) = (value[0], &value[1..]);
    let is_canonical = value[31] < 0x80 && (rest != P_BUT_THE_LOWEST || lowest < 0xed);
    let is_p_minus_1 = rest == P_BUT_THE_LOWEST && lowest == 0xec;
    let is_0_or_1 = rest == [0; 31] && lowest <= 1;
    is_canonical && !is_p_minus_1 && !is_0_or_1 && !OF_ORDER_8.iter().any(|point| point == value)
}

/// Returns whether all 12-bit numbers, two in three bytes, are below 3,329 (FIPS 203 section 7.2).
fn is_reduced(key: &[u8]) -> bool {
    key.as_chunks::<3>().0.iter().all(|[a, b, c]| {
        let two = [u16::from_le_bytes([*a, b & 0xf]), u16::from_le_bytes([*b, *c]) >> 4];
        two.iter().all(|number| *number < 3_329)
    })
}

#[test]
fn an_end_that_takes_every_value_is_found() {
    // A point of small order, as the request of the X25519 profile.
    let data = [&[0, 0, 0][..], &[0; 32]].concat();
    public_values(&data);
    assert!(crate::fails(|| check(&data, |_| true)));
}
