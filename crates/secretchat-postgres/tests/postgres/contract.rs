//! What every store must do.

use store_contract::{contract, rows};

use crate::database::Postgres;

#[test]
fn a_chat_is_what_its_batches_left() {
    contract::a_chat_is_what_its_batches_left::<Postgres>();
}

#[test]
fn chats_do_not_touch_each_other() {
    contract::chats_do_not_touch_each_other::<Postgres>();
}

#[test]
fn an_emptied_chat_is_none() {
    contract::an_emptied_chat_is_none::<Postgres>();
}

#[test]
fn any_batches_leave_what_they_leave_in_memory() {
    contract::any_batches_leave_what_they_leave_in_memory::<Postgres>();
}

#[test]
fn rows_and_batch_are_there_together() {
    rows::rows_and_batch_are_there_together::<Postgres>();
}

#[test]
fn rows_may_be_undone() {
    rows::rows_may_be_undone::<Postgres>();
}

#[test]
fn rows_may_come_without_a_batch() {
    rows::rows_may_come_without_a_batch::<Postgres>();
}

#[test]
fn a_deletion_belongs_to_the_open_transaction() {
    rows::a_deletion_belongs_to_the_open_transaction::<Postgres>();
}

#[test]
fn fa_21_a_batch_that_does_not_follow_is_superseded() {
    contract::a_batch_that_does_not_follow_is_superseded::<Postgres>();
}

#[test]
fn batches_of_several_chats_are_one_commit() {
    contract::batches_of_several_chats_are_one_commit::<Postgres>();
}
