//! What happens to calls and updates between a device and the server, as a seed decides.

use recordings::Seeded;

use super::{Device, RpcError, Server};

/// How bad a connection is. Chances are in percent; none of it happens by default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    /// A call does not arrive.
    pub(crate) lost_call: u64,
    /// A call takes effect, and its answer does not arrive.
    pub(crate) lost_answer: u64,
    /// The server has the caller wait for some seconds.
    pub(crate) flood: u64,
    /// A call that this one waits for has failed.
    pub(crate) wait_failed: u64,
    /// The server has a fault of its own.
    pub(crate) fault: u64,
    /// An update never arrives. Only a difference brings it.
    pub(crate) lost_update: u64,
    /// An update comes twice.
    pub(crate) repeated_update: u64,
    /// An update comes after later ones.
    pub(crate) late_update: u64,
    /// The connection begins anew, and everything on it is gone.
    pub(crate) restart: u64,
}

/// What a caller sees of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Result(Vec<u8>),
    Error(RpcError),
    /// Nothing. The call may have taken effect.
    Lost,
}

/// The connection of one device.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) device: Device,
    pub(crate) weather: Weather,
    dice: Seeded,
    late: Vec<Vec<u8>>,
}

impl Connection {
    /// Creates a connection in fine weather.
    pub(crate) fn new(device: Device, seed: u64) -> Self {
        Self { device, weather: Weather::default(), dice: Seeded::new(seed), late: Vec::new() }
    }

    /// Makes a call.
    pub(crate) fn call(&mut self, server: &mut Server, bytes: &[u8]) -> Answer {
        let Weather { lost_call, lost_answer, flood, wait_failed, fault, .. } = self.weather;
        if self.dice.percent(lost_call) {
            return Answer::Lost;
        }
        if self.dice.percent(flood) {
            return Answer::Error(RpcError::new(420, format!("FLOOD_WAIT_{}", 1 + self.dice.below(5))));
        }
        if self.dice.percent(wait_failed) {
            return Answer::Error(RpcError::bad("MSG_WAIT_FAILED"));
        }
        if self.dice.percent(fault) {
            return Answer::Error(RpcError::new(500, "RPC_CALL_FAIL"));
        }
        let answer = server.call(self.device, bytes);
        if self.dice.percent(lost_answer) {
            return Answer::Lost;
        }
        answer.map_or_else(Answer::Error, Answer::Result)
    }

    /// Returns what arrives now by itself.
    pub(crate) fn receive(&mut self, server: &mut Server) -> Vec<Vec<u8>> {
        let Weather { lost_update, repeated_update, late_update, restart, .. } = self.weather;
        if self.dice.percent(restart) {
            server.reconnect(self.device);
            self.late.clear();
        }
        let mut arrived = Vec::new();
        let late = std::mem::take(&mut self.late);
        while let Some(update) = server.push(self.device) {
            if self.dice.percent(lost_update) {
                continue;
            }
            if self.dice.percent(repeated_update) {
                self.late.push(update.clone());
            }
            if self.dice.percent(late_update) {
                self.late.push(update);
            } else {
                arrived.push(update);
            }
        }
        arrived.extend(late);
        arrived
    }
}
