//! Files that go on after an interruption.

use alloc::boxed::Box;
use core::fmt;

use secretchat::MediaError;
use secretchat::media::{
    MediaKey, RESUME_TOKEN_LEN, ResumableMediaDecryptor, ResumableMediaEncryptor, ResumeKey, Resuming,
};
use secretchat::rand_core::CryptoRng;

use crate::border::{In, Out};
use crate::env::ScEnv;
use crate::error::{Fault, Own, ScStatus, guard};
use crate::file::ScMediaKey;
use crate::stream::{ScDecryptor, ScEncryptor, ScProgress};

/// How many bytes a token has.
pub const SC_RESUME_TOKEN_LEN: usize = 127;
/// How many bytes the host's key for its tokens has. One key serves all files.
pub const SC_RESUME_KEY_LEN: usize = 32;

const _: () = assert!(SC_RESUME_TOKEN_LEN == RESUME_TOKEN_LEN, "a token has another length");

/// A file that goes on, once its content was shown again.
pub struct ScResuming(Option<Run>);

enum Run {
    Encryption(Box<Resuming<ResumableMediaEncryptor>>),
    Decryption(Box<Resuming<ResumableMediaDecryptor>>),
}

pub(crate) fn host_key(key: In<u8>) -> Result<ResumeKey, Fault> {
    Ok(ResumeKey::new(*key.array::<SC_RESUME_KEY_LEN>()?))
}

/// Writes a token of `SC_RESUME_TOKEN_LEN` bytes that covers what came out so far, for the host's key. An earlier token
/// works too: then bytes come out once more. `SC_ERROR_USE` if the encryptor came from no plan.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_token(
    encryptor: Option<&ScEncryptor>,
    host_key: In<u8>,
    env: Option<&mut ScEnv>,
    token: Out<u8>,
) -> ScStatus {
    write_token(host_key, env, token, || {
        let run = encryptor.ok_or(Own::Null)?.to_resume()?;
        Ok(|host: &ResumeKey, rng: &mut dyn CryptoRng| run.token(host, rng))
    })
}

/// Writes where in the encrypted file the bytes stand that come out next. `SC_ERROR_USE` if the encryptor came from no
/// plan.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_place(encryptor: Option<&ScEncryptor>, place: Out<u64>) -> ScStatus {
    guard(|| {
        place.check()?;
        place.put(encryptor.ok_or(Own::Null)?.to_resume()?.place());
        Ok(())
    })
}

/// Begins to decrypt a file as `sc_decryptor_new` does, so that it can go on after an interruption.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_new_resumable(
    key: Option<&ScMediaKey>,
    size: u64,
    out: Out<Option<Box<ScDecryptor>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        out.hand(ScDecryptor::resumable(ResumableMediaDecryptor::new(&key.ok_or(Own::Null)?.0, size)?));
        Ok(())
    })
}

/// Writes a token of `SC_RESUME_TOKEN_LEN` bytes that covers the content that came out so far, for the host's key.
/// `SC_ERROR_USE` if the decryptor cannot go on after an interruption.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_token(
    decryptor: Option<&ScDecryptor>,
    host_key: In<u8>,
    env: Option<&mut ScEnv>,
    token: Out<u8>,
) -> ScStatus {
    write_token(host_key, env, token, || {
        let run = decryptor.ok_or(Own::Null)?.to_resume()?;
        Ok(|host: &ResumeKey, rng: &mut dyn CryptoRng| run.token(host, rng))
    })
}

/// Writes from where on a decryptor that has just started, or goes on, wants the encrypted file.
/// `SC_ERROR_USE` if it cannot go on after an interruption.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_place(decryptor: Option<&ScDecryptor>, place: Out<u64>) -> ScStatus {
    guard(|| {
        place.check()?;
        place.put(decryptor.ok_or(Own::Null)?.to_resume()?.place());
        Ok(())
    })
}

/// Goes on with an encryption. Show all of its content to `sc_resuming_check`, also what comes later, then take the
/// encryptor and pass it the content from `sc_resuming_offset` on.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_resume(
    key: Option<&ScMediaKey>,
    size: u64,
    token: In<u8>,
    token_len: usize,
    host_key: In<u8>,
    out: Out<Option<Box<ScResuming>>>,
) -> ScStatus {
    go_on(key, token, token_len, host_key, out, |key, token, host| {
        Ok(Run::Encryption(Box::new(ResumableMediaEncryptor::resume(key, size, token, host)?)))
    })
}

/// Goes on with a decryption. Show the first `sc_resuming_offset` bytes of the content that came out to
/// `sc_resuming_check`, then take the decryptor and pass it the encrypted file from `sc_decryptor_place` on.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_resume(
    key: Option<&ScMediaKey>,
    size: u64,
    token: In<u8>,
    token_len: usize,
    host_key: In<u8>,
    out: Out<Option<Box<ScResuming>>>,
) -> ScStatus {
    go_on(key, token, token_len, host_key, out, |key, token, host| {
        Ok(Run::Decryption(Box::new(ResumableMediaDecryptor::resume(key, size, token, host)?)))
    })
}

/// Returns how many bytes of content were done, or 0 once the handle was used up.
#[unsafe(no_mangle)]
pub extern "C" fn sc_resuming_offset(resuming: Option<&ScResuming>) -> u64 {
    match resuming.and_then(|resuming| resuming.0.as_ref()) {
        Some(Run::Encryption(run)) => run.offset(),
        Some(Run::Decryption(run)) => run.offset(),
        None => 0,
    }
}

/// Writes how much of the content was shown, and how much is to be shown.
#[unsafe(no_mangle)]
pub extern "C" fn sc_resuming_progress(resuming: Option<&ScResuming>, out: Out<ScProgress>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.put(ScProgress::of(match resuming.ok_or(Own::Null)?.0.as_ref().ok_or(Own::Use)? {
            Run::Encryption(run) => run.progress(),
            Run::Decryption(run) => run.progress(),
        }));
        Ok(())
    })
}

/// Takes the next bytes of the content, from its start on and in pieces of any length.
#[unsafe(no_mangle)]
pub extern "C" fn sc_resuming_check(resuming: Option<&mut ScResuming>, content: In<u8>, len: usize) -> ScStatus {
    guard(|| {
        let (run, content) = (resuming.ok_or(Own::Null)?.0.as_mut().ok_or(Own::Use)?, content.slice(len)?);
        Ok(match run {
            Run::Encryption(run) => run.check(content),
            Run::Decryption(run) => run.check(content),
        }?)
    })
}

/// Gives the encryptor, if the content is the one that the token covers. If it is not, the file starts over, with a new
/// key. Free the handle afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn sc_resuming_encryptor(
    resuming: Option<&mut ScResuming>,
    out: Out<Option<Box<ScEncryptor>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let held = &mut resuming.ok_or(Own::Null)?.0;
        let Some(Run::Encryption(run)) = held.take_if(|run| matches!(run, Run::Encryption(_))) else {
            return Err(Own::Use.into());
        };
        out.hand(ScEncryptor::resumable(run.finish()?));
        Ok(())
    })
}

/// Gives the decryptor, if the content is the one that the token covers. Free the handle afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn sc_resuming_decryptor(
    resuming: Option<&mut ScResuming>,
    out: Out<Option<Box<ScDecryptor>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let held = &mut resuming.ok_or(Own::Null)?.0;
        let Some(Run::Decryption(run)) = held.take_if(|run| matches!(run, Run::Decryption(_))) else {
            return Err(Own::Use.into());
        };
        out.hand(ScDecryptor::resumable(run.finish()?));
        Ok(())
    })
}

/// Frees what was to go on.
#[unsafe(no_mangle)]
pub extern "C" fn sc_resuming_free(resuming: Option<Box<ScResuming>>) {
    drop(resuming);
}

/// Writes the token of a run that can be resumed, which `run` finds.
fn write_token<R>(
    host_key: In<u8>,
    env: Option<&mut ScEnv>,
    token: Out<u8>,
    run: impl FnOnce() -> Result<R, Fault>,
) -> ScStatus
where
    R: FnOnce(&ResumeKey, &mut dyn CryptoRng) -> [u8; RESUME_TOKEN_LEN],
{
    guard(|| {
        token.check()?;
        let (make, host) = (run()?, self::host_key(host_key)?);
        token.put_all(&env.ok_or(Own::Null)?.lend(|env| make(&host, env.rng)));
        Ok(())
    })
}

/// Goes on with a file, by the run that `resume` makes of its key, its token and the host's key.
fn go_on(
    key: Option<&ScMediaKey>,
    token: In<u8>,
    token_len: usize,
    host_key: In<u8>,
    out: Out<Option<Box<ScResuming>>>,
    resume: impl FnOnce(&MediaKey, &[u8], &ResumeKey) -> Result<Run, MediaError>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let (key, token, host) = (&key.ok_or(Own::Null)?.0, token.slice(token_len)?, self::host_key(host_key)?);
        out.hand(ScResuming(Some(resume(key, token, &host)?)));
        Ok(())
    })
}

impl fmt::Debug for ScResuming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScResuming").field("offset", &sc_resuming_offset(Some(self))).finish_non_exhaustive()
    }
}
