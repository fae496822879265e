//! Plain enums that are stored by number: one list says the numbers in both directions.

/// What is stored as one byte.
pub(crate) trait Code: Sized {
    fn code(self) -> u8;

    /// `None` for a number that nothing has.
    fn of_code(code: u8) -> Option<Self>;
}

/// Numbers the variants of an enum. A variant without a number does not compile, nor does a number that two have. `or`
/// names a variant whose numbers are those of the enum inside.
macro_rules! codes {
    ($name:ident { $($code:literal $variant:ident,)+ } $(or $outer:ident($inner:ident))?) => {
        impl $crate::record::Code for $name {
            fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)+
                    $(Self::$outer(inner) => $crate::record::Code::code(inner),)?
                }
            }

            #[deny(unreachable_patterns, reason = "a number given twice")]
            fn of_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None $(.or_else(|| <$inner as $crate::record::Code>::of_code(code).map(Self::$outer)))?,
                }
            }
        }

        $crate::record::stored_as! { $name = u8: |variant| $crate::record::Code::code(*variant), $crate::record::Code::of_code; }
    };
}

pub(crate) use codes;
