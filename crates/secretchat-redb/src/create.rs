//! A file that holds a whole database or is not there.
//!
//! redb refuses a file whose creation did not come to its end, so a process killed at its first start would never start
//! again.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use redb::Database;

use crate::{RedbError, schema};

const FRESH: &str = ".new";

pub(crate) fn open_or_create(path: &Path) -> Result<Database, RedbError> {
    if !path.try_exists()? {
        create(path)?;
    }
    Ok(Database::open(path)?)
}

/// Beside, then renamed. What an earlier attempt left is thrown away.
fn create(path: &Path) -> Result<(), RedbError> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(FRESH);
    if let Err(error) = fs::remove_file(&fresh)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error.into());
    }
    let database = Database::create(&fresh)?;
    schema::migrate(&database)?;
    database.close()?;
    fs::rename(&fresh, path)?;
    Ok(sync_directory(path)?)
}

/// Without this the name may be gone after a power cut, with all that was committed under it.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}
