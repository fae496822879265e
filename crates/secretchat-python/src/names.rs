//! The crate's own lists of names and codes.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use secretchat::frame::FrameError;
use secretchat::media::FileForm;
use secretchat::{
    ApiMisuse, Cause, DhGroupError, Handled, History, MediaError, Notification, PeerFault, PeerPolicy, RekeyFailure,
    RekeyLimit, Role, StoreError, TypingAction, Unavailable, VerifyError, Violation,
};

macro_rules! lists {
    ($($type:ident,)+) => {
        /// Returns code and name of each variant of an enumeration of the crate, by the enumeration's name.
        #[pyfunction]
        pub(crate) fn names(enumeration: &str) -> PyResult<Vec<(u16, &'static str)>> {
            match enumeration {
                $(stringify!($type) => Ok($type::ALL.iter().map(|one| (one.code(), one.name())).collect()),)+
                other => Err(PyValueError::new_err(format!("no enumeration is named {other}"))),
            }
        }

        $(impl Named for $type {
            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn named(self) -> &'static str {
                self.name()
            }
        })+
    };
}

lists! {
    ApiMisuse, Cause, DhGroupError, FrameError, Handled, History, MediaError, Notification, PeerFault, PeerPolicy,
    RekeyFailure, RekeyLimit, Role, StoreError, TypingAction, Unavailable, VerifyError, Violation,
}

/// Variants that have names.
pub(crate) trait Named: Copy + 'static {
    fn all() -> &'static [Self];
    fn named(self) -> &'static str;
}

/// Returns the variant with this name.
pub(crate) fn of_name<T: Named>(name: &str) -> PyResult<T> {
    let found = T::all().iter().copied().find(|one| one.named() == name);
    found.ok_or_else(|| PyValueError::new_err(format!("nothing is named {name:?} here")))
}

/// Returns the form of files with this name.
pub(crate) fn file_form(name: &str) -> PyResult<FileForm> {
    match name {
        "segments" => Ok(FileForm::Segments),
        "chain" => Ok(FileForm::Chain),
        other => Err(PyValueError::new_err(format!("no form of files is named {other:?}"))),
    }
}
