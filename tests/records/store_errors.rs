//! What a store says of its failure reaches the host, and so does what lies below it.

use secretchat::StoreError;
use secretchat::store::{ApplyError, DriverError};

use crate::support::failure::{Disk, below};

#[test]
fn a_refused_batch_says_why() {
    let failed: ApplyError<Disk> = Disk::BROKEN.into();
    assert_eq!((failed.to_string().as_str(), below(&failed).as_deref()), ("the disk is broken", Some("sector 7")));
    let superseded = ApplyError::<Disk>::Superseded;
    assert_eq!(superseded.to_string(), "another driver of this chat wrote first; drop this one");
    assert_eq!(below(&superseded), None);
}

/// An error, its code and name, its text, and what lies below.
type Told<'a> = (DriverError<Disk>, u16, &'a str, &'a str, Option<&'a str>);

#[test]
fn a_driver_that_stopped_says_why() {
    let errors: [Told<'_>; 4] = [
        (
            ApplyError::Store(Disk::BROKEN).into(),
            901,
            "store",
            "the store failed: the disk is broken",
            Some("sector 7"),
        ),
        (
            ApplyError::Superseded.into(),
            902,
            "superseded",
            "another driver of this chat wrote first; drop this one",
            None,
        ),
        (DriverError::Stopped, 903, "stopped", "the store failed earlier; drop this driver and restore the chat", None),
        (
            DriverError::Records(StoreError::Damaged),
            StoreError::Damaged.code(),
            "damaged",
            &StoreError::Damaged.to_string(),
            None,
        ),
    ];
    for (error, code, name, text, source) in errors {
        assert_eq!((error.code(), error.name()), (code, name));
        assert_eq!((error.to_string().as_str(), below(&error).as_deref()), (text, source));
    }
}
