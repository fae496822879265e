//! A link: the whole of a host's files in one type (SPEC FILE-1 to FILE-6, DRV-7).

use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use proptest::prelude::*;
use recordings::{Faults, Network};
use secretchat::frame::{FileId, Frame, RangeList, Ranges, decode_one, encode};
use secretchat::media::Progress;
use secretchat::store::{Action, ApplyError, Driver, MemoryStore, Store};
use secretchat::transfer::{Bounds, Files, Link, LinkError, MemoryFiles, PartToWrite, Place};
use secretchat::{
    Batch, Chat, ChatId, Config, Counters, Document, Draft, Env, Event, Invitation, RandomId, Records, Start, StoreKey,
    Timestamp, Ttl, media,
};

use super::host::{TAG, at};
use crate::support::rng::Seeded;

/// The process has died, or the disk has failed.
#[derive(Debug)]
struct Crash;

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("crash")
    }
}

impl std::error::Error for Crash {}

/// Counts what is written, and fails at one of them: before it is done, or after.
#[derive(Clone, Debug, Default)]
struct Fuse(Rc<Cell<Option<(u64, bool)>>>);

impl Fuse {
    fn set(&self, steps: u64, is_done: bool) {
        self.0.set(Some((steps, is_done)));
    }

    fn write(&self, write: impl FnOnce()) -> Result<(), Crash> {
        match self.0.get() {
            None => write(),
            Some((0, is_done)) => {
                self.0.set(None);
                if is_done {
                    write();
                }
                return Err(Crash);
            }
            Some((steps, is_done)) => {
                write();
                self.0.set(Some((steps - 1, is_done)));
            }
        }
        Ok(())
    }
}

/// A disk that outlives the process: records, and files.
#[derive(Clone, Debug, Default)]
struct Fused<T> {
    inner: T,
    fuse: Fuse,
}

impl Store for Fused<MemoryStore> {
    type Error = Crash;

    fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<Crash>> {
        Ok(self.fuse.write(|| self.inner.apply(batch).expect("one driver"))?)
    }

    fn scrub(&mut self) -> Result<bool, Crash> {
        Ok(true)
    }

    fn load(&self, chat: ChatId) -> Result<Option<Records>, Crash> {
        Ok(self.inner.load(chat).unwrap())
    }

    fn chats(&self) -> Result<Vec<ChatId>, Crash> {
        Ok(self.inner.chats().unwrap())
    }

    fn delete(&mut self, chat: ChatId) -> Result<(), Crash> {
        self.inner.delete(chat).unwrap();
        Ok(())
    }
}

impl Files for Fused<MemoryFiles> {
    type Error = Crash;

    fn list(&self, place: Place) -> Result<Vec<FileId>, Crash> {
        Ok(self.inner.list(place).unwrap())
    }

    fn len(&self, place: Place, file: FileId) -> Result<Option<u64>, Crash> {
        Ok(self.inner.len(place, file).unwrap())
    }

    fn read(&mut self, file: FileId, bytes: Range<u64>) -> Result<Vec<u8>, Crash> {
        Ok(self.inner.read(file, bytes).unwrap())
    }

    fn write(&mut self, part: &PartToWrite<'_>) -> Result<(), Crash> {
        self.fuse.write(|| self.inner.write(part).unwrap())
    }

    fn note(&mut self, file: FileId, total: u64, there: &Ranges) -> Result<(), Crash> {
        self.fuse.write(|| self.inner.note(file, total, there).unwrap())
    }

    fn noted(&self, file: FileId) -> Result<Option<(u64, Ranges)>, Crash> {
        Ok(self.inner.noted(file).unwrap())
    }

    fn keep(&mut self, file: FileId) -> Result<(), Crash> {
        self.fuse.write(|| self.inner.keep(file).unwrap())
    }

    fn remove(&mut self, place: Place, file: FileId) -> Result<(), Crash> {
        self.fuse.write(|| self.inner.remove(place, file).unwrap())
    }
}

type FusedLink = Link<Fused<MemoryStore>, Fused<MemoryFiles>>;

/// One end, and what its user sees.
struct End {
    link: Option<FusedLink>,
    rng: Seeded,
    received: Vec<(RandomId, FileId)>,
    expired: Vec<RandomId>,
    crashes: usize,
    /// How many frames leave at once.
    room: usize,
    /// The user declines files.
    may_lack_files: bool,
}

fn start(local: &str, peer: &str) -> Start {
    Config::x25519(local, peer).unwrap().with_store(StoreKey::new([0x5a; 32]))
}

impl End {
    fn new(chat: Chat, rng: Seeded) -> Self {
        let driver = Driver::new(chat, Fused::default());
        let mut end = Self {
            link: None,
            rng,
            received: Vec::new(),
            expired: Vec::new(),
            crashes: 0,
            room: usize::MAX,
            may_lack_files: false,
        };
        end.join(driver, Fused::default(), 0);
        end
    }

    fn join(&mut self, driver: Driver<Fused<MemoryStore>>, files: Fused<MemoryFiles>, now: u64) {
        let link = Link::new(TAG, driver, files, Bounds::default(), at(now)).unwrap();
        let mut link = link.with_part_len(1000);
        link.connected(&mut Env::new(at(now), &mut self.rng));
        self.link = Some(link);
    }

    fn link(&mut self) -> &mut FusedLink {
        self.link.as_mut().unwrap()
    }

    fn files(&mut self) -> &mut MemoryFiles {
        &mut self.link().files_mut().inner
    }

    /// Makes a message with a sealed file.
    fn draft(&mut self, content: &[u8]) -> (FileId, Vec<u8>, Draft) {
        let form = self.link().driver().chat().file_form();
        let (key, sealed) = media::seal(form, content, &mut self.rng).unwrap();
        let file = FileId::random(&mut self.rng);
        self.files().insert(file, sealed.clone());
        let document = Document::new("application/octet-stream", content.len() as u64, key);
        (file, sealed, Draft::media(document, "").with_file(file))
    }

    fn send(&mut self, draft: &Draft, now: u64) -> Result<RandomId, LinkError<Crash, Crash>> {
        self.with(now, |link, env| link.send(draft, env))
    }

    fn with<R>(&mut self, now: u64, call: impl FnOnce(&mut FusedLink, &mut Env<'_>) -> R) -> R {
        call(self.link.as_mut().unwrap(), &mut Env::new(at(now), &mut self.rng))
    }

    /// Takes a frame and does what is due; begins anew where it dies. Returns what leaves.
    fn live(&mut self, frame: Option<&[u8]>, now: u64) -> Vec<Vec<u8>> {
        match self.run(frame, now) {
            Ok(frames) => frames,
            Err(_) => {
                self.crashes += 1;
                self.restart(now);
                Vec::new()
            }
        }
    }

    fn run(&mut self, frame: Option<&[u8]>, now: u64) -> Result<Vec<Vec<u8>>, LinkError<Crash, Crash>> {
        let Self { link: Some(link), rng, received, expired, room, may_lack_files, .. } = self else {
            panic!("it lives")
        };
        let mut env = Env::new(at(now), rng);
        if let Some(frame) = frame {
            let Ok((TAG, frame)) = decode_one(frame) else { panic!("the network damages nothing") };
            link.handle_frame(&frame, &mut env).map_err(LinkError::Files)?;
        }
        link.handle_timeout(&mut env)?;
        while let Some(action) = link.next_action(&mut env)? {
            match action {
                Action::Event(Event::Message(message)) => {
                    let Some(file) = &message.file else { continue };
                    let file = FileId::try_from(&file.reference[..]).unwrap();
                    let is_there = link.files().inner.get(Place::Kept, file).is_some();
                    assert!(is_there || *may_lack_files, "no message is shown without its file");
                    // After a crash the event comes again.
                    if !received.contains(&(message.random_id, file)) {
                        received.push((message.random_id, file));
                    }
                }
                Action::Event(Event::Expired { random_id, .. }) => expired.push(random_id),
                Action::Transmit(_) | Action::Receipt { .. } => panic!("it comes out as a frame"),
                _ => {}
            }
        }
        let mut frames = Vec::new();
        while frames.len() < *room
            && let Some(frame) = link.next_frame(at(now))?
        {
            frames.push(frame);
        }
        Ok(frames)
    }

    fn restart(&mut self, now: u64) {
        let (driver, files) = self.link.take().unwrap().into_parts();
        let (_, store) = driver.into_parts();
        // It dies once more at another write, but not before it is there again.
        files.fuse.0.set(None);
        let chat = store.chats().unwrap()[0];
        let mut env = Env::new(at(now), &mut self.rng);
        let driver = Driver::restore(store, chat, &StoreKey::new([0x5a; 32]), None, &mut env).unwrap();
        self.join(driver, files, now);
    }
}

/// Two ends, the network between them, and what left.
struct World {
    ends: [End; 2],
    network: Network<Vec<u8>>,
    now: u64,
    /// Bytes of files that left, of either end.
    carried: [u64; 2],
    /// Messages with files that left, of either end.
    messages: [u64; 2],
}

impl World {
    fn new(seed: u64, faults: Faults) -> Self {
        let [mut first, mut second] = [Seeded::new(seed), Seeded::new(seed + 1)];
        let chat = Chat::request(start("alice", "bob"), &mut Env::new(at(0), &mut first)).unwrap();
        let mut alice = End::new(chat, first);
        let request = alice.live(None, 0).remove(0);
        let Ok((TAG, Frame::Request { public })) = decode_one(&request) else { panic!("a request") };
        let invitation = Invitation::parse(public, start("bob", "alice")).unwrap();
        let chat = invitation.accept(&mut Env::new(at(0), &mut second)).unwrap();
        let mut world = Self {
            ends: [alice, End::new(chat, second)],
            network: Network::new(seed, Faults::default()),
            now: 0,
            carried: [0, 0],
            messages: [0, 0],
        };
        for end in [1, 0, 1, 0] {
            world.live(end, None);
            world.arrive();
        }
        world.network.faults = faults;
        world
    }

    fn live(&mut self, end: usize, frame: Option<&[u8]>) {
        for frame in self.ends[end].live(frame, self.now) {
            match decode_one(&frame) {
                Ok((_, Frame::FilePart { bytes, .. })) => self.carried[end] += bytes.len() as u64,
                Ok((_, Frame::Ciphertext { file: Some(_), .. })) => self.messages[end] += 1,
                _ => {}
            }
            self.network.post(end, frame, self.now);
        }
    }

    fn arrive(&mut self) {
        while let Some(parcel) = self.network.arrive(self.now) {
            self.live(1 - parcel.from, Some(&parcel.load));
        }
    }

    fn run(&mut self, is_done: impl Fn(&mut Self) -> bool) {
        for _ in 0..20_000 {
            for end in [0, 1] {
                self.live(end, None);
            }
            if is_done(self) {
                return;
            }
            let timeouts = self.ends.iter().filter_map(|end| end.link.as_ref().unwrap().poll_timeout());
            let next = timeouts.map(Timestamp::as_millis).chain(self.network.next_arrival()).min();
            self.now = self.now.max(next.expect("nothing will happen any more"));
            self.arrive();
        }
        panic!("it comes to no end");
    }

    /// Runs until all messages are acknowledged, and their files gone from where they left.
    fn settle(&mut self) {
        self.run(|world| world.ends.iter_mut().all(|end| end.files().list(Place::Leaving).unwrap().is_empty()));
    }
}

fn content(len: usize, seed: u8) -> Vec<u8> {
    (0..len).map(|n| u8::try_from(n % 251).unwrap() ^ seed).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the network does, and wherever a write fails or is the last of a process: every file arrives whole, every
    /// message once, and the sender keeps no file that nobody needs.
    #[test]
    fn files_survive_a_bad_network_and_a_crash_at_any_write(
        seed in any::<u32>(),
        plans in prop::collection::vec((0..2_usize, 1..20_000_usize), 1..5),
        lost in 0..40_u64, repeated in 0..40_u64, delay in 0..3000_u64,
        fuses in prop::collection::vec((0..2_usize, any::<bool>(), 0..40_u64, any::<bool>()), 0..8),
    ) {
        let mut world = World::new(seed.into(), Faults { lost, repeated, delay, ..Faults::default() });
        let mut sent = [Vec::new(), Vec::new()];
        for ((from, len), seed) in plans.into_iter().zip(0..) {
            let (file, sealed, draft) = world.ends[from].draft(&content(len, seed));
            let id = world.ends[from].send(&draft, 0).unwrap();
            sent[from].push((id, file, sealed));
        }
        // What the user has sent is durable before anything dies.
        for end in [0, 1] {
            world.live(end, None);
        }
        for (end, in_files, steps, is_done) in fuses {
            let link = world.ends[end].link();
            let fuse = if in_files { &link.files().fuse } else { &link.driver().store().fuse };
            fuse.set(steps, is_done);
        }
        world.settle();
        for (from, sent) in sent.iter().enumerate() {
            let there = &mut world.ends[1 - from];
            let mut received = there.received.clone();
            received.sort_unstable();
            let mut expected: Vec<_> = sent.iter().map(|(id, file, _)| (*id, *file)).collect();
            expected.sort_unstable();
            prop_assert_eq!(received, expected);
            for (_, file, sealed) in sent {
                prop_assert!(there.files().get(Place::Kept, *file) == Some(sealed), "exactly the bytes");
            }
            prop_assert_eq!(there.files().list(Place::Arriving).unwrap(), []);
        }
    }
}

#[test]
fn a_crash_costs_what_was_not_noted_and_no_more() {
    let mut world = World::new(3, Faults::default());
    let (_, sealed, draft) = world.ends[0].draft(&content(3_000_000, 1));
    world.ends[0].send(&draft, 0).unwrap();
    // In the midst of the file, which comes in parts of 1,000 bytes.
    world.ends[1].link().files().fuse.set(1_500, false);
    world.settle();
    assert_eq!(world.ends[1].crashes, 1);
    let again = world.carried[0] - sealed.len() as u64;
    assert!((1_000..=(1 << 18) + 2_000).contains(&again), "{again} bytes left once more");
}

/// To note what is there costs a host a sync, so not every part is noted.
#[test]
fn a_file_is_noted_for_every_256_kib_and_at_its_end() {
    let mut world = World::new(3, Faults::default());
    let (_, sealed, draft) = world.ends[0].draft(&content(3_000_000, 1));
    world.ends[0].send(&draft, 0).unwrap();
    let fuse = world.ends[1].link().files().fuse.clone();
    fuse.set(10_000, false);
    world.settle();
    let writes = 10_000 - fuse.0.get().unwrap().0;
    // Each part once, the notes, and that the file is kept.
    assert_eq!(writes, sealed.len().div_ceil(1_000) as u64 + 11 + 1 + 1);
}

/// A repeat waits for the peer's word about its file. When the peer acknowledges the message instead, that word never comes.
#[test]
fn a_repeat_of_what_was_acknowledged_meanwhile_holds_nobody_up() {
    let mut world = World::new(12, Faults::default());
    let (_, _, draft) = world.ends[0].draft(b"a file");
    world.ends[0].send(&draft, 0).unwrap();
    world.live(0, None);
    while let Some(frame) = world.network.take(0) {
        world.live(1, Some(&frame));
    }
    // The connection drops with all that the peer has answered.
    world.network.retain(1, |_| false);
    world.ends[0].with(world.now, FusedLink::connected);
    world.live(0, None);
    assert!(matches!(
        world.network.take(0).as_deref().map(decode_one),
        Some(Ok((_, Frame::FilePart { bytes: [], .. })))
    ));
    world.network.retain(0, |_| false);

    world.now += 1_000;
    world.live(1, None);
    world.arrive();
    let Counters { sent, acknowledged, .. } = world.ends[0].link().driver().chat().counters();
    assert_eq!((sent, acknowledged), (2, 2), "the layer and the file");
    world.ends[0].send(&Draft::text("behind it"), world.now).unwrap();
    world.run(|world| world.ends[1].link().driver().chat().counters().received == 3);
}

#[test]
fn what_nobody_waits_for_is_deleted_at_both_ends() {
    let mut world = World::new(4, Faults::default());
    let (never_sent, _, _) = world.ends[0].draft(b"a draft whose process dies");
    world.ends[0].restart(0);
    assert_eq!(world.ends[0].files().get(Place::Leaving, never_sent), None);

    let (file, _, draft) = world.ends[0].draft(b"for a second");
    let id = world.ends[0].send(&draft.with_ttl(Ttl::from_seconds(1).unwrap()), 0).unwrap();
    world.run(|world| !world.ends[1].received.is_empty());
    assert!(world.ends[1].files().get(Place::Kept, file).is_some());
    assert_eq!(world.ends[1].link().driver().chat().file_of(id), Some(&file.0[..]));
    let opened = world.ends[1]
        .with(world.now, |link, env| link.driver_mut().act(env, |chat, env| chat.open_view(id, env)).map(drop));
    opened.unwrap();
    world.run(|world| world.ends.iter().all(|end| end.expired == [id]));
    assert_eq!(world.ends[1].files().get(Place::Kept, file), None, "its key is gone");
    assert_eq!(world.ends[0].files().get(Place::Leaving, file), None);
    assert_eq!(world.ends[1].link().driver().chat().file_of(id), None);
}

#[test]
fn a_lost_file_has_its_message_emptied_and_the_next_one_arrives() {
    let mut world = World::new(5, Faults::default());
    let (lost, _, draft) = world.ends[0].draft(b"lost");
    world.ends[0].send(&draft, 0).unwrap();
    world.ends[0].files().remove(Place::Leaving, lost).unwrap();
    let (file, _, draft) = world.ends[0].draft(b"behind it");
    let id = world.ends[0].send(&draft, 0).unwrap();
    world.run(|world| world.ends[1].received == [(id, file)]);
    assert!(matches!(world.ends[0].send(&Draft::text("").with_file(lost), 0), Err(LinkError::NoFile)));
    assert!(matches!(world.ends[0].send(&Draft::text("a").with_file([7; 3]), 0), Err(LinkError::NoFile)));
}

#[test]
fn an_uploaded_file_holds_nobody_up() {
    let mut world = World::new(6, Faults::default());
    let (file, sealed, draft) = world.ends[0].draft(&content(50_000, 0));
    world.ends[0].room = 2;
    world.ends[0].link().upload(file).unwrap();
    assert_eq!(world.ends[0].link().progress(), Progress { done: 0, total: sealed.len() as u64 });
    world.live(0, None);
    let (other, _, between) = world.ends[0].draft(b"in between");
    let between = world.ends[0].send(&between, 0).unwrap();
    world.ends[0].link().upload(file).unwrap();
    while !world.ends[0].link().sender().is_carried(file) {
        world.live(0, None);
        world.arrive();
    }
    let id = world.ends[0].send(&draft, 0).unwrap();
    world.settle();
    assert_eq!(world.ends[1].received, [(between, other), (id, file)]);
    assert_eq!(world.ends[1].files().get(Place::Kept, file), Some(&sealed[..]));
}

/// SPEC DRV-7: the pauses of the driver are shorter than the way of a large file, and its message leaves once all the same.
#[test]
fn a_file_on_a_slow_transport_leaves_once_and_so_does_its_message() {
    let mut world = World::new(11, Faults::default());
    let (file, sealed, draft) = world.ends[0].draft(&content(100_000, 0));
    world.ends[0].room = 1;
    let id = world.ends[0].send(&draft, 0).unwrap();
    while world.ends[1].received.is_empty() {
        world.now += 3_000;
        world.live(0, None);
        world.arrive();
    }
    assert!(world.now > 300_000, "it took long");
    assert_eq!((world.carried[0], world.messages[0]), (sealed.len() as u64, 1));
    assert_eq!(world.ends[1].received, [(id, file)]);
}

/// SPEC DRV-7: what is deleted while its file is on its way does not leave any more.
#[test]
fn a_message_that_is_deleted_on_its_way_leaves_empty() {
    let mut world = World::new(12, Faults::default());
    let (_, _, draft) = world.ends[0].draft(&content(100_000, 0));
    world.ends[0].room = 1;
    let id = world.ends[0].send(&draft, 0).unwrap();
    for _ in 0..10 {
        world.now += 1;
        world.live(0, None);
        world.arrive();
    }
    let deleted = world.ends[0]
        .with(world.now, |link, env| link.driver_mut().act(env, |chat, env| chat.delete(&[id], env)).map(drop));
    deleted.unwrap();
    // No time passes, so nothing comes out by repetition.
    for _ in 0..200 {
        world.live(0, None);
        world.arrive();
    }
    world.settle();
    assert_eq!((world.messages, &world.ends[1].received[..]), ([0, 0], &[][..]));
}

#[test]
fn a_file_that_is_taken_back_is_deleted_at_both_ends() {
    let mut world = World::new(7, Faults::default());
    let (file, _, _) = world.ends[0].draft(&content(50_000, 0));
    world.ends[0].room = 2;
    world.ends[0].link().upload(file).unwrap();
    world.live(0, None);
    world.arrive();
    assert_eq!(world.ends[1].files().list(Place::Arriving).unwrap(), [file]);
    let (other, _, _) = world.ends[0].draft(b"another");
    world.ends[0].link().upload(other).unwrap();
    world.ends[0].link().cancel(file).unwrap();
    assert_eq!(world.ends[0].files().get(Place::Leaving, file), None);
    world.live(0, None);
    world.arrive();
    assert!(!world.ends[1].files().list(Place::Arriving).unwrap().contains(&file));
    // The other one was not taken back with it.
    world.ends[0].link().cancel(other).unwrap();
    assert_eq!(world.ends[0].files().list(Place::Leaving).unwrap(), []);
}

#[test]
fn a_file_that_the_user_does_not_want_is_deleted_and_its_message_comes_without_it() {
    let mut world = World::new(8, Faults::default());
    let (file, _, draft) = world.ends[0].draft(&content(50_000, 0));
    world.ends[0].room = 2;
    let id = world.ends[0].send(&draft, 0).unwrap();
    world.live(0, None);
    world.arrive();
    world.ends[1].may_lack_files = true;
    world.ends[1].link().decline(file).unwrap();
    world.settle();
    assert_eq!(world.ends[1].received, [(id, file)]);
    for place in [Place::Arriving, Place::Kept] {
        assert_eq!(world.ends[1].files().get(place, file), None);
    }
    assert!(world.carried[0] < 10_000, "{} bytes left", world.carried[0]);
}

/// A host that waits for the link would never sleep.
#[test]
fn nothing_is_due_that_only_the_transport_can_bring_about() {
    let mut world = World::new(9, Faults::default());
    let (_, _, draft) = world.ends[0].draft(&content(50_000, 0));
    world.ends[0].room = 2;
    world.ends[0].send(&draft, 0).unwrap();
    world.live(0, None);
    world.now = 10;
    let End { link: Some(link), rng, .. } = &mut world.ends[0] else { panic!("it lives") };
    let mut env = Env::new(at(10), rng);
    for is_connected in [false, true] {
        // The peer is to be asked what it lacks.
        if is_connected {
            link.connected(&mut env);
        } else {
            link.disconnected();
        }
        while link.next_action(&mut env).unwrap().is_some() {}
        assert!(link.poll_timeout().is_none_or(|due| due > at(10)), "{:?}", link.poll_timeout());
    }
    let Some(question) = link.next_frame(at(10)).unwrap() else { panic!("there is room now") };
    assert!(matches!(decode_one(&question), Ok((_, Frame::FilePart { bytes: [], .. }))));
    // The answer may be lost, so the question comes again after two seconds; once it is due, only the transport can take it.
    let again = at(10 + 2_000);
    assert_eq!(link.poll_timeout(), Some(again));
    while link.next_action(&mut Env::new(again, rng)).unwrap().is_some() {}
    assert!(link.poll_timeout().is_none_or(|due| due > again), "{:?}", link.poll_timeout());
    let Some(question) = link.next_frame(again).unwrap() else { panic!("it is due") };
    assert!(matches!(decode_one(&question), Ok((_, Frame::FilePart { bytes: [], .. }))));
}

#[test]
fn a_restarted_end_answers_about_its_file_before_it_repeats_the_message() {
    let mut world = World::new(14, Faults::default());
    let (file, sealed, draft) = world.ends[0].draft(&content(5_000, 0));
    world.ends[0].send(&draft, 0).unwrap();
    world.live(0, None);
    world.ends[0].restart(0);
    let End { link: Some(link), rng, .. } = &mut world.ends[0] else { panic!("it lives") };
    let missing = Ranges::from(4_000..5_000).to_bytes();
    let request = Frame::FileRequest { file_id: file, missing: RangeList::try_from(&missing[..]).unwrap() };
    link.handle_frame(&request, &mut Env::new(at(0), rng)).unwrap();
    let part = link.next_frame(at(0)).unwrap().expect("an answer");
    let Ok((TAG, Frame::FilePart { file_id, offset, bytes, .. })) = decode_one(&part) else { panic!("a part") };
    assert_eq!((file_id, offset, bytes), (file, 4_000, &sealed[4_000..5_000]));
}

#[test]
fn a_late_part_of_a_kept_file_is_answered_and_not_written() {
    let mut world = World::new(15, Faults::default());
    let (file, sealed, draft) = world.ends[0].draft(b"a file");
    world.ends[0].send(&draft, 0).unwrap();
    world.settle();
    world.ends[1].restart(world.now);
    let now = world.now;
    let late = Frame::FilePart { file_id: file, offset: 0, total: sealed.len() as u64, bytes: &sealed };
    world.ends[1].with(now, |link, env| link.handle_frame(&late, env)).unwrap();
    assert_eq!(world.ends[1].files().list(Place::Arriving).unwrap(), []);
    let frames = world.ends[1].live(None, now);
    let answers = frames.iter().filter_map(|frame| match decode_one(frame) {
        Ok((_, Frame::FileRequest { file_id, missing })) => Some((file_id, missing.iter().count())),
        _ => None,
    });
    assert_eq!(answers.collect::<Vec<_>>(), [(file, 0)], "nothing is missing");
}

#[test]
fn whoever_floods_a_link_gets_few_answers_and_none_without_a_transport() {
    let mut world = World::new(10, Faults::default());
    let End { link: Some(link), rng, .. } = &mut world.ends[0] else { panic!("it lives") };
    let mut env = Env::new(at(0), rng);
    // One for each file that may arrive.
    for (is_connected, answers) in [(true, 64), (false, 0)] {
        if !is_connected {
            link.disconnected();
        }
        for n in 0..1_000_u64 {
            let file_id = FileId(std::array::from_fn(|at| n.to_le_bytes()[at % 8]));
            link.handle_frame(&Frame::FilePart { file_id, offset: 0, total: 7, bytes: &[] }, &mut env).unwrap();
            while link.next_action(&mut env).unwrap().is_some() {}
        }
        let mut frames = 0;
        while link.next_frame(at(0)).unwrap().is_some() {
            frames += 1;
        }
        assert_eq!(frames, answers);
    }
}

/// Whoever knows the name of a sealed file, or guesses it, gets none of it before the user has sent it.
#[test]
fn a_file_that_no_message_names_yet_is_given_to_nobody() {
    let mut world = World::new(13, Faults::default());
    let (file_id, sealed, draft) = world.ends[0].draft(b"not sent yet");
    let missing = [0, sealed.len() as u64].map(u64::to_le_bytes).concat();
    let missing = RangeList::try_from(&missing[..]).unwrap();
    let request = encode(TAG, &Frame::FileRequest { file_id, missing }).unwrap();
    assert_eq!(world.ends[0].live(Some(&request), 0), [[0_u8; 0]; 0]);
    world.ends[0].send(&draft, 0).unwrap();
    // The file, and its message.
    assert_eq!(world.ends[0].live(None, 0).len(), 2);
    let again = world.ends[0].live(Some(&request), 0);
    assert!(matches!(decode_one(&again[0]), Ok((_, Frame::FilePart { bytes, .. })) if bytes == sealed));
}

/// What waits for the transport is no more than 256 answers, however often a message comes.
#[test]
fn a_message_that_is_repeated_without_end_gets_few_receipts() {
    let mut world = World::new(14, Faults::default());
    world.ends[0].send(&Draft::text("once"), 0).unwrap();
    let message = world.ends[0].live(None, 0).remove(0);
    let Ok((TAG, frame)) = decode_one(&message) else { panic!("a message") };
    let End { link: Some(link), rng, .. } = &mut world.ends[1] else { panic!("it lives") };
    let mut env = Env::new(at(0), rng);
    for _ in 0..1_000 {
        link.handle_frame(&frame, &mut env).unwrap();
        while link.next_action(&mut env).unwrap().is_some() {}
    }
    let frames = std::iter::from_fn(|| link.next_frame(at(0)).unwrap());
    assert_eq!(frames.filter(|frame| matches!(decode_one(frame), Ok((_, Frame::Receipt { .. })))).count(), 256);
}

/// Requests, answers and receipts pass; what is not authentic changes nothing, and is no error.
#[test]
fn what_strangers_make_up_is_no_error() {
    let mut world = World::new(11, Faults::default());
    let before = world.ends[1].link().driver().chat().counters();
    let missing = [0_u64.to_le_bytes(), u64::MAX.to_le_bytes()].concat();
    let file_id = FileId([9; 16]);
    for frame in [
        Frame::Ciphertext { transmit_id: secretchat::TransmitId(16), file: None, bytes: &[0xee; 72] },
        Frame::Ciphertext { transmit_id: secretchat::TransmitId(17), file: Some(file_id), bytes: &[0xee; 72] },
        Frame::FilePart { file_id, offset: 1, total: 3, bytes: &[1, 2] },
        Frame::FileRequest { file_id, missing: RangeList::try_from(&missing[..]).unwrap() },
        Frame::FileCancel { file_id },
        Frame::Request { public: &[7; 32] },
    ] {
        let bytes = encode(TAG, &frame).unwrap();
        world.live(1, Some(&bytes));
    }
    assert_eq!(world.ends[1].crashes, 0);
    assert_eq!(world.ends[1].link().driver().chat().counters(), before);
    assert_eq!(world.ends[1].files().list(Place::Kept).unwrap(), []);
}
