//! The outcomes of the last calls, for support, without secrets.

use alloc::boxed::Box;
use alloc::string::ToString;

use crate::border::{Out, ScBytes};
use crate::buffer::ScBuffer;
use crate::chat::ScChat;
use crate::error::{Own, ScStatus, guard};

/// One outcome of the diagnosis.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScOutcome {
    /// The call that it came of, one of `SC_CAUSE_...`.
    pub cause: u16,
    /// How many times in a row.
    pub times: u8,
    /// The minute of the last time, in milliseconds since 1970.
    pub minute_ms: u64,
    /// Its name. It is always valid.
    pub name: ScBytes,
}

/// Makes the diagnosis as lines of text.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_diagnosis(chat: Option<&ScChat>, out: Out<Option<Box<ScBuffer>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.hand(ScBuffer::new(chat.ok_or(Own::Null)?.chat.diagnosis().to_string()));
        Ok(())
    })
}

/// Writes an outcome of the diagnosis by its number from 0. `SC_ERROR_VALUE` after the last.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_outcome(chat: Option<&ScChat>, number: usize, out: Out<ScOutcome>) -> ScStatus {
    guard(|| {
        out.check()?;
        let outcome = chat.ok_or(Own::Null)?.chat.diagnosis().outcomes().nth(number).ok_or(Own::Value)?;
        out.put(ScOutcome {
            cause: outcome.cause.code(),
            times: outcome.times,
            minute_ms: outcome.minute().as_millis(),
            name: ScBytes::of_text(Some(outcome.name)),
        });
        Ok(())
    })
}
