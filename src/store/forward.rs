//! Implementations of the store for its holders: borrowed, or boxed as `dyn Store<Error = E>`.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{ApplyError, HostRows, Store};
use crate::record::{Batch, ChatId, Records};

macro_rules! forward {
    ($($holder:ty),+) => {
        $(
            impl<S: Store + ?Sized> Store for $holder {
                type Error = S::Error;

                fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<Self::Error>> {
                    (**self).apply(batch)
                }

                fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<Self::Error>> {
                    (**self).apply_all(batches)
                }

                fn scrub(&mut self) -> Result<bool, Self::Error> {
                    (**self).scrub()
                }

                fn load(&self, chat: ChatId) -> Result<Option<Records>, Self::Error> {
                    (**self).load(chat)
                }

                fn chats(&self) -> Result<Vec<ChatId>, Self::Error> {
                    (**self).chats()
                }

                fn delete(&mut self, chat: ChatId) -> Result<(), Self::Error> {
                    (**self).delete(chat)
                }
            }

            impl<S: HostRows + ?Sized> HostRows for $holder {
                type Transaction<'a>
                    = S::Transaction<'a>
                where
                    Self: 'a;

                fn transaction(&mut self) -> Result<Self::Transaction<'_>, Self::Error> {
                    (**self).transaction()
                }

                fn commit(&mut self) -> Result<(), Self::Error> {
                    (**self).commit()
                }

                fn rollback(&mut self) -> Result<(), Self::Error> {
                    (**self).rollback()
                }
            }
        )+
    };
}

forward! { &mut S, Box<S> }
