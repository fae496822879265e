//! One case of a vector file, and the building blocks of checks.

use std::fmt::Debug;

use serde_json::Value;

/// The result of a check. The error describes what is wrong.
pub(crate) type Checked = Result<(), String>;

pub(crate) struct Case<'f> {
    /// The whole file, for values that its cases share.
    pub(crate) file: &'f Value,
    pub(crate) value: &'f Value,
}

impl<'f> Case<'f> {
    /// Returns a part of this case, with the same accessors.
    pub(crate) fn part(&self, value: &'f Value) -> Self {
        Case { file: self.file, value }
    }

    /// Returns the value of a field as a case of its own.
    pub(crate) fn field(&self, name: &str) -> Self {
        self.part(&self.value[name])
    }

    pub(crate) fn id(&self) -> &'f str {
        self.value["id"].as_str().unwrap_or("a case without id")
    }

    pub(crate) fn kind(&self) -> &'f str {
        self.value["kind"].as_str().unwrap_or_default()
    }

    pub(crate) fn has_flag(&self, name: &str) -> bool {
        self.value["flags"].as_array().is_some_and(|flags| flags.iter().any(|flag| flag == name))
    }

    pub(crate) fn is_valid(&self) -> Result<bool, String> {
        match self.text("result")? {
            "valid" => Ok(true),
            "invalid" => Ok(false),
            other => Err(format!("no result is named {other}")),
        }
    }

    /// Checks that the case names an error if it is invalid, and none if it is valid.
    pub(crate) fn names_its_error(&self) -> Checked {
        equal("has an error", !self.is_valid()?, self.has("error"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        !self.value[name].is_null()
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'f str, String> {
        self.value[name].as_str().ok_or_else(|| format!("no text {name}"))
    }

    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        hex::decode(self.text(name)?).map_err(|error| format!("{name}: {error}"))
    }

    pub(crate) fn array<const N: usize>(&self, name: &str) -> Result<[u8; N], String> {
        self.bytes(name)?.try_into().map_err(|_| format!("{name} has another length"))
    }

    /// Returns a number, which may be written as a decimal string.
    pub(crate) fn number<T: TryFrom<i128>>(&self, name: &str) -> Result<T, String> {
        let value = &self.value[name];
        let number = match value.as_str() {
            Some(text) => text.parse().ok(),
            None => value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from)),
        };
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| format!("no number {name}"))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, String> {
        self.value[name].as_bool().ok_or_else(|| format!("no flag {name}"))
    }

    pub(crate) fn list(&self, name: &str) -> Result<&'f [Value], String> {
        self.value[name].as_array().map(Vec::as_slice).ok_or_else(|| format!("no list {name}"))
    }

    /// Checks that an invalid case is refused with the error that it names.
    pub(crate) fn refused<T, E: Debug>(&self, actual: Result<T, E>) -> Checked {
        let expected = self.text("error")?;
        match actual {
            Ok(_) => Err(format!("expected {expected}, actual no error")),
            // An error with a number is named without the number.
            Err(error) if format!("{error:?}").split('(').next() == Some(expected) => Ok(()),
            Err(error) => Err(format!("expected {expected}, actual {error:?}")),
        }
    }

    pub(crate) fn unknown_kind(&self) -> Checked {
        Err(format!("no case of this format is of the kind {:?}", self.kind()))
    }
}

pub(crate) fn equal<T: PartialEq + Debug>(what: &str, expected: T, actual: T) -> Checked {
    match (expected, actual) {
        (expected, actual) if expected == actual => Ok(()),
        (expected, actual) => Err(format!("{what}: expected {expected:?}, actual {actual:?}")),
    }
}

/// Compares like [`equal`], but shows bytes in hex.
pub(crate) fn same_bytes(what: &str, expected: impl AsRef<[u8]>, actual: impl AsRef<[u8]>) -> Checked {
    let (expected, actual) = (expected.as_ref(), actual.as_ref());
    if expected == actual {
        return Ok(());
    }
    Err(format!("{what}: expected {}, actual {}", hex::encode(expected), hex::encode(actual)))
}

pub(crate) fn fails(what: &str) -> impl Fn() -> String {
    let what = what.to_owned();
    move || format!("{what}: expected a value, actual none")
}

/// Returns the text of an error.
pub(crate) fn words(error: impl Debug) -> String {
    format!("unexpected {error:?}")
}
