//! The steps of a driver: it writes, then gives out what is durable (SPEC DRV-1).

use super::{Action, Driver, DriverError, Receipt};
use crate::output::{Output, Transmit};
use crate::record::Batch;
use crate::store::Store;
use crate::types::time::Timestamp;

/// The next step of a driver.
pub(super) enum Step {
    /// Gives this to the host.
    Give(Action),
    /// Writes this batch. The driver is stopped until that is done.
    Write(Batch),
    /// Does nothing.
    Rest,
}

impl<S: Store> Driver<S> {
    /// Returns the next action. Batches are written on the way, so what comes out is durable.
    ///
    /// # Errors
    /// [`DriverError::Store`], [`DriverError::Superseded`], then [`DriverError::Stopped`].
    pub fn next_action(&mut self) -> Result<Option<Action>, DriverError<S::Error>> {
        match self.step()? {
            Step::Give(action) => Ok(Some(action)),
            Step::Write(batch) => {
                self.store.apply(&batch)?;
                if batch.destroys {
                    self.scrub(self.chat.raw_clock())?;
                }
                Ok(Some(self.written(&batch)))
            }
            Step::Rest => Ok(None),
        }
    }

    /// Takes the next step, except that a batch is left to the caller.
    pub(super) fn step(&mut self) -> Result<Step, DriverError<S::Error>> {
        if self.stopped {
            return Err(DriverError::Stopped);
        }
        if let Some(checkpoint) = self.checkpoint.filter(|_| core::mem::take(&mut self.unnoted)) {
            return Ok(Step::Give(Action::Checkpoint(checkpoint)));
        }
        if self.scrub_again {
            self.stopped = true;
            self.scrub(self.chat.raw_clock())?;
            self.stopped = false;
        }
        Ok(match self.next_output() {
            Some(Output::Event(event)) => Step::Give(Action::Event(event)),
            Some(Output::Transmit(transmit)) => Step::Give(Action::Transmit(transmit)),
            Some(Output::Persist(batch)) => {
                self.stopped = true;
                Step::Write(batch)
            }
            None => {
                let receipt = self.receipts.pop_front();
                receipt.map_or(Step::Rest, |Receipt { id, proof }| Step::Give(Action::Receipt { id, proof }))
            }
        })
    }

    /// Goes on after a batch that is durable.
    pub(super) fn written(&mut self, batch: &Batch) -> Action {
        self.stopped = false;
        self.checkpoint = Some(batch.checkpoint);
        Action::Checkpoint(batch.checkpoint)
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

    /// Lets the store destroy old copies, or does it later if somebody still reads them.
    pub(super) fn scrub(&mut self, now: Timestamp) -> Result<(), DriverError<S::Error>> {
        self.scrub_again = false;
        let all_gone = self.store.scrub().map_err(DriverError::Store)?;
        self.schedule.plan_scrub(all_gone, now);
        Ok(())
    }
}
