//! A message that arrives has what its body says and what only the chat knows: its rights, its date, its file and its
//! layer (SPEC RIGHT-2, RIGHT-3, MED-3, LAY-2).

use secretchat::{Chat, Draft, IncomingFile, Input, Layer, Message, Output, Timestamp, Ttl};

use crate::support::pair::{self, NOW, Pair, env};
use crate::support::rng;
use crate::support::timed::ttl;

/// Before the time of the call, and so not the date that a message without one gets.
const DATE: u64 = NOW - 60_000;

fn file() -> IncomingFile {
    IncomingFile::new(b"there")
}

/// Gives the second message first: it waits, and goes through its record.
fn arrive(chat: &mut Chat, [first, second]: &[Vec<u8>; 2]) -> [Message; 2] {
    let mut outputs = vec![];
    for sealed in [second, first] {
        let date = Some(Timestamp::from_millis(DATE));
        let input = Input::ciphertext(sealed, Some(file()), date);
        chat.handle(input, &mut env(&mut rng::Seeded::new(1))).unwrap();
        outputs.extend(pair::outputs(chat));
    }
    let mut messages = outputs.into_iter().filter_map(|output| match output {
        Output::Event(secretchat::Event::Message(message)) => Some(*message),
        _ => None,
    });
    [(); 2].map(|()| messages.next().unwrap())
}

fn assert_whole(message: &Message, layer: Layer, timer: Ttl, may_save: bool) {
    assert_eq!((message.date, message.layer, message.ttl), (Timestamp::from_millis(DATE), layer, timer));
    assert_eq!(message.file, Some(file()));
    let rights = message.content.rights;
    assert_eq!((rights.may_save(), rights.may_copy(), rights.may_screenshot()), (may_save, may_save, may_save));
    assert!(!rights.may_forward() && !rights.is_hidden_until_opened(), "a text");
}

#[test]
fn fa_35_a_message_has_its_own_chats_rights_date_file_and_layer() {
    let mut pair = Pair::ready();
    let sealed = [Ttl::OFF, ttl(100)].map(|ttl| {
        pair.alice.send(&Draft::text("x").with_ttl(ttl), &mut env(&mut pair.rng)).unwrap();
        pair::sealed(&mut pair.alice)
    });
    let [plain, timed] = arrive(&mut pair.bob, &sealed);
    assert_whole(&plain, Layer(144), Ttl::OFF, true);
    // SPEC RIGHT-3: nothing with a timer is kept.
    assert_whole(&timed, Layer(144), ttl(100), false);
}

#[cfg(feature = "telegram")]
#[test]
fn fa_35_and_so_in_the_telegram_profile() {
    use crate::support::{telegram, timed};
    let (mut forger, mut bob) = telegram::meet(secretchat::PeerPolicy::Default);
    pair::outputs(&mut bob);
    let around = forger.around();
    assert_eq!(around.layer, 73);
    let sealed = [(1, 0), (2, 100)].map(|(id, ttl)| forger.say_next(&timed::on_the_wire(id, ttl, None)));
    let [plain, timed] = arrive(&mut bob, &sealed);
    assert_whole(&plain, Layer(73), Ttl::OFF, true);
    // SPEC RIGHT-2: only what is hidden is not kept.
    assert_whole(&timed, Layer(73), ttl(100), true);
}
