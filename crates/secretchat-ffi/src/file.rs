//! Files of media: whole, and as a stream of any pieces.

use alloc::boxed::Box;
use core::fmt;

use secretchat::media::{self, MediaDecryptor, MediaEncryptor, MediaKey, Progress};

use crate::border::{In, Out, ScBytes};
use crate::buffer::ScBuffer;
use crate::chat::ScChat;
use crate::config::form;
use crate::env::ScEnv;
use crate::error::{Fault, Own, ScStatus, guard};
use crate::media::ScMedia;

/// The key of a file, wiped when it is freed.
pub struct ScMediaKey(MediaKey);

/// Encrypts a file, piece by piece.
pub struct ScEncryptor(Option<MediaEncryptor>);

/// Decrypts a file, piece by piece.
pub struct ScDecryptor(Option<MediaDecryptor>);

/// How far a file is, in bytes.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScProgress {
    /// How many bytes are done.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

impl ScProgress {
    fn of(Progress { done, total }: Progress) -> Self {
        Self { done, total }
    }
}

impl ScDecryptor {
    pub(crate) const fn new(decryptor: MediaDecryptor) -> Self {
        Self(Some(decryptor))
    }
}

/// Encrypts a whole file for a chat of this profile, under a new key.
#[unsafe(no_mangle)]
pub extern "C" fn sc_media_seal(
    profile: u16,
    content: In<u8>,
    len: usize,
    env: Option<&mut ScEnv>,
    key: Out<Option<Box<ScMediaKey>>>,
    file: Out<Option<Box<ScBuffer>>>,
) -> ScStatus {
    guard(|| {
        key.check()?;
        file.check()?;
        let (form, content, env) = (form(profile)?, content.slice(len)?, env.ok_or(Own::Null)?);
        let (made, sealed) = env.lend(|env| media::seal(form, content, env.rng))?;
        key.hand(ScMediaKey(made));
        file.hand(ScBuffer::new(sealed));
        Ok(())
    })
}

/// Decrypts a whole file. `size` is that of the medium: its length before it was encrypted.
#[unsafe(no_mangle)]
pub extern "C" fn sc_media_open(
    key: Option<&ScMediaKey>,
    size: u64,
    file: In<u8>,
    len: usize,
    content: Out<Option<Box<ScBuffer>>>,
) -> ScStatus {
    guard(|| {
        content.check()?;
        content.hand(ScBuffer::new(media::open(&key.ok_or(Own::Null)?.0, size, file.slice(len)?)?));
        Ok(())
    })
}

/// Decrypts the whole file of a medium that came in this chat.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_open_media(
    chat: Option<&ScChat>,
    medium: In<ScMedia>,
    file: In<u8>,
    len: usize,
    content: Out<Option<Box<ScBuffer>>>,
) -> ScStatus {
    guard(|| {
        content.check()?;
        let medium = medium.need()?;
        let key = medium.key(chat.ok_or(Own::Null)?.chat.file_form())?.ok_or(Own::Value)?;
        content.hand(ScBuffer::new(media::open(&key, medium.size, file.slice(len)?)?));
        Ok(())
    })
}

/// Makes a key from the two halves of a medium, of 32 bytes each, for a chat of this profile.
#[unsafe(no_mangle)]
pub extern "C" fn sc_media_key_from_parts(
    profile: u16,
    key: In<u8>,
    iv: In<u8>,
    out: Out<Option<Box<ScMediaKey>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        out.hand(ScMediaKey(MediaKey::from_parts(form(profile)?, *key.array()?, *iv.array()?)));
        Ok(())
    })
}

/// Returns the first half of a key, which becomes `key` of an `ScMedia`. It is valid until the key is freed.
#[unsafe(no_mangle)]
pub extern "C" fn sc_media_key_key(key: Option<&ScMediaKey>) -> ScBytes {
    key.map_or(ScBytes::NONE, |key| ScBytes::of(key.0.parts().0))
}

/// Returns the second half of a key, which becomes `iv` of an `ScMedia`. It is valid until the key is freed.
#[unsafe(no_mangle)]
pub extern "C" fn sc_media_key_iv(key: Option<&ScMediaKey>) -> ScBytes {
    key.map_or(ScBytes::NONE, |key| ScBytes::of(key.0.parts().1))
}

/// Wipes and frees a key.
#[unsafe(no_mangle)]
pub extern "C" fn sc_media_key_free(key: Option<Box<ScMediaKey>>) {
    drop(key);
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
        out.hand(ScEncryptor(Some(env.lend(|env| MediaEncryptor::new(form, size, env.rng))?)));
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
    piece(bytes, len, taken, out, |left| Ok(encryptor.ok_or(Own::Null)?.0.as_mut().ok_or(Own::Use)?.update(left)?))
}

/// Returns how many bytes the encrypted file has, or 0 after `sc_encryptor_finish`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_encrypted_len(encryptor: Option<&ScEncryptor>) -> u64 {
    encryptor.and_then(|encryptor| encryptor.0.as_ref()).map_or(0, MediaEncryptor::encrypted_len)
}

/// Writes how far the file is.
#[unsafe(no_mangle)]
pub extern "C" fn sc_encryptor_progress(encryptor: Option<&ScEncryptor>, out: Out<ScProgress>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.put(ScProgress::of(encryptor.ok_or(Own::Null)?.0.as_ref().ok_or(Own::Use)?.progress()));
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
        encryptor.finish()?;
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

/// Decrypts the next piece, as `sc_encryptor_update` encrypts one. What comes out of a chat of Telegram is not authentic
/// before `sc_decryptor_finish` returned 0: do not show it before.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_update(
    decryptor: Option<&mut ScDecryptor>,
    bytes: In<u8>,
    len: usize,
    taken: Out<usize>,
    out: Out<ScBytes>,
) -> ScStatus {
    piece(bytes, len, taken, out, |left| Ok(decryptor.ok_or(Own::Null)?.0.as_mut().ok_or(Own::Use)?.update(left)?))
}

/// Writes how far the file is.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_progress(decryptor: Option<&ScDecryptor>, out: Out<ScProgress>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.put(ScProgress::of(decryptor.ok_or(Own::Null)?.0.as_ref().ok_or(Own::Use)?.progress()));
        Ok(())
    })
}

/// Ends a file. An error if it is not whole. Free the decryptor afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decryptor_finish(decryptor: Option<&mut ScDecryptor>) -> ScStatus {
    guard(|| Ok(decryptor.ok_or(Own::Null)?.0.take().ok_or(Own::Use)?.finish()?))
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

impl fmt::Debug for ScMediaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScMediaKey").finish_non_exhaustive()
    }
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
