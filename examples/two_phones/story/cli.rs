//! The command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Result;
use super::profile::Profile;

const USAGE: &str = "\
Two phones make a secret chat and send each other text and photos.

usage: two_phones [OPTION]... [PHOTO]...

PHOTO             JPEG or PNG files; without any, the two in examples/photos. One that is cut off, or too large to decode,
                  ends the program before anything is sent

--profile NAME    how they agree on keys: x25519, the default; hybrid, which has ML-KEM-768 beside X25519 against the
                  quantum computers to come; or telegram, as between two Telegram apps: Diffie-Hellman over 2,048 bits
--store KIND:DIR  keep both phones in DIR: killed at any moment, the same command goes on. Kinds: KINDS.
                  A store stays with its photos, its timers and its profile.
                  The keys of the two stores lie in DIR, too. A real app keeps its key apart,
                  where the system keeps secrets
--rekey-every N   ask for a new key after N messages under one key, at least 4; without it after 100
--outbox N        let at most N messages wait until the other phone has them, at least 8; without it 1000. What is
                  written beyond waits its turn
--ttl SECONDS     send the photo once more, with a timer of 1 to 60 seconds: it counts down from when it is opened
--view-once       send the photo once more, to be viewed once
--album           send the photos as an album, too, small; the first ten of them. An album has at least two: with
                  fewer it is those in examples/photos
--out DIR         write the received files there, not to a new temporary directory (with --store:
                  not to DIR/bob/received). Files that are there stay: a received file gets another name
--patience SECONDS
                  give up when nothing has come for so long, after what a timer takes; without it 30
--slow MS         sleep that long at each step, to watch or to kill it
-h, --help        this text

Ends with `ok: N photos, M messages, 0 lost`, or with exit code 1 and a line that says what failed.
";

pub(crate) enum Command {
    Help,
    Run(Options),
}

pub(crate) struct Options {
    pub(crate) photos: Vec<PathBuf>,
    pub(crate) profile: Profile,
    /// The kind of the store and its directory.
    pub(crate) store: Option<(&'static str, PathBuf)>,
    pub(crate) rekey_every: Option<u32>,
    pub(crate) outbox: Option<u32>,
    pub(crate) timers: Timers,
    pub(crate) album: bool,
    /// The photos in examples/photos.
    pub(crate) our_photos: Vec<PathBuf>,
    pub(crate) out: Option<PathBuf>,
    pub(crate) patience: Duration,
    pub(crate) pace: Pace,
}

/// Which photos with a timer are also sent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Timers {
    /// Seconds.
    pub(crate) countdown: Option<u32>,
    pub(crate) view_once: bool,
}

/// How long to sleep at each step.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pace(Duration);

impl Pace {
    pub(crate) fn step(self) {
        if !self.0.is_zero() {
            std::thread::sleep(self.0);
        }
    }
}

/// The differences between the programs that tell the story.
pub(crate) struct Program {
    /// The kinds of stores that the program has.
    pub(crate) stores: &'static [&'static str],
    /// The directory of our own photos.
    pub(crate) photos: &'static str,
}

pub(crate) fn usage(program: &Program) -> String {
    USAGE.replace("KINDS", &program.stores.join(", "))
}

pub(crate) fn parse(program: &Program, mut args: impl Iterator<Item = OsString>) -> Result<Command> {
    let mut options = Options {
        photos: Vec::new(),
        profile: Profile::default(),
        store: None,
        rekey_every: None,
        outbox: None,
        timers: Timers::default(),
        album: false,
        our_photos: photos_of_ours(program),
        out: None,
        patience: Duration::from_secs(30),
        pace: Pace::default(),
    };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{} needs a value, see --help", arg.display()));
        match arg.to_str() {
            Some("-h" | "--help") => return Ok(Command::Help),
            Some("--profile") => options.profile = Profile::from_name(&value()?.to_string_lossy())?,
            Some("--store") => {
                let value = value()?;
                let (kind, directory) = value.to_str().and_then(|value| value.split_once(':')).unwrap_or_default();
                let kind = program.stores.iter().find(|known| **known == kind && !directory.is_empty());
                let kind = kind.ok_or_else(|| format!("--store wants {}:DIR", program.stores.join(":DIR or ")))?;
                options.store = Some((kind, directory.into()));
            }
            Some("--rekey-every") => {
                let messages = value()?.to_str().and_then(|value| value.parse().ok()).filter(|messages| *messages >= 4);
                options.rekey_every = Some(messages.ok_or("--rekey-every wants a number of messages, 4 or more")?);
            }
            Some("--outbox") => {
                let messages = value()?.to_str().and_then(|value| value.parse().ok()).filter(|messages| *messages >= 8);
                options.outbox = Some(messages.ok_or("--outbox wants a number of messages, 8 or more")?);
            }
            Some("--ttl") => {
                let seconds = value()?.to_str().and_then(|value| value.parse().ok());
                let seconds = seconds.filter(|seconds| (1..=60).contains(seconds));
                options.timers.countdown = Some(seconds.ok_or("--ttl wants a number of seconds, 1 to 60")?);
            }
            Some("--view-once") => options.timers.view_once = true,
            Some("--album") => options.album = true,
            Some("--out") => options.out = Some(value()?.into()),
            Some("--patience") => {
                let seconds = value()?.to_str().and_then(|value| value.parse().ok()).filter(|seconds| *seconds >= 1);
                options.patience =
                    Duration::from_secs(seconds.ok_or("--patience wants a number of seconds, 1 or more")?);
            }
            Some("--slow") => {
                let millis = value()?.to_str().and_then(|value| value.parse().ok());
                options.pace = Pace(Duration::from_millis(millis.ok_or("--slow wants a number of milliseconds")?));
            }
            Some("--") => options.photos.extend(args.by_ref().map(PathBuf::from)),
            Some(option) if option.starts_with('-') => {
                return Err(format!("no such option: {option}, see --help").into());
            }
            _ => options.photos.push(arg.into()),
        }
    }
    if options.photos.is_empty() {
        options.photos.clone_from(&options.our_photos);
    }
    Ok(Command::Run(options))
}

fn photos_of_ours(program: &Program) -> Vec<PathBuf> {
    ["rocket-with-gps.jpg", "chelsea.png"].map(|name| Path::new(program.photos).join(name)).into()
}
