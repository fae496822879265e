//! A photo with a timer: `cargo run --example timer`.
//!
//! Alice sends a photo with a timer of two seconds. Bob's host gets no key with the message: the key comes when he opens it,
//! and from the deadline on neither his chat nor its records can open the file again.

use std::error::Error;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use getrandom::SysRng;
use secretchat::rand_core::UnwrapErr;
use secretchat::{
    Chat, Config, Document, Draft, Env, Event, Input, Invitation, Media, Output, Timestamp, TransmitKind, Ttl, media,
};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    let mut rng = UnwrapErr(SysRng);
    let env = &mut Env::new(now(), &mut rng);
    let mut alice = Chat::request(Config::hybrid("alice/phone", "bob/phone")?, env)?;
    let Some(Output::Transmit(request)) = alice.poll_output() else { return Err("no request".into()) };
    let TransmitKind::Request { public, .. } = &request.kind else { return Err("no request".into()) };
    let mut bob = Invitation::parse(public, Config::hybrid("bob/phone", "alice/phone")?)?.accept(env)?;
    carry(&mut bob, &mut alice, env)?;

    // The file travels separately from the message. Here it stays in memory.
    let (key, sealed) = media::seal(alice.file_form(), b"the bytes of a photo", env.rng)?;
    let photo = Document::new("image/jpeg", 20, key);
    let id = alice.send(&Draft::media(photo, "look").with_ttl(Ttl::new(Duration::from_secs(2))?), env)?;
    carry(&mut alice, &mut bob, env)?;
    for event in carry(&mut bob, &mut alice, env)? {
        if let Event::Message(message) = event {
            let Some(Media::Document(photo)) = &message.content.media else { return Err("no photo".into()) };
            println!("Bob has a message with a photo, and {} key", if photo.key.is_some() { "its" } else { "no" });
        }
    }

    // The user opens it. The lease lends the key, and the two seconds begin.
    bob.open_view(id, env)?;
    let mut views = carry(&mut bob, &mut alice, env)?.into_iter().filter_map(|event| match event {
        Event::Opened { lease, .. } => lease,
        _ => None,
    });
    let lease = views.next().ok_or("nothing was opened")?;
    println!("Bob sees: {}", String::from_utf8(lease.open(&sealed)?)?);
    drop(lease);

    // Both ends destroy their copies, each at its own deadline.
    for (name, chat) in [("Bob", &mut bob), ("Alice", &mut alice)] {
        while let Some(due) = chat.poll_timeout() {
            sleep(now().until(due));
            env.now = now();
            chat.handle_timeout(env);
            let mut outputs = std::iter::from_fn(|| chat.poll_output());
            if outputs
                .any(|output| matches!(output, Output::Event(Event::Expired { random_id, .. }) if random_id == id))
            {
                println!("{name}: it is gone");
                break;
            }
        }
    }
    assert!(bob.open_view(id, env).is_err());
    Ok(())
}

/// Carries out the outputs of a chat: carries transmissions to the other end, and returns the events. These two keep no
/// records.
fn carry(from: &mut Chat, to: &mut Chat, env: &mut Env<'_>) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    while let Some(output) = from.poll_output() {
        match output {
            Output::Event(event) => events.push(event),
            Output::Transmit(transmit) => {
                match &transmit.kind {
                    TransmitKind::Accept { public, fingerprint, .. } => {
                        to.handle(Input::accepted(public, *fingerprint), env)?
                    }
                    TransmitKind::Ciphertext { bytes, .. } => to.handle(Input::ciphertext(bytes, None, None), env)?,
                    _ => continue,
                };
            }
            _ => {}
        }
    }
    Ok(events)
}

fn now() -> Timestamp {
    SystemTime::now().into()
}
