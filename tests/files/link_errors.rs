//! What stopped a link says why, and what lies below it is not lost.

use std::error::Error;
use std::fmt;

use secretchat::store::DriverError;
use secretchat::transfer::LinkError;
use secretchat::{ApiMisuse, CallError};

#[derive(Debug)]
struct Folder(Disk);

#[derive(Debug)]
struct Disk;

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such folder")
    }
}

impl fmt::Display for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no disk")
    }
}

impl Error for Folder {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl Error for Disk {}

#[test]
fn a_link_says_what_stopped_it() {
    let misuse = CallError::from(ApiMisuse::EmptyMessage);
    let errors: [(LinkError<Folder, Folder>, &str, Option<&str>); 4] = [
        (LinkError::Driver(DriverError::Store(Folder(Disk))), "the store failed: no such folder", Some("no disk")),
        (LinkError::Files(Folder(Disk)), "the stored files failed: no such folder", Some("no disk")),
        (misuse.into(), &ApiMisuse::EmptyMessage.to_string(), None),
        (LinkError::NoFile, "the file of the message is not stored, or has become shorter", None),
    ];
    for (error, text, source) in errors {
        assert_eq!(error.to_string(), text);
        assert_eq!(error.source().map(ToString::to_string).as_deref(), source);
    }
}
