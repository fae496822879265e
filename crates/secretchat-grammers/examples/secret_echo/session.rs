//! The login and the numbers of updates, in a file that its owner alone may read. grammers has a session over SQLite; this one needs no database.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use grammers_client::session::storages::MemorySession;
use grammers_client::session::types::{DcOption, PeerId, PeerInfo, UpdateState, UpdatesState};
use grammers_client::session::{BoxFuture, Session, SessionData};

/// A session in memory that is written whenever it changes. Whoever has the file is logged in.
pub(crate) struct FileSession {
    memory: MemorySession,
    path: PathBuf,
}

impl FileSession {
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        let mut data = SessionData::default();
        let text = fs::read_to_string(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(String::new()),
            _ => Err(error),
        })?;
        for line in text.lines() {
            read(line, &mut data).ok_or(io::ErrorKind::InvalidData)?;
        }
        Ok(Self { memory: data.into(), path })
    }

    /// Writes a new file, then puts it in the place of the old one.
    async fn save(&self) -> io::Result<()> {
        let home = self.home_dc_id()?;
        let UpdatesState { pts, qts, date, seq, channels: _ } = self.updates_state().await?;
        let mut text = format!("home {home}\nstate {pts} {qts} {date} {seq}\n");
        for dc in 1..=5 {
            if let Some(DcOption { auth_key: Some(key), .. }) = self.dc_option(dc)? {
                let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
                text += &format!("key {dc} {key}\n");
            }
        }
        let new = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(new, &self.path)
    }
}

fn read(line: &str, data: &mut SessionData) -> Option<()> {
    let words: Vec<_> = line.split(' ').collect();
    match words[..] {
        ["home", dc] => data.home_dc = dc.parse().ok()?,
        ["key", dc, key] => {
            let digits = |at: usize| key.get(2 * at..2 * at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let key: Vec<u8> = (0..256).map(digits).collect::<Option<_>>()?;
            data.dc_options.get_mut(&dc.parse().ok()?)?.auth_key = Some(key.try_into().ok()?);
        }
        ["state", pts, qts, date, seq] => {
            let number = |word: &str| word.parse().ok();
            let (pts, qts, date, seq) = (number(pts)?, number(qts)?, number(date)?, number(seq)?);
            data.updates_state = UpdatesState { pts, qts, date, seq, channels: Vec::new() };
        }
        _ => return None,
    }
    Some(())
}

/// Only what a restart needs is written. Who is who is asked of the server again.
impl Session for FileSession {
    type Error = io::Error;

    fn home_dc_id(&self) -> io::Result<i32> {
        self.memory.home_dc_id().map_err(io::Error::other)
    }

    fn set_home_dc_id(&self, dc_id: i32) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            self.memory.set_home_dc_id(dc_id).await.map_err(io::Error::other)?;
            self.save().await
        })
    }

    fn dc_option(&self, dc_id: i32) -> io::Result<Option<DcOption>> {
        self.memory.dc_option(dc_id).map_err(io::Error::other)
    }

    fn set_dc_option(&self, dc_option: &DcOption) -> BoxFuture<'_, io::Result<()>> {
        let dc_option = dc_option.clone();
        Box::pin(async move {
            self.memory.set_dc_option(&dc_option).await.map_err(io::Error::other)?;
            self.save().await
        })
    }

    fn peer(&self, peer: PeerId) -> BoxFuture<'_, io::Result<Option<PeerInfo>>> {
        Box::pin(async move { self.memory.peer(peer).await.map_err(io::Error::other) })
    }

    fn cache_peer(&self, peer: PeerInfo) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move { self.memory.cache_peer(peer).await.map_err(io::Error::other) })
    }

    fn updates_state(&self) -> BoxFuture<'_, io::Result<UpdatesState>> {
        Box::pin(async move { self.memory.updates_state().await.map_err(io::Error::other) })
    }

    fn set_update_state(&self, update: UpdateState) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            self.memory.set_update_state(update).await.map_err(io::Error::other)?;
            self.save().await
        })
    }
}
