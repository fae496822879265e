//! The calls of a chat.

use std::fmt;

use secretchat::TransmitKind;

use crate::answer::Answer;
use crate::link::Link;
use crate::tl::deserialize::Error;
use crate::tl::{Deserializable, RemoteCall, Serializable, enums, functions};

/// A call of a chat, for [`RemoteCall`]: serialise it, or match on it and hand the call itself to grammers.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Call {
    /// Accepts a chat.
    Accept(functions::messages::AcceptEncryption),
    /// Ends a chat.
    Discard(functions::messages::DiscardEncryption),
    /// Sends a message.
    Send(functions::messages::SendEncrypted),
    /// Sends a message with a file.
    SendFile(functions::messages::SendEncryptedFile),
    /// Sends a message that its reader does not see.
    SendService(functions::messages::SendEncryptedService),
    /// Says that the user has read messages.
    Read(functions::messages::ReadEncryptedHistory),
    /// Says that the user is typing.
    Typing(functions::messages::SetEncryptedTyping),
}

/// The methods that calls of a chat and of its files use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `messages.requestEncryption`.
    Request,
    /// `messages.acceptEncryption`.
    Accept,
    /// `messages.discardEncryption`.
    Discard,
    /// `messages.sendEncrypted`, `messages.sendEncryptedFile` and `messages.sendEncryptedService`.
    Send,
    /// `messages.readEncryptedHistory`.
    Read,
    /// `messages.setEncryptedTyping`.
    Typing,
    /// `upload.saveFilePart` and `upload.saveBigFilePart`.
    Upload,
    /// `upload.getFile`.
    Download,
}

impl Call {
    /// Returns the call that carries a transmission. Returns `None` for a request, which [`Asking`](crate::Asking) makes,
    /// and for a message whose file has no name that the server knows.
    #[must_use]
    pub fn of(kind: TransmitKind, link: &Link) -> Option<Self> {
        let peer = link.input();
        Some(match kind {
            TransmitKind::Accept { public, fingerprint, .. } => Self::Accept(functions::messages::AcceptEncryption {
                peer,
                g_b: public,
                key_fingerprint: fingerprint.to_long(),
            }),
            TransmitKind::Discard { history, .. } => Self::Discard(functions::messages::DiscardEncryption {
                delete_history: history.into(),
                chat_id: link.chat_id,
            }),
            TransmitKind::Read { max_date, .. } => {
                Self::Read(functions::messages::ReadEncryptedHistory { peer, max_date: max_date.to_telegram() })
            }
            TransmitKind::Typing { typing, .. } => {
                Self::Typing(functions::messages::SetEncryptedTyping { peer, typing })
            }
            TransmitKind::Ciphertext { random_id, bytes: data, service, silent, file, .. } => {
                let random_id = random_id.0;
                match (service, file) {
                    (true, _) => Self::SendService(functions::messages::SendEncryptedService { peer, random_id, data }),
                    (false, None) => Self::Send(functions::messages::SendEncrypted { silent, peer, random_id, data }),
                    (false, Some(name)) => {
                        let file = enums::InputEncryptedFile::from_bytes(&name).ok()?;
                        Self::SendFile(functions::messages::SendEncryptedFile { silent, peer, random_id, data, file })
                    }
                }
            }
            _ => return None,
        })
    }

    /// Returns the method.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::Accept(_) => Method::Accept,
            Self::Discard(_) => Method::Discard,
            Self::Send(_) | Self::SendFile(_) | Self::SendService(_) => Method::Send,
            Self::Read(_) => Method::Read,
            Self::Typing(_) => Method::Typing,
        }
    }

    /// Returns the call as the server reads it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Accept(call) => call.to_bytes(),
            Self::Discard(call) => call.to_bytes(),
            Self::Send(call) => call.to_bytes(),
            Self::SendFile(call) => call.to_bytes(),
            Self::SendService(call) => call.to_bytes(),
            Self::Read(call) => call.to_bytes(),
            Self::Typing(call) => call.to_bytes(),
        }
    }

    /// Reads the server's answer to this call.
    ///
    /// # Errors
    /// [`Error`] if the bytes are not of the type that this call returns. Treat the call as
    /// [lost](crate::Failure::Lost).
    pub fn answer(&self, bytes: &[u8]) -> Result<Answer, Error> {
        match self {
            Self::Accept(call) => read(call, bytes).map(Answer::Chat),
            Self::Discard(call) => read(call, bytes).map(Answer::Done),
            Self::Send(call) => read(call, bytes).map(Answer::Sent),
            Self::SendFile(call) => read(call, bytes).map(Answer::Sent),
            Self::SendService(call) => read(call, bytes).map(Answer::Sent),
            Self::Read(call) => read(call, bytes).map(Answer::Done),
            Self::Typing(call) => read(call, bytes).map(Answer::Done),
        }
    }
}

fn read<C: RemoteCall>(_: &C, bytes: &[u8]) -> Result<C::Return, Error> {
    C::Return::from_bytes(bytes)
}

/// Shows the kind of the call, and nothing of its contents.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accept(_) => "Accept",
            Self::Discard(_) => "Discard",
            Self::Send(_) => "Send",
            Self::SendFile(_) => "SendFile",
            Self::SendService(_) => "SendService",
            Self::Read(_) => "Read",
            Self::Typing(_) => "Typing",
        })
    }
}
