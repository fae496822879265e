//! What goes wrong, as its side and the name of its variant.

use secretchat::{ApiMisuse, CallError, DhGroupError, PeerFault, StoreError, Unavailable};
use serde_json::{Value, json};

use super::names::variant;

/// What a command fails with.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The line, not the chat: nothing has changed.
    Shim(Misuse),
    Api(ApiMisuse),
    /// The same side for whoever plays against the shim.
    NotNow(Unavailable),
    Peer(PeerFault),
    /// The server's parameters, which come from outside.
    Group(DhGroupError),
    Store(StoreError),
}

/// What can be wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// Not a JSON object with a `command`.
    MalformedLine,
    UnknownCommand,
    MissingField,
    /// A field of another type, form or range than the command's.
    BadField,
    /// A field that the command does not have.
    UnknownField,
    /// `config` has not come yet.
    NotConfigured,
    /// `config` has come already.
    Configured,
    NoChat,
    /// There is a chat already.
    ChatExists,
    NoInvitation,
}

impl Failure {
    pub(crate) fn to_json(&self) -> Value {
        let (side, kind) = match self {
            Self::Shim(misuse) => ("shim", variant(misuse)),
            Self::Api(misuse) => ("api", variant(misuse)),
            Self::NotNow(unavailable) => ("api", variant(unavailable)),
            Self::Peer(fault) => ("peer", variant(fault)),
            Self::Group(error) => ("peer", variant(error)),
            Self::Store(error) => ("store", variant(error)),
        };
        json!({"err": {"side": side, "kind": kind}})
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        Self::Shim(misuse)
    }
}

impl From<ApiMisuse> for Failure {
    fn from(misuse: ApiMisuse) -> Self {
        Self::Api(misuse)
    }
}

impl From<Unavailable> for Failure {
    fn from(unavailable: Unavailable) -> Self {
        Self::NotNow(unavailable)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unavailable(unavailable) => Self::NotNow(unavailable),
            CallError::Misuse(misuse) => Self::Api(misuse),
            _ => unreachable!("a call fails in two ways"),
        }
    }
}

impl From<PeerFault> for Failure {
    fn from(fault: PeerFault) -> Self {
        Self::Peer(fault)
    }
}

impl From<DhGroupError> for Failure {
    fn from(error: DhGroupError) -> Self {
        Self::Group(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
