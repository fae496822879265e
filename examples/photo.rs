//! A photo over a byte stream: `cargo run --example photo -- examples/photos/chelsea.png copy.png`.
//!
//! Its parts leave before the message that names it. The message is taken when the file is on disk, and the sender keeps its
//! own until that is acknowledged. The chapter `own_files` of the guide says why, and what a restart adds.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::{env, time::Duration, time::SystemTime};

use getrandom::SysRng;
use secretchat::frame::{ChatTag, Decoder, FileId, Frame, Next, encode};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::transfer::{Bounds, FileReceiver, FileSender, Heard, Step};
use secretchat::{Chat, Config, Document, Draft, Env, Event, Handled, Invitation, Media, media};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (photo, copy) = env::args().nth(1).zip(env::args().nth(2)).ok_or("usage: photo PHOTO COPY")?;
    let arriving = |file: FileId| format!("{copy}.{file}");
    let mut rng = UnwrapErr(SysRng);
    let env = &mut Env::new(SystemTime::now().into(), &mut rng);

    // Alice asks, and Bob accepts. `hello` shows them in two processes.
    let mut alice = Driver::new(Chat::request(Config::hybrid("alice", "bob")?, env)?, MemoryStore::default());
    let Some(Action::Transmit(request)) = alice.next_action()? else { return Err("no request".into()) };
    let Frame::Request { public } = Frame::of(&request)? else { return Err("no request".into()) };
    let bob = Invitation::parse(public, Config::hybrid("bob", "alice")?)?.accept(env)?;
    let (mut bob, tag) = (Driver::new(bob, MemoryStore::default()), ChatTag::random(env.rng));

    // Alice seals the photo.
    let content = fs::read(photo)?;
    let (key, sealed) = media::seal(alice.chat().file_form(), &content, env.rng)?;
    let (file, mut sender) = (FileId::random(env.rng), FileSender::new());
    sender.add(file, sealed.len() as u64);
    let draft = Draft::media(Document::new("image/png", content.len() as u64, key), "my cat").with_file(file);

    let (mut receiver, mut decoder) = (FileReceiver::new(Bounds::default()), Decoder::new());
    while alice.chat().awaits_transport() {
        // Alice writes to the stream: what the chat wants to leave waits for its file.
        let mut stream = Vec::new();
        while let Some(action) = alice.next_action()? {
            match action {
                Action::Event(Event::Ready { .. }) => _ = alice.send(&draft, env)?,
                Action::Transmit(transmit) => {
                    alice.in_flight(&transmit);
                    sender.hold(transmit, |_| None).map_err(|_| "the file is gone")?;
                }
                other => stream.extend(other.frame()?.map_or(Ok(Vec::new()), |frame| encode(tag, &frame))?),
            }
        }
        while let Some(leaving) = sender.next(env.now) {
            let (_, part) = leaving.part().unwrap_or((file, 0..0));
            let part = &sealed[usize::try_from(part.start)?..usize::try_from(part.end)?];
            stream.extend(encode(tag, &leaving.frame(part)?)?);
            sender.carried(leaving).into_iter().for_each(|message| alice.landed(message, env.now));
        }
        // Bob reads from it. Parts go to their places, and a message waits for its file.
        let mut bytes = &stream[..];
        while !bytes.is_empty() {
            bytes = &bytes[decoder.push(bytes)..];
            let Next::Frame { frame, .. } = decoder.next()? else { continue };
            match receiver.hear(&frame, env.now, |_| false) {
                Heard::Pass(frame) => _ = bob.handle_frame(&frame, env), // what is not authentic changes nothing
                Heard::Write(part) => {
                    let path = arriving(part.file);
                    let mut file = File::options().create(true).truncate(false).write(true).open(path)?;
                    file.seek(SeekFrom::Start(part.offset))?;
                    file.write_all(part.bytes)?;
                    if part.is_last {
                        file.sync_all()?;
                        receiver.durable(part.file);
                    }
                }
                Heard::Nothing => {}
            }
        }
        // What Bob answers goes over a stream, too; here it is handed over.
        while let Some(step) = receiver.next(env.now) {
            match step {
                Step::Send(reply) => _ = sender.hear(&reply.frame(), |_| None),
                Step::Message(message) => _ = receiver.handled(&message, &bob.handle_message(&message, env)),
                Step::Remove(file) => fs::remove_file(arriving(file))?,
            }
        }
        while let Some(action) = bob.next_action()? {
            action.frame()?.map_or(Ok(Handled::Ignored), |frame| alice.handle_frame(&frame, env))?;
            let Action::Event(Event::Message(message)) = action else { continue };
            let Some(Media::Document(Document { key: Some(key), size, .. })) = message.content.media else { continue };
            let file = FileId::try_from(&message.file.ok_or("a message without its file")?.reference[..])?;
            fs::write(&copy, media::open(&key, size, &fs::read(arriving(file))?)?)?;
            println!("Bob has {size} bytes: {}", message.content.text);
        }
        env.now = env.now.saturating_add(Duration::from_secs(1)); // for Bob's driver, which acknowledges after a second
        bob.handle_timeout(env)?;
    }
    println!("Bob has acknowledged it: Alice can delete the sealed file");
    Ok(())
}
