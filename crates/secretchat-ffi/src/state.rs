//! The state of a chat.

use alloc::string::ToString;

use secretchat::{ChatState, RandomId, RekeyState};

use crate::border::{Out, ScBytes};
use crate::buffer::ScBuffer;
use crate::chat::ScChat;
use crate::content::ScPosition;
use crate::error::{Own, ScStatus, guard};
use crate::input::sc_chat_timeout;
use crate::record::ScCheckpoint;
use alloc::boxed::Box;

/// The state of a chat, without secrets.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ScState {
    /// One of `SC_CHAT_STATE_...`.
    pub state: u16,
    /// The reason why it is closed, one of `SC_CLOSE_REASON_...` or `SC_VIOLATION_...`.
    pub reason: u16,
    /// One of `SC_ROLE_...`.
    pub role: u16,
    /// One of `SC_REKEY_STATE_...`.
    pub rekey: u16,
    /// Whether `id` is known.
    pub has_id: u8,
    /// Whether `key_fingerprint` is known.
    pub has_key_fingerprint: u8,
    /// Whether `verification` is known.
    pub has_verification: u8,
    /// Whether `check` is known.
    pub has_check: u8,
    /// Whether the users compared a value.
    pub is_verified: u8,
    /// Whether it was the check, which `verified_check` numbers.
    pub has_verified_check: u8,
    /// Whether it keeps records.
    pub has_checkpoint: u8,
    /// Whether `discard_receipt` is what to answer the peer's Discard with.
    pub has_discard_receipt: u8,
    /// Whether it owes the peer an acknowledgement.
    pub owes_acknowledgement: u8,
    /// Whether it waits for the transport.
    pub awaits_transport: u8,
    /// Its id, which its records have.
    pub id: [u8; 16],
    /// The verification value of the chat.
    pub verification: [u8; 36],
    /// The verification value of the current key.
    pub check: [u8; 36],
    /// The answer to the peer's Discard.
    pub discard_receipt: [u8; 32],
    /// The fingerprint of the current key.
    pub key_fingerprint: i64,
    /// The exchange that is in progress, or 0.
    pub exchange_id: i64,
    /// The fingerprint of the next key, with `SC_REKEY_STATE_ACCEPTED`.
    pub next_fingerprint: i64,
    /// The check that the users compared.
    pub verified_check: u32,
    /// The layer of this end.
    pub own_layer: i32,
    /// The layer of the peer.
    pub peer_layer: i32,
    /// The timer of the chat in seconds: 0 for none, or `SC_TTL_VIEW_ONCE`.
    pub ttl: u32,
    /// How many keys were exchanged after the first.
    pub rekeys: u32,
    /// How many messages were sent, service messages included.
    pub sent: u32,
    /// How many of them the peer has acknowledged.
    pub acknowledged: u32,
    /// How many messages came.
    pub received: u32,
    /// The checkpoint of its records.
    pub checkpoint: ScCheckpoint,
    /// When it wants to hear of the time, or `SC_NO_TIME`.
    pub timeout_ms: u64,
}

/// Writes the state of a chat.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_state(chat: Option<&ScChat>, out: Out<ScState>) -> ScStatus {
    guard(|| {
        out.check()?;
        let owner = chat.ok_or(Own::Null)?;
        let chat = &owner.chat;
        let (rekey, counters, verified) = (chat.rekey_state(), chat.counters(), chat.verified());
        let next = if let RekeyState::Accepted { fingerprint, .. } = rekey { fingerprint.to_long() } else { 0 };
        let reason = if let ChatState::Closed(reason) = chat.state() { reason.code() } else { 0 };
        let verified_check = verified.as_ref().and_then(|verified| verified.check);
        let bytes = |value: Option<secretchat::Verification>| value.map_or([0; 36], secretchat::Verification::to_bytes);
        out.put(ScState {
            state: chat.state().code(),
            reason,
            role: chat.role().code(),
            rekey: rekey.code(),
            has_id: chat.id().is_some().into(),
            has_key_fingerprint: chat.key_fingerprint().is_some().into(),
            has_verification: chat.verification().is_some().into(),
            has_check: chat.check().is_some().into(),
            is_verified: verified.is_some().into(),
            has_verified_check: verified_check.is_some().into(),
            has_checkpoint: chat.checkpoint().is_some().into(),
            has_discard_receipt: chat.discard_receipt().is_some().into(),
            owes_acknowledgement: chat.owes_acknowledgement().into(),
            awaits_transport: chat.awaits_transport().into(),
            id: chat.id().map_or([0; 16], |id| id.0),
            verification: bytes(chat.verification()),
            check: bytes(chat.check()),
            discard_receipt: chat.discard_receipt().unwrap_or_default(),
            key_fingerprint: chat.key_fingerprint().map_or(0, secretchat::KeyFingerprint::to_long),
            exchange_id: rekey.exchange_id().map_or(0, |id| id.0),
            next_fingerprint: next,
            verified_check: verified_check.unwrap_or_default(),
            own_layer: chat.own_layer().0,
            peer_layer: chat.peer_layer().0,
            ttl: chat.ttl().to_wire().unsigned_abs(),
            rekeys: chat.rekeys(),
            sent: counters.sent,
            acknowledged: counters.acknowledged,
            received: counters.received,
            checkpoint: ScCheckpoint::of_some(chat.checkpoint()),
            timeout_ms: sc_chat_timeout(Some(owner)),
        });
        Ok(())
    })
}

/// Returns the profile of a chat, one of `SC_PROFILE_...`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_profile(chat: Option<&ScChat>) -> u16 {
    use crate::config::{SC_PROFILE_HYBRID, SC_PROFILE_TELEGRAM, SC_PROFILE_X25519};
    match chat.map(|chat| chat.chat.profile()) {
        Some(secretchat::Profile::Telegram { .. }) => SC_PROFILE_TELEGRAM,
        Some(secretchat::Profile::X25519) => SC_PROFILE_X25519,
        Some(secretchat::Profile::X25519MlKem768) => SC_PROFILE_HYBRID,
        _ => 0,
    }
}

/// Returns the bytes of the host's own that the chat was configured with. They are valid as long as the chat.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_host_data(chat: Option<&ScChat>) -> ScBytes {
    chat.map_or(ScBytes::NONE, |chat| ScBytes::of(chat.chat.host_data()))
}

/// Writes where a message of one's own stands that is not acknowledged. `SC_ERROR_VALUE` if there is no such message.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_position(chat: Option<&ScChat>, random_id: i64, out: Out<ScPosition>) -> ScStatus {
    guard(|| {
        out.check()?;
        let position = chat.ok_or(Own::Null)?.chat.position(RandomId(random_id)).ok_or(Own::Value)?;
        out.put(ScPosition::of(position));
        Ok(())
    })
}

/// Returns whether the chat keeps a message of the peer with a timer: 1 or 0.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_holds(chat: Option<&ScChat>, random_id: i64) -> u8 {
    chat.is_some_and(|chat| chat.chat.holds(RandomId(random_id))).into()
}

/// Returns when a message with a timer ends, in milliseconds since 1970, or `SC_NO_TIME`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_deadline(chat: Option<&ScChat>, random_id: i64) -> u64 {
    let deadline = chat.and_then(|chat| chat.chat.deadline(RandomId(random_id)));
    deadline.map_or(crate::input::SC_NO_TIME, secretchat::Timestamp::as_millis)
}

/// Returns the host's name of the file of a message that the chat keeps, or null. It is valid until the next call of the
/// chat.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_file_of(chat: Option<&ScChat>, random_id: i64) -> ScBytes {
    ScBytes::of_some(chat.and_then(|chat| chat.chat.file_of(RandomId(random_id))))
}

/// Returns the host's name of a file whose message is not acknowledged, by its number from 0; null after the last. It is
/// valid until the next call of the chat.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_unacknowledged_file(chat: Option<&ScChat>, number: usize) -> ScBytes {
    ScBytes::of_some(chat.and_then(|chat| chat.chat.unacknowledged_files().nth(number)))
}

/// Makes the code that the other end scans to compare this chat: a line of text.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_scan_code(chat: Option<&ScChat>, out: Out<Option<Box<ScBuffer>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        let code = chat.ok_or(Own::Null)?.chat.scan_code().ok_or(secretchat::Unavailable::NotReady)?;
        out.hand(ScBuffer::new(code.to_string()));
        Ok(())
    })
}
