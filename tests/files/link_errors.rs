//! What stopped a link says why, and what lies below it is not lost.

use secretchat::store::DriverError;
use secretchat::transfer::LinkError;
use secretchat::{ApiMisuse, CallError};

use crate::support::failure::{Disk, below};

#[test]
fn a_link_says_what_stopped_it() {
    let misuse = CallError::from(ApiMisuse::EmptyMessage);
    let errors: [(LinkError<Disk, Disk>, &str, Option<&str>); 4] = [
        (LinkError::Driver(DriverError::Store(Disk::BROKEN)), "the store failed: the disk is broken", Some("sector 7")),
        (LinkError::Files(Disk::BROKEN), "the stored files failed: the disk is broken", Some("sector 7")),
        (misuse.into(), &ApiMisuse::EmptyMessage.to_string(), None),
        (LinkError::NoFile, "the file of the message is not stored, or has become shorter", None),
    ];
    for (error, text, source) in errors {
        assert_eq!((error.to_string().as_str(), below(&error).as_deref()), (text, source));
    }
}
