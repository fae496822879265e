//! A full disk: the driver stops, nothing leaves, and the chat continues from its records (SPEC DRV-1).

use secretchat::store::{DriverError, Store};
use secretchat::{ChatId, RecordName, SeqNo};

use crate::contract::{batch, sorted, state};
use crate::conversation::{Conversation, Fuse};
use crate::{Database, Directory, Row};

const CHAT: ChatId = ChatId([9; 16]);

/// Tests that a batch that does not fit leaves no trace, and neither do the host's rows in its transaction.
///
/// `fill` lets every further growth fail until the store is opened again.
pub fn a_batch_that_does_not_fit_leaves_nothing<D: Database>(fill: impl FnOnce(&mut D::Store)) {
    let directory = Directory::new("full-batch");
    let path = directory.file("store");
    let mut store = D::open(&path).unwrap();
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();
    fill(&mut store);
    let sealed = vec![1; 10_000];
    let slots = (0..100).map(|number| RecordName::Outgoing(SeqNo::new(number).unwrap()));
    let put: Vec<(_, &[u8])> = slots.map(|slot| (slot, sealed.as_slice())).collect();
    D::append(&mut store, &Row { received: true, text: "undone".to_owned() }).unwrap();
    assert!(store.apply(&batch(CHAT, 2, &put, &[RecordName::State])).is_err());
    drop(store);

    let mut store = D::open(&path).unwrap();
    assert_eq!(sorted(store.load(CHAT).unwrap().unwrap()), [state(1)]);
    assert_eq!(D::list(&store).unwrap(), []);
    store.apply(&batch(CHAT, 2, &put, &[RecordName::State])).unwrap();
    assert_eq!(store.load(CHAT).unwrap().unwrap().rows.len(), 100);
}

/// Tests that no text and no receipt leaves if its batch could not be written. The chat continues from its records, and each
/// written message is in both lists once.
///
/// `fill` lets every further growth fail until the store is opened again.
pub fn nothing_leaves_and_the_chat_goes_on<D: Database>(fill: impl Fn(&mut D::Store)) {
    let directory = Directory::new("full");
    let mut conversation = Conversation::<D>::open(directory.path(), 1, Fuse(None));
    conversation.run(2).unwrap();

    fill(conversation.alice.driver().store_mut());
    // Short, so that the batch is what does not fit, and not the host's row.
    let short = "x".repeat(20);
    let mut written = conversation.alice.list().len();
    until_it_stops(&mut conversation, &mut written, |conversation| conversation.alice_writes(&short));
    assert!(matches!(conversation.alice.driver().next_action(), Err(DriverError::Stopped)));
    // The frames that left before are lost, so they must come again.
    conversation.alice.drop_chat();
    conversation.reopen();
    assert_eq!(conversation.alice.list().len(), written, "the text whose batch failed is not in the list");

    // Long, so that it does not fit whatever space was freed. Here it may be the host's row that does not fit; the end then
    // drops the chat.
    let long = "x".repeat(3_000);
    fill(conversation.alice.driver().store_mut());
    until_it_stops(&mut conversation, &mut 0, |conversation| {
        if !conversation.bob_reaches_alice()? {
            conversation.bob_writes(&long)?;
        }
        Ok(())
    });
    conversation.alice.drop_chat();
    conversation.reopen();

    let most = conversation.alice.count(false).max(conversation.bob.count(false));
    conversation.run(most + 1).unwrap();
    let [alice, bob] = [conversation.alice.list(), conversation.bob.list()];
    assert_eq!(of(&alice, false), of(&bob, true));
    assert_eq!(of(&bob, false), of(&alice, true));
}

/// Continues until Alice's store fails, and checks that the failing step let nothing out.
fn until_it_stops<D: Database>(
    conversation: &mut Conversation<D>,
    done: &mut usize,
    mut step: impl FnMut(&mut Conversation<D>) -> Result<(), DriverError<crate::Failure<D>>>,
) {
    for _ in 0..200 {
        let before = conversation.alice.out.len();
        match step(conversation) {
            Ok(()) => *done += 1,
            Err(error) => {
                assert!(matches!(error, DriverError::Store(_)));
                assert_eq!(conversation.alice.out.len(), before, "something left that was not written");
                return;
            }
        }
    }
    panic!("the disk is not full");
}

fn of(list: &[Row], received: bool) -> Vec<&str> {
    list.iter().filter(|row| row.received == received).map(|row| row.text.as_str()).collect()
}
