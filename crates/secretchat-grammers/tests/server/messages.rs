//! Messages, and what users are told of them outside the encryption.

use grammers_tl_types as tl;
use tl::{enums, functions as f, types};

use super::{Device, Outcome, Repeated, RpcError, Server};

/// The documentation names no bound; clients stay far below this one.
const LONGEST: usize = 512 << 10;

/// The fingerprint and the message key, and at least the blocks of the shortest message.
const ENVELOPE: usize = 24;
const BLOCK: usize = 16;

/// What the calls that send have in common.
struct Sending {
    peer: enums::InputEncryptedChat,
    random_id: i64,
    data: Vec<u8>,
    /// `None`: a service message.
    file: Option<enums::InputEncryptedFile>,
}

impl Server {
    pub(super) fn send_encrypted(
        &mut self,
        device: Device,
        asked: f::messages::SendEncrypted,
    ) -> Outcome<enums::messages::SentEncryptedMessage> {
        let f::messages::SendEncrypted { silent: _, peer, random_id, data } = asked;
        self.send(device, Sending { peer, random_id, data, file: Some(enums::InputEncryptedFile::Empty) })
    }

    pub(super) fn send_encrypted_file(
        &mut self,
        device: Device,
        asked: f::messages::SendEncryptedFile,
    ) -> Outcome<enums::messages::SentEncryptedMessage> {
        let f::messages::SendEncryptedFile { silent: _, peer, random_id, data, file } = asked;
        if file == enums::InputEncryptedFile::Empty {
            // Telegram spells it like this.
            return Err(RpcError::bad("FILE_EMTPY"));
        }
        self.send(device, Sending { peer, random_id, data, file: Some(file) })
    }

    pub(super) fn send_encrypted_service(
        &mut self,
        device: Device,
        asked: f::messages::SendEncryptedService,
    ) -> Outcome<enums::messages::SentEncryptedMessage> {
        let f::messages::SendEncryptedService { peer, random_id, data } = asked;
        self.send(device, Sending { peer, random_id, data, file: None })
    }

    fn send(&mut self, device: Device, sending: Sending) -> Outcome<enums::messages::SentEncryptedMessage> {
        let Sending { peer, random_id, data: bytes, file } = sending;
        let (user, date, repeated) = (self.user_of(device), self.now, self.rules.repeated);
        let (chat, to) = self.open_chat(device, &peer)?;
        let enums::InputEncryptedChat::Chat(types::InputEncryptedChat { chat_id, .. }) = peer;
        if random_id == 0 {
            return Err(RpcError::bad("RANDOM_ID_EMPTY"));
        }
        if bytes.len() > LONGEST {
            return Err(RpcError::bad("DATA_TOO_LONG"));
        }
        if bytes.len() < ENVELOPE + 2 * BLOCK || !(bytes.len() - ENVELOPE).is_multiple_of(BLOCK) {
            return Err(RpcError::bad("DATA_INVALID"));
        }
        let before = chat.sent.get(&(user, random_id)).cloned();
        match (&before, repeated) {
            (Some(_), Repeated::Refused) => return Err(RpcError::new(500, "RANDOM_ID_DUPLICATE")),
            (Some(before), Repeated::Swallowed) => return Ok(before.clone()),
            (Some(_), Repeated::Delivered) | (None, _) => {}
        }
        let stored = match (before, &file) {
            (Some(enums::messages::SentEncryptedMessage::SentEncryptedFile(before)), _) => Some(before.file),
            (None, Some(file)) if *file != enums::InputEncryptedFile::Empty => Some(self.take_file(user, file)?),
            _ => None,
        };
        let message = match (&stored, file) {
            (_, None) => types::EncryptedMessageService { random_id, chat_id, date, bytes }.into(),
            (stored, Some(_)) => {
                let file = stored.clone().unwrap_or(enums::EncryptedFile::Empty);
                types::EncryptedMessage { random_id, chat_id, date, bytes, file }.into()
            }
        };
        let answer: enums::messages::SentEncryptedMessage = match stored {
            Some(file) => types::messages::SentEncryptedFile { date, file }.into(),
            None => types::messages::SentEncryptedMessage { date }.into(),
        };
        self.open_chat(device, &peer)?.0.sent.insert((user, random_id), answer.clone());
        self.deliver(to, message);
        Ok(answer)
    }

    pub(super) fn read_encrypted_history(
        &mut self,
        device: Device,
        asked: f::messages::ReadEncryptedHistory,
    ) -> Outcome<bool> {
        let date = self.now;
        let (_, to) = self.open_chat(device, &asked.peer)?;
        let enums::InputEncryptedChat::Chat(types::InputEncryptedChat { chat_id, .. }) = asked.peer;
        if asked.max_date <= 0 {
            return Err(RpcError::bad("MAX_DATE_INVALID"));
        }
        self.tell(to, types::UpdateEncryptedMessagesRead { chat_id, max_date: asked.max_date, date }.into());
        Ok(true)
    }

    pub(super) fn set_encrypted_typing(
        &mut self,
        device: Device,
        asked: f::messages::SetEncryptedTyping,
    ) -> Outcome<bool> {
        let (_, to) = self.open_chat(device, &asked.peer)?;
        let enums::InputEncryptedChat::Chat(types::InputEncryptedChat { chat_id, .. }) = asked.peer;
        // There is no update that says that it is over.
        if asked.typing {
            self.whisper(to, types::UpdateEncryptedChatTyping { chat_id }.into());
        }
        Ok(true)
    }
}
