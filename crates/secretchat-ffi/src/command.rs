//! Calls for what the user does.

use alloc::vec;
use alloc::vec::Vec;

use secretchat::{Chat, Env, History, Layer, Notice, RandomId, Timestamp, TypingAction, Verification};
use zeroize::Zeroizing;

use crate::border::{In, Out};
use crate::chat::{ScChat, call};
use crate::config::{of_code, ttl};
use crate::draft::ScDraft;
use crate::env::ScEnv;
use crate::error::{Fault, Own, ScStatus, guard};

/// The longest secret that a chat exports.
const MAX_EXPORT_LEN: usize = 8_160;

/// The answer to an action that is done here: whether the peer will hear of it.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScNotice {
    /// One of `SC_NOTICE_...`.
    pub kind: u16,
    /// The limit that forbids it, if it was left out.
    pub error: ScStatus,
    /// The transmission that tells the peer, if it was queued.
    pub transmit_id: u64,
}

impl ScNotice {
    fn of(notice: Notice) -> Self {
        let (error, transmit_id) = match notice {
            Notice::Queued(id) => (0, id.0),
            Notice::LeftOut(limit) => (Fault::from(limit).0, 0),
            _ => (0, 0),
        };
        Self { kind: notice.code(), error, transmit_id }
    }
}

/// Makes a call that cannot fail.
fn act(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>, act: impl FnOnce(&mut Chat, &mut Env<'_>)) -> ScStatus {
    guard(|| {
        call(chat, env, |chat, env| {
            act(chat, env);
            Ok::<_, Fault>(())
        })
    })
}

/// Makes a call that says whether the peer will hear of it.
fn noticed(out: Out<ScNotice>, call: impl FnOnce() -> Result<Notice, Fault>) -> ScStatus {
    guard(|| {
        out.put(ScNotice::of(call()?));
        Ok(())
    })
}

fn ids(ids: In<i64>, count: usize) -> Result<Vec<RandomId>, Fault> {
    Ok(ids.slice(count)?.iter().map(|id| RandomId(*id)).collect())
}

/// Sends a message. `random_id` may be null; it gets the id of the message.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_send(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    draft: In<ScDraft>,
    random_id: Out<i64>,
) -> ScStatus {
    guard(|| {
        let chat = chat.ok_or(Own::Null)?;
        let draft = draft.need()?.read(chat.chat.file_form())?;
        random_id.put(call(Some(chat), env, |chat, env| chat.send(&draft, env))?.0);
        Ok(())
    })
}

/// Sends 2 to 10 photos, videos or files as an album. `random_ids` may be null; it gets `count` ids.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_send_album(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    drafts: In<ScDraft>,
    count: usize,
    random_ids: Out<i64>,
) -> ScStatus {
    guard(|| {
        let chat = chat.ok_or(Own::Null)?;
        let form = chat.chat.file_form();
        let drafts = drafts.slice(count)?.iter().map(|draft| draft.read(form)).collect::<Result<Vec<_>, _>>()?;
        let sent = call(Some(chat), env, |chat, env| chat.send_album(&drafts, env))?;
        random_ids.put_all(&sent.iter().map(|id| id.0).collect::<Vec<_>>());
        Ok(())
    })
}

/// Sets the timer of the chat, in seconds; 0 for none, or `SC_TTL_VIEW_ONCE`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_set_ttl(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>, seconds: u32) -> ScStatus {
    guard(|| {
        let ttl = ttl(seconds)?;
        call(chat, env, |chat, env| chat.set_ttl(ttl, env))
    })
}

/// The user has read these messages. `notice` may be null.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_mark_read(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    random_ids: In<i64>,
    count: usize,
    notice: Out<ScNotice>,
) -> ScStatus {
    noticed(notice, || {
        let ids = ids(random_ids, count)?;
        call(chat, env, |chat, env| chat.mark_read(&ids, env))
    })
}

/// The user has read all messages up to this date. Telegram only.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_mark_read_up_to(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    max_date_ms: u64,
) -> ScStatus {
    guard(|| call(chat, env, |chat, env| chat.mark_read_up_to(Timestamp::from_millis(max_date_ms), env)))
}

/// The user opens a message with a timer. The event `SC_EVENT_OPENED` follows. `notice` may be null.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_open_view(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    random_id: i64,
    notice: Out<ScNotice>,
) -> ScStatus {
    noticed(notice, || call(chat, env, |chat, env| chat.open_view(RandomId(random_id), env)))
}

/// The user closes a message with a timer.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_close_view(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>, random_id: i64) -> ScStatus {
    guard(|| call(chat, env, |chat, env| chat.close_view(RandomId(random_id), env)))
}

/// The user took a screenshot that shows these messages.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_report_screenshot(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    random_ids: In<i64>,
    count: usize,
) -> ScStatus {
    guard(|| {
        let ids = ids(random_ids, count)?;
        call(chat, env, |chat, env| chat.report_screenshot(&ids, env))
    })
}

/// Deletes messages at both ends. `notice` may be null.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_delete(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    random_ids: In<i64>,
    count: usize,
    notice: Out<ScNotice>,
) -> ScStatus {
    noticed(notice, || {
        let ids = ids(random_ids, count)?;
        call(chat, env, |chat, env| chat.delete(&ids, env))
    })
}

/// Deletes all messages at both ends. `notice` may be null.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_flush_history(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    notice: Out<ScNotice>,
) -> ScStatus {
    noticed(notice, || call(chat, env, Chat::flush_history))
}

/// Tells the peer what the user is busy with, one of `SC_TYPING_ACTION_...`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_typing(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>, action: u16) -> ScStatus {
    guard(|| {
        let action = of_code(TypingAction::ALL, TypingAction::code, action)?;
        call(chat, env, |chat, env| chat.typing(action, env))
    })
}

/// Tells the peer that this end reads a higher layer now. Telegram only.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_announce_layer(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>, layer: i32) -> ScStatus {
    guard(|| call(chat, env, |chat, env| chat.announce_layer(Layer(layer), env)))
}

/// Asks for a new key.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_rekey(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>) -> ScStatus {
    guard(|| call(chat, env, Chat::rekey))
}

/// Sends an acknowledgement, if one is owed.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_acknowledge(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>) -> ScStatus {
    guard(|| call(chat, env, Chat::acknowledge))
}

/// Gives everything as outputs again that was not acknowledged: after a restart, and when a connection is back.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_retransmit(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>) -> ScStatus {
    act(chat, env, Chat::retransmit)
}

/// Gives the Accept as an output again, when the peer repeated its request.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_accept_again(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>) -> ScStatus {
    act(chat, env, Chat::accept_again)
}

/// Ends the chat. `history` is one of `SC_HISTORY_...`: whether the peer should delete what it has.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_close(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>, history: u16) -> ScStatus {
    guard(|| {
        let history = of_code(History::ALL, History::code, history)?;
        call(chat, env, |chat, env| {
            chat.close(history, env);
            Ok::<_, Fault>(())
        })
    })
}

/// The users compared this verification value or check, of 36 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_mark_verified(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>, value: In<u8>) -> ScStatus {
    guard(|| {
        let value = Verification::from_bytes(*value.array()?);
        call(chat, env, |chat, env| chat.mark_verified(value, env))
    })
}

/// This end scanned the code of the other end.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_mark_scanned(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    code: In<u8>,
    len: usize,
) -> ScStatus {
    guard(|| {
        let code = code.text(len)?;
        call(chat, env, |chat, env| chat.mark_scanned(code, env))
    })
}

/// Takes the mark away that the users compared a value.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_clear_verified(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>) -> ScStatus {
    act(chat, env, Chat::clear_verified)
}

/// Writes a secret of `secret_len` bytes, 1 to 8,160, for a channel of the host's own, such as a call. Both ends get the
/// same one for the same label, context and length. **Wipe your copy.**
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_export(
    chat: Option<&ScChat>,
    label: In<u8>,
    label_len: usize,
    context: In<u8>,
    context_len: usize,
    secret: Out<u8>,
    secret_len: usize,
) -> ScStatus {
    guard(|| {
        secret.check()?;
        let (label, context) = (label.slice(label_len)?, context.slice(context_len)?);
        let chat = &chat.ok_or(Own::Null)?.chat;
        // A longer one is refused all the same, without its memory.
        let mut made = Zeroizing::new(vec![0; secret_len.min(MAX_EXPORT_LEN + 1)]);
        chat.export_secret_into(label, context, &mut made)?;
        secret.put_all(&made);
        Ok(())
    })
}

/// Forgets what `sc_chat_export` derives secrets from, until the next key.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_forget_exporter(chat: Option<&mut ScChat>, env: Option<&mut ScEnv>) -> ScStatus {
    act(chat, env, Chat::forget_exporter)
}
