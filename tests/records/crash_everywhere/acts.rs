//! What the users do, and that their hosts repeat it until it is durable.

use secretchat::{ApiMisuse, CallError, Chat, ChatState, Env, RandomId, Timestamp, Ttl, TypingAction, Unavailable};

use super::drafts::{What, draft};
use super::end::flush;
use super::script::{Act, LAST};
use super::world::{Made, World};
use crate::support::host::is_among_ourselves;
use crate::support::model::{Cause, Model};

impl World {
    pub(crate) fn act(&mut self, end: usize, act: Act) {
        let Some(chat) = open(&self.chats[end]) else { return };
        let pick = |which: usize| {
            let which = if which == LAST { self.facts.made.len().checked_sub(1)? } else { which };
            self.facts.made.keys().nth(which.checked_rem(self.facts.made.len())?).copied()
        };
        let count = |world: &mut Self, name| *world.facts.acts.entry((end, name)).or_default() += 1;
        match act {
            Act::Write(what, seconds) => self.write(end, &[(what, seconds)]),
            Act::Album => self.write(end, &[(What::Photo, None), (What::Video(20), None), (What::Photo, None)]),
            Act::SetTtl(seconds) => {
                self.persistently(end, |chat, env| chat.set_ttl(Ttl::from_wire(seconds), env), |_| {}).unwrap();
                count(self, "TtlChanged");
            }
            Act::Read(which) => {
                let Some(id) = pick(which) else { return };
                let started = |model: &mut Model| model.start(id, Cause::Read);
                self.persistently(end, |chat, env| chat.mark_read(&[id], env).map(drop), started).unwrap();
            }
            Act::ReadUpToNow => {
                let now = Timestamp::from_millis(self.facts.now);
                let read = self.persistently(end, |chat, env| chat.mark_read_up_to(now, env), |_| {});
                assert!(matches!(read, Ok(()) | Err(CallError::Misuse(ApiMisuse::NotInProfile))), "{read:?}");
            }
            Act::Open(which) => {
                let Some(id) = pick(which) else { return };
                let before = self.crashes;
                let allowed = self.ends[end].model.may_open(id, self.facts.now);
                let started = |model: &mut Model| model.start(id, Cause::Opened);
                let opened = self.persistently(end, |chat, env| chat.open_view(id, env).map(drop), started);
                match (opened, allowed) {
                    (Ok(()), Some(true))
                    | (Err(CallError::Unavailable(Unavailable::Expired)), Some(false))
                    | (Err(CallError::Unavailable(Unavailable::NotTimed)), None) => {}
                    // A view that was lost with its process, or a life that ended by what the restart counted.
                    (Err(CallError::Unavailable(Unavailable::Expired | Unavailable::NotTimed)), Some(true)) => {
                        assert!(self.crashes > before);
                    }
                    other => panic!("{other:?}"),
                }
            }
            Act::CloseView(which) => {
                let Some(id) = pick(which) else { return };
                let closed = self.persistently(
                    end,
                    |chat, env| chat.close_view(id, env).map_err(CallError::from),
                    |model| model.close(id),
                );
                assert!(matches!(closed, Ok(()) | Err(CallError::Unavailable(Unavailable::NotTimed))), "{closed:?}");
            }
            Act::Screenshot => {
                self.persistently(end, |chat, env| chat.report_screenshot(&[], env), |_| {}).unwrap();
                count(self, "Screenshot");
            }
            Act::Type => {
                let inside = is_among_ourselves(chat.profile());
                self.persistently(end, |chat, env| chat.typing(TypingAction::Typing, env), |_| {}).unwrap();
                if inside {
                    count(self, "Typing");
                }
            }
            Act::Delete(which) => {
                let Some(id) = pick(which) else { return };
                self.ends[end].destroy(chat, |doomed| doomed == id, &self.facts.made);
                self.persistently(end, |chat, env| chat.delete(&[id], env).map(drop), |model| model.delete(id))
                    .unwrap();
            }
            Act::Flush => {
                self.ends[end].destroy(chat, |_| true, &self.facts.made);
                self.persistently(end, |chat, env| chat.flush_history(env).map(drop), flush).unwrap();
                count(self, "HistoryFlushed");
            }
            Act::Rekey => {
                let asked = self.persistently(end, Chat::rekey, |_| {});
                assert!(
                    matches!(asked, Ok(()) | Err(CallError::Unavailable(Unavailable::RekeyInProgress))),
                    "{asked:?}"
                );
            }
            Act::Acknowledge => self.persistently(end, Chat::acknowledge, |_| {}).unwrap(),
            Act::Close { history } => {
                let close = |chat: &mut Chat, env: &mut Env<'_>| {
                    chat.close(history, env);
                    Ok::<_, CallError>(())
                };
                self.persistently(end, close, |_| {}).unwrap();
            }
        }
    }

    fn write(&mut self, end: usize, messages: &[(What, Option<i32>)]) {
        let Some(chat) = open(&self.chats[end]) else { return };
        let (by, standing, profile) = (chat.role(), chat.ttl(), chat.profile().clone());
        let first = i64::try_from(self.facts.made.len()).unwrap() + 1;
        let made: Vec<_> = (first..)
            .map(RandomId)
            .zip(messages)
            .map(|(id, (what, seconds))| {
                let own_ttl = seconds.map(Ttl::from_wire);
                (id, Made { by, what: *what, own_ttl, sealed: own_ttl.unwrap_or(standing).to_wire() })
            })
            .collect();
        self.facts.made.extend(made.iter().copied());
        let add = |model: &mut Model| {
            made.iter().for_each(|(id, made)| model.add(*id, true, made.what.kind(), made.sealed));
        };
        let send = |chat: &mut Chat, env: &mut Env<'_>| {
            // A host of two stores learns from the chat whether its message was queued.
            if chat.holds(RandomId(first)) {
                return Ok(());
            }
            let drafts: Vec<_> = made.iter().map(|(id, made)| draft(made.what, *id, made.own_ttl, &profile)).collect();
            match &drafts[..] {
                [one] => chat.send(one, env).map(drop),
                album => chat.send_album(album, env).map(drop),
            }
        };
        self.persistently(end, send, add).unwrap();
    }
}

/// A chat whose user can do something.
fn open(chat: &Option<Chat>) -> Option<&Chat> {
    chat.as_ref().filter(|chat| chat.state() == ChatState::Ready)
}
