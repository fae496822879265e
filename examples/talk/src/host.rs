//! One end: its chat, its files, and what the user does.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use secretchat::frame::{ChatTag, Decoder, FileId, Frame, Next, encode};
use secretchat::media::{MediaDecryptReader, MediaEncryptReader, MediaKey};
use secretchat::store::{Action, Driver, Store};
use secretchat::transfer::{Bounds, FileReceiver, FileSender, Heard, Step};
use secretchat::{
    Chat, ChatState, Config, Document, Draft, Env, Event, History, Invitation, Media, Message, Photo, RandomId, Start,
    StoreKey, Timestamp, Ttl,
};
use secretchat_sqlite::SqliteStore;

use crate::Result;
use crate::disk::{Disk, message_of};
use crate::line::Line;
use crate::screen::{Bar, compare};

pub(crate) struct Host {
    disk: Disk,
    key: StoreKey,
    listens: bool,
    /// Waits for the first chat.
    store: Option<SqliteStore>,
    chat: Option<(ChatTag, Driver<SqliteStore>)>,
    decoder: Decoder,
    sender: FileSender,
    receiver: FileReceiver,
    /// Frames that need no file.
    replies: Vec<Vec<u8>>,
    /// Files whose messages the peer has acknowledged.
    delivered: Vec<FileId>,
    /// Messages that hide until they are opened, and those that are open.
    hidden: Vec<RandomId>,
    open: Vec<RandomId>,
    bar: Bar,
}

impl Host {
    pub(crate) fn open(folder: &Path, listens: bool, env: &mut Env<'_>) -> Result<Self> {
        let disk = Disk::open(folder)?;
        let key = disk.store_key(env)?;
        let store = SqliteStore::open(folder.join("chat.db"))?;
        let mut host = Self {
            disk,
            key,
            listens,
            store: None,
            chat: None,
            decoder: Decoder::new(),
            sender: FileSender::new(),
            receiver: FileReceiver::new(Bounds::default()),
            replies: Vec::new(),
            delivered: Vec::new(),
            hidden: Vec::new(),
            open: Vec::new(),
            bar: Bar::new(),
        };
        match store.chats()?.first() {
            Some(&id) => {
                let driver = Driver::restore(store, id, &host.key, None, env)?;
                let tag = ChatTag::try_from(driver.chat().host_data())?;
                driver.chat().verification().into_iter().for_each(compare);
                // A draft that was not queued is not sent, and a message that was acknowledged needs no file.
                for (message, file) in host.disk.all_leaving()? {
                    if !driver.chat().holds(message) {
                        fs::remove_file(host.disk.leaving(file))?;
                    }
                }
                host.disk.restore(&mut host.receiver, env.now)?;
                host.chat = Some((tag, driver));
            }
            None if listens => host.store = Some(store),
            None => {
                let tag = ChatTag::random(env.rng);
                host.chat = Some((tag, Driver::new(Chat::request(Self::start(listens, &host.key, tag)?, env)?, store)));
            }
        }
        Ok(host)
    }

    /// The ids name the two ends, with the same bytes on both. The tag is kept with the chat.
    fn start(listens: bool, key: &StoreKey, tag: ChatTag) -> Result<Start> {
        let (local, peer) = if listens { ("listener", "caller") } else { ("caller", "listener") };
        Ok(Config::hybrid(local, peer)?.with_host_data(tag.0)?.with_store(key.duplicate()))
    }

    fn driver(&mut self) -> Result<&mut Driver<SqliteStore>> {
        Ok(&mut self.chat.as_mut().ok_or("nobody is there yet")?.1)
    }

    /// The chat is over, and the other end knows.
    pub(crate) fn is_over(&self) -> bool {
        self.chat
            .as_ref()
            .map(|(_, driver)| driver.chat())
            .is_some_and(|chat| matches!(chat.state(), ChatState::Closed(_)) && !chat.awaits_transport())
    }

    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        let driver = self.chat.as_ref().and_then(|(_, driver)| driver.poll_timeout());
        driver.into_iter().chain(self.sender.poll_timeout()).chain(self.receiver.poll_timeout()).min()
    }

    pub(crate) fn handle_timeout(&mut self, env: &mut Env<'_>) -> Result<()> {
        Ok(self.chat.iter_mut().try_for_each(|(_, driver)| driver.handle_timeout(env))?)
    }

    pub(crate) fn connected(&mut self, env: &mut Env<'_>) {
        self.decoder = Decoder::new();
        self.chat.iter_mut().for_each(|(_, driver)| driver.retransmit(env));
    }

    /// What the line had taken may be lost: the peer is asked what it lacks.
    pub(crate) fn disconnected(&mut self) {
        self.sender.interrupted();
        self.replies.clear();
    }

    /// Takes bytes of the line. Returns whether it can be read on: what comes may be anybody's, and no frames at all.
    pub(crate) fn hear(&mut self, mut bytes: &[u8], env: &mut Env<'_>) -> Result<bool> {
        while !bytes.is_empty() {
            let taken = self.decoder.push(bytes);
            bytes = bytes.get(taken..).unwrap_or_default();
            let Ok(next) = self.decoder.next() else { return Ok(false) };
            let Next::Frame { tag, frame } = next else { continue };
            let Some((_, driver)) = self.chat.as_mut().filter(|(own, _)| *own == tag) else {
                if let Frame::Request { public } = frame
                    && let Ok(invitation) = Invitation::parse(public, Self::start(self.listens, &self.key, tag)?)
                    && let Some(store) = self.store.take()
                {
                    self.chat = Some((tag, Driver::new(invitation.accept(env)?, store)));
                }
                continue;
            };
            let len = |file| self.disk.leaving_len(file);
            if self.sender.hear(&frame, len) {
                continue;
            }
            match self.receiver.hear(&frame, env.now, |file| self.disk.kept(file).exists()) {
                Heard::Write(part) => self.disk.write(&part, &mut self.receiver)?,
                // What is not authentic changes nothing.
                Heard::Pass(frame) => drop(driver.handle_frame(&frame, env).ok()),
                Heard::Nothing => {}
            }
        }
        Ok(true)
    }

    /// Does what the chat and its files ask for.
    pub(crate) fn act(&mut self, line: Option<&mut Line>, env: &mut Env<'_>) -> Result<()> {
        let Some(tag) = self.chat.as_ref().map(|(tag, _)| *tag) else { return Ok(()) };
        while let Some(step) = self.receiver.next(env.now) {
            match step {
                Step::Send(reply) => self.replies.push(encode(tag, &reply.frame())?),
                Step::Message(message) => {
                    let outcome = self.driver()?.handle_message(&message, env);
                    if self.receiver.handled(&message, &outcome) {
                        self.disk.keep(message.file())?;
                    }
                }
                Step::Remove(file) => self.disk.remove_arriving(file),
            }
        }
        while let Some(action) = self.driver()?.next_action()? {
            match action {
                Action::Event(event) => self.event(event, env)?,
                Action::Transmit(transmit) => {
                    self.driver()?.in_flight(&transmit);
                    // The file of a message that cannot leave any more is gone: the empty message takes its place.
                    if let Err(lost) = self.sender.hold(transmit, |file| self.disk.leaving_len(file))
                        && let secretchat::TransmitKind::Ciphertext { random_id, .. } = lost.kind
                    {
                        self.driver()?.act(env, |chat, env| chat.delete(&[random_id], env))?;
                    }
                }
                // The acknowledgement is durable: only now the files may go.
                Action::Checkpoint(_) => {
                    for file in std::mem::take(&mut self.delivered) {
                        self.sender.finished(file);
                        fs::remove_file(self.disk.leaving(file))?;
                    }
                }
                other => self.replies.extend(other.frame()?.map(|frame| encode(tag, &frame)).transpose()?),
            }
        }
        let files = self.disk.all_leaving()?.into_iter().filter_map(|(_, file)| self.sender.progress(file));
        self.bar.show(files.sum());
        let Some(line) = line else {
            // What they answer comes again.
            self.replies.clear();
            return Ok(());
        };
        self.replies.drain(..).for_each(|frame| line.send(frame));
        while line.has_room() {
            let Some(leaving) = self.sender.next(env.now) else { break };
            let mut part = Vec::new();
            if let Some((file, range)) = leaving.part() {
                part.resize(usize::try_from(range.end - range.start)?, 0);
                let mut stored = File::open(self.disk.leaving(file))?;
                stored.seek(SeekFrom::Start(range.start))?;
                stored.read_exact(&mut part)?;
            }
            line.send(encode(tag, &leaving.frame(&part)?)?);
            if let Some(message) = self.sender.carried(leaving) {
                self.driver()?.landed(message, env.now);
            }
        }
        Ok(())
    }

    fn event(&mut self, event: Event, env: &mut Env<'_>) -> Result<()> {
        match event {
            Event::Ready { verification, .. } => compare(verification),
            Event::Message(message) => self.message(*message, env)?,
            Event::Opened { random_id, lease: Some(lease), .. } => {
                let file = self.disk.kept_of(random_id)?.ok_or("its file is gone")?;
                let path = self.disk.received(&random_id.to_string());
                io::copy(&mut lease.reader(File::open(self.disk.kept(file))?)?, &mut File::create(&path)?)?;
                println!("open: {}, until its timer ends or you /hide it", path.display());
                self.open.push(random_id);
            }
            Event::Expired { random_id, file, .. } => {
                let _ = fs::remove_file(self.disk.received(&random_id.to_string()));
                if let Some(Ok(file)) = file.map(|name| FileId::try_from(&name[..])) {
                    let _ = fs::remove_file(self.disk.kept(file));
                }
                println!("gone: {random_id}");
            }
            Event::Acknowledged { random_ids, .. } => {
                let files = self.disk.all_leaving()?.into_iter();
                self.delivered.extend(files.filter(|(id, _)| random_ids.contains(id)).map(|(_, file)| file));
            }
            Event::TtlChanged { ttl, .. } => println!("timer: {ttl:?}"),
            Event::Rekeyed { rekeys, .. } => println!("new key: {rekeys}"),
            Event::Closed { reason, .. } => println!("closed: {}", reason.name()),
            _ => {}
        }
        Ok(())
    }

    fn message(&mut self, message: Message, env: &mut Env<'_>) -> Result<()> {
        let id = message.random_id;
        if !message.content.text.is_empty() {
            println!("> {}", message.content.text);
        }
        let file = message.file.and_then(|file| FileId::try_from(&file.reference[..]).ok());
        let (size, key) = match &message.content.media {
            Some(Media::Photo(photo)) => (photo.size, &photo.key),
            Some(Media::Document(document)) => (document.size, &document.key),
            _ => return self.read(id, env),
        };
        match (file, key) {
            (Some(file), Some(key)) => {
                let path = self.disk.received(&id.to_string());
                let mut content = MediaDecryptReader::new(File::open(self.disk.kept(file))?, key, size)?;
                io::copy(&mut content, &mut File::create(&path)?)?;
                println!("> {size} bytes: {}", path.display());
            }
            _ => {
                self.hidden.push(id);
                println!("> hidden: /open shows it");
            }
        }
        Ok(())
    }

    /// The user has seen a text: its timer starts.
    fn read(&mut self, id: RandomId, env: &mut Env<'_>) -> Result<()> {
        self.driver()?.act(env, |chat, env| chat.mark_read(&[id], env))?;
        Ok(())
    }

    /// Does what the user typed.
    pub(crate) fn command(&mut self, typed: &str, env: &mut Env<'_>) -> Result<()> {
        let (command, rest) = typed.split_once(' ').unwrap_or((typed, ""));
        match command {
            "/photo" | "/file" => self.send(&[rest], command == "/photo", None, env),
            "/once" => self.send(&[rest], true, Some(Ttl::VIEW_ONCE), env),
            "/album" => self.send(&rest.split(' ').collect::<Vec<_>>(), true, None, env),
            "/ttl" => {
                let ttl = Ttl::from_seconds(rest.parse()?)?;
                Ok(self.driver()?.act(env, |chat, env| chat.set_ttl(ttl, env))?)
            }
            "/open" => {
                let id = self.hidden.pop().ok_or("nothing is hidden")?;
                self.driver()?.act(env, |chat, env| chat.open_view(id, env))?;
                Ok(())
            }
            "/hide" => {
                let id = self.open.pop().ok_or("nothing is open")?;
                Ok(self.driver()?.act(env, |chat, env| chat.close_view(id, env))?)
            }
            "/verified" => {
                let seen = self.driver()?.chat().verification().ok_or("there is no key yet")?;
                Ok(self.driver()?.act(env, |chat, env| chat.mark_verified(seen, env))?)
            }
            "/rekey" => Ok(self.driver()?.act(env, Chat::rekey)?),
            "/close" => {
                self.driver()?.close(History::Delete, env);
                Ok(())
            }
            _ if typed.starts_with('/') => {
                Err("/photo /file /album /once /ttl /open /hide /verified /rekey /close".into())
            }
            _ => self.driver()?.send(&Draft::text(typed), env).map(drop).map_err(Into::into),
        }
    }

    /// Seals files and sends them, several as an album.
    fn send(&mut self, paths: &[&str], as_photo: bool, ttl: Option<Ttl>, env: &mut Env<'_>) -> Result<()> {
        let mut drafts = Vec::new();
        for path in paths {
            let (file, size, key) = self.seal(path.as_ref(), env)?;
            let media: Media = if as_photo {
                let (width, height) = image::image_dimensions(path)?;
                Photo::new(width, height, size, key).into()
            } else {
                Document::new("application/octet-stream", size, key).into()
            };
            drafts.push(Draft::media(media, "").with_file(file).with_random_id(message_of(file)).with_ttl(ttl));
        }
        match &drafts[..] {
            [draft] => self.driver()?.send(draft, env).map(drop)?,
            drafts => self.driver()?.act(env, |chat, env| chat.send_album(drafts, env)).map(drop)?,
        }
        Ok(())
    }

    /// Seals a file to where files leave from.
    fn seal(&mut self, path: &Path, env: &mut Env<'_>) -> Result<(FileId, u64, MediaKey)> {
        let form = self.driver()?.chat().file_form();
        let content = File::open(path)?;
        let (size, file) = (content.metadata()?.len(), FileId::random(env.rng));
        let mut sealed = MediaEncryptReader::new(content, form, size, &mut *env.rng)?;
        let key = sealed.key().duplicate();
        let mut stored = File::create(self.disk.leaving(file))?;
        io::copy(&mut sealed, &mut stored)?;
        stored.sync_all()?;
        self.sender.add(file, stored.metadata()?.len());
        Ok((file, size, key))
    }
}
