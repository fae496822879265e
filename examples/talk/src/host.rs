//! One end: its chat and its files, and how to restore both.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use secretchat::frame::{ChatTag, Decoder, Frame};
use secretchat::store::{Driver, Store, key_file};
use secretchat::transfer::{self, Bounds, FolderFiles};
use secretchat::{Chat, Config, Env, Invitation, Start, StoreKey, Timestamp};
use secretchat_sqlite::SqliteStore;

pub(crate) type Link = transfer::Link<SqliteStore, FolderFiles>;

pub(crate) struct Host {
    pub(crate) folder: PathBuf,
    pub(crate) bar: ProgressBar,
    listens: bool,
    key: StoreKey,
    /// `None` until somebody has connected.
    pub(crate) link: Option<Link>,
}

impl Host {
    pub(crate) fn open(folder: PathBuf, listens: bool, env: &mut Env<'_>) -> Result<Self> {
        fs::create_dir_all(folder.join("received"))?;
        let key = key_file(folder.join("key"), env.rng)?;
        let style = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}")?;
        let bar = ProgressBar::no_length().with_style(style);
        let mut host = Self { folder, bar, listens, key, link: None };
        let store = SqliteStore::open(host.folder.join("chat.db"))?;
        if let Some(&chat) = store.chats()?.first() {
            host.join(Driver::restore(store, chat, &host.key, None, env)?, env.now)?;
        } else if !listens {
            let start = host.start(ChatTag::random(env.rng))?;
            host.join(Driver::new(Chat::request(start, env)?, store), env.now)?;
        }
        Ok(host)
    }

    /// Returns what a chat begins with. Both programs use the same ids for the two ends. The tag is stored with the chat.
    fn start(&self, tag: ChatTag) -> Result<Start> {
        let (local, peer) = if self.listens { ("listener", "caller") } else { ("caller", "listener") };
        Ok(Config::hybrid(local, peer)?.with_host_data(tag.0)?.with_store(self.key.duplicate()))
    }

    fn join(&mut self, driver: Driver<SqliteStore>, now: Timestamp) -> Result<()> {
        driver.chat().verification().into_iter().for_each(|seen| self.compare(seen));
        let tag = ChatTag::try_from(driver.chat().host_data())?;
        let files = FolderFiles::open(self.folder.join("files"))?;
        self.link = Some(Link::new(tag, driver, files, Bounds::default(), now)?);
        Ok(())
    }

    pub(crate) fn link(&mut self) -> Result<&mut Link> {
        self.link.as_mut().context("nobody is there yet")
    }

    /// Takes the bytes that came over the line. Returns whether they are valid: anybody can connect, and may send anything.
    pub(crate) fn hear(&mut self, mut bytes: &[u8], decoder: &mut Decoder, env: &mut Env<'_>) -> Result<bool> {
        loop {
            let Ok(next) = decoder.next_in(&mut bytes) else { return Ok(false) };
            let Some((tag, frame)) = next else { return Ok(true) };
            match (&mut self.link, frame) {
                (Some(link), frame) if link.tag() == tag => link.handle_frame(&frame, env)?,
                // The first one to connect is the peer. The users compare the picture to find out who it is.
                (None, Frame::Request { public }) => {
                    let Ok(invitation) = Invitation::parse(public, self.start(tag)?) else { continue };
                    let store = SqliteStore::open(self.folder.join("chat.db"))?;
                    self.join(Driver::new(invitation.accept(env)?, store), env.now)?;
                    self.link()?.connected(env);
                }
                _ => {}
            }
        }
    }
}
