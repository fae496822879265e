//! The steps of a driver: it writes, then gives out what is durable (SPEC DRV-1).

use super::{Action, Driver, DriverError, Receipt};
use crate::output::{Output, Transmit};
use crate::record::{Batch, Checkpoint, Records, StoreKey};
use crate::store::Store;
use crate::types::env::Env;
use crate::types::error::StoreError;
use crate::types::time::Timestamp;

/// The next step of a driver without a store.
#[derive(Debug)]
pub enum Step {
    /// Gives this to the host.
    Act(Action),
    /// Writes this batch. The driver rests until [`Driver::written`] says that it is durable.
    Write(Batch),
}

/// A driver whose host writes the batches itself: for a store behind a connection, which is awaited
/// ([`AsyncStore`](crate::store::AsyncStore)), or for batches that are written together with others.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::store::{Action, Driver, Step};
/// use secretchat::{Chat, Config, Env, StoreKey, Timestamp};
///
/// let mut rng = UnwrapErr(SysRng);
/// let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
/// let start = Config::x25519("alice/phone", "bob/phone")?.with_store(StoreKey::new([7; 32])); // 32 random bytes
/// let mut driver = Driver::new(Chat::request(start, env)?, ());
///
/// let (mut durable, mut carried) = (Vec::new(), 0);
/// while let Some(step) = driver.next_step() {
///     match step {
///         Step::Write(batch) => {
///             durable.push(batch.clone()); // wait for the server
///             driver.written(&batch);
///         }
///         Step::Act(Action::Transmit(_request)) => carried += 1,
///         Step::Act(_) => {}
///     }
/// }
/// assert_eq!((durable.len(), carried), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Driver<()> {
    /// Restores a chat from its records and retransmits what the peer may not have, like [`Driver::restore`].
    ///
    /// # Errors
    /// The errors of [`Chat::restore`](crate::Chat::restore).
    pub fn from_records(
        records: &Records,
        store_key: &StoreKey,
        expected: Option<Checkpoint>,
        env: &mut Env<'_>,
    ) -> Result<Self, StoreError> {
        Self::begin((), records, store_key, expected, env)
    }

    /// Returns the next step, or `None` if there is nothing to do. Also returns `None` while a batch is being written:
    /// what follows depends on it.
    pub fn next_step(&mut self) -> Option<Step> {
        if self.stopped { None } else { self.step() }
    }

    /// Notes that the batch of the last step is durable, so that what depends on it may come out. Any other batch is
    /// ignored.
    ///
    /// If the batch was refused or its write failed, drop the driver instead. Restore the chat, unless another worker
    /// has it.
    pub fn written(&mut self, batch: &Batch) {
        if self.stopped && batch.follows == self.checkpoint {
            self.stopped = false;
            self.checkpoint = Some(batch.checkpoint);
            self.unnoted = true;
        }
    }

    /// Returns when whoever takes the chat over must have restored it: `None` if the chat waits for input alone. A
    /// chat that owes its peer something has no time to lose.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        let owes = self.chat.awaits_transport() || self.chat.owes_acknowledgement();
        if owes { Some(self.chat.raw_clock()) } else { self.chat.poll_timeout() }
    }
}

impl<S: Store> Driver<S> {
    /// Returns the next action. Batches are written on the way, so what comes out is durable.
    ///
    /// # Errors
    /// [`DriverError::Store`], [`DriverError::Superseded`], then [`DriverError::Stopped`].
    pub fn next_action(&mut self) -> Result<Option<Action>, DriverError<S::Error>> {
        match self.checked_step()? {
            Some(Step::Act(action)) => Ok(Some(action)),
            Some(Step::Write(batch)) => {
                self.store.apply(&batch)?;
                if batch.destroys {
                    self.scrub(self.chat.raw_clock())?;
                }
                Ok(Some(self.wrote(batch.checkpoint)))
            }
            None => Ok(None),
        }
    }

    /// Takes the next step, except that a batch is left to the caller.
    pub(super) fn checked_step(&mut self) -> Result<Option<Step>, DriverError<S::Error>> {
        if self.stopped {
            return Err(DriverError::Stopped);
        }
        if self.scrub_again {
            self.stopped = true;
            self.scrub(self.chat.raw_clock())?;
            self.stopped = false;
        }
        Ok(self.step())
    }

    /// Lets the store destroy old copies, or does it later if somebody still reads them.
    pub(super) fn scrub(&mut self, now: Timestamp) -> Result<(), DriverError<S::Error>> {
        self.scrub_again = false;
        let all_gone = self.store.scrub().map_err(DriverError::Store)?;
        self.schedule.plan_scrub(all_gone, now);
        Ok(())
    }
}

impl<S> Driver<S> {
    fn step(&mut self) -> Option<Step> {
        if let Some(checkpoint) = self.checkpoint.filter(|_| core::mem::take(&mut self.unnoted)) {
            return Some(Step::Act(Action::Checkpoint(checkpoint)));
        }
        Some(match self.next_output() {
            Some(Output::Event(event)) => Step::Act(Action::Event(event)),
            Some(Output::Transmit(transmit)) => Step::Act(Action::Transmit(transmit)),
            Some(Output::Persist(batch)) => {
                self.stopped = true;
                Step::Write(batch)
            }
            None => {
                let Receipt { id, proof } = self.receipts.pop_front()?;
                Step::Act(Action::Receipt { id, proof })
            }
        })
    }

    /// Goes on after a batch that is durable.
    pub(super) fn wrote(&mut self, checkpoint: Checkpoint) -> Action {
        self.stopped = false;
        self.checkpoint = Some(checkpoint);
        Action::Checkpoint(checkpoint)
    }

    /// Returns the next output, except what the host is still carrying.
    fn next_output(&mut self) -> Option<Output> {
        loop {
            match self.chat.poll_output() {
                Some(Output::Transmit(transmit)) if self.is_on_its_way(&transmit) => {}
                // This comes after the batch that emptied it.
                None => return self.in_flight.take_emptied(&self.chat).map(Output::Transmit),
                output => return output,
            }
        }
    }

    fn is_on_its_way(&self, transmit: &Transmit) -> bool {
        self.in_flight.covers(transmit, self.schedule.first_pause(), self.chat.raw_clock())
    }
}
