//! Answers in secret chats, with the account of a **user**: Telegram gives bots no secret chats.
//!
//! ```text
//! export TG_ID=... TG_HASH=...        # from https://my.telegram.org
//! cargo run -p secretchat-grammers --features client --example secret_echo -- FOLDER PHOTO.jpg WIDTH HEIGHT
//! ```
//!
//! It accepts every chat and echoes texts. `/photo` brings the photo, which is gone five seconds after it was opened; `/end`
//! ends the chat. A photo or a file that it gets goes to FOLDER/files. Kill it and run it again: the chats go on.
//!
//! It compiles. It has **not** been run with Telegram's own server.

mod session;

use std::env;
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use getrandom::SysRng;
use grammers_client::sender::{SenderPoolFatHandle, UpdatesConfiguration, UpdatesReceiver};
use grammers_client::{Client, SenderPool, SignInError};
use secretchat::media::{self, ChainKey};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{FileStore, key_file};
use secretchat::{Draft, Event, History, Media, Message, Photo, Ttl};
use secretchat_grammers::client::{self, Chats, Invoke};
use secretchat_grammers::tl::Serializable;
use secretchat_grammers::{Download, FileLocation, Upload, checksum};
use session::FileSession;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// More is not downloaded into memory.
const MOST: u64 = 64 << 20;

struct Host {
    chats: Chats<Arc<Mutex<FileStore>>, SenderPoolFatHandle, UnwrapErr<SysRng>>,
    handle: SenderPoolFatHandle,
    folder: PathBuf,
    /// The photo and its size in pixels.
    photo: (Vec<u8>, u32, u32),
}

fn main() -> Result {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, photo, width, height] = &arguments[..] else {
        return Err("usage: secret_echo FOLDER PHOTO.jpg WIDTH HEIGHT".into());
    };
    let photo = (fs::read(photo)?, width.parse()?, height.parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(folder.into(), photo))
}

async fn run(folder: PathBuf, photo: (Vec<u8>, u32, u32)) -> Result {
    fs::create_dir_all(folder.join("files"))?;
    let (api_id, api_hash) = (env::var("TG_ID")?.parse()?, env::var("TG_HASH")?);
    let session = Arc::new(FileSession::open(folder.join("session"))?);
    let SenderPool { runner, handle, updates } = SenderPool::new(session, api_id);
    tokio::spawn(runner.run()); // owns the connections
    let client = Client::new(handle.clone());
    if !client.is_authorized().await? {
        sign_in(&client, &api_hash).await?;
    }
    // What came while this was not running comes first.
    let configuration = UpdatesConfiguration { catch_up: true };
    let receiver =
        UpdatesReceiver::create(handle.thin.clone(), Arc::clone(&handle.session), updates, configuration).await?;
    let mut rng = UnwrapErr(SysRng);
    let store = Arc::new(Mutex::new(FileStore::open(folder.join("chats"))?));
    let key = key_file(folder.join("key"), &mut rng)?; // a phone keeps it in its keychain
    let chats = Chats::open(handle.clone(), store, key, rng)?;
    println!("{} chats", chats.ids().count());
    Host { chats, handle, folder, photo }.answer(receiver).await
}

impl Host {
    /// Owns the chats and the updates, and never ends.
    async fn answer(mut self, mut receiver: UpdatesReceiver) -> Result {
        loop {
            while let Some((id, event)) = self.chats.next().await? {
                self.event(id, event).await;
            }
            // Everything is stored. Until here, the server would repeat the updates after a crash.
            self.chats.confirm(receiver.sync_update_state()).await?;
            let batch = tokio::select! {
                batch = receiver.next() => batch?.0,
                () = self.chats.rest() => continue,
            };
            let taken = self.chats.updates(&batch);
            for (id, fault) in taken.faults {
                println!("{id}: dropped a message: {fault}");
            }
            for asked in taken.requests {
                if let Err(error) = self.chats.accept(&asked, b"").await {
                    println!("{}: declined: {error}", asked.id);
                    self.chats.decline(asked.id, History::Keep).await?;
                }
            }
        }
    }

    async fn event(&mut self, id: i32, event: Event) {
        match event {
            Event::Ready { verification, .. } => println!("{id}: ready. Compare with the app:\n{verification}"),
            Event::Message(message) => {
                // No peer's message ends the bot.
                if let Err(error) = self.message(id, *message).await {
                    println!("{id}: not answered: {error}");
                }
            }
            other => println!("{id}: {}", other.name()),
        }
    }

    async fn message(&mut self, id: i32, message: Message) -> Result {
        self.chats.with(id, |chat, env| chat.act(env, |chat, env| chat.mark_read_up_to(message.date, env)));
        let answer = match &*message.content.text {
            "/photo" => self.seal_photo(id).await?,
            "/end" => {
                self.chats.with(id, |chat, env| chat.close(History::Delete, env));
                return Ok(());
            }
            _ if message.content.media.is_some() => Draft::text(self.keep(&message).await?),
            text => Draft::text(text),
        };
        let answer = answer.with_reply_to(message.random_id);
        self.chats.with(id, |chat, env| chat.send(&answer, env)).transpose()?;
        Ok(())
    }

    /// Seals and uploads the photo. No message waits for an upload: this one is made when the file is there.
    async fn seal_photo(&mut self, id: i32) -> Result<Draft> {
        let (jpeg, width, height) = &self.photo;
        let mut rng = UnwrapErr(SysRng);
        let form = self.chats.get(id).ok_or("no such chat")?.chat().file_form();
        let (key, sealed) = media::seal(form, jpeg, &mut rng)?;
        let (secret, iv) = key.parts();
        let fingerprint = ChainKey::from_parts(*secret, *iv).fingerprint();
        let mut upload = Upload::new(sealed.len() as u64, fingerprint, self.handle.now(), &mut rng)?;
        // A host that keeps `key`, the sealed file and `upload.to_bytes()` goes on after a crash.
        let saved = |upload: &Upload| writeln!(io::stdout(), "{id}: {} of {}", upload.progress(), sealed.len());
        client::upload(&self.handle, &mut upload, |part| Ok(sealed[part.range()].to_vec()), saved).await?;
        let name = upload.finish(Some(&checksum(&sealed))).ok_or("a part is missing")?;
        let photo = Photo::new(*width, *height, jpeg.len() as u64, key);
        let ttl = Ttl::new(Duration::from_secs(5))?;
        Ok(Draft::media(photo, "look").with_file(name.to_bytes()).with_ttl(ttl))
    }

    /// Downloads and opens a file. Returns what to say about it. The file has no integrity: do not trust its contents.
    async fn keep(&self, message: &Message) -> Result<String> {
        let (key, size) = match &message.content.media {
            Some(Media::Photo(photo)) => (&photo.key, photo.size),
            Some(Media::Document(document)) => (&document.key, document.size),
            _ => return Ok("I cannot read this".into()),
        };
        // The key of a medium with a timer comes when a user opens it (`Chat::open_view`), and nobody looks here.
        let Some(key) = key else { return Ok("I do not open what has a timer".into()) };
        let location = message.file.as_ref().and_then(|file| FileLocation::of_reference(&file.reference));
        let mut download = Download::new(location.ok_or("a file without a place")?, MOST)?;
        let mut sealed = Vec::new();
        let got = |bytes: &[u8], _: &Download| {
            sealed.extend(bytes);
            Ok(())
        };
        client::download(&self.handle, &mut download, got).await?;
        // Some senders fill the last part.
        sealed.truncate(media::encrypted_len(size)?.try_into()?);
        let content = media::open(key, size, &sealed)?;
        fs::write(self.folder.join("files").join(message.random_id.0.to_string()), &content)?;
        Ok(format!("{} bytes", content.len()))
    }
}

async fn sign_in(client: &Client, api_hash: &str) -> Result {
    let token = client.request_login_code(&ask("phone number")?, api_hash).await?;
    match client.sign_in(&token, &ask("code")?).await {
        Err(SignInError::PasswordRequired(token)) => client.check_password(token, ask("password")?).await?,
        other => other?,
    };
    Ok(())
}

fn ask(what: &str) -> Result<String> {
    print!("{what}: ");
    io::stdout().flush()?;
    let line = io::stdin().lock().lines().next().ok_or("no more input")??;
    Ok(line.trim().to_owned())
}
