//! A chat, and how it begins.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use secretchat::{Chat, Env, Invitation, Output, Records};

use crate::border::{In, Out, ScBytes};
use crate::config::{ScConfig, Setup, store_key};
use crate::env::ScEnv;
use crate::error::{Fault, Own, ScStatus, guard};
use crate::output::{Held, ScOutput};
use crate::peek::Peeked;
use crate::record::{ScCheckpoint, ScRow, records};

/// One end of a chat.
pub struct ScChat {
    pub(crate) chat: Chat,
    /// The last output, which the caller borrows from.
    pub(crate) held: Held,
    /// The last peek, which the caller borrows from.
    pub(crate) peeked: Peeked,
}

/// A request of the peer that the user has not answered yet.
pub struct ScInvitation {
    setup: Setup,
    public: Vec<u8>,
}

impl ScChat {
    pub(crate) fn new(chat: Chat) -> Self {
        Self { chat, held: Held::default(), peeked: Peeked::default() }
    }
}

/// Makes a call of a chat that needs the clocks and randomness.
pub(crate) fn call<R, E: Into<Fault>>(
    chat: Option<&mut ScChat>,
    env: Option<&mut ScEnv>,
    call: impl FnOnce(&mut Chat, &mut Env<'_>) -> Result<R, E>,
) -> Result<R, Fault> {
    let (chat, env) = (chat.ok_or(Own::Null)?, env.ok_or(Own::Null)?);
    env.lend(|env| call(&mut chat.chat, env)).map_err(Into::into)
}

/// Asks the peer for a chat. Take the outputs with `sc_chat_poll`: one of them is the request to carry.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_request(
    config: In<ScConfig>,
    env: Option<&mut ScEnv>,
    out: Out<Option<Box<ScChat>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let (setup, env) = (config.need()?.read()?, env.ok_or(Own::Null)?);
        out.hand(ScChat::new(env.lend(|env| Chat::request(setup.start(), env))?));
        Ok(())
    })
}

/// Checks a request of the peer: its public value, and the configuration that the chat would have.
#[unsafe(no_mangle)]
pub extern "C" fn sc_invitation_parse(
    public_value: In<u8>,
    public_len: usize,
    config: In<ScConfig>,
    out: Out<Option<Box<ScInvitation>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let (setup, public) = (config.need()?.read()?, public_value.slice(public_len)?);
        Invitation::parse(public, setup.start())?;
        out.hand(ScInvitation { setup, public: public.to_vec() });
        Ok(())
    })
}

/// Accepts an invitation. Free it afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn sc_invitation_accept(
    invitation: Option<&ScInvitation>,
    env: Option<&mut ScEnv>,
    out: Out<Option<Box<ScChat>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let (invitation, env) = (invitation.ok_or(Own::Null)?, env.ok_or(Own::Null)?);
        let parsed = Invitation::parse(&invitation.public, invitation.setup.start())?;
        out.hand(ScChat::new(env.lend(|env| parsed.accept(env))?));
        Ok(())
    })
}

/// Declines an invitation. The output is the Discard to carry. Free the invitation afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn sc_invitation_decline(invitation: Option<&ScInvitation>, out: Out<ScOutput>) -> ScStatus {
    guard(|| {
        out.check()?;
        let invitation = invitation.ok_or(Own::Null)?;
        let parsed = Invitation::parse(&invitation.public, invitation.setup.start())?;
        // A Discard without a proof has no bytes that the output could borrow.
        out.put(Held::default().show(Some(Output::Transmit(parsed.decline()))));
        Ok(())
    })
}

/// Frees an invitation.
#[unsafe(no_mangle)]
pub extern "C" fn sc_invitation_free(invitation: Option<Box<ScInvitation>>) {
    drop(invitation);
}

/// Restores a chat from its records after a restart.
///
/// `chat_id` has 16 bytes, `key` 32. `expected` is a checkpoint that the host kept elsewhere, or null: records that are
/// older are refused (`SC_STORE_ERROR_ROLLED_BACK`).
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_restore(
    chat_id: In<u8>,
    rows: In<ScRow>,
    row_count: usize,
    key: In<u8>,
    expected: In<ScCheckpoint>,
    env: Option<&mut ScEnv>,
    out: Out<Option<Box<ScChat>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let key = store_key(ScBytes::of(key.array::<32>()?))?.ok_or(Own::Length)?;
        let records: Records = records(chat_id, rows.slice(row_count)?)?;
        let expected = expected.get().map(ScCheckpoint::read);
        let env = env.ok_or(Own::Null)?;
        out.hand(ScChat::new(env.lend(|env| Chat::restore(&records, &key, expected, env))?));
        Ok(())
    })
}

/// Frees a chat, and wipes its keys. Its records stay.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_free(chat: Option<Box<ScChat>>) {
    drop(chat);
}

impl fmt::Debug for ScChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScChat").field(&self.chat).finish()
    }
}

impl fmt::Debug for ScInvitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScInvitation").field("setup", &self.setup).finish_non_exhaustive()
    }
}
