//! Creates a database file whole, or not at all.
//!
//! redb refuses a file whose creation was interrupted. Without this module, a process killed during its first start could
//! never start again.

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

/// Creates the database under another name, then renames it. The rest of an earlier attempt is thrown away.
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

/// Syncs a directory. Without this, a power cut may remove the name of the file, and everything committed under it.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}
