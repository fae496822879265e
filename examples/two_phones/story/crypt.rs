//! Encrypts and decrypts files, one or a whole album, in the chat's form.

use std::io::Read;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use rand_core::CryptoRng;
use secretchat::frame::FileId;
use secretchat::media::{
    ChainKey, FileForm, MediaEncryptReader, MediaKey, PartDecryptor, PartEncryptor, encrypted_len,
};

use super::Result;
use super::chains::{self, Lane};
use super::desk::{Desk, Tray};
use super::disk::{At, Hash, Whole, open_regular, partial};
use super::names::place;
use super::rows::Grouped;
use super::small::Small;

/// A decrypted file: its final name, and the hash of its content.
pub(crate) struct Decrypted {
    pub(crate) name: String,
    pub(crate) hash: Hash,
}

/// A path for bytes in memory, for errors that cannot happen.
const MEMORY: &str = "the photo";

impl Desk {
    /// Encrypts a file of `size` bytes under a new key, ready to be carried as often as needed.
    ///
    /// The file is durable before the chat gets the message that names it. Another attempt gets another id and another key,
    /// so the ciphertext that a queued message names is never touched again.
    pub(crate) fn encrypt(
        &self,
        from: &Path,
        source: impl Read,
        size: u64,
        form: FileForm,
        rng: &mut dyn CryptoRng,
    ) -> Result<(FileId, MediaKey)> {
        let id = FileId::random(rng);
        let bar = self.bar("encrypts", from, size);
        let mut source = MediaEncryptReader::new(bar.wrap_read(source), form, size, rng)?;
        let to = self.path(Tray::Outgoing, id);
        self.copy(&mut source, from, partial(&to))?.replace(&to)?;
        bar.finish_and_clear();
        Ok((id, source.key().duplicate()))
    }

    /// Encrypts the small form that is sent as a photo.
    pub(crate) fn encrypt_photo(
        &self,
        photo: &Small,
        form: FileForm,
        rng: &mut dyn CryptoRng,
    ) -> Result<(FileId, MediaKey)> {
        self.encrypt(Path::new(MEMORY), photo.jpeg.as_slice(), photo.jpeg.len() as u64, form, rng)
    }

    /// Decrypts a file that has arrived, under a name like this one.
    pub(crate) fn decrypt(&self, id: FileId, key: &MediaKey, size: u64, name: &str) -> Result<Decrypted> {
        let from = self.path(Tray::Incoming, id);
        let source = open_regular(&from).at("read", &from)?;
        let bar = self.bar("decrypts", Path::new(name), source.metadata().at("read", &from)?.len());
        let mut source = key.reader(bar.wrap_read(source), size).at("decrypt", &from)?;
        let whole = self.copy(&mut source, &from, self.arriving_path(id))?;
        bar.finish_and_clear();
        self.decrypted(whole, name)
    }

    /// Encrypts several photos, like [`Desk::encrypt`]. Chains are encrypted together. A file in segments is by itself
    /// several streams at once.
    pub(crate) fn encrypt_album(
        &self,
        photos: &[Small],
        form: FileForm,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<(FileId, MediaKey)>> {
        if form != FileForm::Chain {
            return photos.iter().map(|photo| self.encrypt_photo(photo, form, rng)).collect();
        }
        let sizes = photos.iter().map(|photo| photo.jpeg.len() as u64);
        let bar = self.bar("encrypts", Path::new("an album"), sizes.clone().sum());
        let (mut lanes, mut done) = (Vec::new(), Vec::new());
        for (photo, size) in photos.iter().zip(sizes) {
            let (id, key) = (FileId::random(rng), ChainKey::random(rng));
            lanes.push(Lane {
                chain: PartEncryptor::new(&key, size, chains::part_size()?, rng)?,
                from: MEMORY.into(),
                source: bar.wrap_read(&*photo.jpeg),
                to: Whole::create(partial(&self.path(Tray::Outgoing, id)))?,
            });
            done.push((id, key.into()));
        }
        chains::pass(&mut lanes, self.pace)?;
        for (Lane { chain, to, .. }, (id, _)) in lanes.into_iter().zip(&done) {
            chain.finish()?;
            to.replace(&self.path(Tray::Outgoing, *id))?;
        }
        bar.finish_and_clear();
        Ok(done)
    }

    /// Decrypts the files of an album, like [`Desk::decrypt`]. Chains are decrypted together.
    pub(crate) fn decrypt_album(&self, album: &[&Grouped], form: FileForm) -> Result<Vec<Decrypted>> {
        if form != FileForm::Chain {
            let key = |file: &Grouped| MediaKey::from_parts(form, file.key, file.iv);
            return album.iter().map(|file| self.decrypt(file.file, &key(file), file.size, &file.name)).collect();
        }
        let bar = self.bar("decrypts", Path::new("an album"), album.iter().map(|file| file.size).sum());
        let mut lanes = Vec::new();
        for Grouped { file, key, iv, size, .. } in album {
            let from = self.path(Tray::Incoming, *file);
            let source = open_regular(&from).at("read", &from)?;
            if source.metadata().at("read", &from)?.len() != encrypted_len(*size)? {
                return Err(format!("{} is not as long as its message says", from.display()).into());
            }
            let chain = PartDecryptor::new(&ChainKey::from_parts(*key, *iv), *size, chains::part_size()?)?;
            let to = Whole::create(self.arriving_path(*file))?;
            lanes.push(Lane { chain, from, source: bar.wrap_read(source), to });
        }
        chains::pass(&mut lanes, self.pace)?;
        bar.finish_and_clear();
        let decrypted = lanes.into_iter().zip(album).map(|(Lane { chain, from, to, .. }, file)| {
            chain.finish().at("decrypt", &from)?;
            self.decrypted(to, &file.name)
        });
        decrypted.collect()
    }

    /// Returns the path at which a received file is written before it has its name. The random id keeps it apart from the
    /// user's files.
    fn arriving_path(&self, id: FileId) -> PathBuf {
        partial(&self.received().join(hex::encode(id.0)))
    }

    /// Gives a decrypted file its name. The peer's name is only a hint: the file may get another one.
    fn decrypted(&self, whole: Whole, name: &str) -> Result<Decrypted> {
        let hash = whole.hash()?;
        Ok(Decrypted { name: place(whole, self.received(), name)?, hash })
    }

    pub(crate) fn copy(&self, source: &mut impl Read, from: &Path, beside: PathBuf) -> Result<Whole> {
        let mut to = Whole::create(beside)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            self.pace.step();
            match source.read(&mut buffer).at("read", from)? {
                0 => return Ok(to),
                len => to.write(&buffer[..len])?,
            }
        }
    }

    /// Creates a progress bar on standard error, which only shows if that is a terminal.
    fn bar(&self, verb: &str, file: &Path, len: u64) -> ProgressBar {
        let style = ProgressStyle::with_template("   {msg:40} [{bar:30}] {bytes}/{total_bytes}");
        let name = file.file_name().unwrap_or_default().display();
        let message = format!("{} {verb} {name}", self.who);
        ProgressBar::new(len).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(message)
    }
}
