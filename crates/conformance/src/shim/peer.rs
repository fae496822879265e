//! One chat and its host, which does only what the lines say.

use std::time::Duration;

use recordings::{Scripted, Seeded};
use secretchat::{Chat, Env, Invitation, Monotonic, Output, Start, Timestamp};
use serde_json::{Value, json};

use super::call::call;
use super::disk::Disk;
use super::failure::{Failure, Misuse};
use super::setup::{Setup, store_key};
use super::state::{diagnosis, state};
use crate::codec::{self, Fields};

#[derive(Debug)]
pub(crate) struct Peer {
    setup: Setup,
    rng: Scripted,
    now: Timestamp,
    /// The monotonic clock, if a `now` command set it.
    monotonic: Option<Monotonic>,
    invitation: Option<Invitation>,
    chat: Option<Chat>,
    disk: Disk,
    /// How many outputs of the next command are carried out before a crash, if it ends in one.
    fuse: Option<usize>,
}

impl Peer {
    /// Obeys `config`.
    pub(crate) fn set_up(mut fields: Fields) -> Result<Self, Failure> {
        let now = fields.need("now")?;
        let seed = Seeded::of(&fields.need::<Vec<u8>>("seed")?);
        let mut rng = Scripted::with(fields.or_default::<Vec<Vec<u8>>>("draws")?, seed);
        let setup = Setup::read(fields, &mut rng)?;
        Ok(Self { setup, rng, now, monotonic: None, invitation: None, chat: None, disk: Disk::default(), fuse: None })
    }

    /// Obeys every other command. Adds its outputs to `lines` and returns its result.
    pub(crate) fn obey(&mut self, command: &str, fields: Fields, lines: &mut Vec<Value>) -> Result<Value, Failure> {
        let called = match command {
            // These do not call the chat.
            "invitation" => return self.invite(fields),
            "decline" => return self.decline(fields, lines),
            "state" => {
                fields.end()?;
                return Ok(state(self.chat.as_ref().ok_or(Misuse::NoChat)?));
            }
            "position" => {
                let random_id = fields.only("id")?;
                let position = self.chat.as_ref().ok_or(Misuse::NoChat)?.position(random_id);
                return Ok(json!(position.map(codec::position)));
            }
            "peek" => {
                let bytes: Vec<u8> = fields.only("bytes")?;
                return Ok(codec::peek(&self.chat.as_ref().ok_or(Misuse::NoChat)?.peek(&bytes)?));
            }
            "diagnosis" => {
                fields.end()?;
                return Ok(diagnosis(self.chat.as_ref().ok_or(Misuse::NoChat)?));
            }
            "crash_after" => {
                self.fuse = Some(fields.only("outputs")?);
                return Ok(Value::Null);
            }
            "request" => self.request(fields),
            "accept" => self.accept(fields),
            "now" => self.tick(fields),
            "restart" => self.restart(fields),
            _ => {
                let chat = self.chat.as_mut().ok_or(Misuse::NoChat);
                let env = &mut Env::new(self.now, &mut self.rng).with_monotonic(self.monotonic);
                call(command, fields, chat, self.setup.profile(), env)
            }
        };
        self.finish(called, lines)
    }

    fn invite(&mut self, fields: Fields) -> Result<Value, Failure> {
        let public: Vec<u8> = fields.only("public")?;
        self.invitation = Some(Invitation::parse(&public, self.start_of_new()?)?);
        Ok(Value::Null)
    }

    fn decline(&mut self, fields: Fields, lines: &mut Vec<Value>) -> Result<Value, Failure> {
        fields.end()?;
        let invitation = self.invitation.take().ok_or(Misuse::NoInvitation)?;
        lines.push(codec::transmit(&invitation.decline()));
        Ok(Value::Null)
    }

    fn request(&mut self, fields: Fields) -> Result<Value, Failure> {
        fields.end()?;
        let start = self.start_of_new()?;
        let chat = Chat::request(start, &mut Env::new(self.now, &mut self.rng).with_monotonic(self.monotonic))?;
        self.host(chat);
        Ok(Value::Null)
    }

    fn accept(&mut self, fields: Fields) -> Result<Value, Failure> {
        fields.end()?;
        let invitation = self.invitation.take().ok_or(Misuse::NoInvitation)?;
        let chat = invitation.accept(&mut Env::new(self.now, &mut self.rng).with_monotonic(self.monotonic))?;
        self.host(chat);
        Ok(Value::Null)
    }

    /// Obeys `now`.
    fn tick(&mut self, mut fields: Fields) -> Result<Value, Failure> {
        let (now, monotonic) = (fields.need("now")?, fields.get("monotonic")?);
        let boot = fields.or_default::<u64>("boot")?;
        fields.end()?;
        self.now = now;
        self.monotonic = monotonic.map(|millis| Monotonic::new(boot.into(), Duration::from_millis(millis)));
        if let Some(chat) = &mut self.chat {
            chat.handle_timeout(&mut Env::new(self.now, &mut self.rng).with_monotonic(self.monotonic));
        }
        Ok(Value::Null)
    }

    fn restart(&mut self, mut fields: Fields) -> Result<Value, Failure> {
        let (dropped, expect) = (fields.or_default("drop_batches")?, fields.or_default("expect_checkpoint")?);
        fields.end()?;
        self.restore(dropped, expect)?;
        Ok(Value::Null)
    }

    /// Simulates that the process dies and starts again. If this fails, the disk stays as it is.
    fn restore(&mut self, dropped: usize, expect_checkpoint: bool) -> Result<(), Failure> {
        (self.chat, self.invitation) = (None, None);
        let expected = self.disk.checkpoint().filter(|_| expect_checkpoint);
        let env = &mut Env::new(self.now, &mut self.rng).with_monotonic(self.monotonic);
        self.chat = Some(Chat::restore(&self.disk.records(dropped), &store_key(), expected, env)?);
        self.disk.forget(dropped);
        Ok(())
    }

    /// Takes the outputs: all of them, or those before the crash and then those of the restored chat.
    fn finish(&mut self, called: Result<Value, Failure>, lines: &mut Vec<Value>) -> Result<Value, Failure> {
        if called.as_ref().is_err_and(Failure::is_of_the_line) {
            return called;
        }
        let mut called = called;
        if let Some(outputs) = self.fuse.take() {
            self.drain(outputs, lines);
            self.restore(0, false)?;
            called = called.map(|_lost| json!("crashed"));
        }
        let done = called?;
        self.drain(usize::MAX, lines);
        if let Some(chat) = &self.chat {
            lines.push(codec::timeout(chat.poll_timeout()));
        }
        Ok(done)
    }

    /// Takes at most `count` outputs. Each batch is written before the next output is taken.
    fn drain(&mut self, count: usize, lines: &mut Vec<Value>) {
        let Some(chat) = &mut self.chat else { return };
        for output in std::iter::from_fn(|| chat.poll_output()).take(count) {
            lines.push(codec::output(&output));
            if let Output::Persist(batch) = output {
                self.disk.write(batch);
            }
        }
    }

    fn host(&mut self, chat: Chat) {
        (self.chat, self.disk) = (Some(chat), Disk::default());
    }

    fn start_of_new(&self) -> Result<Start, Failure> {
        if self.chat.is_some() { Err(Misuse::ChatExists.into()) } else { Ok(self.setup.start()) }
    }
}
