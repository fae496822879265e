//! What frames take on a link (SPEC FRAG-5): every figure of the table is that of a chat.

use secretchat::frame::{ChatTag, Frame, encode, fragment};
use secretchat::hazmat::wire::{DecryptedMessage, Encode};
use secretchat::{Chat, Draft, History, Invitation, MessagePadding, Output, Transmit, TransmitId, TransmitKind};

use super::table;
use crate::support::agreement::{self, Agreement};
use crate::support::forger::{Forger, encoded, plain};
use crate::support::pair::{Pair, env, outputs};
use crate::support::rng::Seeded;

const HEADING: &str = "| frame | text | padding | body | sealed | frame bytes | of 1,500 | of 255 | of 100 | of 50 |";

#[test]
fn the_table_of_frames_is_what_chats_make() {
    let mut rows = Vec::new();
    for text in [None, Some(2), Some(50), Some(200), Some(1000)] {
        rows.extend([("ENV-2", MessagePadding::SizeClasses), ("ENV-6", MessagePadding::Small)].map(
            |(clause, padding)| {
                let (body, transmit) = message(text, padding);
                let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind else { panic!("{transmit:?}") };
                let sizes = [clause.to_owned(), number(body), number(bytes.len())];
                let (name, text) = text.map_or(("acknowledgement", String::new()), |len| ("text", number(len)));
                row(name, text, sizes, &Frame::of(&transmit).unwrap())
            },
        ));
    }
    let without_sizes = |name: &str, frame: &Frame<'_>| row(name, String::new(), Default::default(), frame);
    for &agreement in agreement::EVERY {
        let public = agreement.request(1);
        rows.push(without_sizes(&format!("Request, {agreement:?}"), &Frame::Request { public: &public }));
        let accept = accept(agreement, &public);
        rows.push(without_sizes(&format!("Accept, {agreement:?}"), &Frame::of(&accept).unwrap()));
    }
    rows.push(without_sizes("Receipt", &Frame::Receipt { transmit_id: TransmitId(16), proof: None }));
    let mut pair = Pair::ready();
    let (history, proof) = pair.alice_closes(History::Keep);
    rows.push(without_sizes("Discard", &Frame::Discard { history, proof: Some(proof) }));

    // A build without the hybrid profile has all others.
    let in_build = |row: &&Vec<&str>| cfg!(feature = "hybrid") || !row[0].ends_with("Hybrid");
    let listed: Vec<_> = table(HEADING).iter().filter(in_build).map(|row| row.join("|")).collect();
    assert_eq!(rows, listed, "left: what chats make; right: SPEC.md");
}

/// The length of the body, and the transmission, of what an end says: a text of so many bytes, or a Noop.
fn message(text: Option<usize>, padding: MessagePadding) -> (usize, Transmit) {
    let start = Pair::bob_config().map(|config| config.with_message_padding(padding).unwrap());
    let (mut forger, mut bob, _) = Forger::meet_seeded(Agreement::X25519, start, 41);
    forger.give_next(&mut bob, &encoded(&DecryptedMessage::Message73(plain(7, "hello"))));
    outputs(&mut bob);
    match text {
        Some(len) => drop(bob.send(&Draft::text("x".repeat(len)), &mut env(&mut forger.rng)).unwrap()),
        None => bob.acknowledge(&mut env(&mut forger.rng)).unwrap(),
    }
    let transmit = transmit_of(&mut bob);
    let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind else { panic!("{transmit:?}") };
    (forger.read(bytes).encoded_len(), transmit)
}

fn accept(agreement: Agreement, request: &[u8]) -> Transmit {
    let invitation = Invitation::parse(request, agreement.config("bob", "alice")).unwrap();
    transmit_of(&mut invitation.accept(&mut env(&mut Seeded::new(1))).unwrap())
}

fn transmit_of(chat: &mut Chat) -> Transmit {
    let mut transmits = outputs(chat).into_iter().filter_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit),
        _ => None,
    });
    transmits.next_back().unwrap()
}

/// The cells of one frame: its name, the sizes of what is in it, its own, and how many datagrams carry it.
fn row(name: &str, text: String, sizes: [String; 3], frame: &Frame<'_>) -> String {
    let bytes = encode(ChatTag([0; 16]), frame).unwrap();
    let datagrams = [1500, 255, 100, 50].map(|mtu| number(fragment(&bytes, mtu).unwrap().count()));
    let cells = [name.to_owned(), text].into_iter().chain(sizes).chain([number(bytes.len())]).chain(datagrams);
    cells.collect::<Vec<_>>().join("|")
}

/// As the document writes numbers.
fn number(number: usize) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}
