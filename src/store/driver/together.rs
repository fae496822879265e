//! The actions of several chats, whose batches are written together (SPEC DRV-10).

use alloc::vec::Vec;

use super::{Action, Driver, DriverError, Step};
use crate::record::Batch;
use crate::store::Store;

/// Takes the actions of several chats in one store. Their batches are written together, one of each chat, with
/// [`Store::apply_all`]: a database syncs the disk once for all of them.
///
/// Call this instead of [`Driver::next_action`] when several chats may have something to do, for example after
/// everything was read from a socket. The drivers must share one store, such as an `Arc<Mutex<S>>`. Each action is
/// passed to `take` with its driver. For each chat the actions come in the same order as from
/// [`Driver::next_action`]: what depends on a batch comes after the common commit. `take` may make calls on the
/// driver, whose actions follow.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use getrandom::SysRng;
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::store::{Action, Driver, MemoryStore, take_actions};
/// use secretchat::{Chat, Config, Env, StoreKey, Timestamp};
///
/// let store = Arc::new(Mutex::new(MemoryStore::default())); // or a database
/// let mut rng = UnwrapErr(SysRng);
/// let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
/// let mut drivers = Vec::new();
/// for peer in ["bob/phone", "carol/phone"] {
///     let start = Config::x25519("alice/phone", peer)?.with_store(StoreKey::new([7; 32])); // 32 random bytes
///     drivers.push(Driver::new(Chat::request(start, env)?, store.clone()));
/// }
/// let mut requests = 0;
/// take_actions(&mut drivers, |_driver, action| -> Result<(), Box<dyn std::error::Error>> {
///     if let Action::Transmit(_transmit) = action {
///         requests += 1; // carry it: both requests are durable
///     }
///     Ok(())
/// })?;
/// assert_eq!(requests, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first error of a driver ([`Driver::next_action`]) or of `take`. Then **drop all these drivers** and restore
/// their chats: those whose batches were not written are stopped, and of [`Action`]s that were passed to `take` the
/// host may not know what has become.
pub fn take_actions<'a, S: Store + 'a, E: From<DriverError<S::Error>>>(
    drivers: impl IntoIterator<Item = &'a mut Driver<S>>,
    mut take: impl FnMut(&mut Driver<S>, Action) -> Result<(), E>,
) -> Result<(), E> {
    let mut busy: Vec<_> = drivers.into_iter().collect();
    while !busy.is_empty() {
        let (mut writing, mut batches) = (Vec::new(), Vec::new());
        for driver in busy {
            if let Some(batch) = up_to_batch(driver, &mut take)? {
                writing.push(driver);
                batches.push(batch);
            }
        }
        write(&mut writing, &batches)?;
        for (driver, batch) in writing.iter_mut().zip(&batches) {
            let checkpoint = driver.wrote(batch.checkpoint);
            take(driver, checkpoint)?;
        }
        busy = writing;
    }
    Ok(())
}

/// Passes on the actions before the next batch, and returns that, or `None` after the last action.
fn up_to_batch<S: Store, E: From<DriverError<S::Error>>>(
    driver: &mut Driver<S>,
    take: &mut impl FnMut(&mut Driver<S>, Action) -> Result<(), E>,
) -> Result<Option<Batch>, E> {
    loop {
        match driver.checked_step()? {
            Some(Step::Act(action)) => take(driver, action)?,
            Some(Step::Write(batch)) => return Ok(Some(batch)),
            None => return Ok(None),
        }
    }
}

/// Writes the batches of these drivers to the store that they share, and lets it destroy old copies once.
fn write<S: Store>(drivers: &mut [&mut Driver<S>], batches: &[Batch]) -> Result<(), DriverError<S::Error>> {
    let Some(driver) = drivers.first_mut() else { return Ok(()) };
    driver.store.apply_all(batches)?;
    if batches.iter().any(|batch| batch.destroys) {
        driver.scrub(driver.chat.raw_clock())?;
    }
    Ok(())
}
