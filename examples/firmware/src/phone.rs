//! One end of a chat: its link with records and files in memory, and the frames that it exchanges with the other end.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::error::Error;
use core::mem;

use secretchat::frame::{ChatTag, decode_one};
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::transfer::{Bounds, Link, MemoryFiles};
use secretchat::{Chat, Env, Event, StoreKey};

use crate::measure::step;

pub type Result<T> = core::result::Result<T, Box<dyn Error>>;
pub type MemoryLink = Link<MemoryStore, MemoryFiles>;

const TAG: ChatTag = ChatTag([1; 16]); // there is only one chat, so any tag will do
/// The parts of a file are this long, in bytes: a frame has to fit into [`Air`].
const PART: usize = 1024;

/// What carries one frame from one end to the other. A product has a radio here.
pub struct Air {
    buffer: [u8; 4096],
    len: usize,
}

impl Air {
    pub const fn new() -> Self {
        Self { buffer: [0; 4096], len: 0 }
    }

    pub fn frame(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

pub struct Phone {
    end: usize,
    link: MemoryLink,
    events: Vec<Event>,
}

impl Phone {
    /// Starts with a new chat.
    pub fn new(end: usize, chat: Chat, env: &mut Env<'_>) -> Result<Self> {
        Self::start(end, Driver::new(chat, MemoryStore::default()), MemoryFiles::default(), env)
    }

    /// Forgets everything except the records and the files, as a power failure does, and goes on.
    pub fn restart(self, key: &StoreKey, env: &mut Env<'_>) -> Result<Self> {
        let (driver, files) = self.link.into_parts();
        let (chat, store) = driver.into_parts();
        let id = chat.and_then(|chat| chat.id()).ok_or("a chat has records")?;
        Self::start(self.end, Driver::restore(store, id, key, None, env)?, files, env)
    }

    fn start(end: usize, driver: Driver<MemoryStore>, files: MemoryFiles, env: &mut Env<'_>) -> Result<Self> {
        let mut link = Link::new(TAG, driver, files, Bounds::default(), env.now)?.with_part_len(PART);
        link.connected(env);
        let mut phone = Self { end, link, events: Vec::new() };
        phone.settle(env)?;
        Ok(phone)
    }

    pub const fn link(&self) -> &MemoryLink {
        &self.link
    }

    /// Calls the link, and does what it asks for.
    pub fn call<R>(
        &mut self,
        env: &mut Env<'_>,
        call: impl FnOnce(&mut MemoryLink, &mut Env<'_>) -> Result<R>,
    ) -> Result<R> {
        step(self.end, || {
            let result = call(&mut self.link, env)?;
            self.settle(env)?;
            Ok(result)
        })
    }

    fn settle(&mut self, env: &mut Env<'_>) -> Result<()> {
        while let Some(action) = self.link.next_action(env)? {
            if let Action::Event(event) = action {
                self.events.push(event);
            }
        }
        Ok(())
    }

    /// Returns what has happened since the last call.
    pub fn events(&mut self) -> Vec<Event> {
        mem::take(&mut self.events)
    }

    /// Puts the next frame on the air. Returns `false` if there is none.
    pub fn speak(&mut self, air: &mut Air, env: &mut Env<'_>) -> Result<bool> {
        self.call(env, |link, env| {
            let frame = link.next_frame(env.now)?.unwrap_or_default();
            air.len = frame.len();
            air.buffer.get_mut(..frame.len()).ok_or("a frame is too long")?.copy_from_slice(&frame);
            Ok(!frame.is_empty())
        })
    }

    /// Hears what is on the air.
    pub fn hear(&mut self, air: &Air, env: &mut Env<'_>) -> Result<()> {
        self.call(env, |link, env| {
            let (tag, frame) = decode_one(air.frame())?;
            if tag == link.tag() {
                link.handle_frame(&frame, env)?;
            }
            Ok(())
        })
    }
}

/// Carries frames both ways until both ends are at rest.
pub fn talk(alice: &mut Phone, bob: &mut Phone, air: &mut Air, env: &mut Env<'_>) -> Result<()> {
    loop {
        let heard = carry(alice, bob, air, env)?;
        if !carry(bob, alice, air, env)? && !heard {
            return Ok(());
        }
    }
}

fn carry(from: &mut Phone, to: &mut Phone, air: &mut Air, env: &mut Env<'_>) -> Result<bool> {
    let mut any = false;
    while from.speak(air, env)? {
        to.hear(air, env)?;
        any = true;
    }
    Ok(any)
}
