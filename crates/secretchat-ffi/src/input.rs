//! Inputs of a chat. Each function writes to `handled` what became of the input, one of `SC_HANDLED_...`.

use secretchat::{
    DiscardProof, Handled, History, IncomingFile, Input, KeyFingerprint, PeerFault, Timestamp, TransmitId,
};

use crate::border::{In, Out, ScBytes};
use crate::chat::{ScChat, call};
use crate::config::of_code;
use crate::env::ScEnv;
use crate::error::{Fault, ScStatus, guard};

/// A time that is not known.
pub const SC_NO_TIME: u64 = u64::MAX;

/// The file of a message, as the transport names it.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScIncomingFile {
    /// The name by which the host finds the file. Null if there is no file.
    pub reference: ScBytes,
    /// The size of the encrypted file, if `has_size` is not 0.
    pub size: u64,
    /// The fingerprint of its key, if `has_fingerprint` is not 0.
    pub fingerprint: i32,
    /// Whether the size is known.
    pub has_size: u8,
    /// Whether the fingerprint is known.
    pub has_fingerprint: u8,
}

impl ScIncomingFile {
    pub(crate) fn of(file: &IncomingFile) -> Self {
        Self {
            reference: ScBytes::of(&file.reference),
            size: file.size.unwrap_or_default(),
            fingerprint: file.fingerprint.unwrap_or_default(),
            has_size: file.size.is_some().into(),
            has_fingerprint: file.fingerprint.is_some().into(),
        }
    }

    /// Returns the file, or `None` without a name.
    fn read(&self) -> Result<Option<IncomingFile>, Fault> {
        let Some(reference) = self.reference.get_some()? else { return Ok(None) };
        let file = IncomingFile::new(reference)
            .with_size((self.has_size != 0).then_some(self.size))
            .with_fingerprint((self.has_fingerprint != 0).then_some(self.fingerprint));
        Ok(Some(file))
    }
}

fn handle(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    input: Result<Input<'_>, Fault>,
    handled: Out<u16>,
) -> Result<(), Fault> {
    let input = input?;
    let became = call(chat, env, |chat, env| chat.handle(input, env).map(Handled::code).map_err(Fault::from))?;
    handled.put(became);
    Ok(())
}

fn time(millis: u64) -> Option<Timestamp> {
    Some(millis).filter(|millis| *millis != SC_NO_TIME).map(Timestamp::from_millis)
}

/// The peer accepted: its public value and the fingerprint of the key.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_accepted(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    public_value: In<u8>,
    public_len: usize,
    fingerprint: i64,
    handled: Out<u16>,
) -> ScStatus {
    guard(|| {
        let public = public_value.slice(public_len)?;
        handle(chat, env, Ok(Input::accepted(public, KeyFingerprint::from_long(fingerprint))), handled)
    })
}

/// Another device of this user accepted the request.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_accepted_elsewhere(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    handled: Out<u16>,
) -> ScStatus {
    guard(|| handle(chat, env, Ok(Input::AcceptedElsewhere), handled))
}

/// A message came. `file` is null, or has no name, if no file came with it. Pass a message that names a file once the
/// file is there.
/// `date_ms` is the server's date, or `SC_NO_TIME`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_ciphertext(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    bytes: In<u8>,
    len: usize,
    file: In<ScIncomingFile>,
    date_ms: u64,
    handled: Out<u16>,
) -> ScStatus {
    guard(|| {
        let file = file.get().map_or(Ok(None), ScIncomingFile::read)?;
        handle(chat, env, Ok(Input::ciphertext(bytes.slice(len)?, file, time(date_ms))), handled)
    })
}

/// The peer ended the chat. `history` is one of `SC_HISTORY_...`. `mac` is null or the 32 bytes of its proof, `sent` the
/// number that belongs to them.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_discarded(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    history: u16,
    mac: In<u8>,
    sent: u32,
    handled: Out<u16>,
) -> ScStatus {
    guard(|| {
        let history = of_code(History::ALL, History::code, history)?;
        let proof = match mac.get() {
            Some(_) => Some(DiscardProof { sent, mac: *mac.array()? }),
            None => None,
        };
        handle(chat, env, Ok(Input::discarded(history, proof)), handled)
    })
}

/// The answer to a Discard of one's own came. `proof` is null or has 32 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_discard_receipt(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    proof: In<u8>,
    handled: Out<u16>,
) -> ScStatus {
    guard(|| {
        let proof = if proof.get().is_some() { Some(proof.array()?) } else { None };
        handle(chat, env, Ok(Input::discard_receipt(proof)), handled)
    })
}

/// The transport accepted a transmission. `date_ms` is the server's date, or `SC_NO_TIME`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_carried(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    transmit_id: u64,
    date_ms: u64,
    handled: Out<u16>,
) -> ScStatus {
    guard(|| handle(chat, env, Ok(Input::carried(TransmitId(transmit_id), time(date_ms))), handled))
}

/// The transport refused a transmission: for good if `permanent` is not 0.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_refused(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    transmit_id: u64,
    permanent: u8,
    handled: Out<u16>,
) -> ScStatus {
    guard(|| {
        let id = TransmitId(transmit_id);
        let input = if permanent == 0 { Input::refused(id) } else { Input::refused_for_good(id) };
        handle(chat, env, Ok(input), handled)
    })
}

/// The server says that the peer has read up to `max_date_ms`, and when, or `SC_NO_TIME`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_peer_read(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    max_date_ms: u64,
    date_ms: u64,
    handled: Out<u16>,
) -> ScStatus {
    guard(|| handle(chat, env, Ok(Input::read(Timestamp::from_millis(max_date_ms), time(date_ms))), handled))
}

/// The server says that the peer is typing.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_peer_typing(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    handled: Out<u16>,
) -> ScStatus {
    guard(|| handle(chat, env, Ok(Input::Typing), handled))
}

/// Time has passed. Call it when the time of `sc_chat_timeout` has come; it does no harm at other times.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_handle_timeout(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>) -> ScStatus {
    guard(|| {
        call(chat, env, |chat, env| {
            chat.handle_timeout(env);
            Ok::<_, PeerFault>(())
        })
    })
}

/// Returns when `sc_chat_handle_timeout` is due, in milliseconds since 1970, or `SC_NO_TIME` for never.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_timeout(chat: Option<&ScChat>) -> u64 {
    chat.and_then(|chat| chat.chat.poll_timeout()).map_or(SC_NO_TIME, Timestamp::as_millis)
}
