//! A phone's files: encrypted ones that go and come, and decrypted ones that have arrived.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use rand_core::CryptoRng;
use secretchat::MediaLease;
use secretchat::frame::{FileId, Frame};
#[cfg(feature = "telegram")]
use secretchat::media::{ChainKey, EncryptReader, PartDecryptor, PartEncryptor, encrypted_len};
use secretchat::media::{MediaKey, Padding, SegmentEncryptReader, SegmentKey};

use super::Result;
#[cfg(feature = "telegram")]
use super::chains;
use super::cli::Pace;
#[cfg(feature = "telegram")]
use super::disk::Whole;
use super::disk::{Hash, create_private_directory, move_into_place, private, write_whole};
use super::phone::Settings;
use super::photo::Small;
use super::profile::Profile;
use super::rows::Grouped;

/// A file that the peer may send at most. Parts are not authentic: anyone on the link could fill the disk with them.
const MAX_FILE_LEN: u64 = 1 << 32;

/// Bytes of a file in one frame.
const PART_LEN: usize = 1 << 14;

pub(crate) struct Desk {
    who: &'static str,
    profile: Profile,
    outgoing: PathBuf,
    incoming: PathBuf,
    received: PathBuf,
    /// Encrypted files of messages with a timer.
    cached: PathBuf,
    /// Decrypted ones, as long as they are shown.
    shown: PathBuf,
    pace: Pace,
    /// The file that is arriving.
    arriving: Option<(FileId, u64, File)>,
}

/// A file on its way out.
pub(crate) struct Upload {
    id: FileId,
    file: File,
    offset: u64,
    total: u64,
}

impl Desk {
    pub(crate) fn open(settings: &Settings, directory: &Path, received: PathBuf) -> io::Result<Self> {
        let (outgoing, incoming) = (directory.join("outgoing"), directory.join("incoming"));
        let (cached, shown) = (directory.join("cached"), directory.join("shown"));
        // What a process that died was showing: nobody looks at it any more, and its time may be over.
        if shown.exists() {
            fs::remove_dir_all(&shown)?;
        }
        for directory in [&outgoing, &incoming, &received, &cached, &shown] {
            create_private_directory(directory)?;
        }
        let Settings { name: who, profile, pace, .. } = *settings;
        Ok(Self { who, profile, outgoing, incoming, received, cached, shown, pace, arriving: None })
    }

    /// Encrypts a file of `size` bytes under a new key, ready to be carried as often as needed.
    ///
    /// It is durable before the message that names it is given to the chat. Another attempt gets another id and another
    /// key, so the ciphertext that a queued message names is never touched again.
    pub(crate) fn encrypt(
        &self,
        name: &str,
        source: impl Read,
        size: u64,
        rng: &mut dyn CryptoRng,
    ) -> Result<(FileId, MediaKey)> {
        let id = FileId::random(rng);
        let bar = bar(format!("{} encrypts {name}", self.who), size);
        let source = bar.wrap_read(source);
        let to = sealed(&self.outgoing, id);
        let key = match self.profile {
            Profile::X25519 => {
                let mut source = SegmentEncryptReader::new(source, size, Padding::Padme, rng)?;
                write_whole(&to, |file| self.copy(&mut source, file))?;
                source.key().duplicate().into()
            }
            #[cfg(feature = "telegram")]
            Profile::Telegram => {
                let key = ChainKey::random(rng);
                let mut source = EncryptReader::new(source, &key, size, rng)?;
                write_whole(&to, |file| self.copy(&mut source, file))?;
                key.into()
            }
        };
        bar.finish_and_clear();
        Ok((id, key))
    }

    /// Decrypts a file that has arrived, to a name of our own making: the peer's is only a hint.
    pub(crate) fn decrypt(&self, id: FileId, key: &MediaKey, size: u64, name: &str) -> Result<Hash> {
        let source = File::open(sealed(&self.incoming, id))?;
        let bar = bar(format!("{} decrypts {name}", self.who), source.metadata()?.len());
        let mut source = key.reader(bar.wrap_read(source), size)?;
        let path = self.received_path(name);
        write_whole(&path, |file| self.copy(&mut source, file))?;
        bar.finish_and_clear();
        Ok(Hash::of(File::open(path)?)?)
    }

    /// As [`Desk::encrypt`], several photos: chains together, files in segments are several at once by themselves.
    pub(crate) fn encrypt_album(&self, photos: &[Small], rng: &mut dyn CryptoRng) -> Result<Vec<(FileId, MediaKey)>> {
        match self.profile {
            Profile::X25519 => {
                let encrypt = |photo: &Small| self.encrypt("a photo", &*photo.jpeg, photo.jpeg.len() as u64, rng);
                photos.iter().map(encrypt).collect()
            }
            #[cfg(feature = "telegram")]
            Profile::Telegram => {
                let sizes = photos.iter().map(|photo| photo.jpeg.len() as u64);
                let bar = bar(format!("{} encrypts an album", self.who), sizes.clone().sum());
                let (mut files, mut done) = (Vec::new(), Vec::new());
                for (photo, size) in photos.iter().zip(sizes) {
                    let (id, key) = (FileId::random(rng), ChainKey::random(rng));
                    let encryptor = PartEncryptor::new(&key, size, chains::part_size()?, rng)?;
                    files.push((encryptor, bar.wrap_read(&*photo.jpeg), Whole::create(&sealed(&self.outgoing, id))?));
                    done.push((id, key.into()));
                }
                chains::pass(&mut files, self.pace)?;
                for (encryptor, _, file) in files {
                    encryptor.finish()?;
                    file.finish()?;
                }
                bar.finish_and_clear();
                Ok(done)
            }
        }
    }

    /// As [`Desk::decrypt`], the files of an album: chains together.
    pub(crate) fn decrypt_album(&self, album: &[&Grouped]) -> Result<Vec<Hash>> {
        match self.profile {
            Profile::X25519 => {
                let key = |grouped: &Grouped| SegmentKey::from_parts(grouped.key, grouped.iv).into();
                album.iter().map(|file| self.decrypt(file.file, &key(file), file.size, &file.name)).collect()
            }
            #[cfg(feature = "telegram")]
            Profile::Telegram => {
                let bar = bar(format!("{} decrypts an album", self.who), album.iter().map(|file| file.size).sum());
                let mut files = Vec::new();
                for Grouped { file, key, iv, size, name, .. } in album {
                    let source = File::open(sealed(&self.incoming, *file))?;
                    if source.metadata()?.len() != encrypted_len(*size)? {
                        return Err(format!("{name} does not have the size that its message says").into());
                    }
                    let decryptor = PartDecryptor::new(&ChainKey::from_parts(*key, *iv), *size, chains::part_size()?)?;
                    files.push((decryptor, bar.wrap_read(source), Whole::create(&self.received_path(name))?));
                }
                chains::pass(&mut files, self.pace)?;
                for (decryptor, _, file) in files {
                    decryptor.finish()?;
                    file.finish()?;
                }
                bar.finish_and_clear();
                album.iter().map(|file| Ok(Hash::of(File::open(self.received_path(&file.name))?)?)).collect()
            }
        }
    }

    /// The hash of an encrypted file that has arrived.
    pub(crate) fn arrived_hash(&self, id: FileId) -> io::Result<Hash> {
        Hash::of(File::open(sealed(&self.incoming, id))?)
    }

    /// Keeps an encrypted file that has arrived until it is opened, and beyond; its hash.
    pub(crate) fn cache(&self, id: FileId) -> io::Result<Hash> {
        move_into_place(&sealed(&self.incoming, id), &self.cached_path(id))?;
        Hash::of(File::open(self.cached_path(id))?)
    }

    pub(crate) fn cached_path(&self, id: FileId) -> PathBuf {
        sealed(&self.cached, id)
    }

    /// Decrypts a cached file to show it until its timer ends; the hash of its content.
    pub(crate) fn show(&self, id: FileId, lease: &MediaLease) -> Result<Hash> {
        let mut source = lease.reader(File::open(self.cached_path(id))?)?;
        let path = sealed(&self.shown, id);
        write_whole(&path, |file| self.copy(&mut source, file))?;
        Ok(Hash::of(File::open(path)?)?)
    }

    pub(crate) fn is_shown(&self, id: FileId) -> bool {
        sealed(&self.shown, id).exists()
    }

    /// Destroys the decrypted copy, if there is one.
    pub(crate) fn hide(&self, id: FileId) -> io::Result<()> {
        match fs::remove_file(sealed(&self.shown, id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn copy(&self, source: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            self.pace.step();
            match source.read(&mut buffer)? {
                0 => return Ok(()),
                len => to.write_all(&buffer[..len])?,
            }
        }
    }

    /// Begins to carry an encrypted file.
    pub(crate) fn upload(&self, id: FileId) -> io::Result<Upload> {
        let file = File::open(sealed(&self.outgoing, id))?;
        let total = file.metadata()?.len();
        Ok(Upload { id, file, offset: 0, total })
    }

    /// Takes a part of an encrypted file. One that starts over starts over here, too; one that does not fit is dropped.
    pub(crate) fn take_part(&mut self, id: FileId, offset: u64, total: u64, bytes: &[u8]) -> io::Result<()> {
        if total > MAX_FILE_LEN {
            return Ok(());
        }
        let partial = self.incoming.join(hex::encode(id.0)).with_extension("partial");
        if offset == 0 {
            let file = private(OpenOptions::new().create(true).truncate(true).write(true)).open(&partial)?;
            self.arriving = Some((id, 0, file));
        }
        let Some((arriving, at, file)) = &mut self.arriving else { return Ok(()) };
        if (*arriving, *at) != (id, offset) {
            return Ok(());
        }
        file.write_all(bytes)?;
        *at += bytes.len() as u64;
        if *at == total {
            file.sync_all()?;
            move_into_place(&partial, &sealed(&self.incoming, id))?;
            self.arriving = None;
        }
        Ok(())
    }

    /// Whether an encrypted file has arrived as a whole.
    pub(crate) fn has_arrived(&self, id: FileId) -> bool {
        sealed(&self.incoming, id).exists()
    }

    /// What arrived is decrypted, or has been long ago.
    pub(crate) fn forget_arrived(&self, id: FileId) {
        let _already_gone = fs::remove_file(sealed(&self.incoming, id));
    }

    pub(crate) fn received_path(&self, name: &str) -> PathBuf {
        self.received.join(name)
    }

    /// Nothing is on its way any more: what is left here was given up by a crash.
    pub(crate) fn tidy(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.outgoing)?;
        fs::remove_dir_all(&self.incoming)
    }
}

impl Upload {
    /// The next part, in `buffer`; `None` at the end.
    pub(crate) fn next_part<'a>(&mut self, buffer: &'a mut Vec<u8>) -> io::Result<Option<Frame<'a>>> {
        buffer.resize(PART_LEN, 0);
        let len = self.file.read(buffer)?;
        let Self { id: file_id, offset, total, .. } = *self;
        self.offset += len as u64;
        Ok((len > 0).then_some(Frame::FilePart { file_id, offset, total, bytes: &buffer[..len] }))
    }
}

fn sealed(directory: &Path, id: FileId) -> PathBuf {
    directory.join(hex::encode(id.0))
}

/// On standard error, and only if that is a terminal.
fn bar(message: String, len: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("   {msg:40} [{bar:30}] {bytes}/{total_bytes}");
    ProgressBar::new(len).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(message)
}

/// A name without anything that a file system or a terminal could take for more than a letter.
pub(crate) fn safe_name(number: usize, hint: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let end: String = hint.chars().rev().take(60).collect();
    let hint: String = end.chars().rev().map(safe).collect();
    format!("{number:02}-{hint}")
}
