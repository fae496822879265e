//! Public values that an end must refuse, each with its reason, made from good ones (SPEC X25-2, HYB-2).

use super::agreement::Agreement;

/// The prime of the numbers in an encapsulation key (FIPS 203 section 2.4).
#[cfg(feature = "hybrid")]
const Q: u16 = 3329;

/// Values of X25519 of small order (RFC 7748 section 7). The last two are not canonical.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

pub(crate) type Bad = (String, Vec<u8>);

/// Of a request, made from a good one.
pub(crate) fn of_request(agreement: Agreement, good: &[u8]) -> Vec<Bad> {
    match agreement {
        Agreement::X25519 => of_both(agreement, good),
        #[cfg(feature = "hybrid")]
        Agreement::Hybrid => [of_both(agreement, good), not_reduced(good)].concat(),
    }
}

/// Of an answer, made from a good one and from the request of the end that gets it.
pub(crate) fn of_answer(agreement: Agreement, good: &[u8], request: &[u8]) -> Vec<Bad> {
    let mut bad = of_both(agreement, good);
    bad.push(("the own request".into(), request.to_vec()));
    bad.push(("the own value of X25519".into(), [&request[..32], &good[32..]].concat()));
    if good.len() > 32 {
        // The length of a request.
        bad.push(("1216 bytes".into(), [good, &[0; 96]].concat()));
    }
    bad
}

fn of_both(agreement: Agreement, good: &[u8]) -> Vec<Bad> {
    let (classic, rest) = good.split_at(32);
    let with = |classic: &[u8]| [classic, rest].concat();
    let mut bad = vec![];
    for small in SMALL_ORDER {
        let mut value: Vec<u8> = hex::decode(small).unwrap();
        bad.push((format!("of small order: {small}"), with(&value)));
        value[31] |= 0x80;
        bad.push((format!("of small order, with the top bit: {small}"), with(&value)));
    }
    let mut top_bit = classic.to_vec();
    top_bit[31] |= 0x80;
    bad.push(("the top bit".into(), with(&top_bit)));
    // u and p + u are one point: all 19 values that have two encodings.
    for u in 0..19 {
        let mut p_plus_u: Vec<u8> = hex::decode(SMALL_ORDER[5]).unwrap();
        p_plus_u[0] += u;
        bad.push((format!("p + {u}"), with(&p_plus_u)));
    }
    let long = [good, &[0]].concat();
    for (name, value) in [
        ("nothing", vec![]),
        ("a byte less", good[..good.len() - 1].to_vec()),
        ("a byte more", long.clone()),
        ("a byte more in front", [&[0], good].concat()),
        ("twice", [good, good].concat()),
        ("as long as in the Telegram profile", long.iter().copied().cycle().take(256).collect()),
    ] {
        bad.push((name.into(), value));
    }
    match agreement {
        #[cfg(feature = "hybrid")]
        Agreement::Hybrid => {
            bad.push(("the value of X25519 alone".into(), classic.to_vec()));
            bad.push(("the value of ML-KEM alone".into(), rest.to_vec()));
        }
        Agreement::X25519 => {
            bad.push((
                "as long as a request of the hybrid profile".into(),
                good.iter().copied().cycle().take(1216).collect(),
            ));
            bad.push((
                "as long as an answer of the hybrid profile".into(),
                good.iter().copied().cycle().take(1120).collect(),
            ));
        }
    }
    bad
}

/// Keys with a number that is not reduced, and what else only a key can have wrong.
#[cfg(feature = "hybrid")]
fn not_reduced(good: &[u8]) -> Vec<Bad> {
    let mut bad = vec![];
    // First, last, odd, even; at q, above it, and the largest that 12 bits hold.
    for place in [0, 1, 2, 300, 301, 767] {
        for number in [Q, Q + 1, 4095] {
            bad.push((format!("number {place} is {number}"), with_number(good, place, |_| number)));
        }
    }
    let below = (0..768).find(|place| number(good, *place) < 4096 - Q).unwrap();
    bad.push((format!("number {below} plus q"), with_number(good, below, |number| number + Q)));
    bad.push(("every number 4095".into(), [&good[..32], &[0xff; 1152], &good[1184..]].concat()));
    // What stands for the numbers then is none of a key, whatever stands for the value of X25519.
    bad.push(("the order of TLS".into(), [&good[32..], &good[..32]].concat()));
    // The length of an answer.
    bad.push(("1120 bytes".into(), good[..1120].to_vec()));
    bad
}

/// The number of 12 bits at a place of the encapsulation key in a request (FIPS 203 section 4.2.1).
#[cfg(feature = "hybrid")]
pub(crate) fn number(request: &[u8], place: usize) -> u16 {
    let at = 32 + place / 2 * 3;
    let [low, middle, high] = [0, 1, 2].map(|byte| u16::from(request[at + byte]));
    if place.is_multiple_of(2) { low | (middle & 0xf) << 8 } else { middle >> 4 | high << 4 }
}

/// The request with another number there.
#[cfg(feature = "hybrid")]
pub(crate) fn with_number(request: &[u8], place: usize, other: impl Fn(u16) -> u16) -> Vec<u8> {
    let other = other(number(request, place));
    let [low, high] = other.to_le_bytes();
    let (mut changed, at) = (request.to_vec(), 32 + place / 2 * 3);
    if place.is_multiple_of(2) {
        changed[at] = low;
        changed[at + 1] = changed[at + 1] & 0xf0 | high;
    } else {
        changed[at + 1] = changed[at + 1] & 0xf | low << 4;
        changed[at + 2] = low >> 4 | high << 4;
    }
    assert_eq!(number(&changed, place), other);
    changed
}
