//! Stable names and codes of variants, for logs and for bindings to other languages.

/// Gives the variants of an enum their names and codes from one list.
///
/// Use `enum` for plain variants, which are also listed as `ALL`. Use `copy` or `ref` for variants with fields,
/// depending on whether the enum is `Copy`. Use `or` for a variant that takes its names and codes from the enum
/// inside it. A missing variant and a repeated code do not compile. Never change a code or a name.
macro_rules! names {
    (enum $type:ident { $($code:literal $name:literal $variant:ident,)+ }) => {
        impl $type {
            /// All variants of this version.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
        $crate::types::names::names! { copy $type { $($code $name $variant,)+ } }
    };
    (copy $type:ident { $($code:literal $name:literal $variant:ident,)+ }) => {
        $crate::types::names::names! { @methods self (self) $type { $($code $name $variant,)+ } }
    };
    (copy $type:ident { $($code:literal $name:literal $variant:ident,)+ } or $outer:ident($inner:ident)) => {
        $crate::types::names::names! { @methods self (self) $type { $($code $name $variant,)+ } or $outer($inner) }

        impl $type {
            /// Returns the variant with this code, if the code fits into a byte.
            #[cfg(feature = "alloc")]
            pub(crate) fn of_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => $inner::ALL.iter().find(|inner| inner.code() == u16::from(code)).copied().map(Self::$outer),
                }
            }
        }
    };
    (ref $type:ident { $($code:literal $name:literal $variant:ident,)+ }) => {
        $crate::types::names::names! { @methods self (&self) $type { $($code $name $variant,)+ } }
    };
    (@methods $self:ident ($($receiver:tt)+) $type:ident { $($code:literal $name:literal $variant:ident,)+ }
        $(or $outer:ident($inner:ident))?) => {
        impl $type {
            /// Returns the name of the variant in snake case. It never changes.
            #[must_use]
            pub const fn name($($receiver)+) -> &'static str {
                match $self {
                    $(Self::$variant { .. } => $name,)+
                    $(Self::$outer(inner) => inner.name(),)?
                }
            }

            /// Returns the code of the variant. It never changes.
            ///
            /// | code | name |
            /// |---|---|
            $(#[doc = concat!("| ", $code, " | `", $name, "` |")])+
            $(#[doc = concat!("\nThe codes of `", stringify!($outer), "` are those of [`", stringify!($inner), "`].")])?
            #[must_use]
            pub const fn code($($receiver)+) -> u16 {
                match $self {
                    $(Self::$variant { .. } => $code,)+
                    $(Self::$outer(inner) => inner.code(),)?
                }
            }
        }

        #[cfg(any(test, feature = "alloc"))]
        impl $crate::types::names::Listed for $type {
            const NAMES: $crate::types::names::Names = &[$(($code, $name, stringify!($variant))),+];
        }

        const _: () = assert!($crate::types::names::all_differ(&[$($code),+]), "a code is given twice");
    };
}

pub(crate) use names;

/// The code, the name and the variant of each.
#[cfg(any(test, feature = "alloc"))]
pub(crate) type Names = &'static [(u16, &'static str, &'static str)];

/// An enum whose variants have names and codes. Those of an enum inside it are in that one's list.
#[cfg(any(test, feature = "alloc"))]
pub(crate) trait Listed {
    const NAMES: Names;
}

/// Returns whether all codes differ.
pub(crate) const fn all_differ(mut codes: &[u16]) -> bool {
    while let [code, rest @ ..] = codes {
        let mut others = rest;
        while let [other, more @ ..] = others {
            if *code == *other {
                return false;
            }
            others = more;
        }
        codes = rest;
    }
    true
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::string::String;
    use std::vec::Vec;

    use super::{Listed, Names};
    use crate::types::error::{
        ApiMisuse, CloseReason, MediaError, PeerFault, RekeyFailure, StoreError, VerifyError, Violation,
    };

    /// Lists every enum that has names.
    fn listed() -> BTreeMap<&'static str, Names> {
        macro_rules! list {
            ($($(#[$cfg:meta])* $($path:ident)::+,)+) => {
                BTreeMap::from([$($(#[$cfg])* (stringify!($($path)::+), <$($path)::+>::NAMES),)+])
            };
        }
        let listed = list! {
            ApiMisuse, CloseReason, MediaError, PeerFault, RekeyFailure, StoreError, VerifyError, Violation,
            crate::envelope::SealError,
            crate::types::id::Role,
            crate::rekey::RekeyLimit,
            crate::rekey::RekeyState,
            #[cfg(feature = "telegram")]
            crate::crypto::modp::DhGroupError,
            crate::destruct::Notification,
            #[cfg(feature = "alloc")]
            crate::chat::ChatState,
            #[cfg(feature = "alloc")]
            crate::chat::Cause,
            #[cfg(feature = "alloc")]
            crate::chat::Handled,
            #[cfg(feature = "alloc")]
            crate::chat::Peek,
            #[cfg(feature = "alloc")]
            crate::types::error::Unavailable,
            #[cfg(feature = "alloc")]
            crate::output::Event,
            #[cfg(feature = "alloc")]
            crate::output::History,
            #[cfg(feature = "alloc")]
            crate::output::Notice,
            #[cfg(feature = "alloc")]
            crate::output::Output,
            #[cfg(feature = "alloc")]
            crate::output::TransmitKind,
            #[cfg(feature = "alloc")]
            crate::output::UserAction,
            #[cfg(feature = "alloc")]
            crate::frame::FrameError,
            #[cfg(feature = "alloc")]
            crate::message::DocumentKind,
            #[cfg(feature = "alloc")]
            crate::message::EntityKind,
            #[cfg(feature = "alloc")]
            crate::message::Media,
            #[cfg(feature = "alloc")]
            crate::message::TypingAction,
            #[cfg(feature = "alloc")]
            crate::profile::PeerPolicy,
            #[cfg(feature = "alloc")]
            crate::store::Action,
        };
        #[cfg(feature = "alloc")]
        let listed = listed.into_iter().chain([("DriverError", crate::store::DriverError::<()>::NAMES)]);
        listed.into_iter().map(|(path, names)| (path.rsplit("::").next().unwrap().trim(), names)).collect()
    }

    fn snake(variant: &str) -> String {
        let mut name = String::new();
        for letter in variant.chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    #[test]
    fn names_are_those_of_the_variants_and_none_is_given_twice() {
        for (owner, names) in listed() {
            for (_, name, variant) in names {
                assert_eq!(*name, snake(variant), "{owner}");
            }
            let different: BTreeSet<_> = names.iter().map(|(_, name, _)| name).collect();
            assert_eq!(different.len(), names.len(), "{owner}");
        }
    }

    /// A number alone identifies an error, and 0 stays free for "no error".
    #[test]
    fn codes_of_errors_differ() {
        let errors = [
            "ApiMisuse",
            "Unavailable",
            "PeerFault",
            "StoreError",
            "MediaError",
            "DhGroupError",
            "FrameError",
            "VerifyError",
        ];
        let listed = listed();
        let codes = errors.iter().chain(&["SealError", "DriverError"]).filter_map(|name| listed.get(name));
        let codes: Vec<u16> = codes.flat_map(|names| names.iter().map(|(code, ..)| *code)).collect();
        assert!(codes.iter().all(|code| *code > 100));
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        let reasons = [CloseReason::NAMES, Violation::NAMES].concat();
        assert_eq!(reasons.iter().map(|(code, ..)| code).collect::<BTreeSet<_>>().len(), reasons.len());
    }

    /// Published names are stable: the list only grows.
    #[test]
    fn names_and_codes_are_the_published_ones() {
        let listed = listed();
        let mut published: BTreeMap<&str, Vec<(u16, &str)>> = BTreeMap::new();
        for line in include_str!("../../schema/names.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let (owner, code, name) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            published.entry(owner).or_default().push((code.parse().unwrap(), name));
        }
        for (owner, names) in &listed {
            let mut names: Vec<(u16, &str)> = names.iter().map(|(code, name, _)| (*code, *name)).collect();
            names.sort_unstable();
            assert_eq!(Some(&names), published.get(owner), "{owner}");
        }
        let all = cfg!(all(feature = "alloc", feature = "telegram"));
        assert!(!all || published.len() == listed.len());
    }
}
