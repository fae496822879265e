//! Files on their way: sealed, uploaded, named by a message, downloaded and opened.

use secretchat::RandomId;
use secretchat::media::{self, ChainKey, FileForm, MediaKey};
use secretchat_grammers::tl::Serializable;
use secretchat_grammers::{Download, SavePart, Upload};

use super::content::Wish;
use super::disk::{Leaving, Row};
use super::phone::{Alive, Phone, clock};
use super::world::Truth;
use crate::server::Server;

impl Phone {
    /// Works on what the user has written: seals its file, uploads a part of it, or sends it.
    pub(crate) fn write(&mut self, server: &mut Server, truth: &Truth) -> Alive {
        let Some(wish) = self.disk().wishes.front().copied() else { return Ok(()) };
        if self.disk().has(Row::Written(wish.id)) {
            let mut disk = self.disk_mut();
            disk.leaving.remove(&wish.id);
            disk.wishes.pop_front();
            return Ok(());
        }
        let file = if wish.has_file() {
            let leaving = self.leaving(&wish, truth);
            let mut upload = Upload::from_bytes(&leaving.token).unwrap();
            match upload.next_part() {
                Some(part) => {
                    let call = upload.call(part, &leaving.sealed[part.range()]).unwrap();
                    let saved = match &call {
                        SavePart::Small(call) => self.ask(server, call)?,
                        SavePart::Big(call) => self.ask(server, call)?,
                    };
                    if saved == Some(true) {
                        upload.saved(part.index);
                        self.disk_mut().leaving.get_mut(&wish.id).unwrap().token = upload.to_bytes();
                    }
                    return Ok(());
                }
                None => {
                    let name = upload.finish(Some(&secretchat_grammers::checksum(&leaving.sealed))).unwrap();
                    Some((key_of(leaving.key), name.to_bytes()))
                }
            }
        } else {
            None
        };
        let draft = wish.draft(file);
        self.act(truth, Some(Row::Written(wish.id)), |chat, env| chat.send(&draft, env).map(drop)).map(drop)
    }

    fn leaving(&mut self, wish: &Wish, truth: &Truth) -> Leaving {
        if let Some(leaving) = self.disk().leaving.get(&wish.id) {
            return leaving.clone();
        }
        let (key, sealed) = media::seal(FileForm::Chain, &wish.content(), &mut self.dice).unwrap();
        let key = (*key.parts().0, *key.parts().1);
        let fingerprint = ChainKey::from_parts(key.0, key.1).fingerprint();
        let upload = Upload::new(sealed.len() as u64, fingerprint, clock(truth.now), &mut self.dice).unwrap();
        let leaving = Leaving { key, sealed, token: upload.to_bytes() };
        self.disk_mut().leaving.insert(wish.id, leaving.clone());
        leaving
    }

    /// Fetches a piece of a file.
    pub(crate) fn download(&mut self, server: &mut Server, truth: &Truth) -> Alive {
        let next =
            self.disk().coming.iter().find(|(_, coming)| !coming.is_whole).map(|(id, coming)| (*id, coming.clone()));
        let Some((id, mut coming)) = next else { return Ok(()) };
        let mut download = Download::from_bytes(&coming.token).unwrap();
        // A process that died between the two writes has bytes that the token does not count.
        coming.got.truncate(usize::try_from(download.progress()).unwrap());
        let Some(call) = download.call() else { panic!("a piece is missing") };
        let Some(answer) = self.ask(server, &call)? else { return Ok(()) };
        coming.got.extend(download.piece(&answer).unwrap());
        self.disk_mut().coming.insert(id, coming.clone());
        self.disk_mut().may_die()?;
        coming.token = download.to_bytes();
        coming.is_whole = download.call().is_none();
        self.disk_mut().coming.insert(id, coming.clone());
        if let (true, Some(key)) = (coming.is_whole, coming.key) {
            let wish = truth.made[&id];
            let content = media::open(&key_of(key), wish.size as u64, &coming.got).unwrap();
            assert!(content == wish.content(), "the file of {id}");
            let mut disk = self.disk_mut();
            disk.open.rows.push(Row::Opened(id));
            disk.commit();
        }
        Ok(())
    }

    /// Returns a message with a timer whose file is here and was not opened.
    pub(crate) fn to_open(&self) -> Option<RandomId> {
        let disk = self.disk();
        disk.coming.iter().find(|(_, coming)| coming.key.is_none() && coming.is_whole).map(|(id, _)| *id)
    }
}

fn key_of((key, iv): ([u8; 32], [u8; 32])) -> MediaKey {
    MediaKey::from_parts(FileForm::Chain, key, iv)
}
