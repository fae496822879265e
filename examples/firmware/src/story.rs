//! What happens, one chapter after another. Each asserts what both ends see.

use alloc::string::String;
use alloc::vec::Vec;
use core::array;
use core::time::Duration;

use secretchat::frame::{FileId, Frame, decode_one};
use secretchat::media::MediaKey;
use secretchat::transfer::{Files, Place};
use secretchat::{Chat, Config, Document, Draft, Env, Event, Invitation, Media, Start, StoreKey, Ttl};
use semihosting::println;

use crate::measure::{self, step};
use crate::phone::{Air, Phone, Result, talk};
use crate::photo;

const ALICE: usize = 0;
const BOB: usize = 1;
/// What a step may take of the stack, in bytes.
const LITTLE_STACK: usize = 16 * 1024;
const PHOTO: &[u8] = include_bytes!("../cat.jpg");

pub fn tell(env: &mut Env<'_>) -> Result<()> {
    let air = &mut Air::new();
    println!("{:18}{:>8}{:>14}{:>12}", "bytes, at most", "stack", "Alice's heap", "Bob's heap");
    let (mut alice, mut bob) = handshake(air, env)?;
    report("handshake");
    texts(&mut alice, &mut bob, air, env)?;
    report("20 texts");
    report("at rest");
    a_photo(&mut alice, &mut bob, air, env)?;
    report("photo");
    timer(&mut alice, &mut bob, air, env)?;
    report("timer");
    rekey(&mut alice, &mut bob, air, env)?;
    report("new keys");
    let (mut alice, mut bob) = restart(alice, bob, env)?;
    texts(&mut alice, &mut bob, air, env)?;
    report("after a restart");
    Ok(())
}

fn report(chapter: &str) {
    let taken = measure::taken();
    println!("{chapter:18}{:8}{:14}{:12}", taken.stack, taken.heaps[ALICE], taken.heaps[BOB]);
    assert!(taken.stack <= LITTLE_STACK);
}

/// Alice asks, and Bob accepts. A person would look at both verification values.
fn handshake(air: &mut Air, env: &mut Env<'_>) -> Result<(Phone, Phone)> {
    let mut alice = step(ALICE, || Phone::new(ALICE, Chat::request(config("alice", "bob")?, env)?, env))?;
    assert!(alice.speak(air, env)?);
    let (_, Frame::Request { public }) = decode_one(air.frame())? else { return Err("no request".into()) };
    let mut bob = step(BOB, || {
        let invitation = Invitation::parse(public, config("bob", "alice")?)?;
        Phone::new(BOB, invitation.accept(env)?, env)
    })?;
    talk(&mut alice, &mut bob, air, env)?;
    let seen = [&mut alice, &mut bob].map(|phone| {
        phone.events().into_iter().find_map(|event| match event {
            Event::Ready { verification, .. } => Some(verification),
            _ => None,
        })
    });
    assert!(seen[0].is_some() && seen[0] == seen[1]);
    Ok((alice, bob))
}

fn config(local: &str, peer: &str) -> Result<Start> {
    Ok(Config::x25519(local, peer)?.with_store(store_key()))
}

/// A product keeps it in memory that nobody else can read.
fn store_key() -> StoreKey {
    StoreKey::new([7; 32])
}

/// Ten texts each way.
fn texts(alice: &mut Phone, bob: &mut Phone, air: &mut Air, env: &mut Env<'_>) -> Result<()> {
    let texts: [_; 10] = array::from_fn(|number| &"It is cold tonight"[number..]);
    for text in texts {
        alice.call(env, |link, env| Ok(link.send(&Draft::text(text), env)?))?;
        bob.call(env, |link, env| Ok(link.send(&Draft::text(text), env)?))?;
        talk(alice, bob, air, env)?;
    }
    for phone in [alice, bob] {
        assert!(texts_of(phone).eq(texts));
    }
    Ok(())
}

fn texts_of(phone: &mut Phone) -> impl Iterator<Item = String> {
    phone.events().into_iter().filter_map(|event| match event {
        Event::Message(message) => Some(message.content.text),
        _ => None,
    })
}

/// Alice sends a photo, and Bob looks at it.
fn a_photo(alice: &mut Phone, bob: &mut Phone, air: &mut Air, env: &mut Env<'_>) -> Result<()> {
    let size = PHOTO.len() as u64;
    alice.call(env, |link, env| {
        let mut sealed = Vec::with_capacity(photo::sealed_len(size)?);
        let key = photo::seal(PHOTO, env.rng, |piece| sealed.extend(piece))?;
        let file = FileId::random(env.rng);
        link.files_mut().insert(file, sealed);
        link.send(&Draft::media(Document::new("image/jpeg", size, key), "my cat").with_file(file), env)?;
        Ok(())
    })?;
    talk(alice, bob, air, env)?;
    let message = bob.events().into_iter().find_map(|event| match event {
        Event::Message(message) => Some(message),
        _ => None,
    });
    let message = message.ok_or("no message")?;
    let Some(Media::Document(Document { key: Some(MediaKey::Segments(key)), .. })) = &message.content.media else {
        return Err("no photo".into());
    };
    let file = FileId::try_from(&message.file.ok_or("no file")?.reference[..])?;
    bob.call(env, |link, _| {
        let sealed = link.files().get(Place::Kept, file).ok_or("the file is not there")?;
        let mut expected = PHOTO;
        photo::open(key, size, sealed, |content| {
            expected = expected.strip_prefix(content).expect("the content of the photo");
        })?;
        assert!(expected.is_empty());
        Ok(link.files_mut().remove(Place::Kept, file)?)
    })?;
    // After a second, Bob's end acknowledges the message, and Alice's end deletes its copy of the file.
    pass(1, &mut [alice, bob], env)?;
    talk(alice, bob, air, env)?;
    assert_eq!(alice.link().files().get(Place::Leaving, file), None);
    Ok(())
}

/// Lets seconds pass.
fn pass(seconds: u64, phones: &mut [&mut Phone], env: &mut Env<'_>) -> Result<()> {
    env.now = env.now.saturating_add(Duration::from_secs(seconds));
    phones.iter_mut().try_for_each(|phone| phone.call(env, |link, env| Ok(link.handle_timeout(env)?)))
}

/// Bob reads a text that lasts five seconds.
fn timer(alice: &mut Phone, bob: &mut Phone, air: &mut Air, env: &mut Env<'_>) -> Result<()> {
    let draft = Draft::text("for five seconds").with_ttl(Ttl::new(Duration::from_secs(5))?);
    let id = alice.call(env, |link, env| Ok(link.send(&draft, env)?))?;
    talk(alice, bob, air, env)?;
    assert!(texts_of(bob).eq(["for five seconds"]));
    bob.call(env, |link, env| Ok(link.driver_mut().act(env, |chat, env| chat.mark_read(&[id], env))?))?;
    talk(alice, bob, air, env)?;
    for (seconds, has_expired) in [(4, false), (1, true)] {
        pass(seconds, &mut [alice, bob], env)?;
        for phone in [&mut *alice, &mut *bob] {
            let expired = |event| matches!(event, Event::Expired { random_id, .. } if random_id == id);
            assert_eq!(phone.events().into_iter().any(expired), has_expired);
        }
    }
    talk(alice, bob, air, env)
}

/// New keys, and a text under them.
fn rekey(alice: &mut Phone, bob: &mut Phone, air: &mut Air, env: &mut Env<'_>) -> Result<()> {
    let old = alice.link().driver().chat().key_fingerprint();
    alice.call(env, |link, env| Ok(link.driver_mut().act(env, |chat, env| chat.rekey(env))?))?;
    talk(alice, bob, air, env)?;
    alice.call(env, |link, env| Ok(link.send(&Draft::text("under the new key"), env)?))?;
    talk(alice, bob, air, env)?;
    assert!(texts_of(bob).eq(["under the new key"]));
    let new = [&*alice, bob].map(|phone| phone.link().driver().chat().key_fingerprint());
    assert!(new[0] != old && new[0] == new[1]);
    Ok(())
}

/// The power fails at both ends.
fn restart(alice: Phone, bob: Phone, env: &mut Env<'_>) -> Result<(Phone, Phone)> {
    let alice = step(ALICE, || alice.restart(&store_key(), env))?;
    let bob = step(BOB, || bob.restart(&store_key(), env))?;
    Ok((alice, bob))
}
