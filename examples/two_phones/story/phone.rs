//! One phone: the model of a host around a [`Driver`].
//!
//! 1. **Start**: restore the chat from its records, or ask for one ([`Phone::start`]).
//! 2. **Feed** it what arrived ([`Phone::hear`]), what the user writes ([`Phone::write`]) and opens ([`Phone::open`]),
//!    and time ([`Phone::tick`]).
//! 3. **Act**: take the actions until there are none ([`Phone::act`]). The driver has written the chat's batch before
//!    anything comes out that depends on it. Rows of our own are added while an event is handled. What
//!    is written in one transaction with the batch is there exactly once; files go to disk **before** the batch: after a
//!    crash the event comes again with the same id, and the row is found.
//! 4. **Carry** what is to be carried, when the link has room ([`Phone::next_frame`]).
//! 5. **Sleep** until something arrives or [`Phone::poll_timeout`], then go to 2.

use std::collections::VecDeque;

use secretchat::frame::{ChatTag, FileId, Frame, encode};
use secretchat::store::{Action, Driver, Timing};
use secretchat::{
    ApiMisuse, Chat, Checkpoint, Config, Draft, Event, Invitation, PeerFault, RandomId, StoreKey, Timestamp, Transmit,
    TransmitId, TransmitKind,
};

use super::Result;
use super::cli::Pace;
use super::desk::{Desk, Upload};
use super::disk::Hash;
use super::journal::Journal;
use super::os::{Os, now};
use super::profile::Profile;
use super::rows::Row;
use super::shelf::Shelf;
use super::view::View;

/// The link answers at once, so this side may, too.
const TIMING: Timing = Timing { acknowledge_after: 10, retransmit_after: 3_000, retransmit_at_most: 60_000 };

pub(crate) struct Settings {
    pub(crate) name: &'static str,
    pub(crate) profile: Profile,
    /// Names the two ends, the same bytes on both phones.
    pub(crate) local_id: &'static str,
    pub(crate) peer_id: &'static str,
    pub(crate) rekey_every: Option<u32>,
    pub(crate) view_once: bool,
    pub(crate) pace: Pace,
}

pub(crate) struct Phone<S: Shelf> {
    pub(crate) settings: Settings,
    pub(crate) os: Os,
    /// Until there is a chat.
    store: Option<S>,
    pub(crate) driver: Option<Driver<S>>,
    pub(crate) key: [u8; 32],
    pub(crate) journal: Journal,
    pub(crate) desk: Desk,
    to_carry: VecDeque<Carry>,
    /// The file at the head of `to_carry`.
    upload: Option<Upload>,
    /// What is being looked at.
    pub(crate) views: Vec<View>,
    /// When something arrived last.
    pub(crate) heard: Timestamp,
}

enum Carry {
    Receipt(TransmitId),
    /// A file goes before the message that names it, so that whoever has the message has the file.
    File(FileId),
    Transmit(Transmit),
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
            to_carry: VecDeque::new(),
            upload: None,
            views: Vec::new(),
            heard: now(),
        }
    }

    /// Goes on with the chat of the store. Without one, the phone that begins asks for it, the other one waits.
    pub(crate) fn start(&mut self, begins: bool) -> Result<()> {
        let chat = self.shelf()?.chats()?.first().copied();
        if chat.is_none() && self.journal.checkpoint().is_some() {
            return Err(format!("the records of {}'s chat are gone", self.settings.name).into());
        }
        if chat.is_none() && begins && self.journal.tag().is_none() {
            let tag = ChatTag::random(self.os.env().rng);
            self.add(Row::Tag(tag))?;
        }
        let Some(store) = self.store.take() else { return Ok(()) };
        self.driver = match chat {
            Some(chat) => {
                // What the peer may not have is queued again by this.
                let key = StoreKey::new(self.key);
                Some(Driver::restore(store, chat, &key, self.journal.checkpoint(), &mut self.os.env())?)
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
        self.driver = self.driver.take().map(|driver| driver.with_timing(TIMING));
        self.act()
    }

    fn config(&self) -> Result<Config> {
        let Settings { profile, local_id, peer_id, rekey_every, view_once, .. } = self.settings;
        let mut config = profile.config(local_id, peer_id)?.with_rekey(profile.rekey_policy(rekey_every));
        if view_once {
            config = config.with_view_once();
        }
        Ok(config.with_store(StoreKey::new(self.key)))
    }

    pub(crate) fn chat(&self) -> Option<&Chat> {
        self.driver.as_ref().map(Driver::chat)
    }
}

/// # 2. Feed
impl<S: Shelf> Phone<S> {
    /// A frame arrived. Nothing in it is to be believed; only the chat tells what is authentic.
    pub(crate) fn hear(&mut self, tag: ChatTag, frame: Frame<'_>) -> Result<()> {
        if let (Frame::Request { public }, None) = (&frame, &self.driver) {
            return self.invited(tag, public);
        }
        let (Some(driver), true) = (&mut self.driver, self.journal.tag() == Some(tag)) else { return Ok(()) };
        self.heard = now();
        match frame {
            Frame::FilePart { file_id, offset, total, bytes } => {
                return Ok(self.desk.take_part(file_id, offset, total, bytes)?);
            }
            // Without a receipt the message comes again, and its file before it.
            Frame::Ciphertext { file: Some(id), .. } if !self.desk.has_arrived(id) => return Ok(()),
            _ => {}
        }
        match driver.handle_frame(&frame, &mut self.os.env()) {
            // A repeat from before the last new key: what it says has arrived, and its key is gone.
            Ok(_) | Err(PeerFault::UnknownKey) => {}
            // Nothing has changed. Whoever sent it, the chat goes on.
            Err(fault) => eprintln!("{} drops what arrived: {fault}", self.settings.name),
        }
        self.act()
    }

    /// Somebody asks for a chat. A real app asks its user; this one says yes.
    fn invited(&mut self, tag: ChatTag, public: &[u8]) -> Result<()> {
        let invitation = match Invitation::parse(public, self.config()?) {
            Ok(invitation) => invitation,
            Err(fault) => {
                eprintln!("{} drops an invitation: {fault}", self.settings.name);
                return Ok(());
            }
        };
        if self.journal.tag().is_none() {
            self.add(Row::Tag(tag))?;
        }
        let chat = invitation.accept(&mut self.os.env())?;
        let Some(store) = self.store.take() else { return Ok(()) };
        self.driver = Some(Driver::new(chat, store).with_timing(TIMING));
        self.act()
    }

    /// The user has written the message of this step of the story: gives it to the chat, exactly once over any number of
    /// restarts. `make` makes the draft; `hash` is what the peer shall end up with.
    pub(crate) fn write(
        &mut self,
        step: &str,
        hash: Hash,
        make: impl FnOnce(&Desk, &mut Os) -> Result<Draft>,
    ) -> Result<()> {
        self.settings.pace.step();
        let id = self.draft(step, hash)?;
        if self.journal.is_acknowledged(id) {
            println!("   {}'s {step} was delivered in an earlier run", self.settings.name);
            return Ok(());
        }
        // The chat has it and sees to it. Otherwise it is new, or the process died before the chat had it.
        if self.holds(id) {
            return Ok(());
        }
        let draft = Draft { random_id: Some(id), ..make(&self.desk, &mut self.os)? };
        let driver = self.driver.as_mut().ok_or(ApiMisuse::NotReady)?;
        driver.send(&draft, &mut self.os.env())?;
        self.act()
    }

    /// The id of the message of this step, noted before the chat knows of it.
    pub(crate) fn draft(&mut self, step: &str, hash: Hash) -> Result<RandomId> {
        if let Some(id) = self.journal.draft(step) {
            return Ok(id);
        }
        let id = RandomId((self.os.env().rng.next_u64() >> 1).cast_signed().max(1));
        self.add(Row::Draft { id, hash, step: step.to_owned() })?;
        Ok(id)
    }

    /// Whether the chat has a message that the peer has not acknowledged.
    pub(crate) fn holds(&self, id: RandomId) -> bool {
        self.driver.as_ref().is_some_and(|driver| driver.chat().holds(id))
    }

    /// Lets the chat do what is due.
    pub(crate) fn tick(&mut self) -> Result<()> {
        self.count_down();
        self.open_albums()?;
        let Some(driver) = &mut self.driver else { return Ok(()) };
        if driver.poll_timeout().is_none_or(|at| at > now()) {
            return Ok(());
        }
        driver.handle_timeout(&mut self.os.env())?;
        self.act()
    }
}

/// # 3. Act
impl<S: Shelf> Phone<S> {
    pub(crate) fn act(&mut self) -> Result<()> {
        while let Some(driver) = &mut self.driver {
            // By asking we say that the last event has been dealt with: the driver now writes its batch.
            let Some(action) = driver.next_action()? else {
                return self.shelf()?.commit();
            };
            self.settings.pace.step();
            match action {
                Action::Event(event) => self.happened(event)?,
                Action::Transmit(transmit) => self.enqueue(transmit),
                Action::Receipt(id) => self.to_carry.push_back(Carry::Receipt(id)),
                Action::Checkpoint(checkpoint) => self.note(checkpoint)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn happened(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Message(message) => self.keep(*message),
            Event::Acknowledged { random_ids } => {
                for id in random_ids {
                    if self.journal.is_acknowledged(id) {
                        self.came_again("an acknowledgement")?;
                    } else {
                        self.add(Row::Acknowledged(id))?;
                    }
                }
                Ok(())
            }
            Event::Opened { random_id, lease, deadline } => self.opened(random_id, lease, deadline),
            Event::Expired { random_id } => self.expired(random_id),
            Event::Rekeyed { rekeys } => self.note_key(rekeys),
            // The chat goes on under its key, and asks again later.
            Event::RekeyFailed { reason } => {
                println!("   {} got no new key: {reason}", self.settings.name);
                Ok(())
            }
            Event::RekeyOverdue => {
                println!("   {}'s key is older than it should be", self.settings.name);
                Ok(())
            }
            Event::Closed { reason, .. } => Err(format!("{}'s chat is over: {reason}", self.settings.name).into()),
            _ => Ok(()),
        }
    }
}

/// # Rows of our own
impl<S: Shelf> Phone<S> {
    /// Adds a row at an event: it is durable before the event's batch, or with it.
    pub(crate) fn add(&mut self, row: Row) -> Result<()> {
        self.shelf()?.add(&row)?;
        self.journal.add(row);
        // The worst moment to be killed.
        self.settings.pace.step();
        Ok(())
    }

    pub(crate) fn shelf(&mut self) -> Result<&mut S> {
        let driver = self.driver.as_mut().map(Driver::store_mut);
        Ok(driver.or(self.store.as_mut()).ok_or("the store is gone")?)
    }

    /// An event whose row is there: a crash came between the row and its batch. Nothing comes between what is written at
    /// once.
    pub(crate) fn came_again(&self, what: &str) -> Result<()> {
        if S::ATOMIC { Err(format!("{what} came to {} again", self.settings.name).into()) } else { Ok(()) }
    }

    /// A batch was written. Records that lie apart from the rows must be those that the rows know.
    fn note(&mut self, checkpoint: Checkpoint) -> Result<()> {
        if S::ATOMIC { Ok(()) } else { self.add(Row::Checkpoint(checkpoint)) }
    }
}

/// # 4. Carry
impl<S: Shelf> Phone<S> {
    fn enqueue(&mut self, transmit: Transmit) {
        // One that comes again while it still waits here need not go twice.
        if self.to_carry.iter().any(|carry| matches!(carry, Carry::Transmit(waiting) if waiting.id == transmit.id)) {
            return;
        }
        if let TransmitKind::Ciphertext { file, .. } = &transmit.kind {
            let file = file.as_deref().and_then(|name| name.try_into().ok());
            self.to_carry.extend(file.map(|id| Carry::File(FileId(id))));
        }
        self.to_carry.push_back(Carry::Transmit(transmit));
    }

    /// The next bytes for the link.
    pub(crate) fn next_frame(&mut self) -> Result<Option<Vec<u8>>> {
        let (Some(tag), Some(carry)) = (self.journal.tag(), self.to_carry.front()) else { return Ok(None) };
        self.settings.pace.step();
        let mut buffer = Vec::new();
        let mut goes_on = false;
        let frame = match carry {
            Carry::Receipt(id) => Some(Frame::Receipt { transmit_id: *id }),
            Carry::File(id) => {
                let upload = match &mut self.upload {
                    Some(upload) => upload,
                    none => none.insert(self.desk.upload(*id)?),
                };
                let part = upload.next_part(&mut buffer)?;
                goes_on = part.is_some();
                part
            }
            Carry::Transmit(transmit) => Some(Frame::of(transmit)?),
        };
        let bytes = frame.map(|frame| encode(tag, &frame)).transpose()?;
        if !goes_on {
            self.to_carry.pop_front();
            self.upload = None;
        }
        // An empty answer is no end: the next item may have something.
        if bytes.is_none() { self.next_frame() } else { Ok(bytes) }
    }
}

/// # 5. Sleep
impl<S: Shelf> Phone<S> {
    /// When [`Phone::tick`] has something to do.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        let chat = self.driver.as_ref().and_then(Driver::poll_timeout);
        chat.into_iter().chain(self.next_count()).chain(self.albums_due()).min()
    }

    /// Whether the peer has the message of this step, and the chat knows.
    pub(crate) fn is_delivered(&self, step: &str) -> bool {
        self.journal.draft(step).is_some_and(|id| self.journal.is_acknowledged(id) && !self.holds(id))
    }
}
