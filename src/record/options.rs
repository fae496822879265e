//! Options at the end of a record (SPEC REC-9).

/// Lists the options of a struct by number, in ascending order. One list writes and reads them. Options are at the
/// end of a record, and an option with its default takes no bytes. A record can therefore gain an option, while
/// records without it stay as they were.
///
/// A field may name a module with `encode` and `decode` that writes it. If another list follows, this one states
/// the highest number that belongs to it, known or not.
///
/// ```text
/// options! { Extras { 1 colour, 2 weight: grams } }
/// ```
macro_rules! options {
    ($name:ty { $($list:tt)+ }) => { $crate::record::options! { $name, up to 255 { $($list)+ } } };
    ($name:ty, up to $highest:literal { $($number:literal $field:ident $(: $how:ident)?),+ $(,)? }) => {
        impl $crate::record::Encode for $name {
            fn encode(&self, to: &mut $crate::record::Encoder<'_>) {
                // An option that is in no list does not compile.
                let (Self { $($field),+ }, defaults) = (self, Self::default());
                $(if *$field != defaults.$field {
                    $crate::record::write_option(to, $number, &|to| {
                        $crate::record::fields!(@encode $field, to $(, $how)?);
                    });
                })+
            }
        }

        impl<K: ?Sized> $crate::record::Decode<K> for $name {
            #[deny(unreachable_patterns, reason = "a number given twice")]
            fn decode(
                from: &mut $crate::record::Decoder<'_>,
                known: &K,
            ) -> Result<Self, $crate::types::error::StoreError> {
                let (mut options, defaults) = (Self::default(), Self::default());
                let mut last = 0;
                while let Some(number) = $crate::record::next_option(from, last, $highest)? {
                    last = number;
                    match number {
                        $($number => {
                            options.$field = $crate::record::read_option(from, &defaults.$field, |from| {
                                Ok($crate::record::fields!(@decode from, known $(, $how)?))
                            })?;
                        })+
                        _ => return Err($crate::record::unknown_option(from)),
                    }
                }
                Ok(options)
            }
        }
    };
}

pub(crate) use options;

use super::contents::{Decoder, Encode, Encoder};
use crate::types::error::StoreError;

/// Writes one option: its number, its length, its value.
pub(crate) fn write_option(to: &mut Encoder<'_>, number: u8, value: &dyn Fn(&mut Encoder<'_>)) {
    let mut len = 0;
    value(&mut Encoder::Counting(&mut len));
    number.encode(to);
    // No option comes near 4 GiB.
    u32::try_from(len).unwrap_or(u32::MAX).encode(to);
    value(to);
}

/// Returns the number of the option that begins here, or `None` at the end of the record and before an option above
/// `highest`. Numbers ascend from 1.
pub(crate) fn next_option(from: &mut Decoder<'_>, last: u8, highest: u8) -> Result<Option<u8>, StoreError> {
    match from.peek() {
        Some(number) if number <= last => Err(StoreError::Damaged),
        Some(number) if number <= highest => from.take().map(Some),
        Some(_) | None => Ok(None),
    }
}

/// Returns the error for an option of an unknown number: a newer version if the option is complete.
pub(crate) fn unknown_option(from: &mut Decoder<'_>) -> StoreError {
    from.bytes().map_or(StoreError::Damaged, |_| StoreError::NewerVersion)
}

/// Returns the value of an option, which must fill its length and differ from the default.
pub(crate) fn read_option<T: PartialEq>(
    from: &mut Decoder<'_>,
    default: &T,
    value: impl FnOnce(&mut Decoder<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut inner = Decoder::over(from.bytes()?);
    let value = value(&mut inner)?;
    if inner.is_empty() && value != *default { Ok(value) } else { Err(StoreError::Damaged) }
}

/// An option without a default of its own: it is set if it is present.
pub(crate) mod if_option {
    use crate::record::{Decode, Decoder, Encode, Encoder};
    use crate::types::error::StoreError;

    pub(crate) fn encode<T: Encode>(value: &Option<T>, to: &mut Encoder<'_>) {
        value.iter().for_each(|value| value.encode(to));
    }

    pub(crate) fn decode<T: Decode<K>, K: ?Sized>(from: &mut Decoder<'_>, known: &K) -> Result<Option<T>, StoreError> {
        T::decode(from, known).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::record::contents::Contents;
    use crate::record::{decode, encode};

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Extras {
        colour: u8,
        weight: Option<u32>,
        name: Vec<u8>,
    }

    options! { Extras { 1 colour, 3 weight: if_option, 7 name } }

    impl Contents for Extras {
        const LAYOUT: u8 = 1;
    }

    fn read(plain: &[u8]) -> Result<Extras, StoreError> {
        decode(&[&[1], plain].concat(), &())
    }

    // The bytes are those of REC-9, written by hand.
    const COLOUR: &[u8] = b"\x01\x01\0\0\0\x05";
    const WEIGHT: &[u8] = b"\x03\x04\0\0\0\0\0\0\0";
    const NAME: &[u8] = b"\x07\x06\0\0\0\x02\0\0\0ab";

    #[test]
    fn options_stand_by_number_and_defaults_do_not_stand() {
        let all = Extras { colour: 5, weight: Some(0), name: b"ab".to_vec() };
        for (extras, plain) in [
            (Extras::default(), Vec::new()),
            (Extras { colour: 5, ..Extras::default() }, COLOUR.to_vec()),
            (Extras { weight: None, ..all.clone() }, [COLOUR, NAME].concat()),
            (all, [COLOUR, WEIGHT, NAME].concat()),
        ] {
            assert_eq!(encode(&extras)[1..], plain);
            assert_eq!(read(&plain), Ok(extras));
        }
    }

    #[test]
    fn what_is_not_written_so_is_refused() {
        for (what, plain, error) in [
            ("an unknown number", &[COLOUR, b"\x02\0\0\0\0"].concat()[..], StoreError::NewerVersion),
            ("an unknown number after all", &[NAME, b"\xff\x01\0\0\0\0"].concat(), StoreError::NewerVersion),
            ("number 0", b"\0\0\0\0\0", StoreError::Damaged),
            ("wrong order", &[NAME, COLOUR].concat(), StoreError::Damaged),
            ("doubled", &[COLOUR, COLOUR].concat(), StoreError::Damaged),
            ("a default", b"\x01\x01\0\0\0\0", StoreError::Damaged),
            ("a default of no bytes", b"\x07\x04\0\0\0\0\0\0\0", StoreError::Damaged),
            ("a value with a byte too many", b"\x01\x02\0\0\0\x05\0", StoreError::Damaged),
            ("a value that needs more than its length", b"\x03\x03\0\0\0\x01\0\0\0", StoreError::Damaged),
            ("a length beyond the record", b"\x01\xff\xff\xff\xff\x05", StoreError::Damaged),
        ] {
            assert_eq!(read(plain), Err(error), "{what}");
        }
        let whole = [COLOUR, WEIGHT, NAME].concat();
        let ends = [0, COLOUR.len(), COLOUR.len() + WEIGHT.len(), whole.len()];
        for cut in 0..=whole.len() {
            let expected = ends.contains(&cut);
            assert_eq!(read(&whole[..cut]).is_ok(), expected, "cut to {cut} bytes");
        }
    }
}
