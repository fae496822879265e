//! Transactions that are serializable, as other engines have them always.

use std::time::{Duration, Instant};

use secretchat::ChatId;
use secretchat::store::AsyncStore;
use secretchat_postgres::{NoTls, PostgresStore, WorkerId};
use store_contract::{contract, rows};

use crate::database::{Serializable, client, run, schema, with_options};
use crate::leases::nth;

#[test]
fn the_contract_holds() {
    contract::a_chat_is_what_its_batches_left::<Serializable>();
    contract::chats_do_not_touch_each_other::<Serializable>();
    contract::an_emptied_chat_is_none::<Serializable>();
    contract::any_batches_leave_what_they_leave_in_memory::<Serializable>();
    contract::a_batch_that_does_not_follow_is_superseded::<Serializable>();
    contract::batches_of_several_chats_are_one_commit::<Serializable>();
    rows::rows_and_batch_are_there_together::<Serializable>();
    rows::rows_may_come_without_a_batch::<Serializable>();
    rows::a_deletion_belongs_to_the_open_transaction::<Serializable>();
}

/// Somebody else changes the chat's row while the commit waits for it: the first attempt fails with 40001, the second one
/// is right.
#[test]
fn a_serialization_failure_is_tried_again() {
    run(async || {
        let config = schema("serializable").await;
        let serializable = with_options(&config, "-c default_transaction_isolation=serializable");
        for (chat, config, conflicts) in [(1, &serializable, 1), (2, &config, 0)] {
            let chat = ChatId([chat; 16]);
            let mut store = PostgresStore::connect(config.clone(), NoTls, WorkerId::ALONE).await.unwrap();
            store.commit(&nth(chat, 1)).await.unwrap();
            let other = client(config).await.unwrap();
            other.batch_execute("BEGIN").await.unwrap();
            let touch = "UPDATE secretchat_chats SET due_millis = 1 WHERE chat = $1";
            assert_eq!(other.execute(touch, &[&&chat.0[..]]).await.unwrap(), 1);
            let commit = tokio::spawn(async move {
                let refused = store.commit(&nth(chat, 2)).await.unwrap();
                (store, refused)
            });
            let begun = Instant::now();
            let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()";
            let watcher = client(config).await.unwrap();
            while watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
                assert!(begun.elapsed() < Duration::from_secs(60), "the commit does not wait");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            other.batch_execute("COMMIT").await.unwrap();
            let (mut store, refused) = commit.await.unwrap();
            assert_eq!(refused, []);
            assert_eq!(store.conflicts(), conflicts);
            assert_eq!(store.load(&[chat]).await.unwrap()[0].checkpoint().unwrap().generation, 2);
        }
    });
}

/// Two tasks of a worker drive the same chat by mistake: of each pair of batches one is written, whatever fails meanwhile.
#[test]
fn of_two_that_write_at_once_one_is_refused() {
    run(async || {
        let config = schema("at_once").await;
        let serializable = with_options(&config, "-c default_transaction_isolation=serializable");
        for (chat, config) in [(1, &serializable), (2, &config)] {
            let chat = ChatId([chat; 16]);
            let mut one = PostgresStore::connect(config.clone(), NoTls, WorkerId::ALONE).await.unwrap();
            let mut two = PostgresStore::connect(config.clone(), NoTls, WorkerId::ALONE).await.unwrap();
            for generation in 1..=100 {
                let (batches, others) = (nth(chat, generation), nth(chat, generation));
                let (of_one, of_two) = tokio::join!(one.commit(&batches), two.commit(&others));
                let refused = [of_one.unwrap(), of_two.unwrap()].concat();
                assert_eq!(refused, [chat], "{generation}");
            }
        }
    });
}
