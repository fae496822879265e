//! A chat with a driver, and its peer.

use recordings::Seeded;
use secretchat::store::{Action, Driver, DriverError, Store};
use secretchat::{
    Chat, Config, Draft, Env, Input, Invitation, Output, StoreKey, Timestamp, Transmit, TransmitKind, Ttl,
};

pub(crate) const STORE_KEY: [u8; 32] = [0x5a; 32];
const NOW: u64 = 1_700_000_000_000;

/// Returns an `Env` this many milliseconds after the beginning.
pub(crate) fn env(millis: u64, rng: &mut Seeded) -> Env<'_> {
    Env::new(Timestamp::from_millis(NOW + millis), rng)
}

fn config(local: &str, peer: &str) -> Config {
    Config::x25519(local, peer).unwrap()
}

/// Creates Alice, in the store, and Bob, who keeps no records. Both are ready.
pub(crate) fn ready<S: Store>(store: S, rng: &mut Seeded) -> (Driver<S>, Chat) {
    let config_of_alice = config("alice", "bob").with_store(StoreKey::new(STORE_KEY));
    let mut alice = Driver::new(Chat::request(config_of_alice, &mut env(0, rng)).unwrap(), store);
    let [Transmit { kind: TransmitKind::Request { public, .. }, .. }] = &taken(&mut alice).unwrap()[..] else {
        panic!()
    };
    let mut bob = Invitation::parse(public, config("bob", "alice")).unwrap().accept(&mut env(0, rng)).unwrap();
    for answer in said(&mut bob) {
        let TransmitKind::Accept { public, fingerprint, .. } = answer.kind else { panic!() };
        alice.handle(Input::accepted(&public, fingerprint), None, &mut env(0, rng)).unwrap();
    }
    pass(&mut alice, &mut bob, 0, rng);
    (alice, bob)
}

/// Returns the transmissions of the driver; all other actions are done.
pub(crate) fn taken<S: Store>(driver: &mut Driver<S>) -> Result<Vec<Transmit>, DriverError<S::Error>> {
    let mut transmits = Vec::new();
    while let Some(action) = driver.next_action()? {
        if let Action::Transmit(transmit) = action {
            transmits.push(transmit);
        }
    }
    Ok(transmits)
}

fn said(chat: &mut Chat) -> Vec<Transmit> {
    let outputs = std::iter::from_fn(|| chat.poll_output());
    outputs.filter_map(|output| if let Output::Transmit(transmit) = output { Some(transmit) } else { None }).collect()
}

/// Carries until neither end sends anything more.
pub(crate) fn pass<S: Store>(alice: &mut Driver<S>, bob: &mut Chat, millis: u64, rng: &mut Seeded) {
    loop {
        let (of_alice, of_bob) = (taken(alice).unwrap(), said(bob));
        if of_alice.is_empty() && of_bob.is_empty() {
            return;
        }
        for Transmit { id, kind } in of_alice {
            let TransmitKind::Ciphertext { bytes, .. } = kind else { continue };
            bob.handle(Input::ciphertext(&bytes, None, None), &mut env(millis, rng)).unwrap();
            alice.handle(Input::carried(id, None), None, &mut env(millis, rng)).unwrap();
        }
        for Transmit { id, kind } in of_bob {
            let TransmitKind::Ciphertext { bytes, .. } = kind else { continue };
            let input = Input::ciphertext(&bytes, None, None);
            alice.handle(input, None, &mut env(millis, rng)).unwrap();
            bob.handle(Input::carried(id, None), &mut env(millis, rng)).unwrap();
        }
    }
}

pub(crate) fn text(text: &str, seconds: Option<u32>) -> Draft {
    Draft::text(text).with_ttl(seconds.map(|seconds| Ttl::from_seconds(seconds).unwrap()))
}
