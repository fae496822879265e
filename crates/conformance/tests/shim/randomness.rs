//! Randomness is what the script says, then what the seed says; nothing else goes into a run.

use serde_json::{Value, json};

use crate::peer::config;
use crate::process::Shim;
use crate::world::World;

fn public_of_request(more: &Value) -> (Value, Shim) {
    let mut alice = Shim::set_up(&config("x25519", true, more));
    let request = alice.tell("request", &json!({}));
    (request.out("transmit").next().unwrap()["public"].clone(), alice)
}

/// Alice's key pair of RFC 7748, section 6.1.
const SCALAR: &str = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
const PUBLIC: &str = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";

/// What the message "x" asks for (SPEC RNG-3): its id, 31 random bytes, and the padding that fills a body of 72 bytes and its
/// length up to 128.
fn draw_of_x(ids: &[i64]) -> String {
    let ids: String = ids.iter().map(|id| hex::encode(id.to_le_bytes())).collect();
    format!("{ids:0<width$}", width = 2 * (8 + 31 + 52))
}

#[test]
fn draws_go_to_the_requests_of_their_length_in_order() {
    let draws = [
        SCALAR.to_owned(),
        draw_of_x(&[5]),
        "ab".repeat(16),
        // Zero names no message (SPEC RNG-2): the next eight bytes are the id.
        draw_of_x(&[0, -6]),
        // Nobody asks for this.
        "00".repeat(77),
    ];
    let (public, mut alice) = public_of_request(&json!({"draws": draws}));
    assert_eq!(public, PUBLIC);
    assert_eq!(alice.state()["id"], "ab".repeat(16));

    let mut bob = Shim::set_up(&config("x25519", false, &json!({})));
    bob.tell("invitation", &json!({"public": public})).done();
    let accept = bob.tell("accept", &json!({}));
    let accept = accept.out("transmit").next().unwrap();
    let fields = json!({"public": accept["public"], "fingerprint": accept["fingerprint"]});
    alice.tell("accepted", &fields);
    assert_eq!(alice.tell("send", &json!({"text": "x"})).done(), "5");
    assert_eq!(alice.tell("send", &json!({"text": "x"})).done(), "-6");
    let next = alice.tell("send", &json!({"text": "x"}));
    assert!(!["5", "0", "-6"].contains(&next.done().as_str().unwrap()), "the stream goes on: {}", next.done());
}

/// SHA-256 and X25519 in Python: the stream of the seed `abcd`, its first 32 bytes as a scalar; with a store the chat's id
/// comes before it.
#[test]
fn the_seed_is_a_stream_of_hashes() {
    let (public, _) = public_of_request(&json!({"seed": "abcd", "store": false}));
    assert_eq!(public, "47073d2ed19afb1b5351996a9694c64f7dd32940b58f8b76f115d2fc2d345a6e");
    let (public, mut alice) = public_of_request(&json!({"seed": "abcd"}));
    assert_eq!(public, "8a1df2084f5206b715267c8d6300959f391539886dd01eec94714688c2f05f49");
    assert_eq!(alice.state()["id"], "6df1442c61c9ceb1f191535d87db0d5c");
}

#[test]
fn the_same_script_gives_the_same_bytes() {
    let transcript = |profile, seed| {
        let mut world = World::new(profile, seed, &json!({"rekey": {"after_messages": 20}}));
        world.talk(40);
        world.end_of_talk();
        world.close();
        world.transcript()
    };
    for profile in crate::peer::PROFILES {
        let first = transcript(profile, 1);
        assert!(first == transcript(profile, 1), "{profile}");
        assert!(first != transcript(profile, 2), "{profile}");
    }
}
