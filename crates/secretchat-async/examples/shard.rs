//! Two shards with 300 chats between them, in one process: both ends of each chat, and a network that is a channel.
//!
//! Run `cargo run -p secretchat-async --example shard`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use getrandom::SysRng;
use secretchat::frame::{ChatTag, Frame, decode_one, encode};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::{Chat, ChatId, Config, Draft, Env, Event, Invitation, Role, StoreKey, Timestamp};
use secretchat_async::{Clock, Host, Inline, Limits, Lost, Post, Shard};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
type Packet = Vec<u8>;

const CHATS: usize = 300;
const TEXTS: [&str; 3] = ["one", "two", "three"];

/// The host of a shard. Its calls never wait: what is to be carried and shown goes into channels.
struct Phones {
    network: UnboundedSender<(ChatId, Packet)>,
    screen: UnboundedSender<String>,
}

impl Host for Phones {
    type Job = Packet;
    type Row = Infallible;

    fn work(&mut self, driver: &mut Driver<()>, packet: Packet, _: &mut Vec<Infallible>, env: &mut Env<'_>) {
        let Ok((_, frame)) = decode_one(&packet) else { return };
        _ = driver.handle_frame(&frame, env); // what is wrong changes nothing
    }

    fn act(&mut self, driver: &mut Driver<()>, action: Action, _: &mut Vec<Infallible>, env: &mut Env<'_>) {
        let (Some(id), Ok(tag)) = (driver.chat().id(), ChatTag::try_from(driver.chat().host_data())) else { return };
        if let Ok(Some(frame)) = action.frame() {
            _ = encode(tag, &frame).map(|packet| self.network.send((id, packet)));
        }
        match action {
            Action::Event(Event::Ready { .. }) if driver.chat().role() == Role::Initiator => {
                for text in TEXTS {
                    _ = driver.send(&Draft::text(text), env);
                }
            }
            Action::Event(Event::Message(message)) => _ = self.screen.send(message.content.text),
            _ => {}
        }
    }

    fn lost(&mut self, chat: ChatId, why: Lost, _: Vec<Packet>) {
        eprintln!("{chat}: {why}");
    }
}

struct Tokio;

impl Clock for Tokio {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }

    async fn sleep_until(&self, at: Timestamp) {
        tokio::time::sleep(self.now().until(at) + Duration::from_millis(1)).await;
    }
}

/// Carries packets between the shards. A chat that is asked for begins in the second one.
async fn carry(
    mut packets: UnboundedReceiver<(ChatId, Packet)>,
    posts: [Post<Packet>; 2],
    key: StoreKey,
) -> Result<()> {
    let mut others: HashMap<ChatId, (usize, ChatId)> = HashMap::new();
    while let Some((from, packet)) = packets.recv().await {
        if let Some((shard, to)) = others.get(&from) {
            // Waits while this chat is busy. A network that drops the packet instead will do: it comes again.
            _ = posts[*shard].post(*to, packet).await;
            continue;
        }
        let (tag, Frame::Request { public }) = decode_one(&packet)? else { continue };
        let config = Config::x25519("bob", "alice")?.with_host_data(tag.0.to_vec())?.with_store(key.duplicate());
        let chat = Invitation::parse(public, config)?.accept(&mut Env::new(Tokio.now(), &mut UnwrapErr(SysRng)))?;
        let to = chat.id().ok_or("a chat with records")?;
        others.insert(from, (1, to));
        others.insert(to, (0, from));
        posts[1].open(chat)?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut rng = UnwrapErr(SysRng);
    let key = StoreKey::new([7; 32]); // 32 random bytes
    let (network, packets) = unbounded_channel();
    let (screen, mut shown) = unbounded_channel();
    let shard = || {
        let phones = Phones { network: network.clone(), screen: screen.clone() };
        Shard::new(Inline::new(MemoryStore::default()), phones, rng, key.duplicate(), Limits::default())
    };
    let ((of_alice, alice), (of_bob, bob)) = (shard(), shard());
    let tasks = [tokio::spawn(of_alice.run(Tokio)), tokio::spawn(of_bob.run(Tokio))];
    drop((network, screen));
    let carrier = tokio::spawn(carry(packets, [alice.clone(), bob.clone()], key.duplicate()));

    for _ in 0..CHATS {
        let tag = ChatTag::random(&mut rng).0.to_vec();
        let config = Config::x25519("alice", "bob")?.with_host_data(tag)?.with_store(key.duplicate());
        alice.open(Chat::request(config, &mut Env::new(Tokio.now(), &mut rng))?)?;
    }
    let mut messages = 0;
    while messages < CHATS * TEXTS.len() {
        shown.recv().await.ok_or("both shards ended")?;
        messages += 1;
    }

    // What is on its way may be lost now: the chats would send it again.
    alice.finish().await?;
    bob.finish().await?;
    for task in tasks {
        task.await??;
    }
    carrier.await??;
    println!("ok: {messages} messages");
    Ok(())
}
