//! The story: keys, a greeting and an answer, then the photos; an album is in `album.rs`, those with a timer in `timers.rs`.

use std::time::Duration;

use secretchat::{Chat, ChatState, Verification};

use super::Result;
use super::check::check;
use super::cli::Options;
use super::disk::{Hash, create_private_directory};
use super::drafts::{answer, document, hash_of, hello, small_photo};
use super::link::Wire;
use super::os::{Os, now};
use super::phone::{Phone, Settings};
use super::picture;
use super::place::Place;
use super::plot::Plot;
use super::rows::{self, Row};
use super::say::say;
use super::shelf::Shelf;

/// The result of the story.
pub(crate) struct Count {
    pub(crate) photos: usize,
    pub(crate) messages: usize,
}

pub(crate) fn tell<S: Shelf>(options: &Options) -> Result<Count> {
    let plot = Plot::read(options)?;
    let place = Place::new(options, &mut Os::new())?;
    say!("Received files go to {}", place.received.display())?;
    let Options { profile, rekey_every, outbox, pace, .. } = *options;
    let view_once = plot.timers.view_once;
    let settings =
        |name, local_id, peer_id| Settings { name, profile, local_id, peer_id, rekey_every, outbox, view_once, pace };
    let alice = settings("Alice", "alice/phone", "bob/phone");
    let bob = settings("Bob", "bob/phone", "alice/phone");
    let mut pair = Pair::<S>::new(place.phone(alice, Os::new())?, place.phone(bob, Os::new())?);
    create_private_directory(&place.received)?;
    pair.patience = options.patience + Duration::from_secs(plot.timers.countdown.unwrap_or(0).into());
    let count = pair.play(&plot, &place)?;
    place.succeed()?;
    Ok(count)
}

/// Both phones and the link between them.
pub(crate) struct Pair<S: Shelf> {
    pub(crate) alice: Phone<S>,
    pub(crate) bob: Phone<S>,
    to_bob: Wire,
    to_alice: Wire,
    /// The longest time in which nothing may happen.
    patience: Duration,
    /// How long nothing has happened, and the progress before that.
    idle: Duration,
    progress: u64,
}

impl<S: Shelf> Pair<S> {
    fn new(alice: Phone<S>, bob: Phone<S>) -> Self {
        let (to_bob, to_alice) = (Wire::default(), Wire::default());
        Self { alice, bob, to_bob, to_alice, patience: Duration::MAX, idle: Duration::ZERO, progress: 0 }
    }

    fn play(mut self, plot: &Plot, place: &Place) -> Result<Count> {
        let Plot { originals, photo, album, timers, .. } = plot;
        let (photos, messages) = (plot.photos(), plot.messages());
        self.plan(plot, place)?;
        match self.delivered() {
            Some(n) if n == messages => say!("An earlier run has delivered everything. Checking it again")?,
            Some(_) => say!("An earlier run did not come to its end. Going on")?,
            None => {}
        }

        let profile = self.alice.settings.profile;
        say!("\nAlice asks for a secret chat, Bob accepts. Profile: {profile}\n   {}", profile.meaning())?;
        self.start()?;
        self.run_until(|pair| pair.verifications().is_some())?;
        self.compare_keys()?;

        say!("\nText")?;
        self.alice.write("hello", hash_of(&hello()), |_, _, _| Ok(hello()))?;
        self.run_until(|pair| pair.alice.is_delivered("hello"))?;
        let first = self.bob.journal.received().first().map(|received| received.id);
        self.bob.write("answer", hash_of(&answer(first)), |_, _, _| Ok(answer(first)))?;
        self.run_until(|pair| pair.bob.is_delivered("answer"))?;

        for (name, reason) in &plot.files_only {
            say!("\n{name} goes as a file only: {reason}")?;
        }
        if let Some((made, small)) = photo {
            say!("\n{} made small as a photo. {}", made.name, made.told)?;
            self.alice.write("photo", small.hash, |desk, form, os| small_photo(small, desk, form, os))?;
            self.run_until(|pair| pair.alice.is_delivered("photo"))?;
        }

        say!("\nThe originals as documents, with everything that is in them")?;
        let mut documents = Vec::new();
        for (original, number) in originals.iter().zip(1..) {
            let step = format!("document-{number}");
            self.alice.write(&step, original.hash, |desk, form, os| document(original, desk, form, os))?;
            documents.extend(self.alice.journal.draft(&step));
            // There may be any number: messages for which the chat has no room go when the peer has acknowledged others.
            if !self.alice.has_sent_all() {
                self.run_until(|pair| pair.alice.has_sent_all())?;
            }
        }
        self.run_until(|pair| documents.iter().all(|id| pair.alice.journal.is_acknowledged(*id)))?;

        self.play_album(album)?;
        if let Some((_, small)) = photo {
            self.play_timers(small, *timers)?;
        }

        self.play_keys()?;

        say!("\nComparing what was sent with what arrived")?;
        check(&self.alice, &self.bob)?;
        check(&self.bob, &self.alice)?;
        self.alice.desk.tidy()?;
        self.bob.desk.tidy()?;
        Ok(Count { photos, messages })
    }

    /// Continues the chat of both phones, or begins one. Fails if the files of one phone are gone: the other would wait for
    /// an answer.
    fn start(&mut self) -> Result<()> {
        let (alice, bob) = (self.alice.journal.tag(), self.bob.journal.tag());
        let lost = |phone: &Phone<S>| {
            let (name, home) = (phone.settings.name, phone.desk.home.display());
            Err(format!("the other phone has a chat with {name}, but {home} has none: its files are gone").into())
        };
        match (alice, bob) {
            (None, Some(_)) => return lost(&self.alice),
            (Some(alice), Some(bob)) if alice != bob => return Err("these two phones are of different chats".into()),
            _ => {}
        }
        self.alice.start(true)?;
        self.bob.start(false)?;
        let is_ready = self.alice.chat().is_some_and(|chat| chat.state() == ChatState::Ready);
        if is_ready && self.bob.chat().is_none() { lost(&self.bob) } else { Ok(()) }
    }

    /// Returns how many messages an earlier run has delivered; `None` if there was no such run.
    fn delivered(&self) -> Option<usize> {
        self.alice.journal.tag()?;
        Some(self.alice.journal.acknowledged() + self.bob.journal.acknowledged())
    }

    /// Checks the plan. A store that began with another profile or other photos cannot continue with these.
    fn plan(&mut self, plot: &Plot, place: &Place) -> Result<()> {
        let hashes = plot.originals.iter().map(|original| original.hash.to_string());
        let small = plot.photo.iter().map(|(_, small)| small.hash.to_string());
        let mut plan: Vec<String> = hashes.chain(small).collect();
        plan.push(place.received.display().to_string());
        plan.extend(plot.timers.drafts().map(|(step, ttl)| format!("{step} {}", ttl.to_wire())));
        plan.extend(plot.album.steps().map(|(step, hash)| format!("{step} {hash}")));
        let hash = Hash::of_bytes(plan.join("\n").as_bytes());
        let plan = rows::Plan { hash, profile: self.alice.settings.profile.to_string() };
        match self.alice.journal.plan() {
            None => {
                self.alice.add(Row::Plan(plan))?;
                self.alice.commit()
            }
            Some(known) if known.profile != plan.profile => {
                let profile = &known.profile;
                Err(format!("this store began with --profile {profile}; use that, or another directory").into())
            }
            Some(known) if *known == plan => Ok(()),
            Some(_) => {
                Err("this store began with other photos, other timers, another --album or another --out; use another directory".into())
            }
        }
    }

    /// Lets both phones work until `done`.
    pub(crate) fn run_until(&mut self, done: impl Fn(&Self) -> bool) -> Result<()> {
        loop {
            let moved = self.carry()?;
            if done(self) {
                return Ok(());
            }
            if !moved {
                self.sleep()?;
            }
        }
    }

    /// Lets both phones do something, or time pass.
    pub(crate) fn move_on(&mut self) -> Result<()> {
        if self.carry()? { Ok(()) } else { self.sleep() }
    }

    /// Does one round in both directions. Returns whether anything moved.
    fn carry(&mut self) -> Result<bool> {
        let to_bob = transfer(&mut self.alice, &mut self.to_bob, &mut self.bob)?;
        let to_alice = transfer(&mut self.bob, &mut self.to_alice, &mut self.alice)?;
        Ok(to_bob || to_alice)
    }

    /// Sleeps until one of them has something to do. Fails if nothing comes for too long.
    fn sleep(&mut self) -> Result<()> {
        // Only a silent link counts: a machine that was busy for a while is not silence.
        if self.alice.open_albums()? || self.bob.open_albums()? {
            return Ok(());
        }
        let progress = self.alice.progress() + self.bob.progress();
        if progress != self.progress {
            (self.progress, self.idle) = (progress, Duration::ZERO);
        }
        let timeout = self.alice.poll_timeout().into_iter().chain(self.bob.poll_timeout()).min();
        let timeout = timeout.ok_or("both phones wait for each other")?;
        let left = self.patience.saturating_sub(self.idle);
        if left.is_zero() {
            return Err(format!("nothing has come for {} s: --patience", self.patience.as_secs()).into());
        }
        let pause = Duration::from_millis(timeout.as_millis().saturating_sub(now().as_millis()).max(1)).min(left);
        self.idle += pause;
        std::thread::sleep(pause);
        Ok(())
    }

    /// Returns the verification values of both chats, once both are ready.
    fn verifications(&self) -> Option<(Verification, Verification)> {
        let of = |phone: &Phone<S>| {
            phone.chat().filter(|chat| chat.state() == ChatState::Ready).and_then(Chat::verification)
        };
        Some((of(&self.alice)?, of(&self.bob)?))
    }

    fn compare_keys(&mut self) -> Result<()> {
        let (alice, bob) = self.verifications().ok_or("there are no keys to compare")?;
        picture::print_side_by_side(("Alice sees", alice), ("Bob sees", bob))?;
        if alice != bob {
            return Err("the key pictures differ: somebody sits in the middle".into());
        }
        self.alice.has_compared(alice)?;
        self.bob.has_compared(bob)?;
        say!("   They match. Real users compare them by voice or face to face")
    }
}

/// Does one round in one direction. Returns whether anything moved.
fn transfer<S: Shelf>(from: &mut Phone<S>, wire: &mut Wire, to: &mut Phone<S>) -> Result<bool> {
    from.tick()?;
    let mut moved = false;
    while wire.has_room() {
        let Some(bytes) = from.next_frame()? else { break };
        wire.put(&bytes);
        moved = true;
    }
    moved |= wire.deliver(|tag, frame| to.hear(tag, frame))?;
    Ok(moved)
}
