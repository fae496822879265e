//! The stored forms of this crate's types (SPEC REC-4).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::contents::{Blank, Decode, Decoder, Encode, Encoder};
use super::lists::{fields, stored_as};
use crate::seq::Slots;
use crate::types::buffer::Buffer;
use crate::types::error::StoreError;
use crate::types::id::{ExchangeId, KeyFingerprint, Layer, RandomId, SeqNo};
use crate::types::secret::Secret;
use crate::types::time::{Elapsed, LogicalClock, Monotonic, Timestamp, Ttl};

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
    Monotonic = ([u8; 16], Duration):
        |reading| (reading.boot().to_le_bytes(), reading.since_boot()),
        |(boot, since_boot)| Some(Monotonic::new(u128::from_le_bytes(boot), since_boot));
    Duration = u64:
        |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX), |millis| Some(Duration::from_millis(millis));
    Ttl = i32: |ttl| ttl.to_wire(), |seconds| Some(Ttl::from_wire(seconds));
}

fields! { Slots { sent, received, acknowledged } }

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

/// Writes the length in 32 bits, then the bytes.
impl Encode for [u8] {
    fn encode(&self, to: &mut Encoder<'_>) {
        // Nothing that is stored comes near 4 GiB: ids and messages have bounds.
        u32::try_from(self.len()).unwrap_or(u32::MAX).encode(to);
        to.raw(self);
    }
}

impl Encode for Vec<u8> {
    fn encode(&self, to: &mut Encoder<'_>) {
        self.as_slice().encode(to);
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

impl<K: ?Sized> Decode<K> for Buffer {
    fn decode(from: &mut Decoder<'_>, _: &K) -> Result<Self, StoreError> {
        from.bytes().map(Self::from)
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    fn encode(&self, to: &mut Encoder<'_>) {
        (**self).encode(to);
    }
}

impl<T: Decode<K>, K: ?Sized> Decode<K> for Box<T> {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        Decode::decode(from, known).map(Self::new)
    }
}

impl<T: Blank> Blank for Box<T> {
    const LEN: usize = T::LEN;
}

impl<K: ?Sized> Decode<K> for Box<[u8]> {
    fn decode(from: &mut Decoder<'_>, _: &K) -> Result<Self, StoreError> {
        from.bytes().map(Self::from)
    }
}

impl Blank for Box<[u8]> {
    const LEN: usize = u32::LEN;
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

/// Writes a flag, then the value. An absent value is written as zeros, which a reader skips.
impl<T: Encode + Blank> Encode for Option<T> {
    fn encode(&self, to: &mut Encoder<'_>) {
        self.is_some().encode(to);
        match self {
            Some(value) => value.encode(to),
            None => to.raw(const { [0; 64].split_at(T::LEN).0 }),
        }
    }
}

impl<T: Decode<K> + Blank, K: ?Sized> Decode<K> for Option<T> {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        let (is_there, value): (bool, T) = Decode::decode(from, known)?;
        Ok(is_there.then_some(value))
    }
}
