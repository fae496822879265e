//! What the layer's documentation says of grammers' receiver of updates.

use std::sync::Arc;

use grammers_client::SenderPool;
use grammers_client::sender::{UpdatesConfiguration, UpdatesReceiver};
use grammers_client::session::Session;
use grammers_client::session::storages::MemorySession;
use grammers_client::session::updates::{MessageBox, UpdatesLike};
use secretchat_grammers::tl::{enums, types};

use super::host::NOW;
use super::line::run;

/// A container of messages with these numbers.
fn container(numbers: impl IntoIterator<Item = i32>) -> UpdatesLike {
    let update = |qts| {
        let message = types::EncryptedMessageService { random_id: 1, chat_id: 5, date: NOW, bytes: vec![0; 56] }.into();
        types::UpdateNewEncryptedMessage { message, qts }.into()
    };
    let updates = numbers.into_iter().map(update).collect();
    let updates = types::Updates { updates, users: vec![], chats: vec![], date: NOW, seq: 0 };
    UpdatesLike::Updates(enums::Updates::Updates(updates))
}

/// One batch comes out at a time, whole, and the numbers that are written are not ahead of it.
#[test]
fn its_numbers_do_not_run_ahead() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let session = Arc::new(MemorySession::default());
        let pool = SenderPool::new(Arc::clone(&session), 1);
        let (sender, updates) = tokio::sync::mpsc::channel(3);
        let configuration = UpdatesConfiguration { catch_up: false };
        let mut receiver =
            UpdatesReceiver::create(pool.handle.thin, pool.handle.session, updates, configuration).await.unwrap();
        for numbers in [1..=2, 3..=3, 4..=9] {
            sender.send(container(numbers)).await.unwrap();
        }
        for numbers in [1..=2, 3..=3, 4..=9] {
            let batch = receiver.next().await.unwrap().0;
            let came: Vec<_> = batch.iter().map(|(_, state)| state.message_box).collect();
            let expected: Vec<_> = numbers.clone().map(|qts| Some(MessageBox::Secondary { qts })).collect();
            assert_eq!(came, expected);
            receiver.sync_update_state().await.unwrap();
            assert_eq!(run(session.updates_state()).unwrap().qts, *numbers.end());
        }
    });
}
