//! The story: keys, a greeting and an answer, then the photos; an album is in `album.rs`, those with a timer in `timers.rs`.

use std::fs::File;
use std::time::Duration;

use secretchat::frame::FileId;
use secretchat::media::MediaKey;
use secretchat::{Chat, ChatState, Document, Draft, EntityKind, Media, Photo, RandomId, Verification};

use super::Result;
use super::album::Album;
use super::cli::{Options, Timers};
use super::desk::Desk;
use super::disk::Hash;
use super::link::Wire;
use super::os::{Os, now};
use super::phone::{Phone, Settings};
use super::photo::{self, Original, Small};
use super::picture;
use super::place::Place;
use super::rows::{Row, What};
use super::shelf::Shelf;
use super::text::{mark, marked_up};
use super::timers::check_timed;

/// What the story is about.
struct Plot {
    originals: Vec<Original>,
    small: Small,
    /// The photos of the album; empty without one.
    album: Album,
    timers: Timers,
}

/// What was delivered.
pub(crate) struct Count {
    pub(crate) photos: usize,
    pub(crate) messages: usize,
}

pub(crate) fn tell<S: Shelf>(options: &Options) -> Result<Count> {
    // A file that cannot be used is named before anything is sent or made.
    let mut originals = Vec::new();
    let mut small = None;
    for path in &options.photos {
        let (original, image) = photo::read(path)?;
        if small.is_none() {
            small = Some(photo::shrink(&image)?);
        }
        originals.push(original);
    }
    let small = small.ok_or("no photos")?;
    let album = options.album.iter().flatten().map(|path| photo::shrink(&photo::read(path)?.1));
    let plot =
        Plot { originals, small, album: Album { photos: album.collect::<Result<_>>()? }, timers: options.timers };

    let place = Place::new(options, &mut Os::new())?;
    println!("Received files go to {}", place.received.display());
    let Options { profile, rekey_every, pace, .. } = *options;
    let view_once = plot.timers.view_once;
    let settings =
        |name, local_id, peer_id| Settings { name, profile, local_id, peer_id, rekey_every, view_once, pace };
    let alice = settings("Alice", "alice/phone", "bob/phone");
    let bob = settings("Bob", "bob/phone", "alice/phone");
    let pair = Pair::<S>::new(place.phone(alice, Os::new())?, place.phone(bob, Os::new())?);
    let count = pair.play(&plot, &place)?;
    if options.store.is_none() {
        place.sweep()?;
    }
    Ok(count)
}

/// Both phones and what lies between them.
pub(crate) struct Pair<S: Shelf> {
    pub(crate) alice: Phone<S>,
    pub(crate) bob: Phone<S>,
    to_bob: Wire,
    to_alice: Wire,
}

impl<S: Shelf> Pair<S> {
    fn new(alice: Phone<S>, bob: Phone<S>) -> Self {
        Self { alice, bob, to_bob: Wire::default(), to_alice: Wire::default() }
    }

    fn play(mut self, plot: &Plot, place: &Place) -> Result<Count> {
        let Plot { originals, small, album, timers } = plot;
        let photos = originals.len() + album.photos.len();
        let messages = photos + 3 + timers.messages();
        self.plan(plot, place)?;
        match self.delivered() {
            Some(n) if n == messages => println!("An earlier run has delivered everything. Checking it again"),
            Some(_) => println!("An earlier run did not come to its end. Going on"),
            None => {}
        }

        println!("\nAlice asks for a secret chat, Bob accepts. Profile: {}", self.alice.settings.profile);
        self.alice.start(true)?;
        self.bob.start(false)?;
        self.run_until(|pair| pair.verifications().is_some())?;
        self.compare_keys()?;

        println!("\nText");
        self.alice.write("hello", hash_of(&hello()), |_, _| Ok(hello()))?;
        self.run_until(|pair| pair.alice.is_delivered("hello"))?;
        let first = self.bob.journal.received().next().map(|received| received.id);
        self.bob.write("answer", hash_of(&answer(first)), |_, _| Ok(answer(first)))?;
        self.run_until(|pair| pair.bob.is_delivered("answer"))?;

        println!("\n{} made small as a photo. {}", originals[0].name, gone(&originals[0], small));
        self.alice.write("photo", small.hash, |desk, os| small_photo(small, desk, os))?;
        self.run_until(|pair| pair.alice.is_delivered("photo"))?;

        println!("\nThe originals as documents, with everything that is in them");
        let steps: Vec<String> = (1..=originals.len()).map(|number| format!("document-{number}")).collect();
        for (original, step) in originals.iter().zip(&steps) {
            self.alice.write(step, original.hash, |desk, os| document(original, desk, os))?;
        }
        self.run_until(|pair| steps.iter().all(|step| pair.alice.is_delivered(step)))?;

        self.play_album(album)?;
        self.play_timers(small, *timers)?;

        self.play_keys()?;

        println!("\nComparing what was sent with what arrived");
        check(&self.alice, &self.bob)?;
        check(&self.bob, &self.alice)?;
        self.alice.desk.tidy()?;
        self.bob.desk.tidy()?;
        Ok(Count { photos, messages })
    }

    /// How many messages an earlier run has delivered; `None` if there was no such run.
    fn delivered(&self) -> Option<usize> {
        self.alice.journal.tag()?;
        let delivered =
            |phone: &Phone<S>| phone.journal.drafts().filter(|(id, ..)| phone.journal.is_acknowledged(*id)).count();
        Some(delivered(&self.alice) + delivered(&self.bob))
    }

    /// A store that began in the other profile or with other photos cannot go on with these.
    fn plan(&mut self, plot: &Plot, place: &Place) -> Result<()> {
        let hashes = plot.originals.iter().map(|original| original.hash.to_string());
        let mut plan: Vec<String> = hashes.chain([plot.small.hash.to_string()]).collect();
        plan.push(place.received.display().to_string());
        plan.extend(plot.timers.drafts().map(|(step, ttl)| format!("{step} {}", ttl.to_wire())));
        plan.extend(plot.album.steps().map(|(step, hash)| format!("{step} {hash}")));
        let hash = Hash::of_bytes(plan.join("\n").as_bytes());
        let profile = self.alice.settings.profile.to_string();
        match self.alice.journal.plan() {
            None => {
                self.alice.add(Row::Plan { hash, profile })?;
                self.alice.shelf()?.commit()
            }
            Some((_, known)) if known != profile => {
                Err(format!("this store began with --profile {known}; use that, or another directory").into())
            }
            Some((known, _)) if known == hash => Ok(()),
            Some(_) => {
                Err("this store began with other photos, other timers, another --album or another --out; use another directory".into())
            }
        }
    }

    /// Lets both phones do what they have to until `done`.
    pub(crate) fn run_until(&mut self, done: impl Fn(&Self) -> bool) -> Result<()> {
        loop {
            let mut moved = transfer(&mut self.alice, &mut self.to_bob, &mut self.bob)?;
            moved |= transfer(&mut self.bob, &mut self.to_alice, &mut self.alice)?;
            if done(self) {
                return Ok(());
            }
            if !moved {
                let timeout = self.alice.poll_timeout().into_iter().chain(self.bob.poll_timeout()).min();
                let timeout = timeout.ok_or("both phones wait for each other")?;
                std::thread::sleep(Duration::from_millis(timeout.as_millis().saturating_sub(now().as_millis()).max(1)));
            }
        }
    }

    /// Both, once both chats are ready.
    fn verifications(&self) -> Option<(Verification, Verification)> {
        let of = |phone: &Phone<S>| {
            phone.chat().filter(|chat| chat.state() == ChatState::Ready).and_then(Chat::verification)
        };
        Some((of(&self.alice)?, of(&self.bob)?))
    }

    fn compare_keys(&self) -> Result<()> {
        let (alice, bob) = self.verifications().ok_or("there are no keys to compare")?;
        picture::print_side_by_side(("Alice sees", alice), ("Bob sees", bob));
        if alice != bob {
            return Err("the key pictures differ: somebody sits in the middle".into());
        }
        println!("   They match. Real users compare them by voice or face to face");
        Ok(())
    }
}

/// One round of one direction; whether anything moved.
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

fn hello() -> Draft {
    let text = "Hello Bob 👋 I have photos for you. About our keys, see RFC 7748";
    let link = EntityKind::TextUrl("https://www.rfc-editor.org/rfc/rfc7748".to_owned());
    let entities = [mark(EntityKind::Bold, text, "photos"), mark(link, text, "RFC 7748")];
    Draft { entities: entities.into_iter().flatten().collect(), ..Draft::text(text) }
}

fn answer(reply_to: Option<RandomId>) -> Draft {
    Draft { reply_to, ..Draft::text("Hi Alice, our pictures match. Send them over 📷") }
}

fn hash_of(draft: &Draft) -> Hash {
    Hash::of_bytes(marked_up(&draft.text, &draft.entities).as_bytes())
}

pub(crate) fn small_photo(small: &Small, desk: &Desk, os: &mut Os) -> Result<Draft> {
    let size = small.jpeg.len() as u64;
    let (file, key) = desk.encrypt("the photo", small.jpeg.as_slice(), size, os.env().rng)?;
    Ok(photo_draft(small, file, key))
}

/// A photo whose encrypted file is ready.
pub(crate) fn photo_draft(small: &Small, file: FileId, key: MediaKey) -> Draft {
    let photo = Photo {
        thumbnail: Some(small.thumbnail.clone()),
        width: small.width,
        height: small.height,
        size: small.jpeg.len() as u64,
        key: Some(key),
    };
    Draft { file: Some(file.0.to_vec()), ..Draft::media(Media::Photo(photo), "") }
}

fn document(original: &Original, desk: &Desk, os: &mut Os) -> Result<Draft> {
    let (file, key) = desk.encrypt(&original.name, File::open(&original.path)?, original.size, os.env().rng)?;
    let document = Document {
        mime_type: original.mime_type.to_owned(),
        file_name: Some(original.name.clone()),
        image_size: Some((original.width, original.height)),
        size: original.size,
        key: Some(key),
        ..Document::default()
    };
    Ok(Draft { file: Some(file.0.to_vec()), ..Draft::media(Media::Document(document), "") })
}

fn gone(original: &Original, small: &Small) -> String {
    let Original { width, height, size, tags, .. } = original;
    let tags = if tags.is_empty() { "none, it had none".to_owned() } else { tags.join(", ") };
    let (small_width, small_height) = (small.width, small.height);
    let small_size = small.jpeg.len();
    format!(
        "{width}x{height}, {size} bytes, became {small_width}x{small_height}, {small_size} bytes\n   EXIF tags that went: {tags}"
    )
}

/// Everything that one phone sent is with the other one: once, in order, the same.
fn check<S: Shelf>(from: &Phone<S>, to: &Phone<S>) -> Result<()> {
    let sent: Vec<_> = from.journal.drafts().collect();
    let lost = sent.iter().filter(|(id, ..)| !to.journal.has_received(*id)).count();
    if lost > 0 {
        return Err(format!("{lost} of {} messages were lost", sent.len()).into());
    }
    let arrived = to.journal.received().map(|received| received.id);
    if !arrived.eq(sent.iter().map(|(id, ..)| *id)) {
        return Err("messages arrived more than once or out of order".into());
    }
    for ((_, hash, step), received) in sent.iter().zip(to.journal.received()) {
        if let What::Hidden(_) = received.what {
            check_timed(step, *hash, received.id, from, to)?;
            continue;
        }
        let (content, name) = match &received.what {
            What::Grouped(grouped) => (to.journal.opened(received.id), Some(&grouped.name)),
            What::File(name) => (Some(received.hash), Some(name)),
            _ => (Some(received.hash), None),
        };
        if content != Some(*hash) {
            return Err(format!("{step} arrived changed").into());
        }
        if let Some(name) = name {
            let path = to.desk.received_path(name);
            let found = File::open(&path).and_then(Hash::of);
            if found.map_err(|error| format!("cannot read {}: {error}", path.display()))? != *hash {
                return Err(format!("{} is not what was sent", path.display()).into());
            }
            println!("   {name}: SHA-256 {:.16}… on both sides", hash.to_string());
        }
    }
    Ok(())
}
