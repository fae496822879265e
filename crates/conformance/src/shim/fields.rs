//! The fields of an object: each is taken once, with its type, and none may be left.

use secretchat::{RandomId, Timestamp};
use serde_json::{Map, Value};

use super::failure::Misuse;

/// The fields that were not taken yet.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// A field that has to be there.
    pub(crate) fn need<T: FromJson>(&mut self, name: &str) -> Result<T, Misuse> {
        self.get(name)?.ok_or(Misuse::MissingField)
    }

    /// A field that may be left out.
    pub(crate) fn get<T: FromJson>(&mut self, name: &str) -> Result<Option<T>, Misuse> {
        self.0.remove(name).map(T::from_json).transpose()
    }

    pub(crate) fn or_default<T: FromJson + Default>(&mut self, name: &str) -> Result<T, Misuse> {
        Ok(self.get(name)?.unwrap_or_default())
    }

    /// A field that has to be there, alone.
    pub(crate) fn only<T: FromJson>(mut self, name: &str) -> Result<T, Misuse> {
        let value = self.need(name)?;
        self.end()?;
        Ok(value)
    }

    /// The name of any field that is left.
    pub(crate) fn next_name(&self) -> Option<String> {
        self.0.keys().next().cloned()
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), Misuse> {
        if self.0.is_empty() { Ok(()) } else { Err(Misuse::UnknownField) }
    }
}

/// A value of one JSON form.
pub(crate) trait FromJson: Sized {
    fn from_json(value: Value) -> Result<Self, Misuse>;
}

impl FromJson for Fields {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        let Value::Object(mut fields) = value else { return Err(Misuse::BadField) };
        fields.retain(|_, value| !value.is_null());
        Ok(Self(fields))
    }
}

impl FromJson for bool {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        value.as_bool().ok_or(Misuse::BadField)
    }
}

impl FromJson for u64 {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        value.as_u64().ok_or(Misuse::BadField)
    }
}

impl FromJson for u32 {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        Self::try_from(u64::from_json(value)?).map_err(|_| Misuse::BadField)
    }
}

impl FromJson for usize {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        Self::try_from(u64::from_json(value)?).map_err(|_| Misuse::BadField)
    }
}

impl FromJson for i32 {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        value.as_i64().and_then(|number| Self::try_from(number).ok()).ok_or(Misuse::BadField)
    }
}

impl FromJson for f64 {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        value.as_f64().ok_or(Misuse::BadField)
    }
}

/// A 64-bit id: not every reader of JSON keeps a number of that size.
impl FromJson for i64 {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        value.as_str().and_then(|digits| digits.parse().ok()).ok_or(Misuse::BadField)
    }
}

impl FromJson for RandomId {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        i64::from_json(value).map(Self)
    }
}

impl FromJson for Timestamp {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        u64::from_json(value).map(Self::from_millis)
    }
}

impl FromJson for String {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        if let Value::String(text) = value { Ok(text) } else { Err(Misuse::BadField) }
    }
}

/// Bytes are hex.
impl FromJson for Vec<u8> {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        hex::decode(String::from_json(value)?).map_err(|_| Misuse::BadField)
    }
}

impl<const N: usize> FromJson for [u8; N] {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        Vec::from_json(value)?.try_into().map_err(|_: Vec<u8>| Misuse::BadField)
    }
}

/// Everything else in a row is a list.
impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value) -> Result<Self, Misuse> {
        let Value::Array(items) = value else { return Err(Misuse::BadField) };
        items.into_iter().map(T::from_json).collect()
    }
}
