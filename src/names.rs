//! Stable names and codes of variants, for logs and for bindings to other languages.

/// Gives the variants of an enum their names and codes from one list.
///
/// `enum` is for plain variants, which are listed as `ALL`, too; `copy` and `ref` are for variants with fields, by whether
/// the enum is `Copy`. `or` names a variant that has the names and the codes of the enum inside. A variant that is not
/// listed does not compile, nor does a code that is given twice. No code and no name ever changes.
macro_rules! names {
    (enum $type:ident { $($code:literal $name:literal $variant:ident,)+ }) => {
        impl $type {
            /// All variants of this version.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
        $crate::names::names! { copy $type { $($code $name $variant,)+ } }
    };
    (copy $type:ident { $($code:literal $name:literal $variant:ident,)+ } $(or $outer:ident($inner:ident))?) => {
        $crate::names::names! { @methods self (self) $type { $($code $name $variant,)+ } $(or $outer($inner))? }
    };
    (ref $type:ident { $($code:literal $name:literal $variant:ident,)+ }) => {
        $crate::names::names! { @methods self (&self) $type { $($code $name $variant,)+ } }
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

        const _: () = assert!($crate::names::all_differ(&[$($code),+]), "a code is given twice");
    };
}

pub(crate) use names;

/// Whether no two codes are the same.
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
