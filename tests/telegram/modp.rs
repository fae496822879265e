//! 2,048-bit Diffie-Hellman of the Telegram profile, against the numbers of `test-vectors/modp.py` (bug class: public
//! values and groups that are not checked, keys that lose their leading zeros).

use std::convert::Infallible;

use rand_core::{CryptoRng, TryCryptoRng, TryRng};
use recordings::Scripted;
use secretchat::hazmat::Secret;
use secretchat::hazmat::fingerprint::{key_fingerprint, verification};
use secretchat::hazmat::kdf::ChatKey;
use secretchat::hazmat::modp::{DhGroup, DhGroupError, KeyPair, PrimePolicy, PublicValue, stored_group};
use secretchat::{ApiMisuse, PeerFault};
use serde_json::Value;

use crate::support::rng::{Constant, Failing, Seeded};

/// The cases of a kind; none tests nothing.
fn vectors(kind: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../test-vectors/modp.json")).unwrap();
    let cases: Vec<_> = list(&file["cases"]).iter().filter(|case| case["kind"] == kind).cloned().collect();
    assert!(!cases.is_empty(), "{kind}");
    cases
}

/// The elements of a list; an empty one tests nothing.
fn list(value: &Value) -> &[Value] {
    let list = value.as_array().unwrap();
    assert!(!list.is_empty());
    list
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

fn group(g: u32) -> DhGroup {
    DhGroup::published(g).unwrap()
}

fn pair(group: &DhGroup, exponent: [u8; 256]) -> KeyPair {
    KeyPair::resume(group, Secret::new(exponent)).unwrap()
}

/// The only group of that name among the vectors.
fn named_prime(what: &str) -> Vec<u8> {
    let groups = vectors("group");
    let mut found = groups.iter().filter(|case| case["comment"] == what);
    let p = bytes(&found.next().unwrap()["p"]);
    assert!(found.next().is_none());
    p
}

const STRONG_PSEUDOPRIMES: [&str; 2] = [
    "a prime, half of it a strong pseudoprime to all prime bases below 307",
    "a Carmichael number, a strong pseudoprime to all prime bases below 307",
];

/// Remembers the length of each draw.
#[derive(Debug)]
struct Counting<R> {
    rng: R,
    draws: Vec<usize>,
}

impl<R> Counting<R> {
    fn new(rng: R) -> Self {
        Self { rng, draws: Vec::new() }
    }
}

impl<R: CryptoRng> TryRng for Counting<R> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.draws.push(4);
        Ok(self.rng.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.draws.push(8);
        Ok(self.rng.next_u64())
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.draws.push(to.len());
        self.rng.fill_bytes(to);
        Ok(())
    }
}

impl<R: CryptoRng> TryCryptoRng for Counting<R> {}

/// What the vector files call an outcome.
fn outcome(result: &Result<DhGroup, DhGroupError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(DhGroupError::PrimeSize) => "PrimeSize",
        Err(DhGroupError::NotSafePrime) => "NotSafePrime",
        Err(DhGroupError::PrimeUnknown) => "PrimeUnknown",
        Err(DhGroupError::Generator) => "Generator",
        Err(other) => panic!("a new outcome: {other:?}"),
    }
}

#[test]
fn at_20_groups_are_what_they_claim_to_be_or_refused() {
    let groups = vectors("group");
    for case in &groups {
        let (what, g, p) = (text(&case["comment"]), number(&case["g"]), bytes(&case["p"]));
        // Without `AllowSafePrime` nothing is drawn.
        let refused = DhGroup::check(g, &p, PrimePolicy::PublishedOnly, &mut Failing::after(0));
        assert_eq!(outcome(&refused), text(&case["published_only"]), "{what}");

        let mut rng = Counting::new(Seeded::new(1));
        let result = DhGroup::check(g, &p, PrimePolicy::AllowSafePrime, &mut rng);
        assert_eq!(outcome(&result), text(&case["allow_safe_prime"]), "{what}");
        let Ok(group) = result else {
            assert!(rng.draws.len() < 16, "{what}: {} rounds for a composite", rng.draws.len());
            continue;
        };
        assert_eq!((group.generator(), &group.prime()[..]), (g, &p[..]), "{what}");
        assert_eq!(group.is_published(), refused.is_ok(), "{what}");
        let bases = if group.is_published() { 0 } else { 64 };
        assert_eq!(rng.draws.len(), bases, "{what}");
        assert!(rng.draws.iter().all(|draw| *draw >= 256), "{what}: a base may be any number");
        assert_eq!(stored_group(g, &p), Ok(group), "{what}");
    }
}

// Rounds with fixed bases would pass the two strong pseudoprimes, and a quarter of all bases does.
#[test]
fn at_21_strong_pseudoprimes_are_found_with_any_seed() {
    for p in STRONG_PSEUDOPRIMES.map(named_prime) {
        for seed in 2..8 {
            let result = DhGroup::check(4, &p, PrimePolicy::AllowSafePrime, &mut Seeded::new(seed));
            assert_eq!(result, Err(DhGroupError::NotSafePrime));
        }
    }
}

// A broken generator cannot keep the test busy; but the base 2 for ever is no test.
#[test]
fn a_broken_generator_decides_nothing_but_ends() {
    let half = named_prime(STRONG_PSEUDOPRIMES[0]);
    let fooled = DhGroup::check(4, &half, PrimePolicy::AllowSafePrime, &mut Constant(0));
    assert!(fooled.is_ok());
    let p = named_prime("a product of two primes, 3 modulo 4");
    let result = DhGroup::check(4, &p, PrimePolicy::AllowSafePrime, &mut Constant(0xff));
    assert_eq!(result, Err(DhGroupError::NotSafePrime));
    let p = named_prime("half of it prime, itself composite");
    let mut rng = Counting::new(Constant(0xff));
    let result = DhGroup::check(4, &p, PrimePolicy::AllowSafePrime, &mut rng);
    assert_eq!((result, rng.draws.len()), (Err(DhGroupError::NotSafePrime), 0));
    // All ones, were they rejected rather than reduced, would be drawn without end.
    let mut rng = Counting::new(Constant(0xff));
    let result = DhGroup::check(2, &named_prime("ffdhe2048"), PrimePolicy::AllowSafePrime, &mut rng);
    assert_eq!((result.is_ok(), rng.draws.len()), (true, 64));
}

#[test]
fn the_published_prime_has_the_generators_3_4_and_7() {
    for g in (0..=8).chain([255, 256 + 3, u32::MAX]) {
        let expected = if matches!(g, 3 | 4 | 7) { Ok(g) } else { Err(ApiMisuse::DhGenerator) };
        assert_eq!(DhGroup::published(g).map(|group| group.generator()), expected);
    }
    let p = named_prime("the published prime, g = 3");
    assert_eq!(DhGroup::check(3, &p, PrimePolicy::default(), &mut Failing::after(0)), Ok(group(3)));
    assert!(group(3).is_published() && group(3).prime()[..] == p[..]);
}

#[test]
fn generators_follow_the_jacobi_symbol() {
    let cases = vectors("generator");
    for case in &cases {
        let p = bytes(&case["p"]);
        let fit: Vec<u32> = list(&case["fit"]).iter().map(number).collect();
        for g in 0..=9 {
            let result = stored_group(g, &p).map(|group| group.is_published());
            let expected = if fit.contains(&g) { Ok(false) } else { Err(DhGroupError::Generator) };
            assert_eq!(result, expected, "g = {g}, p = {}", text(&case["p"]));
        }
    }
}

#[test]
fn a_stored_group_is_checked_for_what_is_cheap() {
    let p = named_prime("ffdhe2048");
    let stored = stored_group(2, &p).unwrap();
    assert!(stored == stored.clone() && !stored.is_published());
    assert_eq!(stored_group(2, &p[1..]), Err(DhGroupError::PrimeSize));
    assert_eq!(stored_group(3, &named_prime("even, the published prime less 1")), Err(DhGroupError::NotSafePrime));
}

#[test]
fn keys_are_those_of_an_independent_program() {
    let agreements = vectors("agreement");
    assert!(agreements.len() >= 20);
    for case in &agreements {
        let what = text(&case["comment"]);
        let group = group(number(&case["g"]));
        let a = pair(&group, array(&case["a"]));
        let b = pair(&group, array(&case["b"]));
        assert_eq!((a.public(), b.public()), (&array(&case["g_a"]), &array(&case["g_b"])), "{what}");
        let keys = [a.shared_key(&group, b.public()), b.shared_key(&group, a.public())];
        for key in keys.map(Result::unwrap) {
            assert_eq!(key.expose(), &array(&case["key"]), "{what}");
            assert_eq!(key_fingerprint(&key).to_bytes(), array(&case["fingerprint"]), "{what}");
        }
    }
}

// BR-01, with the values that are published for it.
#[test]
fn at_24_a_key_that_begins_with_a_zero_keeps_it() {
    let agreements = vectors("agreement");
    let case = agreements.iter().find(|case| case["comment"] == r#"E("a",0) with E("b",232)"#).unwrap();
    let key = pair(&group(3), array(&case["a"])).shared_key(&group(3), &bytes(&case["g_b"])).unwrap();
    assert_eq!(key.expose()[..6], [0x00, 0xf9, 0x06, 0xee, 0xfc, 0x5b]);
    assert_eq!(i64::from_le_bytes(key_fingerprint(&key).to_bytes()), 380_444_428_695_137_585);
    let published = "bd2a15b6ebf79c0d726a97b9316d2635b22d1d380b9bc2cb1e6430d35af440a5b47a7f0b";
    assert_eq!(hex::encode(verification(&key)), published);
}

// BR-01: both ends get the same 256 bytes. With SECRETCHAT_SLOW 8,000 exchanges, of which about 60 keys and as many
// public values begin with a zero.
#[test]
fn br_01_both_ends_have_the_same_256_bytes() {
    let exchanges = if std::env::var_os("SECRETCHAT_SLOW").is_some() { 8000 } else { 50 };
    let threads = 2;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                let mut rng = Seeded::new(1000 + thread);
                for i in 0..exchanges / threads {
                    let group = group([3, 4, 7][usize::try_from(i % 3).unwrap()]);
                    let a = KeyPair::generate(&group, &mut rng).unwrap();
                    let b = KeyPair::generate(&group, &mut rng).unwrap();
                    let ours: ChatKey = a.shared_key(&group, b.public()).unwrap();
                    let theirs: ChatKey = b.shared_key(&group, without_zeros(a.public())).unwrap();
                    assert_eq!(ours.expose(), theirs.expose(), "exchange {i} of thread {thread}");
                    assert_eq!(key_fingerprint(&ours), key_fingerprint(&theirs));
                }
            });
        }
    });
}

fn without_zeros(public: &[u8; 256]) -> &[u8] {
    let zeros = public.iter().take_while(|byte| **byte == 0).count();
    &public[zeros..]
}

#[test]
fn exponents_are_used_as_they_are_and_own_values_stay_in_range() {
    let powers = vectors("power");
    for case in &powers {
        let exponent = array(&case["exponent"]);
        let resumed = KeyPair::resume(&group(3), Secret::new(exponent));
        let generated = KeyPair::generate(&group(3), &mut Scripted::new([exponent.to_vec()])).unwrap();
        if case["public"].is_null() {
            assert!(resumed.is_none(), "{}", case["comment"]);
            assert_ne!(generated.exponent().expose(), &exponent, "{}", case["comment"]);
        } else {
            let expected = array(&case["public"]);
            assert_eq!(resumed.unwrap().public(), &expected, "{}", case["comment"]);
            assert_eq!(generated.public(), &expected, "{}", case["comment"]);
            assert_eq!(generated.exponent().expose(), &exponent, "{}", case["comment"]);
        }
    }
}

#[test]
fn an_exponent_is_one_draw_and_unusable_ones_are_drawn_again_at_most_eight_times() {
    let group = group(3);
    let mut rng = Counting::new(Constant(0));
    assert_eq!(KeyPair::generate(&group, &mut rng).unwrap_err(), ApiMisuse::UnusableRng);
    assert_eq!(rng.draws, [256; 8]);

    let mut rng = Counting::new(Seeded::new(1));
    KeyPair::generate(&group, &mut rng).unwrap();
    assert_eq!(rng.draws, [256]);

    let good = [0xc5; 256];
    let answers = |bad| (0..bad).map(|_| vec![0; 256]).chain([good.to_vec()]);
    let last = KeyPair::generate(&group, &mut Scripted::new(answers(7))).unwrap();
    assert_eq!(last.exponent().expose(), &good);
    let mut late = Scripted::new(answers(8));
    assert_eq!(KeyPair::generate(&group, &mut late).unwrap_err(), ApiMisuse::UnusableRng);
    assert_eq!(late.left(), [good]);
}

// BR-03, AT-22, AT-23, AT-30.
#[test]
fn at_22_public_values_outside_the_range_or_the_subgroup_are_refused() {
    let group = group(3);
    let mut accepted = 0;
    for case in &vectors("peer") {
        let ours = pair(&group, array(&case["exponent"]));
        let (what, value) = (text(&case["comment"]), bytes(&case["value"]));
        let key = ours.shared_key(&group, &value);
        if case["key"].is_null() {
            assert_eq!(key.unwrap_err(), PeerFault::BadPublicValue, "{what}");
        } else {
            assert_eq!(key.unwrap().expose(), &array(&case["key"]), "{what}");
            accepted += 1;
        }
        // The check alone does not know which value is ours.
        let own = without_zeros(ours.public()) == value.strip_prefix(&[0]).unwrap_or(&value);
        let alone = PublicValue::check(&group, &value);
        assert_eq!(alone.is_ok(), own || !case["key"].is_null(), "{what}");
        if let Ok(whole) = alone {
            assert!(whole.as_bytes().ends_with(value.strip_prefix(&[0]).unwrap_or(&value)), "{what}");
            assert_eq!(PublicValue::stored(&group, &value), Ok(whole), "{what}");
        }
    }
    assert!(accepted >= 9);
}

#[test]
fn a_group_of_another_prime_works_alike() {
    let group = stored_group(2, &named_prime("ffdhe2048")).unwrap();
    let mut rng = Seeded::new(7);
    let [a, b] = [(), ()].map(|()| KeyPair::generate(&group, &mut rng).unwrap());
    let keys = [a.shared_key(&group, b.public()), b.shared_key(&group, a.public())].map(Result::unwrap);
    assert_eq!(keys[0].expose(), keys[1].expose());
    // The bounds are those of this prime: its p - 1, and p less an honest value.
    let mut p_less_1 = group.prime();
    p_less_1[255] -= 1;
    assert_eq!(a.shared_key(&group, &p_less_1).unwrap_err(), PeerFault::BadPublicValue);
    assert_eq!(a.shared_key(&group, a.public()).unwrap_err(), PeerFault::BadPublicValue);
}

#[test]
fn nothing_secret_is_shown() {
    let pair = pair(&group(3), [0xa7; 256]);
    let shown = format!("{pair:?}");
    assert!(shown.contains("Secret<256>(..)") && !shown.contains("167, 167"), "{shown}");
    assert_eq!(format!("{:?}", group(3)), "DhGroup { g: 3, published: true, .. }");
    for error in
        [DhGroupError::PrimeSize, DhGroupError::NotSafePrime, DhGroupError::PrimeUnknown, DhGroupError::Generator]
    {
        assert!(!error.to_string().is_empty());
    }
}
