//! What waits for a device, and how it learns what it has missed.

use std::collections::VecDeque;

use grammers_tl_types as tl;
use tl::{Deserializable, Serializable, enums, functions as f, types};

use super::{Device, Outcome, RpcError, Server};

/// How many messages one difference brings.
const SLICE: usize = 50;

/// What the server keeps for a device.
#[derive(Clone)]
pub(super) struct Mailbox {
    pub(super) user: i64,
    /// The number of messages of secret chats so far.
    qts: i32,
    /// Those that the device has not confirmed, by number.
    unconfirmed: VecDeque<(i32, enums::EncryptedMessage)>,
    /// All other updates that a difference brings, by date.
    others: Vec<(i32, enums::Update)>,
    /// What goes to the device by itself.
    pushes: VecDeque<Vec<u8>>,
}

impl Mailbox {
    pub(super) const fn new(user: i64) -> Self {
        Self { user, qts: 0, unconfirmed: VecDeque::new(), others: Vec::new(), pushes: VecDeque::new() }
    }
}

impl Server {
    /// Returns the next update on the connection of a device, serialised.
    pub(crate) fn push(&mut self, device: Device) -> Option<Vec<u8>> {
        self.mailboxes[device.0].pushes.pop_front()
    }

    /// Cuts the connection of a device: what was on it is gone. The next one begins with the news that there is more to ask
    /// for.
    pub(crate) fn reconnect(&mut self, device: Device) {
        self.mailboxes[device.0].pushes = [enums::Updates::TooLong.to_bytes()].into();
    }

    /// Returns how many messages a device has not confirmed.
    pub(crate) fn unconfirmed(&self, device: Device) -> usize {
        self.mailboxes[device.0].unconfirmed.len()
    }

    /// Gives a message of a secret chat to a device.
    pub(super) fn deliver(&mut self, device: Device, message: enums::EncryptedMessage) {
        let date = self.now;
        let mailbox = &mut self.mailboxes[device.0];
        mailbox.qts += 1;
        mailbox.unconfirmed.push_back((mailbox.qts, message.clone()));
        let update = types::UpdateNewEncryptedMessage { message, qts: mailbox.qts }.into();
        mailbox.pushes.push_back(pushed(update, date));
    }

    /// Tells a device something that a difference repeats.
    pub(super) fn tell(&mut self, device: Device, update: enums::Update) {
        let date = self.now;
        let mailbox = &mut self.mailboxes[device.0];
        mailbox.others.push((date, update.clone()));
        mailbox.pushes.push_back(pushed(update, date));
    }

    /// Tells a device something that is not worth repeating.
    pub(super) fn whisper(&mut self, device: Device, update: enums::Update) {
        let short: enums::Updates = types::UpdateShort { update, date: self.now }.into();
        self.mailboxes[device.0].pushes.push_back(short.to_bytes());
    }

    pub(super) fn get_state(&mut self, device: Device, _: f::updates::GetState) -> Outcome<enums::updates::State> {
        Ok(self.state(device, self.mailboxes[device.0].qts))
    }

    pub(super) fn get_difference(
        &mut self,
        device: Device,
        asked: f::updates::GetDifference,
    ) -> Outcome<enums::updates::Difference> {
        if asked.date <= 0 {
            return Err(RpcError::bad("DATE_EMPTY"));
        }
        if asked.pts == 0 {
            return Err(RpcError::bad("PERSISTENT_TIMESTAMP_EMPTY"));
        }
        if asked.pts < 0 || !(0..=self.mailboxes[device.0].qts).contains(&asked.qts) {
            return Err(RpcError::bad("PERSISTENT_TIMESTAMP_INVALID"));
        }
        self.confirm(device, asked.qts);
        let mailbox = &self.mailboxes[device.0];
        let limit = asked.qts_limit.map_or(SLICE, |limit| usize::try_from(limit).unwrap_or(0).clamp(1, SLICE));
        let messages: Vec<_> = mailbox.unconfirmed.iter().take(limit).cloned().collect();
        // A date is a second: what was in it comes again rather than never.
        let is_new = |date: &i32| *date >= asked.date;
        let other_updates: Vec<_> =
            mailbox.others.iter().filter(|(date, _)| is_new(date)).map(|(_, update)| update.clone()).collect();
        let is_whole = messages.len() == mailbox.unconfirmed.len();
        let state = self.state(device, messages.last().map_or(asked.qts, |(qts, _)| *qts));
        let new_encrypted_messages: Vec<_> = messages.into_iter().map(|(_, message)| message).collect();
        if new_encrypted_messages.is_empty() && other_updates.is_empty() {
            return Ok(types::updates::DifferenceEmpty { date: self.now, seq: 0 }.into());
        }
        let (new_messages, chats, users) = (Vec::new(), Vec::new(), Vec::new());
        Ok(if is_whole {
            types::updates::Difference { new_messages, new_encrypted_messages, other_updates, chats, users, state }
                .into()
        } else {
            // The rest is asked for from here, so its date must not move.
            let enums::updates::State::State(state) = state;
            let intermediate_state = types::updates::State { date: asked.date, ..state }.into();
            types::updates::DifferenceSlice {
                new_messages,
                new_encrypted_messages,
                other_updates,
                chats,
                users,
                intermediate_state,
            }
            .into()
        })
    }

    pub(super) fn received_queue(&mut self, device: Device, asked: f::messages::ReceivedQueue) -> Outcome<Vec<i64>> {
        if !(0..=self.mailboxes[device.0].qts).contains(&asked.max_qts) {
            return Err(RpcError::bad("MAX_QTS_INVALID"));
        }
        Ok(self.confirm(device, asked.max_qts))
    }

    /// Forgets what a device has, and returns its random ids.
    fn confirm(&mut self, device: Device, qts: i32) -> Vec<i64> {
        let unconfirmed = &mut self.mailboxes[device.0].unconfirmed;
        let had = unconfirmed.iter().take_while(|(number, _)| *number <= qts).count();
        unconfirmed
            .drain(..had)
            .map(|(_, message)| match message {
                enums::EncryptedMessage::Message(message) => message.random_id,
                enums::EncryptedMessage::Service(message) => message.random_id,
            })
            .collect()
    }

    fn state(&self, _device: Device, qts: i32) -> enums::updates::State {
        types::updates::State { pts: 1, qts, date: self.now, seq: 0, unread_count: 0 }.into()
    }
}

/// Returns the updates in what a connection brought, or `None` if the client has to ask for the difference.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<enums::Update>> {
    match enums::Updates::from_bytes(bytes).unwrap() {
        enums::Updates::UpdateShort(short) => Some(vec![short.update]),
        enums::Updates::Updates(all) => Some(all.updates),
        enums::Updates::TooLong => None,
        _ => panic!("a container that the stand-in does not make"),
    }
}

fn pushed(update: enums::Update, date: i32) -> Vec<u8> {
    let (updates, users, chats) = (vec![update], Vec::new(), Vec::new());
    let updates: enums::Updates = types::Updates { updates, users, chats, date, seq: 0 }.into();
    updates.to_bytes()
}
