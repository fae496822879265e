//! Errors, as a side and the name of a variant.

use secretchat::{ApiMisuse, CallError, DhGroupError, PeerFault, StoreError, Unavailable};
use serde_json::{Value, json};

use crate::codec::{FieldError, Unfit, camel};

/// The error of a command.
#[derive(Debug)]
pub(crate) struct Failure {
    side: Side,
    kind: String,
}

/// The side at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// The line is wrong, and the chat has not changed.
    Shim,
    Api,
    Peer,
    Store,
}

/// An error in a line, apart from its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// The line is not a JSON object with a `command`.
    MalformedLine,
    UnknownCommand,
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
    /// Returns whether the line was wrong, so that nothing has changed.
    pub(crate) fn is_of_the_line(&self) -> bool {
        self.side == Side::Shim
    }

    pub(crate) fn to_json(&self) -> Value {
        let side = match self.side {
            Side::Shim => "shim",
            Side::Api => "api",
            Side::Peer => "peer",
            Side::Store => "store",
        };
        json!({"err": {"side": side, "kind": self.kind}})
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        Self { side: Side::Shim, kind: format!("{misuse:?}") }
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        Self { side: Side::Shim, kind: format!("{error:?}Field") }
    }
}

impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Field(error) => error.into(),
            Unfit::Timer(misuse) => misuse.into(),
        }
    }
}

macro_rules! failures {
    ($($error:ident: $side:ident,)+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { side: Side::$side, kind: camel(error.name()) }
            }
        }
    )+};
}

failures! {
    ApiMisuse: Api,
    Unavailable: Api,
    CallError: Api,
    PeerFault: Peer,
    // The server's parameters are untrusted input.
    DhGroupError: Peer,
    StoreError: Store,
}
