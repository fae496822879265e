//! Notifications of messages that nobody has handled yet.

use alloc::boxed::Box;
use core::fmt;

use secretchat::{Peek, Peeker};

use crate::border::{In, Out, ScBytes};
use crate::chat::ScChat;
use crate::config::store_key;
use crate::content::{ScEntity, ScPosition, Shown};
use crate::error::{Own, ScStatus, guard};
use crate::record::{ScRow, records};

/// The part of a message that a notification may show. The fields after `kind` count for `SC_PEEK_MESSAGE`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScPreview {
    /// One of `SC_PEEK_...`.
    pub kind: u16,
    /// The most that a notification shows, one of `SC_NOTIFICATION_...`.
    pub most: u16,
    /// Whether an earlier message has not come yet.
    pub is_early: u8,
    /// Whether it comes without a sound.
    pub is_silent: u8,
    /// Whether there is content to show: the fields below.
    pub has_content: u8,
    /// The id of the message.
    pub random_id: i64,
    /// Where it stands in the history.
    pub position: ScPosition,
    /// The text, or the caption of the medium.
    pub text: ScBytes,
    /// The entities of the text.
    pub entities: In<ScEntity>,
    /// How many entities there are.
    pub entity_count: usize,
    /// The name of the kind of medium, such as `photo`, or null.
    pub media: ScBytes,
}

/// Reads messages for notifications from the records of a chat, without changing it.
pub struct ScPeeker {
    peeker: Peeker,
    held: Peeked,
}

/// The last result, which the caller borrows from.
#[derive(Debug, Default)]
pub(crate) struct Peeked {
    peek: Option<Peek>,
    shown: Shown,
}

impl Peeked {
    fn show(&mut self, peek: Peek) -> ScPreview {
        let peek = &*self.peek.insert(peek);
        let none = ScPreview { kind: peek.code(), ..ScPreview::default() };
        let Peek::Message(preview) = peek else { return none };
        let told = ScPreview {
            most: preview.most.code(),
            is_early: preview.is_early.into(),
            is_silent: preview.silent.into(),
            random_id: preview.random_id.0,
            position: ScPosition::of(preview.position),
            ..none
        };
        let Some(content) = &preview.content else { return told };
        let (entities, entity_count) = self.shown.entities(&content.entities);
        ScPreview {
            has_content: 1,
            text: ScBytes::of_text(Some(&content.text)),
            entities,
            entity_count,
            media: ScBytes::of_text(content.media),
            ..told
        }
    }
}

/// Reads a message for a notification. Nothing changes: it is handled later. What `out` points to is valid until the
/// next `sc_chat_peek` of the chat.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_peek(chat: Option<&mut ScChat>, bytes: In<u8>, len: usize, out: Out<ScPreview>) -> ScStatus {
    guard(|| {
        out.check()?;
        let ScChat { chat, peeked, .. } = chat.ok_or(Own::Null)?;
        out.put(peeked.show(chat.peek(bytes.slice(len)?)?));
        Ok(())
    })
}

/// Creates a peeker from the records of a chat, while another process may use the chat itself. `chat_id` has 16 bytes,
/// `key` 32.
#[unsafe(no_mangle)]
pub extern "C" fn sc_peeker_new(
    chat_id: In<u8>,
    rows: In<ScRow>,
    row_count: usize,
    key: In<u8>,
    out: Out<Option<Box<ScPeeker>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let key = store_key(ScBytes::of(key.array::<32>()?))?.ok_or(Own::Length)?;
        let peeker = Peeker::new(&records(chat_id, rows.slice(row_count)?)?, &key)?;
        out.hand(ScPeeker { peeker, held: Peeked::default() });
        Ok(())
    })
}

/// Reads a message for a notification. What `out` points to is valid until the next call on this handle.
#[unsafe(no_mangle)]
pub extern "C" fn sc_peeker_peek(
    peeker: Option<&mut ScPeeker>,
    bytes: In<u8>,
    len: usize,
    out: Out<ScPreview>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let ScPeeker { peeker, held } = peeker.ok_or(Own::Null)?;
        out.put(held.show(peeker.peek(bytes.slice(len)?)?));
        Ok(())
    })
}

/// Returns the bytes of the host's own that the chat was configured with. They are valid as long as the peeker.
#[unsafe(no_mangle)]
pub extern "C" fn sc_peeker_host_data(peeker: Option<&ScPeeker>) -> ScBytes {
    peeker.map_or(ScBytes::NONE, |peeker| ScBytes::of(peeker.peeker.host_data()))
}

/// Frees a peeker, and wipes its keys.
#[unsafe(no_mangle)]
pub extern "C" fn sc_peeker_free(peeker: Option<Box<ScPeeker>>) {
    drop(peeker);
}

impl fmt::Debug for ScPeeker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.peeker.fmt(f)
    }
}
