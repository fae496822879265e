//! The example `two_phones` as its users run it: what it prints, what it writes, and that no kill stops it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::example::example;
use crate::killer::{killed_until_it_ends, paced, stderr, stdout};
use crate::phones::{PROFILES, Scratch, photos};
use crate::received::assert_received;

const OK: &str = "ok: 2 photos, 5 messages, 0 lost\n";

fn two_phones() -> Command {
    let mut command = Command::new(example("two_phones"));
    command.stdin(Stdio::null());
    command
}

fn assert_ok(output: &Output) {
    assert!(output.status.success() && stdout(output).ends_with(OK), "{}\n{}", stdout(output), stderr(output));
    assert_eq!(stderr(output), "", "progress bars are for terminals");
}

/// Exit code 1, one line that names `part`, and nothing was sent.
fn assert_refused(output: &Output, part: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", stdout(output));
    assert_eq!(stdout(output), "");
    let line = stderr(output);
    assert!(line.starts_with("failed: ") && line.lines().count() == 1 && line.contains(part), "{line}");
}

#[test]
fn the_story_ends_with_everything_delivered() {
    let scratch = Scratch::new();
    let out = scratch.path("out");
    let output = two_phones().arg("--out").arg(&out).output().unwrap();
    assert_ok(&output);
    assert_received(&out, false);

    let story = stdout(&output);
    assert!(story.contains("Profile: x25519"));
    assert!(story.contains("They match"));
    assert!(story.contains("Hello Bob 👋 I have **photos**"));
    assert!(story.contains("[RFC 7748](https://www.rfc-editor.org/rfc/rfc7748)"));
    assert!(story.contains("Left out of the photo: location, EXIF, texts\n"));
    assert!(!story.contains('\x1b'), "colours are for terminals");

    let small = fs::read(out.join("02-photo.jpg")).unwrap();
    assert!(small.starts_with(&[0xff, 0xd8]));
    assert!(!small.windows(4).any(|window| window == b"Exif"), "the photo carries no tags");
}

/// Only the keys are others, and what is said of them.
#[test]
fn the_story_is_the_same_in_every_profile() {
    let scratch = Scratch::new();
    let stories = PROFILES.iter().map(|profile| {
        let out = scratch.path("out");
        let output = two_phones().args(["--profile", profile]).arg("--out").arg(&out).output().unwrap();
        assert_ok(&output);
        assert_received(&out, false);
        let story = stdout(&output);
        let (before, story) = story.split_once(&format!(" Profile: {profile}\n   Keys by ")).unwrap();
        let (meaning, story) = story.split_once('\n').unwrap();
        assert_eq!(meaning.contains("stays secret"), *profile == "hybrid", "{meaning}");
        assert_eq!(meaning.contains("can read it"), *profile != "hybrid", "{meaning}");
        // Pictures and their texts differ from run to run.
        let (_, keys) = story.split_once("Bob sees\n").unwrap();
        let (keys, after) = keys.split_once("   They match").unwrap();
        assert_eq!(keys.lines().count(), 16);
        (before.to_owned(), after.to_owned())
    });
    let stories: BTreeSet<_> = stories.collect();
    assert_eq!(stories.len(), 1, "{stories:?}");
}

#[test]
fn a_store_stays_with_its_profile() {
    let scratch = Scratch::new();
    for (begun, other) in PROFILES.iter().zip(PROFILES.iter().cycle().skip(1)).filter(|(begun, other)| begun != other) {
        let store = format!("file:{}", scratch.path(begun).display());
        let run = |profile| two_phones().args(["--store", &store, "--profile", profile]).output().unwrap();
        assert_ok(&run(begun));
        let refused = run(other);
        assert_eq!(refused.status.code(), Some(1));
        let line = format!("failed: this store began with --profile {begun}; use that, or another directory\n");
        assert_eq!(stderr(&refused), line);
        assert_ok(&run(begun));
    }
}

#[test]
fn a_profile_that_is_not_built_in_is_refused() {
    for profile in ["hybrid", "telegram"].iter().filter(|profile| !PROFILES.contains(profile)) {
        let output = two_phones().args(["--profile", profile]).output().unwrap();
        assert_refused(&output, &format!("built without the feature {profile}"));
    }
}

#[test]
fn what_cannot_be_used_is_named_before_anything_is_sent() {
    let scratch = Scratch::new();
    let rocket = photos().join("rocket-with-gps.jpg");
    let file = |name, content: &[u8]| {
        fs::write(scratch.path(name), content).unwrap();
        scratch.path(name)
    };
    let text = file("text.jpg", b"no photo");
    let empty = file("empty.png", b"");
    let cut = fs::read(photos().join("chelsea.png")).unwrap();
    let cut = file("cut.png", &cut[..cut.len() / 2]);
    let [missing, directory] = ["missing.jpg", "."].map(|name| scratch.path(name));
    for bad in [text, empty, cut, missing, directory] {
        let store = scratch.path("store");
        let store_arg = format!("file:{}", store.display());
        let output = two_phones().args(["--store", &store_arg]).arg(&rocket).arg(&bad).output().unwrap();
        assert_refused(&output, &bad.display().to_string());
        assert!(!store.exists());
    }
}

#[test]
fn wrong_arguments_are_refused() {
    for (args, part) in [
        (&["--stor", "x"] as &[_], "no such option: --stor"),
        (&["--store", "/tmp"], "--store wants file:DIR"),
        (&["--store", "file:"], "--store wants file:DIR"),
        (&["--store"], "--store needs a value"),
        (&["--profile", "signal"], "--profile wants x25519, hybrid or telegram"),
        (&["--profile"], "--profile needs a value"),
        (&["--slow", "soon"], "--slow wants a number"),
        (&["--rekey-every", "3"], "--rekey-every wants a number of messages, 4 or more"),
        (&["--ttl", "0"], "--ttl wants a number of seconds, 1 to 60"),
        (&["--ttl", "61"], "--ttl wants a number of seconds, 1 to 60"),
        (&["--ttl"], "--ttl needs a value"),
        (&["--rekey-every", "often"], "--rekey-every wants a number"),
    ] {
        assert_refused(&two_phones().args(args).output().unwrap(), part);
    }
    let help = two_phones().arg("--help").output().unwrap();
    assert!(help.status.success() && stdout(&help).contains("usage: two_phones"));
    assert!(stdout(&help).contains("--profile NAME"));
}

/// What the story says of the keys that `who` had, each as its number and its name.
fn keys_of<'s>(story: &'s str, who: &str) -> Vec<&'s str> {
    let begin = format!("   {who} goes on under key ");
    story.lines().filter_map(|line| line.strip_prefix(&begin)).collect()
}

#[test]
fn new_keys_come_within_the_story() {
    let scratch = Scratch::new();
    for profile in PROFILES {
        let store = format!("file:{}", scratch.path(profile).display());
        let mut command = two_phones();
        command.args(["--rekey-every", "5", "--profile", profile, "--store", &store]);
        let output = command.output().unwrap();
        assert_ok(&output);
        let story = stdout(&output);
        let keys = keys_of(story, "Alice");
        assert_eq!(keys, keys_of(story, "Bob"), "{story}");
        assert!(!keys.is_empty(), "{story}");
        let (numbers, names): (Vec<_>, Vec<_>) = keys.iter().map(|key| key.split_once(", ").unwrap()).unzip();
        assert_eq!(numbers, (2..keys.len() + 2).map(|number| number.to_string()).collect::<Vec<_>>());
        assert!(names.iter().all(|name| name.len() == 16) && names.windows(2).all(|two| two[0] != two[1]), "{names:?}");
        for who in ["Alice", "Bob"] {
            let last = format!("   {who} is under key {}. Keys so far: {}\n", keys.last().unwrap(), keys.len() + 1);
            assert!(story.contains(&last), "{story}");
        }
        assert!(story.contains("They are equal"));

        // What was stored goes on, under the same keys or later ones.
        let again = command.output().unwrap();
        assert_ok(&again);
        assert!(stdout(&again).contains("An earlier run has delivered everything"));
        assert!(stdout(&again).contains("They are equal"), "{}", stdout(&again));
        assert_received(&scratch.path(profile).join("bob").join("received"), false);
    }
}

/// Each part stands in the story, in this order.
fn assert_in_order(story: &str, parts: &[&str]) {
    let mut rest = story;
    for part in parts {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("{part:?} is not where it belongs: {story}")).1;
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The small photos that Bob received as an album, in its order.
fn album(store: &Path, photos: usize) -> Vec<Vec<u8>> {
    let received = store.join("bob").join("received");
    let numbers = 5..5 + photos;
    numbers.map(|number| fs::read(received.join(format!("{number:02}-photo.jpg"))).unwrap()).collect()
}

#[test]
fn an_album_arrives_as_one() {
    const OK: &str = "ok: 4 photos, 7 messages, 0 lost\n";
    let scratch = Scratch::new();
    // Noise does not get small: several windows of memory.
    let noise = scratch.path("noise.png");
    image::RgbImage::from_fn(500, 400, |x, y| {
        image::Rgb(Sha256::digest([x, y].map(u32::to_be_bytes).concat())[..3].try_into().unwrap())
    })
    .save(&noise)
    .unwrap();
    let chelsea = photos().join("chelsea.png");
    let albums: Vec<_> = PROFILES
        .iter()
        .map(|profile| {
            let store = scratch.path(profile);
            let mut command = two_phones();
            command.args(["--album", "--profile", profile, "--store", &format!("file:{}", store.display())]);
            command.arg(&noise).arg(&chelsea);
            let output = command.output().unwrap();
            let story = stdout(&output);
            assert!(output.status.success() && story.ends_with(OK), "{story}\n{}", stderr(&output));
            assert_in_order(
                story,
                &[
                    "An album of 2 photos\n",
                    "   Bob received: 05-photo.jpg, a photo of ",
                    ", of an album\n   Bob received: 06-photo.jpg, a photo of ",
                    ", of an album\n   Bob decrypted ",
                    "   05-photo.jpg: SHA-256 ",
                    "   06-photo.jpg: SHA-256 ",
                ],
            );
            let album = album(&store, 2);
            let first = fs::read(store.join("bob/received/02-photo.jpg")).unwrap();
            assert!(album[0] == first, "the album begins with the photo that went alone");
            assert!(album[0].len() > 3 << 16 && album[0] != album[1]);

            let again = command.output().unwrap();
            assert!(again.status.success() && stdout(&again).ends_with(OK), "{}", stderr(&again));
            assert!(stdout(&again).contains("   Alice's album was delivered in an earlier run\n"));
            // A file of the album that is not what was sent is noticed.
            fs::write(store.join("bob/received/06-photo.jpg"), &first).unwrap();
            let changed = command.output().unwrap();
            assert_eq!(changed.status.code(), Some(1));
            assert!(stderr(&changed).contains("06-photo.jpg is not what was sent"), "{}", stderr(&changed));
            album
        })
        .collect();
    assert!(albums.windows(2).all(|two| two[0] == two[1]), "all profiles carry the same");
}

/// Of eleven photos the first ten are the album; one photo is none.
#[test]
fn an_album_has_two_to_ten_photos() {
    let chelsea = photos().join("chelsea.png");
    for (photos, ok) in [(1, "ok: 3 photos, 6 messages, 0 lost\n"), (11, "ok: 21 photos, 24 messages, 0 lost\n")] {
        for profile in PROFILES {
            let mut command = two_phones();
            let scratch = Scratch::new();
            command.args(["--album", "--profile", profile, "--out"]).arg(scratch.path("out"));
            let output = command.args(vec![&chelsea; photos]).output().unwrap();
            assert!(
                output.status.success() && stdout(&output).ends_with(ok),
                "{}\n{}",
                stdout(&output),
                stderr(&output)
            );
        }
    }
}

#[test]
fn timers_end_within_the_story() {
    const OK: &str = "ok: 2 photos, 7 messages, 0 lost\n";
    let scratch = Scratch::new();
    for profile in PROFILES {
        let store = scratch.path(profile);
        let mut command = two_phones();
        command.args(["--ttl", "2", "--view-once", "--rekey-every", "6", "--profile", profile]);
        command.args(["--store", &format!("file:{}", store.display())]);
        let begin = Instant::now();
        let output = command.output().unwrap();
        let took = begin.elapsed();
        let story = stdout(&output);
        assert!(output.status.success() && story.ends_with(OK), "{story}\n{}", stderr(&output));
        assert_eq!(stderr(&output), "");
        assert!(took >= Duration::from_secs(2), "the countdown is not waited for: {took:?}");

        // Bob receives the small photo again: its size and its hash are those of the file that he kept.
        let small = fs::read(store.join("bob/received/02-photo.jpg")).unwrap();
        let opened = format!("   Bob opened it: {} bytes, SHA-256 {:.16}…, ", small.len(), sha256(&small));
        assert_in_order(
            story,
            &[
                "The photo once more, for 2 s from when Bob opens it\n",
                "   Bob received: a photo with a timer of 2 s. ",
                &opened,
                "   Bob's photo has ended",
                "   Neither its encrypted file nor the decrypted copy is on Bob's disk\n",
                "is refused: no message of the peer with a timer has this id; if it is on the screen, remove it\n",
                "   None of the ",
                "The photo once more, to be viewed once\n",
                "   Bob received: a photo to be viewed once. ",
                &opened,
                "   A second look is refused: the message has ended; remove it from the screen\n",
                "   Bob closes it\n",
                "   Bob's photo has ended",
                "   Neither its encrypted file nor the decrypted copy is on Bob's disk\n",
                "is refused: no message of the peer with a timer has this id; if it is on the screen, remove it\n",
                "   None of the ",
                "   They are equal\n",
                "   photo-with-a-timer: seen as it was sent, and gone\n",
                "   photo-to-view-once: seen as it was sent, and gone\n",
            ],
        );
        // A machine that stalls for a second has nothing to tell of it.
        assert!(took >= Duration::from_secs(3) || story.contains(" 1 s left\n"), "{story}");
        // The peer is told of what counts down, and of nothing that is viewed once.
        assert_eq!(story.matches("   Alice's own timer has ended, too\n").count(), 1, "{story}");

        assert_received(&store.join("bob").join("received"), false);
        assert_eq!(fs::read_dir(store.join("bob").join("shown")).unwrap().count(), 0, "the decrypted copies are gone");
        assert_eq!(fs::read_dir(store.join("bob").join("cached")).unwrap().count(), 0, "the encrypted files are gone");

        // The next run finds what has ended, as unreadable as before.
        let again = command.output().unwrap();
        let story = stdout(&again);
        assert!(again.status.success() && story.ends_with(OK), "{story}\n{}", stderr(&again));
        assert_eq!(story.matches("   Bob's photo has ended in an earlier run\n").count(), 2, "{story}");
        assert_eq!(
            story
                .matches(
                    "is refused: no message of the peer with a timer has this id; if it is on the screen, remove it\n"
                )
                .count(),
            2
        );
        assert_eq!(story.matches("opened it").count(), 0);

        // A store without timers has another plan.
        let other = two_phones().args(["--store", &format!("file:{}", store.display()), "--profile", profile]).output();
        let other = other.unwrap();
        assert_eq!(other.status.code(), Some(1));
        assert!(stderr(&other).contains("began with other photos, other timers"), "{}", stderr(&other));
    }
}

#[test]
fn a_store_stays_with_its_photos() {
    let scratch = Scratch::new();
    let store = format!("file:{}", scratch.path("store").display());
    assert_ok(&two_phones().args(["--store", &store]).output().unwrap());
    let other = two_phones().args(["--store", &store]).arg(photos().join("chelsea.png")).output().unwrap();
    assert_eq!(other.status.code(), Some(1));
    assert!(stderr(&other).contains("began with other photos"), "{}", stderr(&other));

    // Records of another day beside a journal of today are older than it says.
    let records = scratch.path("store").join("alice").join("records");
    let log =
        fs::read_dir(&records).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some());
    fs::remove_file(log.unwrap()).unwrap();
    let gone = two_phones().args(["--store", &store]).output().unwrap();
    assert_eq!(gone.status.code(), Some(1));
    assert!(stderr(&gone).contains("the records of Alice's chat are gone"), "{}", stderr(&gone));
}

#[test]
fn a_changed_file_is_noticed() {
    let scratch = Scratch::new();
    let store = format!("file:{}", scratch.path("store").display());
    assert_ok(&two_phones().args(["--store", &store]).output().unwrap());
    let received = scratch.path("store/bob/received/04-chelsea.png");
    let mut bytes = fs::read(&received).unwrap();
    bytes[1000] ^= 1;
    fs::write(&received, bytes).unwrap();
    let changed = two_phones().args(["--store", &store]).output().unwrap();
    assert_eq!(changed.status.code(), Some(1));
    assert!(stderr(&changed).contains("04-chelsea.png is not what was sent"), "{}", stderr(&changed));
}

/// The same command over and over, killed at random moments, until it comes to its end: nothing is lost, nothing comes
/// twice, and each story ends as one that was never killed. The profiles take turns, and every other time new keys come
/// within the story.
#[test]
#[cfg(unix)]
fn killed_at_any_moment_it_goes_on() {
    let slow = std::env::var_os("SECRETCHAT_SLOW").is_some_and(|value| value == "1");
    let wanted = if slow { 1000 } else { 120 };

    // How long an undisturbed run takes here, so that the kills spread over all of it.
    let scratch = Scratch::new();
    let begin = Instant::now();
    let store = format!("file:{}", scratch.path("undisturbed").display());
    assert_ok(&two_phones().args(["--slow", "1", "--store", &store]).output().unwrap());
    let whole = begin.elapsed();
    // The other tests were running, too: corrected below, so that a story takes several kills.
    let mut longest = whole / 2;

    let (mut kills, mut resumed, mut stories) = (0, 0, 0);
    let mut profiles = PROFILES.iter().cycle();
    // On a busy machine few stories take many kills, and still each profile has its share.
    while kills < wanted || stories < 2 * PROFILES.len() {
        let store = scratch.path(&format!("story-{stories}"));
        let store_arg = format!("file:{}", store.display());
        let mut command = two_phones();
        command.args(["--slow", "1", "--store", &store_arg, "--profile", profiles.next().unwrap()]);
        if stories / PROFILES.len() % 2 == 1 {
            command.args(["--rekey-every", "5"]);
        }
        let (killed, finished) = killed_until_it_ends(&mut command, longest);
        assert_ok(&finished);
        let goes_on = |output: &&Output| stdout(output).contains("An earlier run did not come to its end");
        resumed += killed.iter().chain([&finished]).filter(goes_on).count();
        kills += killed.len();
        let again = command.output().unwrap();
        assert_ok(&again);
        assert!(stdout(&again).contains("An earlier run has delivered everything"));
        assert_received(&store.join("bob").join("received"), false);
        fs::remove_dir_all(&store).unwrap();
        stories += 1;
        longest = paced(longest, killed.len());
    }
    assert!(resumed > kills / 10, "the kills were not in the middle: {resumed} of {kills}");
    println!("{kills} kills, {resumed} runs that went on, {stories} stories, {whole:?} undisturbed");
}

/// The worst moments: the phone has noted what the user wrote, and the chat does not have it yet.
#[test]
#[cfg(unix)]
fn killed_behind_a_draft_it_goes_on() {
    const OK: &str = "ok: 4 photos, 9 messages, 0 lost\n";
    let scratch = Scratch::new();
    let store = scratch.path("store");
    let mut command = two_phones();
    command.args(["--slow", "20", "--ttl", "1", "--view-once", "--album", "--patience", "10"]);
    command.args(["--store", &format!("file:{}", store.display())]);
    let journal = store.join("alice").join("journal");
    let has_noted = |step: &str| {
        let rows = fs::read_to_string(&journal).unwrap_or_default();
        rows.lines().any(|row| row.starts_with("draft ") && row.contains(&format!(" {step} ")))
    };
    let steps = ["hello", "photo", "document-1", "document-2", "album-1", "photo-with-a-timer", "photo-to-view-once"];
    for step in steps {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while !has_noted(step) {
            assert!(child.try_wait().unwrap().is_none(), "{step}: {}", stderr(&child.wait_with_output().unwrap()));
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let finished = command.output().unwrap();
    assert!(stdout(&finished).ends_with(OK), "{}\n{}", stdout(&finished), stderr(&finished));
    assert_received(&store.join("bob").join("received"), true);
}

/// As above, with an album, and with timers that run on while nobody is there to see them end.
#[test]
#[cfg(unix)]
fn killed_while_timers_run_it_goes_on() {
    const OK: &str = "ok: 4 photos, 9 messages, 0 lost\n";
    let slow = std::env::var_os("SECRETCHAT_SLOW").is_some_and(|value| value == "1");
    let wanted = if slow { 200 } else { 40 };
    let scratch = Scratch::new();
    // An undisturbed run takes half a second more than the countdown, or much longer on a busy machine.
    let mut longest = Duration::from_millis(1_500);
    let (mut kills, mut stories) = (0, 0);
    // Kills that came between the first and the last word about a photo with a timer.
    let mut in_between = 0;
    let mut profiles = PROFILES.iter().cycle();
    while kills < wanted || stories < PROFILES.len() {
        let store = scratch.path(&format!("story-{stories}"));
        let mut command = two_phones();
        command.args(["--slow", "1", "--ttl", "1", "--view-once", "--album", "--rekey-every", "6"]);
        command.args(["--profile", profiles.next().unwrap(), "--store", &format!("file:{}", store.display())]);
        let (killed, finished) = killed_until_it_ends(&mut command, longest);
        kills += killed.len();
        in_between += killed.iter().filter(|run| stdout(run).contains("Bob received: a photo with a timer")).count();
        assert!(finished.status.success() && stdout(&finished).ends_with(OK), "{}", stdout(&finished));
        let again = command.output().unwrap();
        assert!(again.status.success() && stdout(&again).ends_with(OK), "{}\n{}", stdout(&again), stderr(&again));
        assert_eq!(stdout(&again).matches("   Bob's photo has ended in an earlier run\n").count(), 2);
        assert_received(&store.join("bob").join("received"), true);
        assert_eq!(fs::read_dir(store.join("bob").join("shown")).unwrap().count(), 0);
        assert_eq!(fs::read_dir(store.join("bob").join("cached")).unwrap().count(), 0);
        fs::remove_dir_all(&store).unwrap();
        stories += 1;
        longest = paced(longest, killed.len());
    }
    assert!(in_between > 0, "no kill came after a photo with a timer");
    println!("{kills} kills, {in_between} in a story of timers, {stories} stories");
}
