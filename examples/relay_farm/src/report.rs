//! What the farm prints in the end.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::switch::State;

/// What the server has written at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Disk {
    /// The bytes of the tables of records and chats, with their indexes.
    pub(crate) records: u64,
    /// The batches of all chats since their beginnings.
    pub(crate) batches: u64,
    /// The bytes of the log since the server's beginning.
    pub(crate) log: u64,
}

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) chats: usize,
    pub(crate) beginning: Duration,
    pub(crate) loaded: Duration,
    pub(crate) settled: Duration,
    pub(crate) said_in_load: u64,
    /// The bytes of all workers and the chats in their memory, before and after the load.
    pub(crate) memory: (u64, u64),
    pub(crate) memory_after: (u64, u64),
    pub(crate) disk: Disk,
    pub(crate) disk_after: Disk,
    /// For each kill of a worker, how long each of its chats had none, in microseconds.
    pub(crate) kills: Vec<Vec<u64>>,
    /// How long workers that left in good order needed for that.
    pub(crate) leaves: Vec<Duration>,
    /// How long the server needed to come back.
    pub(crate) restarts: Vec<Duration>,
    pub(crate) messages: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
}

impl Report {
    /// Prints all of it.
    ///
    /// # Errors
    /// If anything was lost, doubled, or left in one slot twice.
    pub(crate) fn print(&self, state: &State) -> Result<()> {
        let seconds = self.loaded.as_secs_f64();
        println!("chats                 {} ready in {:.1} s", self.chats, self.beginning.as_secs_f64());
        println!("messages a second     {:.0} said in {seconds:.1} s", self.said_in_load as f64 / seconds);
        println!("until all was heard   {:.1} s more", (self.settled - self.loaded).as_secs_f64());
        println!("from asking to heard  {} of {} texts", millis(&state.users.latencies), state.users.latencies.len());
        for (what, (bytes, chats)) in [("before", self.memory), ("after", self.memory_after)] {
            let each = bytes.checked_div(chats).unwrap_or_default();
            println!("memory {what:14} {:.0} MB for {chats} chats in memory, {each} bytes each", mega(bytes));
        }
        for (what, Disk { records, .. }) in [("before", self.disk), ("after", self.disk_after)] {
            let each = records / self.chats as u64;
            println!("disk {what:16} {:.0} MB of records, {each} bytes a chat", mega(records));
        }
        let each = |after: u64, before: u64| (after - before) as f64 / self.messages.max(1) as f64;
        println!("batches a message     {:.2} of both ends", each(self.disk_after.batches, self.disk.batches));
        println!("log a message         {:.0} bytes", each(self.disk_after.log, self.disk.log));
        for times in &self.kills {
            println!("worker killed         {} chats without a worker for {}", times.len(), millis(times));
        }
        for leave in &self.leaves {
            println!("worker left           in good order after {:.2} s", leave.as_secs_f64());
        }
        for restart in &self.restarts {
            println!("server killed         back after {:.2} s", restart.as_secs_f64());
        }
        println!("refused writes        {} chats were lost by a live worker to another", state.lost);
        ensure!(
            self.lost == 0 && self.doubled == 0 && state.twice == 0,
            "{} messages, {} lost, {} doubled, {} slots twice",
            self.messages,
            self.lost,
            self.doubled,
            state.twice
        );
        println!("ok: {} messages, 0 lost, 0 doubled, 0 slots twice", self.messages);
        Ok(())
    }
}

/// Returns the percentiles of times in microseconds, as milliseconds.
fn millis(times: &[u64]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |micros| *micros as f64 / 1000.0)
    };
    format!("p50 {:.1} ms, p90 {:.1}, p99 {:.1}, max {:.1}", at(50), at(90), at(99), at(100))
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    })
}
