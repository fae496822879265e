//! The fields of an object. Each is taken once, with its type, and none may be left.

use secretchat::{RandomId, Timestamp};
use serde_json::{Map, Value};

/// An error in the fields of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldError {
    /// A required field is missing.
    Missing,
    /// A field has the wrong type, form or range.
    Bad,
    /// A field is unknown.
    Unknown,
}

/// The fields that have not been taken yet.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Takes a required field.
    pub(crate) fn need<T: FromJson>(&mut self, name: &str) -> Result<T, FieldError> {
        self.get(name)?.ok_or(FieldError::Missing)
    }

    /// Takes an optional field.
    pub(crate) fn get<T: FromJson>(&mut self, name: &str) -> Result<Option<T>, FieldError> {
        self.0.remove(name).map(T::from_json).transpose()
    }

    /// Takes an optional field that defaults to empty, zero or false.
    pub(crate) fn or_default<T: FromJson + Default>(&mut self, name: &str) -> Result<T, FieldError> {
        Ok(self.get(name)?.unwrap_or_default())
    }

    /// Takes the only field.
    pub(crate) fn only<T: FromJson>(mut self, name: &str) -> Result<T, FieldError> {
        let value = self.need(name)?;
        self.end()?;
        Ok(value)
    }

    /// Returns the name of a remaining field.
    pub(crate) fn next_name(&self) -> Option<String> {
        self.0.keys().next().cloned()
    }

    /// Fails if a field is left.
    pub(crate) fn end(self) -> Result<(), FieldError> {
        if self.0.is_empty() { Ok(()) } else { Err(FieldError::Unknown) }
    }
}

/// A value that can be read from JSON.
pub(crate) trait FromJson: Sized {
    fn from_json(value: Value) -> Result<Self, FieldError>;
}

impl FromJson for Fields {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        let Value::Object(mut fields) = value else { return Err(FieldError::Bad) };
        fields.retain(|_, value| !value.is_null());
        Ok(Self(fields))
    }
}

impl FromJson for bool {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        value.as_bool().ok_or(FieldError::Bad)
    }
}

impl FromJson for u64 {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        value.as_u64().ok_or(FieldError::Bad)
    }
}

impl FromJson for u32 {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        Self::try_from(u64::from_json(value)?).map_err(|_| FieldError::Bad)
    }
}

impl FromJson for usize {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        Self::try_from(u64::from_json(value)?).map_err(|_| FieldError::Bad)
    }
}

impl FromJson for i32 {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        value.as_i64().and_then(|number| Self::try_from(number).ok()).ok_or(FieldError::Bad)
    }
}

impl FromJson for f64 {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        value.as_f64().ok_or(FieldError::Bad)
    }
}

/// A 64-bit id. It is a string because not every JSON reader preserves numbers of that size.
impl FromJson for i64 {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        value.as_str().and_then(|digits| digits.parse().ok()).ok_or(FieldError::Bad)
    }
}

impl FromJson for RandomId {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        i64::from_json(value).map(Self)
    }
}

impl FromJson for Timestamp {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        u64::from_json(value).map(Self::from_millis)
    }
}

impl FromJson for String {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        if let Value::String(text) = value { Ok(text) } else { Err(FieldError::Bad) }
    }
}

/// Bytes are hex.
impl FromJson for Vec<u8> {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        hex::decode(String::from_json(value)?).map_err(|_| FieldError::Bad)
    }
}

impl<const N: usize> FromJson for [u8; N] {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        Vec::from_json(value)?.try_into().map_err(|_: Vec<u8>| FieldError::Bad)
    }
}

/// Every other sequence is a list.
impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value) -> Result<Self, FieldError> {
        let Value::Array(items) = value else { return Err(FieldError::Bad) };
        items.into_iter().map(T::from_json).collect()
    }
}
