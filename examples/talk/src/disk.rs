//! Files on disk. What arrives and what leaves have folders of their own, since strangers name files, too.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use secretchat::frame::{FileId, Ranges};
use secretchat::transfer::{FileReceiver, PartToWrite};
use secretchat::{Env, RandomId, StoreKey, Timestamp};

use crate::Result;

/// How many bytes may arrive before what is there is noted.
const NOTED_EVERY: u64 = 1 << 18;

pub(crate) struct Disk {
    folder: PathBuf,
}

impl Disk {
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        for part in ["leaving", "arriving", "kept", "received"] {
            fs::create_dir_all(folder.join(part))?;
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// A file that leaves, sealed. Its name begins with the id of its message, so the message finds it.
    pub(crate) fn leaving(&self, file: FileId) -> PathBuf {
        self.folder.join("leaving").join(file.to_string())
    }

    pub(crate) fn leaving_len(&self, file: FileId) -> Option<u64> {
        fs::metadata(self.leaving(file)).ok().map(|data| data.len())
    }

    /// All files that leave, each with the id of its message.
    pub(crate) fn all_leaving(&self) -> io::Result<Vec<(RandomId, FileId)>> {
        let names = fs::read_dir(self.folder.join("leaving"))?;
        let files = names.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<FileId>().ok());
        Ok(files.map(|file| (message_of(file), file)).collect())
    }

    /// A file of a message that the chat took, still sealed.
    pub(crate) fn kept(&self, file: FileId) -> PathBuf {
        self.folder.join("kept").join(file.to_string())
    }

    /// The kept file of a message, as a sender like this one names it.
    pub(crate) fn kept_of(&self, message: RandomId) -> io::Result<Option<FileId>> {
        let names = fs::read_dir(self.folder.join("kept"))?;
        let mut files = names.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<FileId>().ok());
        Ok(files.find(|file| message_of(*file) == message))
    }

    /// The key of the records. A phone keeps it in its keychain.
    pub(crate) fn store_key(&self, env: &mut Env<'_>) -> Result<StoreKey> {
        let path = self.folder.join("key");
        if !path.exists() {
            let mut key = [0; 32];
            env.rng.fill_bytes(&mut key);
            fs::write(&path, key)?;
        }
        Ok(StoreKey::new(fs::read(path)?.try_into().map_err(|_| "the key has another length")?))
    }

    /// What the user gets.
    pub(crate) fn received(&self, name: &str) -> PathBuf {
        self.folder.join("received").join(name)
    }

    fn arriving(&self, file: FileId) -> PathBuf {
        self.folder.join("arriving").join(file.to_string())
    }

    fn ranges(&self, file: FileId) -> PathBuf {
        self.arriving(file).with_extension("ranges")
    }

    /// Writes a part where it belongs, and tells the receiver of a file that is there to stay.
    pub(crate) fn write(&self, part: &PartToWrite<'_>, receiver: &mut FileReceiver) -> Result<()> {
        let mut file = File::options().create(true).truncate(false).write(true).open(self.arriving(part.file))?;
        file.seek(SeekFrom::Start(part.offset))?;
        file.write_all(part.bytes)?;
        let end = part.offset + part.bytes.len() as u64;
        if part.is_last || part.offset / NOTED_EVERY != end / NOTED_EVERY {
            file.sync_data()?;
            let (there, progress) = (receiver.there(part.file), receiver.progress(part.file));
            let (there, total) = (there.ok_or("no such file")?, progress.ok_or("no such file")?.total);
            fs::write(self.ranges(part.file), [&total.to_le_bytes()[..], &there.to_bytes()].concat())?;
        }
        if part.is_last {
            receiver.durable(part.file);
        }
        Ok(())
    }

    /// Tells the receiver of what an earlier process has left.
    pub(crate) fn restore(&self, receiver: &mut FileReceiver, now: Timestamp) -> io::Result<()> {
        for entry in fs::read_dir(self.folder.join("arriving"))? {
            let name = entry?.file_name();
            let Some(file) = name.to_str().and_then(|name| name.parse::<FileId>().ok()) else { continue };
            let noted = fs::read(self.ranges(file)).unwrap_or_default();
            let noted =
                noted.split_first_chunk().and_then(|(total, there)| Some((*total, Ranges::from_bytes(there).ok()?)));
            match noted {
                Some((total, there)) => receiver.restore(file, Some(u64::from_le_bytes(total)), &there, now),
                None => self.remove_arriving(file),
            }
        }
        Ok(())
    }

    /// Makes a file the chat's own: before the driver's next action.
    pub(crate) fn keep(&self, file: FileId) -> io::Result<()> {
        if self.arriving(file).exists() {
            fs::rename(self.arriving(file), self.kept(file))?;
            File::open(self.folder.join("kept"))?.sync_all()?;
        }
        self.remove_arriving(file);
        Ok(())
    }

    pub(crate) fn remove_arriving(&self, file: FileId) {
        let _ = fs::remove_file(self.arriving(file));
        let _ = fs::remove_file(self.ranges(file));
    }
}

/// The message that a file of ours is for: its id is the first half of the file's.
pub(crate) fn message_of(file: FileId) -> RandomId {
    let mut id = [0; 8];
    id.copy_from_slice(&file.0[..8]);
    RandomId(i64::from_le_bytes(id))
}
