//! How the words of this crate stand in a record (SPEC REC-4), and lists of fields that are written and read alike.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use zeroize::Zeroizing;

use super::contents::{Decode, Decoder, Encode, Encoder};
use super::set::{RecordSet, RecordSets};
use crate::error::StoreError;
use crate::id::{ExchangeId, KeyFingerprint, Layer, RandomId, SeqNo};
use crate::secret::Secret;
use crate::seq::Counters;
use crate::time::{Elapsed, LogicalClock, Timestamp, Ttl};

/// Lists the fields of a struct in their order in the record: one list writes and reads them.
///
/// A layout number makes it all that a record holds. Then may follow what a reader knows besides the bytes, with its type.
/// After a field may follow how it is written, by a module with `encode` and `decode`. After a semicolon follow the fields
/// that do not stand in the record, each with its value.
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
            ) -> Result<Self, $crate::error::StoreError> {
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

/// Says of types as which other type they stand in a record. The second closure gives `None` for what no value is
/// written as.
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
                ) -> Result<Self, $crate::error::StoreError> {
                    let value: fn($plain) -> Option<$name> = $from;
                    value($crate::record::Decode::decode(from, known)?).ok_or($crate::error::StoreError::Damaged)
                }
            }

            impl $crate::record::Blank for $name {
                const LEN: usize = <$plain as $crate::record::Blank>::LEN;
            }
        )+
    };
}

pub(crate) use stored_as;

/// What zeros stand for where a value is left out.
pub(crate) trait Blank {
    /// How many.
    const LEN: usize;
}

stored_as! {
    u8 = [u8; 1]: |number| [*number], |[number]| Some(number);
    u32 = [u8; 4]: |number| number.to_le_bytes(), |bytes| Some(u32::from_le_bytes(bytes));
    u64 = [u8; 8]: |number| number.to_le_bytes(), |bytes| Some(u64::from_le_bytes(bytes));
    i32 = [u8; 4]: |number| number.to_le_bytes(), |bytes| Some(i32::from_le_bytes(bytes));
    i64 = [u8; 8]: |number| number.to_le_bytes(), |bytes| Some(i64::from_le_bytes(bytes));
    bool = u8: |flag| u8::from(*flag), |flag| (flag <= 1).then_some(flag == 1);
    SeqNo = u32: |slot| slot.get(), SeqNo::new;
    Layer = i32: |layer| layer.0, |layer| Some(Layer(layer));
    RandomId = i64: |id| id.0, |id| Some(RandomId(id));
    ExchangeId = i64: |id| id.0, |id| Some(ExchangeId(id));
    KeyFingerprint = [u8; 8]: |name| name.to_bytes(), |bytes| Some(KeyFingerprint::from_bytes(bytes));
    Timestamp = u64: |time| time.as_millis(), |millis| Some(Timestamp::from_millis(millis));
    Elapsed = u64: |time| time.as_millis(), |millis| Some(Elapsed::from_millis(millis));
    LogicalClock = (Timestamp, Elapsed):
        |clock| (clock.raw(), clock.elapsed()), |(raw, elapsed)| Some(LogicalClock::resume(raw, elapsed));
    Duration = u64:
        |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX), |millis| Some(Duration::from_millis(millis));
    Ttl = i32: |ttl| ttl.to_wire(), |seconds| Some(Ttl::from_wire(seconds));
    RecordSet = [u8; RecordSet::LEN]: |set| set.to_bytes(), |bytes| Some(RecordSet::from_bytes(&bytes));
}

fields! { Counters { sent, received, acknowledged } }

fields! { RecordSets { keys, outgoing, waiting, early, timed } }

impl<const N: usize> Encode for [u8; N] {
    fn encode(&self, to: &mut Encoder<'_>) {
        to.raw(self);
    }
}

impl<const N: usize, K: ?Sized> Decode<K> for [u8; N] {
    fn decode(from: &mut Decoder<'_>, _: &K) -> Result<Self, StoreError> {
        from.array().copied()
    }
}

impl<const N: usize> Blank for [u8; N] {
    const LEN: usize = N;
}

impl<const N: usize> Encode for Secret<N> {
    fn encode(&self, to: &mut Encoder<'_>) {
        to.raw(self.expose());
    }
}

impl<const N: usize, K: ?Sized> Decode<K> for Secret<N> {
    fn decode(from: &mut Decoder<'_>, _: &K) -> Result<Self, StoreError> {
        let bytes = from.array()?;
        Ok(Self::fill_with(|secret| *secret = *bytes))
    }
}

/// The length in 32 bits, then the bytes.
impl Encode for Vec<u8> {
    fn encode(&self, to: &mut Encoder<'_>) {
        // Nothing that is stored comes near 4 GiB: ids and messages have bounds.
        u32::try_from(self.len()).unwrap_or(u32::MAX).encode(to);
        to.raw(self);
    }
}

impl<K: ?Sized> Decode<K> for Vec<u8> {
    fn decode(from: &mut Decoder<'_>, _: &K) -> Result<Self, StoreError> {
        from.bytes().map(Vec::from)
    }
}

impl Blank for Vec<u8> {
    const LEN: usize = u32::LEN;
}

impl Encode for Zeroizing<Vec<u8>> {
    fn encode(&self, to: &mut Encoder<'_>) {
        (**self).encode(to);
    }
}

impl<K: ?Sized> Decode<K> for Zeroizing<Vec<u8>> {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        Decode::decode(from, known).map(Self::new)
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, to: &mut Encoder<'_>) {
        (**self).encode(to);
    }
}

impl<T: Decode<K>, K: ?Sized> Decode<K> for Box<T> {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        Decode::decode(from, known).map(Self::new)
    }
}

impl<A: Encode, B: Encode> Encode for (A, B) {
    fn encode(&self, to: &mut Encoder<'_>) {
        self.0.encode(to);
        self.1.encode(to);
    }
}

impl<A: Decode<K>, B: Decode<K>, K: ?Sized> Decode<K> for (A, B) {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        Ok((Decode::decode(from, known)?, Decode::decode(from, known)?))
    }
}

impl<A: Blank, B: Blank> Blank for (A, B) {
    const LEN: usize = A::LEN + B::LEN;
}

/// A flag, then the value; zeros, which a reader passes over, where there is none.
impl<T: Encode + Blank> Encode for Option<T> {
    fn encode(&self, to: &mut Encoder<'_>) {
        self.is_some().encode(to);
        match self {
            Some(value) => value.encode(to),
            None => (0..T::LEN).for_each(|_| to.raw(&[0])),
        }
    }
}

impl<T: Decode<K> + Blank, K: ?Sized> Decode<K> for Option<T> {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        let (is_there, value): (bool, T) = Decode::decode(from, known)?;
        Ok(is_there.then_some(value))
    }
}

/// A flag, then the value; nothing where there is none.
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
