//! What the tests of `two_phones` share, whatever it keeps its phones in: directories, what must be in them, and the killer.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A directory that goes with the test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("secretchat-phones-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _leave_it_to_the_system = fs::remove_dir_all(&self.0);
    }
}

/// The photos of the repository, of which the package that tests is a part.
pub(crate) fn photos() -> PathBuf {
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|above| above.join("examples/photos"));
    above.find(|photos| photos.exists()).unwrap()
}

/// Bob's photos as the story sends them; behind them an album of the same two, if there is one, and nothing else.
pub(crate) fn assert_received(directory: &Path, with_album: bool) {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let album: &[_] = if with_album { &["05-photo.jpg", "06-photo.jpg"] } else { &[] };
    assert_eq!(names, [&["02-photo.jpg", "03-rocket-with-gps.jpg", "04-chelsea.png"], album].concat());
    let read = |name| fs::read(directory.join(name)).unwrap();
    for original in ["03-rocket-with-gps.jpg", "04-chelsea.png"] {
        assert!(read(original) == fs::read(photos().join(&original[3..])).unwrap(), "{original} is not the same");
    }
    if with_album {
        assert!(read("05-photo.jpg") == read("02-photo.jpg"), "the album begins with the photo that went alone");
        assert!(read("06-photo.jpg") != read("02-photo.jpg"));
    }
}

pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// Runs the command over and over, each time killed at a random moment, until it comes to its end: the outputs of all runs,
/// the last one not killed.
pub(crate) fn killed_until_it_ends(command: &mut Command, longest: Duration) -> (Vec<Output>, Output) {
    let mut killed = Vec::new();
    loop {
        let share = f64::from(getrandom::u32().unwrap()) / f64::from(u32::MAX);
        // A machine that has become slower must not keep the story from its end.
        let patience = 1.05_f64.powi(killed.len().try_into().unwrap());
        let (was_killed, output) = run_for(longest.mul_f64(share * patience), command).unwrap();
        assert_eq!(stderr(&output), "", "after {} kills of {command:?}", killed.len());
        if !was_killed {
            return (killed, output);
        }
        killed.push(output);
    }
}

/// The longest time to the next kills, so that a story takes several, and comes to its end.
pub(crate) fn paced(longest: Duration, kills: usize) -> Duration {
    longest.mul_f64(match kills {
        ..5 => 0.8,
        5..=12 => 1.0,
        13.. => 1.25,
    })
}

/// Runs the command and kills it after `delay`; its output if it came to its end before.
fn run_for(delay: Duration, command: &mut Command) -> io::Result<(bool, Output)> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let begin = Instant::now();
    while begin.elapsed() < delay && child.try_wait()?.is_none() {
        thread::sleep(Duration::from_millis(1).min(delay.saturating_sub(begin.elapsed())));
    }
    child.kill()?;
    let output = child.wait_with_output()?;
    // A process that a signal ended has no exit code.
    Ok((output.status.code().is_none(), output))
}
