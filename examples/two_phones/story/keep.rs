//! Keeps the peer's messages and their files.

use secretchat::frame::FileId;
use secretchat::media::MediaKey;
use secretchat::{Content, Media, Message, Ttl};
use secretchat_media::{FileName, Format};

use super::Result;
use super::crypt::Decrypted;
use super::desk::Tray;
use super::disk::Hash;
use super::names::safe_name;
use super::phone::Phone;
use super::rows::{Grouped, Received, Row, What};
use super::say::say;
use super::shelf::Shelf;
use super::text::{marked_up, printable};

impl<S: Shelf> Phone<S> {
    /// Keeps a message. On return its file is on disk. The message is on disk, too, or will be with the chat's batch. Only
    /// then does the peer learn that we have it. A message that comes again after a crash is found by its id.
    pub(crate) fn keep(&mut self, message: Message) -> Result<()> {
        let (id, ttl, group, file) = (message.random_id, message.ttl, message.grouped_id, message.file.clone());
        let Content { text, entities, media, .. } = message.content;
        let file = file.and_then(|file| file.reference.try_into().ok()).map(FileId);
        if self.journal.has_received(id) {
            self.came_again("a message")?;
        } else {
            let number = self.journal.received().len() + 1;
            let (what, hash, told) = match media {
                None => {
                    let text = marked_up(&text, &entities);
                    let (hash, told) = (Hash::of_bytes(text.as_bytes()), printable(&text));
                    (What::Text(text), hash, told)
                }
                Some(_) if !ttl.is_off() => {
                    let file = file.ok_or("a medium without its file")?;
                    (What::Hidden(file), self.desk.cache(file)?, hidden(ttl))
                }
                Some(media) => {
                    let Kept { key, size, hint, told } = Kept::of(media)?;
                    let (Some(key), Some(file)) = (key, file) else {
                        return Err("a medium without its key or its file".into());
                    };
                    let name = safe_name(number, &hint);
                    match group {
                        None => {
                            let Decrypted { name, hash } = self.desk.decrypt(file, &key, size, &name)?;
                            let told = format!("{name}, {told}");
                            (What::File(file, name), hash, told)
                        }
                        Some(group) => {
                            let (&key, &iv) = key.parts();
                            let told = format!("{name}, {told}, of an album");
                            let grouped = Grouped { group, file, key, iv, size, name };
                            (What::Grouped(grouped), self.desk.arrived_hash(file)?, told)
                        }
                    }
                }
            };
            self.add(Row::Received(Received { id, hash, what }))?;
            say!("   {} received: {told}", self.settings.name)?;
        }
        // A file of an album is needed until it is decrypted.
        match file.filter(|_| self.journal.waiting().all(|(waiting, _)| waiting != id)) {
            Some(file) => self.desk.remove(Tray::Incoming, file),
            None => Ok(()),
        }
    }
}

/// Returns the words for a message with a timer, whose key and preview have not come out of the chat.
fn hidden(ttl: Ttl) -> String {
    let timer = match ttl.countdown() {
        Some(life) => format!("with a timer of {} s", life.as_secs()),
        _ => "to be viewed once".to_owned(),
    };
    format!("a photo {timer}. Its encrypted file waits to be opened")
}

/// Returns what a medium says about its file.
struct Kept {
    key: Option<MediaKey>,
    size: u64,
    hint: String,
    told: String,
}

impl Kept {
    fn of(media: Media) -> Result<Self> {
        Ok(match media {
            Media::Photo(photo) => {
                let preview = photo.thumbnail.map_or_else(String::new, |preview| {
                    format!(", with a preview of {}x{}, {} bytes", preview.width, preview.height, preview.jpeg.len())
                });
                let told = format!("a photo of {}x{}, {} bytes{preview}", photo.width, photo.height, photo.size);
                Self { key: photo.key, size: photo.size, hint: FileName::Neutral.of(Format::Jpeg), told }
            }
            Media::Document(document) => {
                let told = format!("a document, {}, {} bytes", document.mime_type, document.size);
                let hint = document.file_name.unwrap_or_default();
                Self { key: document.key, size: document.size, hint, told }
            }
            _ => return Err("a medium of an unknown kind".into()),
        })
    }
}
