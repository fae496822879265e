//! One phone: the model of a host around a [`Driver`].
//!
//! 1. **Start**: restore the chat from its records, or ask for one ([`Phone::start`]).
//! 2. **Feed** it frames that arrive ([`Phone::hear`]; a message only when its file is here), messages that the user writes
//!    ([`Phone::write`]) or opens ([`Phone::open`]), and time ([`Phone::tick`]). Messages for which the chat has no room
//!    wait their turn ([`Phone::flush`]).
//! 3. **Act**: take the actions until there are none ([`Phone::act`]). The driver writes the chat's batch before anything
//!    comes out that depends on it. Rows of our own are added while an event is handled. A row in one transaction with the
//!    batch is there exactly once. Files go to disk **before** the batch: after a crash the event comes again with the same
//!    id, and the row is found.
//! 4. **Carry** frames when the link has room ([`Phone::next_frame`]).
//! 5. **Sleep** until something arrives or [`Phone::poll_timeout`], then go to 2.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use secretchat::frame::{ChatTag, FileId, Frame};
use secretchat::media::FileForm;
use secretchat::store::{Action, Driver, Timing};
use secretchat::transfer::{Bounds, FileReceiver, FileSender, Heard, Step};
use secretchat::{
    Chat, Checkpoint, Draft, Event, Handled, Invitation, Limits, PeerFault, RandomId, Start, StoreKey, Timestamp,
};

use super::Result;
use super::cli::Pace;
use super::copies::Copies;
use super::desk::{Desk, Tray};
use super::disk::At;
use super::journal::Journal;
use super::os::{Os, now};
use super::profile::Profile;
use super::rows::Row;
use super::say::{complain, say};
use super::shelf::Shelf;
use super::view::View;

/// Returns the driver's timing. The link answers at once, so this side may also do so.
fn timing() -> Timing {
    let mut timing = Timing::default();
    timing.acknowledge_after = Duration::from_millis(10);
    timing.retransmit_after = Duration::from_secs(3);
    timing.retransmit_at_most = Duration::from_secs(60);
    timing.discard_at_most = Duration::from_secs(60);
    timing
}

pub(crate) struct Settings {
    pub(crate) name: &'static str,
    pub(crate) profile: Profile,
    /// The ids of the two ends, the same on both phones.
    pub(crate) local_id: &'static str,
    pub(crate) peer_id: &'static str,
    pub(crate) rekey_every: Option<u32>,
    pub(crate) outbox: Option<u32>,
    pub(crate) view_once: bool,
    pub(crate) pace: Pace,
}

pub(crate) struct Phone<S: Shelf> {
    pub(crate) settings: Settings,
    pub(crate) os: Os,
    /// The store, until there is a chat.
    store: Option<S>,
    pub(crate) driver: Option<Driver<S>>,
    pub(crate) key: [u8; 32],
    pub(crate) journal: Journal,
    pub(crate) desk: Desk,
    /// Messages or albums that the user has written and the chat has not taken yet.
    pub(crate) to_send: VecDeque<Vec<Draft>>,
    /// The encrypted files of messages that the peer has not acknowledged, as far as this process sent them.
    pub(crate) files: HashMap<RandomId, FileId>,
    /// The files that the peer has, until the chat's batch is written.
    pub(crate) delivered: Vec<FileId>,
    /// Frames that only wait for the link.
    pub(crate) replies: VecDeque<Vec<u8>>,
    /// Outgoing files, and the messages that wait for them.
    pub(crate) sender: FileSender,
    /// Incoming files, and the messages that wait for them.
    pub(crate) receiver: FileReceiver,
    /// The messages that are being viewed.
    pub(crate) views: Vec<View>,
    /// Records of messages with a timer.
    pub(crate) copies: Copies,
    /// When something arrived last.
    pub(crate) heard: Timestamp,
    /// The number of added rows.
    rows: u64,
}

/// # 1. Start
impl<S: Shelf> Phone<S> {
    pub(crate) fn new(settings: Settings, os: Os, store: S, key: [u8; 32], journal: Journal, desk: Desk) -> Self {
        Self {
            settings,
            os,
            store: Some(store),
            driver: None,
            key,
            journal,
            desk,
            to_send: VecDeque::new(),
            files: HashMap::new(),
            delivered: Vec::new(),
            replies: VecDeque::new(),
            sender: FileSender::new(),
            receiver: FileReceiver::new(Bounds::default()),
            views: Vec::new(),
            copies: Copies::default(),
            heard: now(),
            rows: 0,
        }
    }

    /// Continues the chat of the store. If there is none, the initiator requests a chat and the other phone waits.
    pub(crate) fn start(&mut self, begins: bool) -> Result<()> {
        let home = self.desk.home.clone();
        let chat = self.shelf()?.chats().at("read the store in", &home)?.first().copied();
        let (name, home) = (self.settings.name, &home);
        if chat.is_none() && self.journal.checkpoint().is_some() {
            return Err(format!("the records of {name}'s chat are gone from {}", home.display()).into());
        }
        if chat.is_some() && self.journal.tag().is_none() {
            return Err(
                format!("{name}'s list of messages is gone from {}; the records are there", home.display()).into()
            );
        }
        if chat.is_none() && begins && self.journal.tag().is_none() {
            let tag = ChatTag::random(self.os.env().rng);
            self.add(Row::Tag(tag))?;
        }
        let Some(store) = self.store.take() else { return Ok(()) };
        self.driver = match chat {
            Some(chat) => {
                // This also queues again what the peer may lack.
                let key = StoreKey::new(self.key);
                let restored = Driver::restore(store, chat, &key, self.journal.checkpoint(), &mut self.os.env());
                Some(restored.at("go on with the chat in", home)?)
            }
            None if begins => {
                let chat = Chat::request(self.config()?, &mut self.os.env())?;
                Some(Driver::new(chat, store))
            }
            None => {
                self.store = Some(store);
                None
            }
        };
        self.driver = self.driver.take().map(|driver| driver.with_timing(timing()));
        self.desk.restore(&mut self.receiver)?;
        self.act()
    }

    fn config(&self) -> Result<Start> {
        let Settings { profile, local_id, peer_id, rekey_every, outbox, view_once, .. } = self.settings;
        let mut config = profile.config(local_id, peer_id)?.with_rekey(profile.rekey_policy(rekey_every));
        let mut limits = Limits::default();
        limits.outbox_messages = outbox.unwrap_or(limits.outbox_messages);
        config = config.with_limits(limits);
        if view_once {
            config = config.with_view_once();
        }
        Ok(config.with_store(StoreKey::new(self.key)))
    }

    pub(crate) fn chat(&self) -> Option<&Chat> {
        self.driver.as_ref().map(Driver::chat)
    }

    /// Returns the form of the files in this chat.
    pub(crate) fn file_form(&self) -> Result<FileForm> {
        Ok(self.chat().map(Chat::file_form).ok_or("there is no chat yet")?)
    }
}

/// # 2. Feed
impl<S: Shelf> Phone<S> {
    /// Takes a frame that arrived. Nothing in it can be trusted; only the chat knows what is authentic.
    pub(crate) fn hear(&mut self, tag: ChatTag, frame: Frame<'_>) -> Result<()> {
        if let (Frame::Request { public }, None) = (&frame, &self.driver) {
            return self.invited(tag, public);
        }
        let (Some(driver), true) = (&mut self.driver, self.journal.tag() == Some(tag)) else { return Ok(()) };
        self.heard = now();
        let (desk, journal) = (&self.desk, &self.journal);
        if !self.sender.hear(&frame, |file| desk.leaving(file)) {
            let kept = |file| journal.has_file(file) || desk.has(Tray::Incoming, file);
            match self.receiver.hear(&frame, now(), kept) {
                Heard::Write(part) => desk.write_part(&part, &mut self.receiver)?,
                Heard::Pass(frame) => {
                    let handled = driver.handle_frame(&frame, &mut self.os.env());
                    self.tell_faults(handled);
                }
                Heard::Nothing => {}
            }
        }
        self.go_on()
    }

    /// Carries out the steps of incoming files, then the actions of the chat. A message goes to the chat when its file is
    /// here, and the file is ours before the chat's batch is written.
    fn go_on(&mut self) -> Result<()> {
        while let Some(step) = self.receiver.next(now()) {
            match step {
                Step::Send(reply) => self.reply(&reply.frame())?,
                Step::Remove(file) => self.desk.give_up(file)?,
                Step::Message(message) => {
                    let Some(driver) = &mut self.driver else { continue };
                    let handled = driver.handle_message(&message, &mut self.os.env());
                    if self.receiver.handled(&message, &handled) {
                        self.desk.take(message.file())?;
                    }
                    self.tell_faults(handled);
                    self.act()?;
                }
            }
        }
        self.act()
    }

    fn tell_faults(&self, handled: Result<Handled, PeerFault>) {
        match handled {
            // A repeat from before the last new key: the message has already arrived, and its key is gone.
            Ok(_) | Err(PeerFault::UnknownKey) => {}
            // Nothing has changed. The chat goes on, whoever sent this.
            Err(fault) => complain(format_args!("{} drops what arrived: {fault}", self.settings.name)),
        }
    }

    /// Answers a request for a chat. A real app asks its user; this one always accepts.
    fn invited(&mut self, tag: ChatTag, public: &[u8]) -> Result<()> {
        let invitation = match Invitation::parse(public, self.config()?) {
            Ok(invitation) => invitation,
            Err(fault) => {
                complain(format_args!("{} drops an invitation: {fault}", self.settings.name));
                return Ok(());
            }
        };
        if self.journal.tag().is_none() {
            self.add(Row::Tag(tag))?;
        }
        let chat = invitation.accept(&mut self.os.env())?;
        let Some(store) = self.store.take() else { return Ok(()) };
        self.driver = Some(Driver::new(chat, store).with_timing(timing()));
        self.act()
    }

    /// Lets the chat do what is due.
    pub(crate) fn tick(&mut self) -> Result<()> {
        self.count_down()?;
        self.flush()?;
        let Some(driver) = &mut self.driver else { return Ok(()) };
        if driver.poll_timeout().is_some_and(|at| at <= now()) {
            driver.handle_timeout(&mut self.os.env())?;
        }
        self.go_on()
    }
}

/// # 3. Act
impl<S: Shelf> Phone<S> {
    pub(crate) fn act(&mut self) -> Result<()> {
        while let Some(driver) = &mut self.driver {
            // This call tells the driver that we have handled the last event: it now writes its batch.
            let Some(action) = driver.next_action().at("go on with the chat in", &self.desk.home)? else {
                self.commit()?;
                return self.remove_delivered();
            };
            self.settings.pace.step();
            match action {
                Action::Event(event) => self.happened(event)?,
                Action::Transmit(transmit) => self.enqueue(transmit)?,
                Action::Receipt { id, proof } => self.reply(&Frame::Receipt { transmit_id: id, proof })?,
                Action::Checkpoint(checkpoint) => self.note(checkpoint)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn happened(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Message(message) => self.keep(*message),
            Event::Acknowledged { random_ids, .. } => random_ids.into_iter().try_for_each(|id| self.acknowledged(id)),
            Event::Opened { random_id, lease, deadline, .. } => self.opened(random_id, lease, deadline),
            Event::Expired { random_id, .. } => self.expired(random_id),
            Event::Rekeyed { rekeys, .. } => self.note_key(rekeys),
            // The chat goes on under its current key, and asks again later.
            Event::RekeyFailed { reason, .. } => say!("   {} got no new key: {reason}", self.settings.name),
            Event::RekeyOverdue => say!("   {}'s key is older than it should be", self.settings.name),
            Event::Closed { reason, .. } => Err(format!("{}'s chat is over: {reason}", self.settings.name).into()),
            _ => Ok(()),
        }
    }
}

/// # Rows of our own
impl<S: Shelf> Phone<S> {
    /// Adds a row at an event: it is durable before the event's batch, or with it.
    pub(crate) fn add(&mut self, row: Row) -> Result<()> {
        let added = self.shelf()?.add(&row);
        added.at("write to the store in", &self.desk.home)?;
        self.rows += u64::from(!matches!(row, Row::Checkpoint(_)));
        self.journal.add(row);
        // The worst moment to be killed.
        self.settings.pace.step();
        Ok(())
    }

    pub(crate) fn shelf(&mut self) -> Result<&mut S> {
        let driver = self.driver.as_mut().map(Driver::store_mut);
        Ok(driver.or(self.store.as_mut()).ok_or("the store is gone")?)
    }

    /// Handles an event whose row is already there: a crash came between the row and its batch. This cannot happen if both
    /// are written at once.
    pub(crate) fn came_again(&self, what: &str) -> Result<()> {
        if S::ATOMIC { Err(format!("{what} came to {} again", self.settings.name).into()) } else { Ok(()) }
    }

    /// Notes that a batch was written. Records that are stored apart from the rows must be those that the rows know.
    fn note(&mut self, checkpoint: Checkpoint) -> Result<()> {
        if S::ATOMIC { Ok(()) } else { self.add(Row::Checkpoint(checkpoint)) }
    }

    pub(crate) fn commit(&mut self) -> Result<()> {
        let committed = self.shelf()?.commit();
        committed.at("write to the store in", &self.desk.home)
    }
}

/// # 5. Sleep
impl<S: Shelf> Phone<S> {
    /// Returns when [`Phone::tick`] has something to do.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        let chat = self.driver.as_ref().and_then(Driver::poll_timeout);
        let files = [self.sender.poll_timeout(), self.receiver.poll_timeout()];
        chat.into_iter().chain(files.into_iter().flatten()).chain(self.next_count()).chain(self.albums_due()).min()
    }

    /// Returns a number that grows whenever something happens that the phone keeps.
    pub(crate) const fn progress(&self) -> u64 {
        self.rows
    }

    /// Returns whether the peer has the message of this step and the chat knows it.
    pub(crate) fn is_delivered(&self, step: &str) -> bool {
        self.journal.draft(step).is_some_and(|id| self.journal.is_acknowledged(id) && !self.holds(id))
    }
}
