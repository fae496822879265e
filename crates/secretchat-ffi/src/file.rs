//! Files of media, whole, and their keys.

use alloc::boxed::Box;
use core::fmt;

use secretchat::media::{self, MediaKey};

use crate::border::{In, Out, ScBytes};
use crate::buffer::ScBuffer;
use crate::chat::ScChat;
use crate::config::form;
use crate::env::ScEnv;
use crate::error::{Own, ScStatus, guard};
use crate::media::ScMedia;

/// The key of a file, wiped when it is freed.
pub struct ScMediaKey(pub(crate) MediaKey);

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

impl fmt::Debug for ScMediaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScMediaKey").finish_non_exhaustive()
    }
}
