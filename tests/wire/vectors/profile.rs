//! The key schedule of the X25519 profile (SPEC X25-1 to X25-7), from two independent programs.

use hkdf::Hkdf;
use secretchat::hazmat::Secret;
use secretchat::hazmat::schedule::{DiscardKey, Ends, Labels, Rekey, Root, Transcript};
use secretchat::hazmat::x25519::KeyPair;
use secretchat::{ApiMisuse, ExchangeId, PeerFault, Role, SeqNo};
use serde_json::Value;
use sha2::Sha256;

use super::json::{bytes, cases, file, padded, text};

/// Both ends compute the public values and the shared secret.
fn agree(case: &Value, [a, b, a_public, b_public]: [&str; 4]) -> (Secret<32>, [u8; 32], [u8; 32]) {
    let [a, b] = [a, b].map(|scalar| KeyPair::resume(Secret::new(padded(&case[scalar]))));
    let publics = (padded(&case[a_public]), padded(&case[b_public]));
    assert_eq!((*a.public(), *b.public()), publics);
    let shared = a.shared_secret(&publics.1).unwrap();
    assert_eq!(shared.expose(), &padded(&case["ss"]));
    assert_eq!(b.shared_secret(&publics.0).unwrap().expose(), shared.expose());
    (shared, publics.0, publics.1)
}

/// Everything that a root gives, but the discard keys.
fn check_root(case: &Value, root: &Root) {
    assert_eq!(root.chat_key().expose(), &padded(&case["chat_key"]));
    assert_eq!(root.fingerprint().to_bytes(), padded(&case["fingerprint"]));
    assert_eq!(root.chain().expose(), &padded(&case["chain"]));
    assert_eq!(root.check(), padded(&case["check"]));
    // A root does not show itself, but this is the key of all the above.
    let mut chain = [0; 32];
    Hkdf::<Sha256>::from_prk(&padded::<32>(&case["root"])).unwrap().expand(b"secretchat/1 chain", &mut chain).unwrap();
    assert_eq!(&chain, root.chain().expose());
}

/// The discard keys of a root, their proofs and, where the file has them, their receipts. Returns how many proofs.
fn check_discards(case: &Value, root: &Root) -> usize {
    let keys = root.discard_keys();
    let ends = [(Role::Initiator, "initiator"), (Role::Responder, "responder")];
    let both: [u8; 64] = ends.map(|(role, _)| *keys.of(role).secret().expose()).concat().try_into().unwrap();
    assert_eq!(both, padded(&case["discard_keys"]));
    for (role, who) in ends {
        let receipt = &case[format!("receipt_{who}")];
        assert!(receipt.is_null() || padded(receipt) == keys.of(role).receipt(), "{who}");
    }
    let discards = case["discards"].as_array().unwrap();
    for discard in discards {
        let (role, _) = ends.into_iter().find(|(_, who)| discard["by"] == *who).unwrap();
        let (history, sent) = (discard["history"] == 1, u32::try_from(discard["sent"].as_u64().unwrap()).unwrap());
        let proof = padded(&discard["proof"]);
        let key = DiscardKey::new(keys.of(role).secret().duplicate());
        assert_eq!(key.prove(history, sent), proof);
        assert_eq!(key.check(history, sent, &proof), Ok(()));
        let refused = Err(PeerFault::NotAuthentic);
        assert_eq!(keys.of(role.peer()).check(history, sent, &proof), refused, "reflected");
        assert_eq!(key.check(!history, sent, &proof), refused, "the other history flag");
        for bit in 0..32 {
            assert_eq!(key.check(history, sent ^ 1 << bit, &proof), refused, "bit {bit} of the count");
        }
        for i in 0..32 {
            let mut flipped = proof;
            flipped[i] ^= 0x10;
            assert_eq!(key.check(history, sent, &flipped), refused, "byte {i}");
        }
        assert_ne!(key.receipt(), proof);
    }
    discards.len()
}

/// Returns how many proofs and how many rekeys there were.
fn check_case(case: &Value) -> (usize, usize) {
    let (shared, a_public, b_public) = agree(case, ["a", "b", "A", "B"]);
    let (id_i, id_r, context) = (bytes(&case["id_i"]), bytes(&case["id_r"]), bytes(&case["context"]));
    let th = Transcript::from_bytes(padded(&case["th"]));
    match Ends::new(&id_i, &id_r, &context) {
        Ok(ends) => assert_eq!(Transcript::new(&Labels::X25519, &ends, &a_public, &b_public), th),
        // The schedule of such a chat is defined, but no end starts it.
        Err(error) => assert_eq!((error, id_i.is_empty() || id_r.is_empty()), (ApiMisuse::IdLength, true)),
    }
    assert_eq!(th.verification(), padded(&case["verification"]));

    let root = Root::of_handshake(&Labels::X25519, &shared, &th);
    check_root(case, &root);
    let mut proofs = check_discards(case, &root);

    let mut chain = root.chain();
    let rekeys = case["rekeys"].as_array().unwrap();
    for step in rekeys {
        let (shared, p_public, q_public) = agree(step, ["p", "q", "P", "Q"]);
        let exchange_id = ExchangeId(text(&step["exchange_id"]).parse().unwrap());
        let starter = [Role::Initiator, Role::Responder][usize::try_from(step["starter"].as_u64().unwrap()).unwrap()];
        let rekey = Rekey { chain: &chain, transcript: &th, exchange_id, starter };
        let derive = |rekey, p: &[u8], q: &[u8]| Root::of_rekey(&Labels::X25519, &shared, &rekey, p, q);
        let root = derive(rekey, &p_public, &q_public);
        check_root(step, &root);
        proofs += check_discards(step, &root);
        for other in [
            derive(Rekey { starter: starter.peer(), ..rekey }, &p_public, &q_public),
            derive(rekey, &q_public, &p_public),
            derive(Rekey { exchange_id: ExchangeId(!exchange_id.0), ..rekey }, &p_public, &q_public),
            derive(Rekey { chain: &root.chain(), ..rekey }, &p_public, &q_public),
        ] {
            assert_ne!(other.fingerprint(), root.fingerprint(), "each input is bound in");
        }
        chain = root.chain();
    }
    (proofs, rekeys.len())
}

fn check_file(file: &Value) -> (usize, usize, usize) {
    let cases = cases(file, "handshake");
    let counts = cases.iter().map(check_case);
    let (proofs, rekeys) = counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    (cases.len(), proofs, rekeys)
}

/// Discards that reach a responder with the keys of two roots: how many were taken, how many refused (SPEC X25-9).
fn check_tries(file: &Value) -> (usize, usize) {
    let mut counts = (0, 0);
    for case in cases(file, "discard") {
        let sent = u32::try_from(case["sent"].as_u64().unwrap()).unwrap();
        let fits = |name: &str| {
            let [of_initiator, _] = padded::<64>(&case[name]).as_chunks::<32>().0.try_into().unwrap();
            let key = DiscardKey::new(Secret::new(of_initiator));
            // The largest count is the chat's to refuse: no end has made so many.
            key.check(case["history"] == 1, sent, &padded(&case["proof"])).is_ok() && SeqNo::new(sent).is_some()
        };
        let expected = ["current", "old"].map(|name| case["under"] == name);
        assert_eq!(["current", "old"].map(fits), expected, "{}", case["comment"]);
        let taken = expected.contains(&true);
        assert_eq!(taken, case["result"] == "valid");
        counts = if taken { (counts.0 + 1, counts.1) } else { (counts.0, counts.1 + 1) };
    }
    counts
}

#[test]
fn the_cases_of_the_program_are_met() {
    let file = file!("x25519-profile.json");
    assert_eq!(check_file(&file), (8, 72, 10));
    assert_eq!(check_tries(&file), (2, 16));

    let handshakes = cases(&file, "handshake");
    let steps: Vec<_> = handshakes.iter().flat_map(|case| case["rekeys"].as_array().unwrap()).collect();
    for starter in [0, 1] {
        let negative = |step: &&Value| step["starter"] == starter && text(&step["exchange_id"]).starts_with('-');
        assert!(steps.iter().any(negative), "a negative exchange id of starter {starter}");
    }
}

#[test]
fn the_published_cases_are_met() {
    let file = file!("x25519-profile-published.json");
    assert_eq!(check_file(&file), (3, 12, 3));
    assert_eq!(check_tries(&file), (2, 13));
}

// SPEC X25-1.
#[test]
fn ends_have_bounds_and_differ() {
    let (long, too_long) = ([7; 1024], [7; 1025]);
    let error = |initiator, responder, context| Ends::new(initiator, responder, context).map(|_| ()).unwrap_err();
    assert!(Ends::new(&long, b"r", &long).is_ok() && Ends::new(b"i", &long, b"").is_ok());
    for (initiator, responder, context) in [
        (&b""[..], &b"r"[..], &b""[..]),
        (b"i", b"", b""),
        (b"", b"", b""),
        (&too_long, b"r", b""),
        (b"i", &too_long, b""),
        (b"i", b"r", &too_long),
    ] {
        assert_eq!(error(initiator, responder, context), ApiMisuse::IdLength);
    }
    assert_eq!(error(b"same", b"same", b""), ApiMisuse::IdsEqual);
    assert_eq!(error(&long, &long, b""), ApiMisuse::IdsEqual);
}
