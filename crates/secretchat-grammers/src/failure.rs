//! The reasons why a call has no answer.

use std::fmt;

/// An error of the server: `rpc_error`.
///
/// ```
/// use secretchat_grammers::ServerError;
///
/// let error = ServerError::new(420, "FLOOD_WAIT_31");
/// assert_eq!((error.name(), error.value()), ("FLOOD_WAIT", Some(31)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    code: i32,
    name: String,
    value: Option<u32>,
}

impl ServerError {
    /// Creates an error from the code and the message of `rpc_error`. The first number in the message becomes its value.
    #[must_use]
    pub fn new(code: i32, message: &str) -> Self {
        let mut name: Vec<_> = message.split('_').collect();
        let place = name.iter().position(|word| number(word).is_some());
        let value = place.and_then(|place| number(name.remove(place)));
        Self { code, name: name.join("_"), value }
    }

    /// Creates an error whose number was already taken out of its name, as grammers gives it.
    #[must_use]
    pub fn from_parts(code: i32, name: impl Into<String>, value: Option<u32>) -> Self {
        Self { code, name: name.into(), value }
    }

    /// Returns the code, like 400.
    #[must_use]
    pub const fn code(&self) -> i32 {
        self.code
    }

    /// Returns the name without its number, like `FLOOD_WAIT`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the number in the name, like the seconds of `FLOOD_WAIT_31`.
    #[must_use]
    pub const fn value(&self) -> Option<u32> {
        self.value
    }
}

fn number(word: &str) -> Option<u32> {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    if digits { word.parse().ok() } else { None }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, name, value } = self;
        match value {
            Some(value) => write!(f, "{code} {name} ({value})"),
            None => write!(f, "{code} {name}"),
        }
    }
}

impl std::error::Error for ServerError {}

/// The reason why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server answered with an error.
    Server(ServerError),
    /// The connection was lost, or the answer could not be read. Nobody knows whether the server did the call.
    Lost,
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::Server(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(error) => error.fmt(f),
            Self::Lost => f.write_str("the call was lost on its way"),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that the server's documentation lists, with numbers in each place.
    #[test]
    fn the_number_leaves_the_name() {
        for (message, name, value) in [
            ("FLOOD_WAIT_31", "FLOOD_WAIT", Some(31)),
            ("FLOOD_PREMIUM_WAIT_5", "FLOOD_PREMIUM_WAIT", Some(5)),
            ("FILE_PART_17_MISSING", "FILE_PART_MISSING", Some(17)),
            ("FILE_MIGRATE_4", "FILE_MIGRATE", Some(4)),
            ("ENCRYPTION_DECLINED", "ENCRYPTION_DECLINED", None),
            // A letter before the digit makes it part of the name.
            ("DH_G_A_INVALID", "DH_G_A_INVALID", None),
            ("MD5_CHECKSUM_INVALID", "MD5_CHECKSUM_INVALID", None),
            ("FLOOD_WAIT_99999999999", "FLOOD_WAIT_99999999999", None),
            ("", "", None),
        ] {
            let error = ServerError::new(400, message);
            assert_eq!((error.name(), error.value()), (name, value), "{message}");
        }
    }
}
