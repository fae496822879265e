//! A chat leaves no secret on the stack below its caller, in memory that it gives back, or in memory that it keeps
//! longer than the secret (SPEC REKEY-4, HYB-7, DES-10, CLOSE-1).

#[path = "../../../../tests/support/key_watch.rs"]
#[allow(dead_code)] // The tests of `secretchat` use the rest.
mod key_watch;
mod secrets;
mod story;

use std::sync::mpsc;
use std::thread;

use hkdf::Hkdf;
use key_traces::{Heap, Masked, Watch};
use secretchat::DhGroup;
use sha2::Sha256;

use story::{FILE_IV, FILE_KEY, Kind, STORE_KEYS, Story};

#[global_allocator]
static HEAP: Heap = Heap::new();

/// All secrets of a story.
fn learned(kind: Kind) -> Vec<(String, Masked)> {
    let mut story = Story::new(kind, true);
    let step = &mut |_: &str, call: &mut dyn FnMut()| call();
    story.begin(step);
    let ids: Vec<_> = story.ends.iter().flatten().map(|chat| chat.id().unwrap()).collect();
    story.photo(step);
    story.end(step);
    let mut secrets: Vec<(String, Masked)> =
        story.secrets.iter().map(|(name, secret)| (name.clone(), Masked::new(secret))).collect();
    let (noted, exchanges) = story.drawn();
    if kind == Kind::Telegram {
        let prime = DhGroup::published(3).unwrap().prime();
        let draws = noted.iter().enumerate().map(|(n, draw)| (format!("draw {n}"), draw.unmasked()));
        for (name, number) in story.secrets.iter().filter(|(_, secret)| secret.len() == 256).cloned().chain(draws) {
            let forms = secrets::of_number(&name, &number, &prime);
            secrets.extend(forms.map(|(name, secret)| (name, Masked::new(&secret))));
        }
    }
    secrets.extend(noted.into_iter().enumerate().map(|(n, draw)| (format!("draw {n}"), draw)));
    let computed = secrets::of_exchanges(kind, &exchanges);
    for (name, secret) in computed.iter().filter(|(name, _)| name.starts_with("chat key")) {
        // What leads to the right keys is what the chats computed on the way.
        assert!(story.secrets.iter().any(|(_, kept)| kept == secret), "{kind:?}: {name} is another");
    }
    secrets.extend(computed.iter().map(|(name, secret)| (name.clone(), Masked::new(secret))));
    for (store_key, id) in STORE_KEYS.iter().zip(ids) {
        let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&id.0), store_key);
        secrets.push(("a record's prk".into(), Masked::new(&prk)));
        for label in ["record key", "record set"] {
            let mut key = [0; 32];
            hkdf.expand(format!("secretchat/1 {label}").as_bytes(), &mut key).unwrap();
            secrets.push((label.into(), Masked::new(&key)));
        }
    }
    secrets.push(("file key".into(), Masked::new(&FILE_KEY)));
    secrets.push(("file iv".into(), Masked::new(&FILE_IV)));
    secrets
}

/// In a thread of its own, whose stack nobody else has used. The thread stays, because the next one would get its stack with
/// all that this one computed.
fn apart<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, result) = mpsc::channel();
    let stays = move || {
        done.send(work()).unwrap();
        loop {
            thread::park();
        }
    };
    thread::Builder::new().stack_size(4 << 20).spawn(stays).unwrap();
    result.recv().unwrap()
}

fn traces(kind: Kind) -> Vec<String> {
    let secrets = apart(move || learned(kind));
    let at_least = match kind {
        // Of the three exchanges, besides what the records hold: the draws, and what ML-KEM and the key schedule compute.
        Kind::Hybrid => 3 * (4 + 10 + 7),
        // The same without ML-KEM; or two exponents and a key, in three forms each.
        Kind::X25519 | Kind::Telegram => 3 * (2 + 7),
    };
    assert!(secrets.len() > at_least, "{}", secrets.len());
    apart(move || {
        let watch = Watch::new(secrets);
        let mut traces = vec![];
        let mut story = Story::new(kind, false);
        let step = &mut |name: &str, call: &mut dyn FnMut()| {
            traces.extend(watch.step(call).into_iter().map(|trace| format!("{kind:?}, {name}: {trace}")));
        };
        story.begin(step);
        story.photo(step);
        story.end(step);
        drop(story);
        for (name, count) in watch.names().iter().zip(HEAP.in_use(&watch)) {
            if count > 0 {
                traces.push(format!("{kind:?}, after the end: {name} in use: {count} parts"));
            }
        }
        traces
    })
}

// One test: two threads of secrets at once would find each other's.
#[test]
fn fa_37_a_chat_leaves_no_secret_behind() {
    let traces: Vec<String> = [Kind::X25519, Kind::Hybrid, Kind::Telegram].into_iter().flat_map(traces).collect();
    assert!(traces.is_empty(), "{} traces:\n{}", traces.len(), traces.join("\n"));
}
