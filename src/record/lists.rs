//! Lists that define the fields of a record once, for both writing and reading (SPEC REC-4).

use super::contents::{Decode, Decoder, Encode, Encoder};
use crate::types::error::StoreError;

/// Lists the fields of a struct in their order in the record. One list writes and reads them.
///
/// A layout number makes the struct the complete contents of a record. After it may follow what a reader knows
/// besides the bytes, with its type. A field may name a module with `encode` and `decode` that writes it. Fields
/// that are not in the record come after a semicolon, each with its value.
///
/// ```text
/// fields! { Message, layout 1, place: Place { date, file: if_set, body; slot: place.slot } }
/// ```
macro_rules! fields {
    ($name:ty, layout $layout:literal $($list:tt)+) => {
        impl $crate::record::Contents for $name {
            const LAYOUT: u8 = $layout;
        }

        $crate::record::fields! { $name $($list)+ }
    };
    ($name:ty { $($list:tt)+ }) => {
        $crate::record::fields! { @impl [K: ?Sized] $name, _known: K { $($list)+ } }
    };
    ($name:ty, $known:ident: $K:ty { $($list:tt)+ }) => {
        $crate::record::fields! { @impl [] $name, $known: $K { $($list)+ } }
    };
    (@impl [$($generic:tt)*] $name:ty, $known:ident: $K:ty {
        $($field:ident $(: $how:ident)?),+ $(,)? $(; $($other:ident: $value:expr),+ $(,)?)?
    }) => {
        impl $crate::record::Encode for $name {
            fn encode(&self, to: &mut $crate::record::Encoder<'_>) {
                // A field that is in no list does not compile.
                let Self { $($field,)+ $($($other: _,)+)? } = self;
                $($crate::record::fields!(@encode $field, to $(, $how)?);)+
            }
        }

        impl<$($generic)*> $crate::record::Decode<$K> for $name {
            fn decode(
                from: &mut $crate::record::Decoder<'_>,
                $known: &$K,
            ) -> Result<Self, $crate::types::error::StoreError> {
                $(let $field = $crate::record::fields!(@decode from, $known $(, $how)?);)+
                Ok(Self { $($field,)+ $($($other: $value,)+)? })
            }
        }
    };
    (@encode $field:ident, $to:ident) => { $crate::record::Encode::encode($field, $to) };
    (@encode $field:ident, $to:ident, $how:ident) => { $how::encode($field, $to) };
    (@decode $from:ident, $known:ident) => { $crate::record::Decode::decode($from, $known)? };
    (@decode $from:ident, $known:ident, $how:ident) => { $how::decode($from, $known)? };
}

pub(crate) use fields;

/// Lists the variants of an enum, each with its number and its fields. One list writes and reads them. Variants
/// that are not in a record come after a semicolon.
macro_rules! variants {
    ($name:ty { $($list:tt)+ }) => {
        $crate::record::variants! { @impl [K: ?Sized] $name, known: K { $($list)+ } }
    };
    ($name:ty, $known:ident: $K:ty { $($list:tt)+ }) => {
        $crate::record::variants! { @impl [] $name, $known: $K { $($list)+ } }
    };
    (@impl [$($generic:tt)*] $name:ty, $known:ident: $K:ty {
        $($number:literal $variant:ident $({ $($field:ident),+ })? $(($inner:ident))?),+ $(,)?
        $(; $($other:pat),+)?
    }) => {
        impl $crate::record::Encode for $name {
            fn encode(&self, to: &mut $crate::record::Encoder<'_>) {
                match self {
                    $(Self::$variant $({ $($field),+ })? $(($inner))? => {
                        <u8 as $crate::record::Encode>::encode(&$number, to);
                        $($($crate::record::Encode::encode($field, to);)+)?
                        $($crate::record::Encode::encode($inner, to);)?
                    })+
                    $($($other => {})+)?
                }
            }
        }

        impl<$($generic)*> $crate::record::Decode<$K> for $name {
            #[deny(unreachable_patterns, reason = "a number given twice")]
            fn decode(
                from: &mut $crate::record::Decoder<'_>,
                $known: &$K,
            ) -> Result<Self, $crate::types::error::StoreError> {
                match <u8 as $crate::record::Decode<$K>>::decode(from, $known)? {
                    $($number => {
                        $($(let $field = $crate::record::Decode::decode(from, $known)?;)+)?
                        $(let $inner = $crate::record::Decode::decode(from, $known)?;)?
                        Ok(Self::$variant $({ $($field),+ })? $(($inner))?)
                    })+
                    _ => Err($crate::types::error::StoreError::Damaged),
                }
            }
        }
    };
}

pub(crate) use variants;

/// Defines the type as which other types are stored. The second closure returns `None` for stored values that no
/// value is written as.
macro_rules! stored_as {
    ($($name:ty = $plain:ty: $to:expr, $from:expr;)+) => {
        $(
            impl $crate::record::Encode for $name {
                fn encode(&self, to: &mut $crate::record::Encoder<'_>) {
                    let plain: fn(&$name) -> $plain = $to;
                    plain(self).encode(to);
                }
            }

            impl<K: ?Sized> $crate::record::Decode<K> for $name {
                fn decode(
                    from: &mut $crate::record::Decoder<'_>,
                    known: &K,
                ) -> Result<Self, $crate::types::error::StoreError> {
                    let value: fn($plain) -> Option<$name> = $from;
                    value($crate::record::Decode::decode(from, known)?).ok_or($crate::types::error::StoreError::Damaged)
                }
            }

            impl $crate::record::Blank for $name {
                const LEN: usize = <$plain as $crate::record::Blank>::LEN;
            }
        )+
    };
}

pub(crate) use stored_as;

/// Defines how a secret is borrowed from a type for writing, and how it is put back.
macro_rules! stored_secret {
    ($($name:ty: $secret:ident, $new:ident;)+) => {
        $(
            impl $crate::record::Encode for $name {
                fn encode(&self, to: &mut $crate::record::Encoder<'_>) {
                    $crate::record::Encode::encode(self.$secret(), to);
                }
            }

            impl<K: ?Sized> $crate::record::Decode<K> for $name {
                fn decode(
                    from: &mut $crate::record::Decoder<'_>,
                    known: &K,
                ) -> Result<Self, $crate::types::error::StoreError> {
                    $crate::record::Decode::decode(from, known).map(Self::$new)
                }
            }
        )+
    };
}

pub(crate) use stored_secret;

/// Writes a flag, then the value if there is one.
pub(crate) mod if_set {
    use super::{Decode, Decoder, Encode, Encoder, StoreError};

    pub(crate) fn encode<T: Encode>(value: &Option<T>, to: &mut Encoder<'_>) {
        value.is_some().encode(to);
        if let Some(value) = value {
            value.encode(to);
        }
    }

    pub(crate) fn decode<T: Decode<K>, K: ?Sized>(from: &mut Decoder<'_>, known: &K) -> Result<Option<T>, StoreError> {
        Ok(if Decode::decode(from, known)? { Some(T::decode(from, known)?) } else { None })
    }
}
