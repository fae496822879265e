//! Many chats in one process and one store, as in a bridge: a room in which everybody hears the others.
//!
//! Run `cargo run --example many_chats -- FOLDER 127.0.0.1:7070`, and `cargo run --example hello -- call 127.0.0.1:7070` in
//! as many other terminals as you like. Kill the room and run it again: the chats continue. A message that was being passed
//! on may come twice, or not to everybody, unless rows of your own track that (see `HostRows`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use std::{env, net::UdpSocket, path::Path, str};

use getrandom::SysRng;
use secretchat::frame::{ChatTag, Frame, decode_one, encode};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{Action, Driver, FileStore, Store, key_file};
use secretchat::{ChatState, Config, Draft, Env, Event, Invitation, StoreKey, Timestamp, Timetable};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// All chats by the tag in their frames. Their drivers share a store.
type Chats = BTreeMap<ChatTag, Driver<Arc<Mutex<FileStore>>>>;

fn main() -> Result<()> {
    let (folder, address) = env::args().nth(1).zip(env::args().nth(2)).ok_or("usage: many_chats FOLDER ADDRESS")?;
    let mut rng = UnwrapErr(SysRng);
    let env = &mut Env::new(SystemTime::now().into(), &mut rng);
    let store = Arc::new(Mutex::new(FileStore::open(&folder)?));
    let key = key_file(Path::new(&folder).join("key"), env.rng)?; // a phone keeps it in its keychain
    let mut chats = restore(&store, &key, env)?;
    // The chats that were called: only these have something to do, or another time at which they want to be called.
    let mut called: BTreeSet<ChatTag> = chats.keys().copied().collect();
    let mut timetable = Timetable::new();
    let socket = UdpSocket::bind(address)?;
    println!("{} chats", chats.len());
    let mut buffer = [0; 1 << 16];
    loop {
        while let Some(tag) = called.pop_first() {
            let Some(driver) = chats.get_mut(&tag) else { continue };
            let texts = act(tag, driver, &socket)?;
            timetable.set(tag, driver.poll_timeout());
            for (other, driver) in chats.iter_mut().filter(|(other, _)| **other != tag) {
                let passed = texts.iter().map(|text| Draft::text(format!("{}: {text}", &tag.to_string()[..4])));
                // A peer that is gone, or not ready yet, misses it.
                called.extend(passed.filter_map(|draft| driver.send(&draft, env).ok()).map(|_| *other));
            }
        }
        let pause =
            timetable.first().map(|due| Timestamp::from(SystemTime::now()).until(due) + Duration::from_millis(1));
        socket.set_read_timeout(pause)?; // one timer for all chats: the earliest one
        let heard = socket.recv_from(&mut buffer);
        let before = std::mem::replace(&mut env.now, SystemTime::now().into());
        // After the clock was set back, the times of all chats are too late.
        called.extend(chats.keys().filter(|_| env.now < before).chain(timetable.due(env.now)));
        called.iter().try_for_each(|tag| chats.get_mut(tag).map_or(Ok(()), |driver| driver.handle_timeout(env)))?;
        let Ok((len, from)) = heard else { continue };
        let Ok((tag, frame)) = decode_one(&buffer[..len]) else { continue };
        let is_room = chats.len() < 100; // anybody may ask, so the number is limited
        called.insert(tag);
        match (chats.get_mut(&tag), frame) {
            (Some(driver), frame) => _ = driver.handle_frame(&frame, env),
            (None, Frame::Request { public }) if is_room => {
                // The tag and the other end's address are stored with the chat.
                let kept = [tag.as_ref(), from.to_string().as_bytes()].concat();
                let config = Config::hybrid("listener", "caller")?.with_host_data(kept)?.with_store(key.duplicate());
                let Ok(invitation) = Invitation::parse(public, config) else { continue };
                chats.insert(tag, Driver::new(invitation.accept(env)?, store.clone()));
            }
            _ => {}
        }
    }
}

/// Restores all chats. Removes the tombstones of those that are over.
fn restore(store: &Arc<Mutex<FileStore>>, key: &StoreKey, env: &mut Env<'_>) -> Result<Chats> {
    let mut chats = Chats::new();
    for id in store.chats()? {
        let driver = Driver::restore(store.clone(), id, key, None, env)?;
        match driver.chat().state() {
            ChatState::Closed(_) => store.clone().delete(id)?,
            _ => _ = chats.insert(ChatTag::try_from(&driver.chat().host_data()[..16])?, driver),
        }
    }
    Ok(chats)
}

/// Carries out the actions of a chat. Returns its messages for the others.
fn act(tag: ChatTag, driver: &mut Driver<Arc<Mutex<FileStore>>>, socket: &UdpSocket) -> Result<Vec<String>> {
    let address = str::from_utf8(&driver.chat().host_data()[16..])?.to_owned();
    let mut texts = Vec::new();
    while let Some(action) = driver.next_action()? {
        if let Some(frame) = action.frame()? {
            let _ = socket.send_to(&encode(tag, &frame)?, &address); // a lost frame is sent again
        }
        if let Action::Event(Event::Message(message)) = action {
            texts.push(message.content.text);
        }
    }
    Ok(texts)
}
