//! A chat that outlives its process.
//!
//! Run `cargo run --example restart -- FOLDER` several times, and kill it in between if you like: each run continues from
//! the records of the last one. Here both ends are in one program, each with its own store.

use std::path::{Path, PathBuf};
use std::{env, fs, time::SystemTime};

use getrandom::SysRng;
use secretchat::frame::{ChatTag, Frame, decode_one, encode};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{Action, Driver, FileStore, Store, key_file};
use secretchat::{Chat, Config, Draft, Env, Event, Invitation, StoreKey};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const TAG: ChatTag = ChatTag([1; 16]); // there is only one chat, so any tag will do

fn main() -> Result<()> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("usage: restart FOLDER")?);
    fs::create_dir_all(&folder)?;
    let mut rng = UnwrapErr(SysRng);
    let env = &mut Env::new(SystemTime::now().into(), &mut rng);
    let key = key_file(folder.join("key"), env.rng)?; // a phone keeps it in its keychain

    let mut alice = match restore(&folder.join("alice"), &key, env)? {
        Ok(alice) => alice,
        Err(store) => {
            let config = Config::hybrid("alice/phone", "bob/phone")?.with_store(key.duplicate());
            Driver::new(Chat::request(config, env)?, store)
        }
    };
    // Whatever Alice wrote before she was killed is sent again here.
    let mut waiting = take(&mut alice)?;
    let mut bob = match restore(&folder.join("bob"), &key, env)? {
        Ok(bob) => bob,
        Err(store) => {
            let request = waiting.remove(0);
            let Frame::Request { public } = decode_one(&request)?.1 else { return Err("Alice has not asked".into()) };
            let config = Config::hybrid("bob/phone", "alice/phone")?.with_store(key.duplicate());
            Driver::new(Invitation::parse(public, config)?.accept(env)?, store)
        }
    };
    hear(&mut bob, waiting, env)?;
    carry(&mut alice, &mut bob, env)?;
    alice.send(&Draft::text(format!("message {} of Alice", alice.chat().counters().sent)), env)?;
    carry(&mut alice, &mut bob, env)
}

/// Opens a store and restores its chat, which also sends again what the peer may lack; or returns the empty store.
fn restore(folder: &Path, key: &StoreKey, env: &mut Env<'_>) -> Result<Result<Driver<FileStore>, FileStore>> {
    let store = FileStore::open(folder)?;
    match store.chats()?.first() {
        Some(&chat) => Ok(Ok(Driver::restore(store, chat, key, None, env)?)),
        None => Ok(Err(store)),
    }
}

/// Carries out the actions of a chat, and returns the frames for the other end. Everything that comes out is durable.
fn take(driver: &mut Driver<FileStore>) -> Result<Vec<Vec<u8>>> {
    let mut frames = Vec::new();
    while let Some(action) = driver.next_action()? {
        frames.extend(action.frame()?.map(|frame| encode(TAG, &frame)).transpose()?);
        if let Action::Event(Event::Message(message)) = action {
            println!("{}", message.content.text);
        }
    }
    Ok(frames)
}

fn hear(driver: &mut Driver<FileStore>, frames: Vec<Vec<u8>>, env: &mut Env<'_>) -> Result<()> {
    for frame in frames {
        driver.handle_frame(&decode_one(&frame)?.1, env)?;
    }
    Ok(())
}

/// Carries frames both ways until both ends are at rest.
fn carry(alice: &mut Driver<FileStore>, bob: &mut Driver<FileStore>, env: &mut Env<'_>) -> Result<()> {
    loop {
        let (from_alice, from_bob) = (take(alice)?, take(bob)?);
        if from_alice.is_empty() && from_bob.is_empty() {
            return Ok(());
        }
        hear(bob, from_alice, env)?;
        hear(alice, from_bob, env)?;
    }
}
