//! A photo over a byte stream: `cargo run --example photo -- examples/photos/chelsea.png FOLDER`.
//!
//! A `Link` keeps the order that lets files survive crashes: parts leave before their message, the message is taken once the
//! file is on disk, and the sender keeps its file until the message is acknowledged. See the chapter `own_files` of the
//! guide.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use getrandom::SysRng;
use secretchat::frame::{ChatTag, Decoder, Frame, decode_one};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::transfer::{Bounds, Files, FolderFiles, Link, Place};
use secretchat::{Chat, Config, Document, Draft, Env, Event, Invitation, Media};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const TAG: ChatTag = ChatTag([1; 16]); // there is only one chat, so any tag will do

/// One end of the stream.
struct Host {
    folder: PathBuf,
    link: Link<MemoryStore, FolderFiles>,
    decoder: Decoder,
}

fn main() -> Result<()> {
    let arguments = std::env::args_os().nth(1).zip(std::env::args_os().nth(2));
    let (photo, folder) = arguments.ok_or("usage: photo PHOTO FOLDER")?;
    let (photo, folder) = (Path::new(&photo), Path::new(&folder));
    let mut rng = UnwrapErr(SysRng);
    let env = &mut Env::new(SystemTime::now().into(), &mut rng);
    let mut alice = Host::new(folder.join("alice"), Chat::request(Config::hybrid("alice", "bob")?, env)?, env)?;
    let request = alice.go_on(&[], env)?;
    let (_, Frame::Request { public }) = decode_one(&request)? else { return Err("no request".into()) };
    let chat = Invitation::parse(public, Config::hybrid("bob", "alice")?)?.accept(env)?;
    let mut bob = Host::new(folder.join("bob"), chat, env)?;
    carry(&mut alice, &mut bob, env)?;

    // Alice seals the photo into her folder, and sends the message that names it.
    let size = fs::metadata(photo)?.len();
    let (file, key) = alice.link.seal(File::open(photo)?, size, env)?;
    alice.link.send(&Draft::media(Document::new("image/png", size, key), "my cat").with_file(file), env)?;
    carry(&mut alice, &mut bob, env)?;
    // After a second without a message of his own, Bob's end acknowledges it.
    env.now = env.now.saturating_add(Duration::from_secs(1));
    bob.link.handle_timeout(env)?;
    carry(&mut alice, &mut bob, env)?;
    println!("Alice has {} files to send", alice.link.files().list(Place::Leaving)?.len());
    Ok(())
}

/// Carries bytes between the two ends until both are at rest. Your program has a socket here, and waits for `poll_timeout`.
fn carry(alice: &mut Host, bob: &mut Host, env: &mut Env<'_>) -> Result<()> {
    let mut to_alice = bob.go_on(&[], env)?;
    loop {
        let to_bob = alice.go_on(&to_alice, env)?;
        to_alice = bob.go_on(&to_bob, env)?;
        if to_bob.is_empty() && to_alice.is_empty() {
            return Ok(());
        }
    }
}

impl Host {
    fn new(folder: PathBuf, chat: Chat, env: &mut Env<'_>) -> Result<Self> {
        let driver = Driver::new(chat, MemoryStore::default());
        let mut link = Link::new(TAG, driver, FolderFiles::open(&folder)?, Bounds::default(), env.now)?;
        link.connected(env);
        Ok(Self { folder, link, decoder: Decoder::new() })
    }

    /// Takes bytes from the stream, in pieces of any size, and returns bytes for the stream.
    fn go_on(&mut self, mut bytes: &[u8], env: &mut Env<'_>) -> Result<Vec<u8>> {
        // An error ends this connection: take the next one, with a new decoder.
        while let Some((tag, frame)) = self.decoder.next_in(&mut bytes)? {
            if tag == self.link.tag() {
                self.link.handle_frame(&frame, env)?;
            }
        }
        while let Some(action) = self.link.next_action(env)? {
            let Action::Event(Event::Message(message)) = action else { continue };
            let Some(Media::Document(Document { key: Some(key), size, .. })) = message.content.media else { continue };
            let sealed = self.link.files().open_kept(&message.file.ok_or("a photo without its file")?.reference)?;
            let size = io::copy(&mut key.reader(sealed, size)?, &mut File::create(self.folder.join("photo.png"))?)?;
            println!("Bob has {size} bytes: {}", message.content.text);
        }
        let mut stream = Vec::new();
        while let Some(frame) = self.link.next_frame(env.now)? {
            stream.extend(frame);
        }
        Ok(stream)
    }
}
