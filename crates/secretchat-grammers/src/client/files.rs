//! Uploads and downloads.

use std::{fmt, io};

use super::invoke::{Invoke, Patience, make_in, save};
use crate::call::Method;
use crate::download::{Download, DownloadError};
use crate::failure::Failure;
use crate::save_part::Part;
use crate::upload::{Upload, UploadError};

/// Uploads the missing parts of a file, one after the other. `read` gives the sealed bytes of a part. `saved` is called
/// after each part that the server has: show [`Upload::progress`], and keep [`Upload::to_bytes`], which resumes it.
///
/// A call that fails is made again as [`FATES`](crate::FATES) says. It waits as long as the server asks, and gives up after
/// eight failures in a row. It may be dropped at any time: what was on its way is uploaded once more.
///
/// # Errors
/// [`FileError`]. The upload stays as it is, and may be gone on with.
pub async fn upload(
    invoke: &impl Invoke,
    upload: &mut Upload,
    mut read: impl FnMut(Part) -> io::Result<Vec<u8>>,
    mut saved: impl FnMut(&Upload) -> io::Result<()>,
) -> Result<(), FileError> {
    let mut patience = Patience::default();
    loop {
        if upload.is_stale(invoke.now()) {
            return Err(FileError::Stale);
        }
        let Some(part) = upload.next_part() else { return Ok(()) };
        // It is missing until the server has answered, whoever drops this.
        upload.failed(part.index);
        let call = upload.call(part, &read(part)?)?;
        let failure = match save(invoke, &call).await {
            Ok(true) => {
                upload.saved(part.index);
                patience = Patience::default();
                saved(upload)?;
                continue;
            }
            Ok(false) => Failure::Lost,
            Err(failure) => failure,
        };
        invoke.pause(patience.pause(Method::Upload, failure)?).await;
    }
}

/// Downloads what is missing of a file, in the data centre that has it. `got` takes the bytes that come next, and the state
/// behind them: append the bytes to the file, show [`Download::progress`], and keep [`Download::to_bytes`] after them.
///
/// A call that fails is made again as in [`upload`]. It may be dropped at any time: what `got` has taken is there, and
/// nothing else.
///
/// # Errors
/// [`FileError`]. The download stays as it is, and may be gone on with.
pub async fn download(
    invoke: &impl Invoke,
    download: &mut Download,
    mut got: impl FnMut(&[u8], &Download) -> io::Result<()>,
) -> Result<(), FileError> {
    let mut patience = Patience::default();
    let mut dc = download.location().dc_id;
    while let Some(call) = download.call() {
        let failure = match make_in(invoke, dc, &call).await {
            Ok(answer) => {
                // It moves on once the bytes are kept.
                let mut next = download.clone();
                got(next.piece(&answer)?, &next)?;
                *download = next;
                patience = Patience::default();
                continue;
            }
            Err(failure) => failure,
        };
        if let Failure::Server(error) = &failure
            && error.code() == 303
        {
            dc = error.value().and_then(|dc| i32::try_from(dc).ok()).unwrap_or(dc);
        }
        invoke.pause(patience.pause(Method::Download, failure)?).await;
    }
    Ok(())
}

/// The reason why a file was not carried.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The server refused for good, or failed too often.
    Call(Failure),
    /// The bytes could not be read or kept.
    Io(io::Error),
    /// The part that was read has another length.
    Upload(UploadError),
    /// The server gave something else.
    Download(DownloadError),
    /// The server may have forgotten the first parts. Begin the upload anew.
    Stale,
}

impl From<Failure> for FileError {
    fn from(failure: Failure) -> Self {
        Self::Call(failure)
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<UploadError> for FileError {
    fn from(error: UploadError) -> Self {
        Self::Upload(error)
    }
}

impl From<DownloadError> for FileError {
    fn from(error: DownloadError) -> Self {
        Self::Download(error)
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(failure) => failure.fmt(f),
            Self::Io(error) => error.fmt(f),
            Self::Upload(error) => error.fmt(f),
            Self::Download(error) => error.fmt(f),
            Self::Stale => f.write_str("the upload is too old to go on with"),
        }
    }
}

impl std::error::Error for FileError {}
