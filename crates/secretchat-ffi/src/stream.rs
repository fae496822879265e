//! Files of media as a stream of any pieces.

use alloc::boxed::Box;
use core::fmt;

use secretchat::media::{
    MediaDecryptor, MediaEncryptor, MediaKey, Progress, ResumableMediaDecryptor, ResumableMediaEncryptor,
};

use crate::border::{In, Out, ScBytes};
use crate::config::form;
use crate::env::ScEnv;
use crate::error::{Fault, Own, ScStatus, guard};
use crate::file::ScMediaKey;

/// Encrypts a file, piece by piece.
pub struct ScEncryptor(Option<Encryptor>);

/// Decrypts a file, piece by piece.
pub struct ScDecryptor(Option<Decryptor>);

/// How far a file is, in bytes.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScProgress {
    /// How many bytes are done.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

enum Encryptor {
    Once(Box<MediaEncryptor>),
    Resumable(Box<ResumableMediaEncryptor>),
}

enum Decryptor {
    Once(Box<MediaDecryptor>),
    Resumable(Box<ResumableMediaDecryptor>),
}

/// Makes the same call of either kind.
macro_rules! either {
    ($kind:ident, $of:expr, $run:ident => $call:expr) => {
        match $of {
            $kind::Once($run) => $call,
            $kind::Resumable($run) => $call,
        }
    };
}

impl ScProgress {
    pub(crate) fn of(Progress { done, total }: Progress) -> Self {
        Self { done, total }
    }
}

impl ScEncryptor {
    pub(crate) fn resumable(run: ResumableMediaEncryptor) -> Self {
        Self(Some(Encryptor::Resumable(Box::new(run))))
    }

    /// Returns the run that can be resumed.
    pub(crate) fn to_resume(&self) -> Result<&ResumableMediaEncryptor, Fault> {
        if let Some(Encryptor::Resumable(run)) = &self.0 { Ok(run) } else { Err(Own::Use.into()) }
    }
}

impl ScDecryptor {
    pub(crate) fn new(run: MediaDecryptor) -> Self {
        Self(Some(Decryptor::Once(Box::new(run))))
    }

    pub(crate) fn resumable(run: ResumableMediaDecryptor) -> Self {
        Self(Some(Decryptor::Resumable(Box::new(run))))
    }

    /// Returns the run that can be resumed.
    pub(crate) fn to_resume(&self) -> Result<&ResumableMediaDecryptor, Fault> {
        if let Some(Decryptor::Resumable(run)) = &self.0 { Ok(run) } else { Err(Own::Use.into()) }
    }
}

impl Encryptor {
    fn key(&self) -> &MediaKey {
        either!(Self, self, run => run.key())
    }
}

/// Begins to encrypt a file of `size` bytes for a chat of this profile, under a new key.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_new(
    profile: u16,
    size: u64,
    env: Option<&mut ScEnv>,
    out: Out<Option<Box<ScEncryptor>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let (form, env) = (form(profile)?, env.ok_or(Own::Null)?);
        let run = env.lend(|env| MediaEncryptor::new(form, size, env.rng))?;
        out.hand(ScEncryptor(Some(Encryptor::Once(Box::new(run)))));
        Ok(())
    })
}

/// Encrypts the next piece. `taken` gets how many of its bytes were taken, `out` what to write, which is valid until the
/// next call on this handle. Go on with the rest until nothing is taken and nothing comes out: also after the last
/// piece, with none.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_update(
    encryptor: Option<&mut ScEncryptor>,
    bytes: In<u8>,
    len: usize,
    taken: Out<usize>,
    out: Out<ScBytes>,
) -> ScStatus {
    piece(bytes, len, taken, out, |left| {
        let encryptor = encryptor.ok_or(Own::Null)?.0.as_mut().ok_or(Own::Use)?;
        Ok(either!(Encryptor, encryptor, run => run.update(left))?)
    })
}

/// Returns how many bytes the encrypted file has, or 0 after `sc_encryptor_finish`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_encrypted_len(encryptor: Option<&ScEncryptor>) -> u64 {
    let encryptor = encryptor.and_then(|encryptor| encryptor.0.as_ref());
    encryptor.map_or(0, |encryptor| either!(Encryptor, encryptor, run => run.encrypted_len()))
}

/// Writes how far the file is.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_progress(encryptor: Option<&ScEncryptor>, out: Out<ScProgress>) -> ScStatus {
    guard(|| {
        out.check()?;
        let encryptor = encryptor.ok_or(Own::Null)?.0.as_ref().ok_or(Own::Use)?;
        out.put(ScProgress::of(either!(Encryptor, encryptor, run => run.progress())));
        Ok(())
    })
}

/// Makes a copy of the key of a file that is not at its end yet.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_key(encryptor: Option<&ScEncryptor>, key: Out<Option<Box<ScMediaKey>>>) -> ScStatus {
    guard(|| {
        key.check()?;
        let encryptor = encryptor.ok_or(Own::Null)?.0.as_ref().ok_or(Own::Use)?;
        key.hand(ScMediaKey(encryptor.key().duplicate()));
        Ok(())
    })
}

/// Ends a file, and gives its key. An error if it is not whole. Free the encryptor afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_finish(
    encryptor: Option<&mut ScEncryptor>,
    key: Out<Option<Box<ScMediaKey>>>,
) -> ScStatus {
    guard(|| {
        key.check()?;
        let encryptor = encryptor.ok_or(Own::Null)?.0.take().ok_or(Own::Use)?;
        let made = encryptor.key().duplicate();
        either!(Encryptor, encryptor, run => run.finish())?;
        key.hand(ScMediaKey(made));
        Ok(())
    })
}

/// Frees an encryptor.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_free(encryptor: Option<Box<ScEncryptor>>) {
    drop(encryptor);
}

/// Begins to decrypt a file. `size` is that of the medium: its length before it was encrypted.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_new(
    key: Option<&ScMediaKey>,
    size: u64,
    out: Out<Option<Box<ScDecryptor>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        out.hand(ScDecryptor::new(key.ok_or(Own::Null)?.0.decryptor(size)?));
        Ok(())
    })
}

/// Decrypts the next piece, as `sc_encryptor_update` encrypts one. What comes out of a file in segments is authentic, and
/// whole once `sc_decryptor_finish` has returned 0. A file of Telegram is **never** authentic.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_update(
    decryptor: Option<&mut ScDecryptor>,
    bytes: In<u8>,
    len: usize,
    taken: Out<usize>,
    out: Out<ScBytes>,
) -> ScStatus {
    piece(bytes, len, taken, out, |left| {
        let decryptor = decryptor.ok_or(Own::Null)?.0.as_mut().ok_or(Own::Use)?;
        Ok(either!(Decryptor, decryptor, run => run.update(left))?)
    })
}

/// Writes how far the file is.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_progress(decryptor: Option<&ScDecryptor>, out: Out<ScProgress>) -> ScStatus {
    guard(|| {
        out.check()?;
        let decryptor = decryptor.ok_or(Own::Null)?.0.as_ref().ok_or(Own::Use)?;
        out.put(ScProgress::of(either!(Decryptor, decryptor, run => run.progress())));
        Ok(())
    })
}

/// Ends a file. An error if it is not whole. Free the decryptor afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_finish(decryptor: Option<&mut ScDecryptor>) -> ScStatus {
    guard(|| {
        let decryptor = decryptor.ok_or(Own::Null)?.0.take().ok_or(Own::Use)?;
        Ok(either!(Decryptor, decryptor, run => run.finish())?)
    })
}

/// Frees a decryptor, and wipes what it held.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_free(decryptor: Option<Box<ScDecryptor>>) {
    drop(decryptor);
}

/// Gives a piece to a stream, which takes the front of it and writes what came of it.
fn piece<'a>(
    bytes: In<u8>,
    len: usize,
    taken: Out<usize>,
    out: Out<ScBytes>,
    update: impl FnOnce(&mut &[u8]) -> Result<&'a [u8], Fault>,
) -> ScStatus {
    guard(|| {
        taken.check()?;
        out.check()?;
        let mut left = bytes.slice(len)?;
        out.put(ScBytes::of(update(&mut left)?));
        taken.put(len - left.len());
        Ok(())
    })
}

impl fmt::Debug for ScEncryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScEncryptor").finish_non_exhaustive()
    }
}

impl fmt::Debug for ScDecryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScDecryptor").finish_non_exhaustive()
    }
}
