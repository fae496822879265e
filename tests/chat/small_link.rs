//! Whole chats over a link of 50 bytes that loses, repeats and reorders (SPEC FRAG-1 to FRAG-3, ENV-6).

use rand_core::Rng;
use secretchat::frame::{ChatTag, FragmentBounds, Frame, MIN_MTU, Reassembler, encode, fragment};
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::{Chat, Draft, Env, Event, Invitation, MessagePadding, Start, StoreKey};

use crate::support::agreement::{self, Agreement};
use crate::support::pair::env_at;
use crate::support::rng::Seeded;

const TAG: ChatTag = ChatTag([7; 16]);

/// One end, with what its link has not carried yet.
struct End {
    driver: Option<Driver<MemoryStore>>,
    start: Option<Start>,
    receiver: Reassembler,
    link: Vec<Vec<u8>>,
    heard: Vec<String>,
    ready: bool,
}

impl End {
    fn new(chat: Option<Chat>, start: Option<Start>) -> Self {
        let driver = chat.map(|chat| Driver::new(chat, MemoryStore::default()));
        let receiver = Reassembler::new(FragmentBounds::default());
        Self { driver, start, receiver, link: Vec::new(), heard: Vec::new(), ready: false }
    }

    fn hear(&mut self, datagram: &[u8], env: &mut Env<'_>) {
        let Some((tag, frame)) = self.receiver.take(datagram, env.now).unwrap() else { return };
        assert_eq!(tag, TAG);
        if let (Some(start), Frame::Request { public }) = (self.start.take(), &frame) {
            let chat = Invitation::parse(public, start).unwrap().accept(env).unwrap();
            self.driver = Some(Driver::new(chat, MemoryStore::default()));
        } else if let Some(driver) = &mut self.driver {
            driver.handle_frame(&frame, env).unwrap();
        }
    }

    /// Acts as time passes.
    fn act(&mut self, env: &mut Env<'_>) {
        let Some(driver) = &mut self.driver else { return };
        if driver.poll_timeout().is_some_and(|at| at <= env.now) {
            driver.handle_timeout(env).unwrap();
        }
        while let Some(action) = driver.next_action().unwrap() {
            if let Some(frame) = action.frame().unwrap() {
                let frame = encode(TAG, &frame).unwrap();
                self.link.extend(fragment(&frame, MIN_MTU).unwrap().map(|fragment| fragment.to_vec()));
            }
            match action {
                Action::Event(Event::Message(message)) => self.heard.push(message.content.text),
                Action::Event(Event::Ready { .. }) => self.ready = true,
                _ => {}
            }
        }
    }
}

fn start(agreement: Agreement, local: &str, peer: &str) -> Start {
    let config = agreement.config(local, peer).with_message_padding(MessagePadding::Small).unwrap();
    config.with_store(StoreKey::new([1; 32]))
}

/// Loses one datagram in five, carries one in ten twice, and some late.
fn carry(from: &mut End, to: &mut End, link: &mut Seeded, env: &mut Env<'_>) {
    for datagram in std::mem::take(&mut from.link) {
        assert!(datagram.len() <= MIN_MTU);
        match link.next_u32() % 10 {
            0 | 1 => {}
            2 => from.link.push(datagram),
            3 => (0..2).for_each(|_| to.hear(&datagram, env)),
            _ => to.hear(&datagram, env),
        }
    }
}

#[test]
fn chats_live_on_a_link_of_50_bytes_that_loses_a_fifth() {
    for (&agreement, seed) in agreement::EVERY.iter().zip(1..) {
        let (rng, link) = (&mut Seeded::new(seed), &mut Seeded::new(seed + 100));
        let chat = Chat::request(start(agreement, "alice", "bob"), &mut env_at(0, rng)).unwrap();
        let mut alice = End::new(Some(chat), None);
        let mut bob = End::new(None, Some(start(agreement, "bob", "alice")));
        let texts: Vec<String> = (0..20).map(|n| format!("message {n}")).collect();
        let mut unsent = texts.iter();
        for second in 0..1500 {
            let env = &mut env_at(1000 * second, rng);
            if alice.ready
                && second % 10 == 0
                && let Some(text) = unsent.next()
            {
                alice.driver.as_mut().unwrap().send(&Draft::text(text.as_str()), env).unwrap();
            }
            alice.act(env);
            bob.act(env);
            carry(&mut alice, &mut bob, link, env);
            carry(&mut bob, &mut alice, link, env);
        }
        assert!(bob.ready);
        assert_eq!(bob.heard, texts);
    }
}
