//! The published chats of the profiles that bind their keys, played by two whole chats whose draws are known: every value on
//! the wire, what the users compare, and the Discards (SPEC X25-1 to X25-9, HYB-1 to HYB-6).

#[cfg(feature = "hybrid")]
mod hostile;

use recordings::Scripted;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{self, DirectionKey};
use secretchat::hazmat::kdf::Offset;
use secretchat::hazmat::schedule::DiscardKey;
use secretchat::hazmat::wire::{
    ActionAcceptKey, ActionCommitKey, ActionRequestKey, DecryptedMessage, DecryptedMessageAction,
    DecryptedMessageLayer, decode_exact,
};
use secretchat::{
    Chat, ChatState, CloseReason, Config, DiscardProof, Draft, Handled, History, Input, Invitation, KeyFingerprint,
    PeerFault, Role, Verification,
};
use serde_json::Value;

use crate::support::agreement::{self, Agreement};
use crate::support::pair::{self, ciphertext, discard_in, env, outputs};

fn file(agreement: Agreement) -> Value {
    let text = match agreement {
        Agreement::X25519 => include_str!("../../../test-vectors/x25519-profile-published.json"),
        #[cfg(feature = "hybrid")]
        Agreement::Hybrid => include_str!("../../../test-vectors/hybrid-profile-published.json"),
    };
    serde_json::from_str(text).unwrap()
}

fn cases(file: &Value, kind: &str) -> Vec<Value> {
    file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == kind).cloned().collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).parse().unwrap()
}

/// What an exchange makes its ends draw: who asks, then who answers (SPEC RNG-3).
fn draws(case: &Value, [asks, answers]: [&str; 2]) -> [Vec<Vec<u8>>; 2] {
    let mut draws = [asks, answers].map(|scalar| vec![bytes(&case[scalar])]);
    if case["m"].is_string() {
        draws[0].push([bytes(&case["d"]), bytes(&case["z"])].concat());
        draws[1].push(bytes(&case["m"]));
    }
    draws
}

/// The two chats of a case, the initiator first.
struct Played {
    chats: [Chat; 2],
    rng: Scripted,
}

impl Played {
    /// Plays the handshake and so many of the rekeys that follow it. The last old key is still held.
    fn until(agreement: Agreement, case: &Value, rekeys: usize) -> Self {
        let (id_i, id_r) = (bytes(&case["id_i"]), bytes(&case["id_r"]));
        let config = |local: &[u8], peer: &[u8]| {
            let config = match agreement {
                Agreement::X25519 => Config::x25519(local, peer),
                #[cfg(feature = "hybrid")]
                Agreement::Hybrid => Config::hybrid(local, peer),
            };
            config.and_then(|config| config.with_context(bytes(&case["context"]))).unwrap()
        };
        let [asks, answers] = draws(case, ["a", "b"]);
        let rng = &mut Scripted::new(asks);
        let mut initiator = Chat::request(config(&id_i, &id_r), &mut env(rng)).unwrap();
        let request = pair::request_of(&mut initiator);
        assert_eq!(request, bytes(&case["A"]));
        answers.into_iter().for_each(|draw| rng.push(draw));
        let invitation = Invitation::parse(&request, config(&id_r, &id_i)).unwrap();
        let mut responder = invitation.accept(&mut env(rng)).unwrap();
        let (answer, fingerprint) = pair::accept_of(&mut responder);
        assert_eq!((&answer, fingerprint.to_bytes()), (&bytes(&case["B"]), array(&case["fingerprint"])));
        assert_eq!(initiator.handle(Input::accepted(&answer, fingerprint), &mut env(rng)), Ok(Handled::Applied));
        assert_eq!(rng.left(), [[0; 0]; 0]);

        let mut played = Self { chats: [initiator, responder], rng: rng.clone() };
        played.settle();
        played.shows(case, case, 0);
        let mut before = case;
        for (number, step) in (0..rekeys).zip(case["rekeys"].as_array().unwrap()) {
            played.wipe_old_keys();
            played.shows_check(before);
            played.renew(before, step);
            played.shows(case, step, u32::try_from(number).unwrap() + 1);
            before = step;
        }
        played
    }

    /// Plays a rekey, whose messages are read with the published key before it.
    fn renew(&mut self, before: &Value, step: &Value) {
        let starter = number::<usize>(&step["starter"]);
        let read = |sealed: &[u8], from: usize| read(before, sealed, from);
        let [asks, answers] = draws(step, ["p", "q"]);
        let exchange_id: i64 = number(&step["exchange_id"]);
        self.rng.push(exchange_id.to_le_bytes().to_vec());
        asks.into_iter().for_each(|draw| self.rng.push(draw));
        self.chats[starter].rekey(&mut env(&mut self.rng)).unwrap();
        let request = pair::sealed(&mut self.chats[starter]);
        assert_eq!(read(&request, starter), Step::Request(exchange_id, bytes(&step["P"])));

        answers.into_iter().for_each(|draw| self.rng.push(draw));
        let accept = self.gives(1 - starter, &request).remove(0);
        let name = KeyFingerprint::from_bytes(array(&step["fingerprint"])).to_long();
        assert_eq!(read(&accept, 1 - starter), Step::Accept(exchange_id, bytes(&step["Q"]), name));
        assert_eq!(self.rng.left(), [[0; 0]; 0]);

        let commit = self.gives(starter, &accept).remove(0);
        assert_eq!(read(&commit, starter), Step::Commit(exchange_id, name));
        // The Noop that confirms the switch does not arrive yet.
        self.gives(1 - starter, &commit);
    }

    /// Gives a message to a chat, and returns what it says to that.
    fn gives(&mut self, to: usize, sealed: &[u8]) -> Vec<Vec<u8>> {
        assert_eq!(self.chats[to].handle(ciphertext(sealed), &mut env(&mut self.rng)), Ok(Handled::Applied));
        pair::all_sealed(&mut self.chats[to])
    }

    /// Everything arrives.
    fn settle(&mut self) {
        let mut under_way = self.chats.each_mut().map(pair::all_sealed);
        while under_way.iter().any(|sealed| !sealed.is_empty()) {
            for from in 0..2 {
                for sealed in std::mem::take(&mut under_way[from]) {
                    let said = self.gives(1 - from, &sealed);
                    under_way[1 - from].extend(said);
                }
            }
        }
    }

    /// Each writes until no old key is left.
    fn wipe_old_keys(&mut self) {
        for _ in 0..2 {
            for chat in &mut self.chats {
                chat.retransmit(&mut env(&mut self.rng));
                chat.send(&Draft::text("under the current key"), &mut env(&mut self.rng)).unwrap();
            }
            let under_way = self.chats.each_mut().map(pair::all_sealed);
            for (from, sealed) in under_way.into_iter().enumerate() {
                for sealed in sealed {
                    let taken = self.chats[1 - from].handle(ciphertext(&sealed), &mut env(&mut self.rng));
                    assert!(matches!(taken, Ok(_) | Err(PeerFault::UnknownKey)), "{taken:?}");
                }
            }
            self.settle();
        }
    }

    /// Compares both ends with the values of a root.
    fn shows(&self, case: &Value, root: &Value, rekeys: u32) {
        for chat in &self.chats {
            assert_eq!((chat.state(), chat.rekeys()), (ChatState::Ready, rekeys));
            assert_eq!(chat.key_fingerprint().map(KeyFingerprint::to_bytes), Some(array(&root["fingerprint"])));
            assert_eq!(chat.verification().map(Verification::to_bytes), Some(array(&case["verification"])));
        }
    }

    fn shows_check(&self, root: &Value) {
        for chat in &self.chats {
            assert_eq!(chat.check().map(Verification::to_bytes), Some(array(&root["check"])));
        }
    }
}

/// A step of an exchange as it is on the wire.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Request(i64, Vec<u8>),
    Accept(i64, Vec<u8>, i64),
    Commit(i64, i64),
}

/// Reads it with the published key.
fn read(root: &Value, sealed: &[u8], from: usize) -> Step {
    let chat_key = Secret::new(array(&root["chat_key"]));
    let fingerprint = KeyFingerprint::from_bytes(array(&root["fingerprint"]));
    let x = Offset::x25519([Role::Initiator, Role::Responder][from]);
    let mut opened = sealed.to_vec();
    let body = envelope::open(&DirectionKey { chat_key: &chat_key, fingerprint, x }, &mut opened).unwrap();
    let layer: DecryptedMessageLayer<'_> = decode_exact(body).unwrap();
    let DecryptedMessage::Service17(service) = layer.message else { panic!("no service message") };
    match service.action {
        DecryptedMessageAction::RequestKey(ActionRequestKey { exchange_id, g_a }) => {
            Step::Request(exchange_id, g_a.as_slice().to_vec())
        }
        DecryptedMessageAction::AcceptKey(ActionAcceptKey { exchange_id, g_b, key_fingerprint }) => {
            Step::Accept(exchange_id, g_b.as_slice().to_vec(), key_fingerprint)
        }
        DecryptedMessageAction::CommitKey(ActionCommitKey { exchange_id, key_fingerprint }) => {
            Step::Commit(exchange_id, key_fingerprint)
        }
        other => panic!("{other:?}"),
    }
}

/// Gives an end a Discard of the file.
fn discarded(chat: &mut Chat, discard: &Value, rng: &mut Scripted) -> Result<Handled, PeerFault> {
    let history = if number::<u8>(&discard["history"]) == 1 { History::Delete } else { History::Keep };
    let proof = DiscardProof { sent: number(&discard["sent"]), mac: array(&discard["proof"]) };
    chat.handle(Input::discarded(history, Some(proof)), &mut env(rng))
}

#[test]
fn every_published_chat_is_the_same_to_the_byte() {
    for agreement in agreement::EVERY {
        let cases = cases(&file(*agreement), "handshake");
        assert_eq!(cases.len(), 3);
        let mut rekeys = 0;
        for case in cases {
            let all = case["rekeys"].as_array().unwrap().len();
            let mut played = Played::until(*agreement, &case, all);
            played.wipe_old_keys();
            played.shows_check(if all == 0 { &case } else { &case["rekeys"][all - 1] });
            rekeys += all;
        }
        assert_eq!(rekeys, 3);
    }
}

#[test]
fn every_published_discard_ends_the_chat_and_each_end_proves_its_own() {
    for agreement in agreement::EVERY {
        let mut discards = 0;
        for case in cases(&file(*agreement), "handshake") {
            let roots: Vec<_> = std::iter::once(&case).chain(case["rekeys"].as_array().unwrap()).collect();
            for (rekeys, root) in roots.into_iter().enumerate() {
                let keys: [u8; 64] = array(&root["discard_keys"]);
                for discard in root["discards"].as_array().unwrap() {
                    discards += 1;
                    let by = usize::from(discard["by"] == "responder");
                    let Played { mut chats, mut rng } = Played::until(*agreement, &case, rekeys);
                    assert_eq!(discarded(&mut chats[1 - by], discard, &mut rng), Ok(Handled::ChatClosed));
                    assert_eq!(chats[1 - by].state(), ChatState::Closed(CloseReason::ByPeer));

                    let sent = chats[by].counters().sent;
                    chats[by].close(History::Delete, &mut env(&mut rng));
                    let (_, proof) = discard_in(&outputs(&mut chats[by]));
                    let key = DiscardKey::new(Secret::new(*keys.as_chunks::<32>().0[by..].first().unwrap()));
                    assert_eq!((proof.sent, proof.mac), (sent, key.prove(true, sent)));
                }
            }
        }
        assert_eq!(discards, 12);
    }
}

/// What reaches the responder after the first rekey, while the keys of both roots are held and afterwards (SPEC X25-8,
/// X25-9).
#[test]
fn every_published_try_of_a_discard_is_taken_or_refused() {
    for agreement in agreement::EVERY {
        let file = file(*agreement);
        let case = cases(&file, "handshake").remove(0);
        let tries = cases(&file, "discard");
        assert_eq!(tries.len(), 15);
        for discard in tries {
            for held in [true, false] {
                let mut played = Played::until(*agreement, &case, 1);
                if !held {
                    played.wipe_old_keys();
                }
                let taken = discard["result"] == "valid" && (held || discard["under"] == "current");
                let expected = if taken { Ok(Handled::ChatClosed) } else { Err(PeerFault::NotAuthentic) };
                let result = discarded(&mut played.chats[1], &discard, &mut played.rng);
                assert_eq!(result, expected, "{agreement:?} {} {held}", discard["comment"]);
            }
        }
    }
}
