//! What a person can do wrong with files, tried on the example `two_phones` as its users run it. Each case ends with an
//! exit code and one line that names the file; nothing hangs, panics, replaces a file of the user's or is left behind.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileTypeExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::example::example;
use crate::phones::{PROFILES, Scratch, photos};
use crate::program::{Run, run};

const OK: &str = "ok: 2 photos, 5 messages, 0 lost\n";

/// The program, with a place of its own for temporary files.
struct Program {
    scratch: Scratch,
}

impl Program {
    fn new() -> Self {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path("tmp")).unwrap();
        fs::create_dir(scratch.path("user")).unwrap();
        Self { scratch }
    }

    /// A path among the user's own files.
    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path("user").join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(example("two_phones"));
        command.env("TMPDIR", self.scratch.path("tmp"));
        command
    }

    /// What a shell does before the program begins.
    fn after(&self, shell: &str) -> Command {
        let mut command = Command::new("sh");
        // A build that counts what runs would write that within the limits, too.
        command.env("TMPDIR", self.scratch.path("tmp")).env("LLVM_PROFILE_FILE", "/dev/null");
        command.args(["-c", &format!("{shell}\nexec \"$@\""), "sh"]).arg(example("two_phones"));
        command
    }

    fn store(&self, name: &str) -> OsString {
        format!("file:{}", self.path(name).display()).into()
    }

    /// Runs the command, which has to end with an error that names `part`, and with nothing changed but what lies under
    /// `may_change`.
    fn refuses(&self, command: &mut Command, part: &str, may_change: &[&str]) -> Run {
        let user = self.scratch.path("user");
        let before = contents(&user, may_change);
        let ran = run(command);
        assert_eq!(ran.status.code(), Some(1), "{command:?}: {}\n{}", ran.stdout, ran.stderr);
        let line = &ran.stderr;
        assert!(line.starts_with("failed: ") && line.lines().count() == 1 && line.contains(part), "{part}: {line}");
        assert_eq!(contents(&user, may_change), before, "{part}");
        self.assert_nothing_left();
        ran
    }

    fn succeeds(&self, command: &mut Command) -> Run {
        let ran = run(command);
        assert!(ran.status.success() && ran.stdout.ends_with(OK), "{}\n{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stderr, "");
        ran
    }

    fn assert_nothing_left(&self) {
        let left: Vec<_> = fs::read_dir(self.scratch.path("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// What there is below a directory: files with their content, everything else by its kind.
fn contents(directory: &Path, but: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if but.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if kind.is_dir() {
            found.extend(contents(&path, &[]));
            found.insert(path, b"directory".to_vec());
        } else if kind.is_file() {
            let content = fs::read(&path).unwrap();
            found.insert(path, content);
        } else {
            found.insert(path, format!("{kind:?}").into());
        }
    }
    found
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    assert!(fs::metadata(path).unwrap().file_type().is_fifo());
}

fn rocket() -> PathBuf {
    photos().join("rocket-with-gps.jpg")
}

/// What stands where a photo is asked for, by what is said of it.
#[test]
fn fa_30_what_is_no_photo_is_refused_by_its_name() {
    type Make = fn(&Path);
    let cases: &[(&str, &str, Make)] = &[
        ("missing.jpg", "No such file", |_| {}),
        ("directory.jpg", "not a regular file", |path| fs::create_dir(path).unwrap()),
        ("pipe.jpg", "not a regular file", fifo),
        ("socket.jpg", "not a regular file", |path| drop(UnixListener::bind(path).unwrap())),
        ("endless.jpg", "not a regular file", |path| symlink("/dev/zero", path).unwrap()),
        ("null.jpg", "not a regular file", |path| symlink("/dev/null", path).unwrap()),
        ("nowhere.jpg", "No such file", |path| symlink("nothing", path).unwrap()),
        ("loop.jpg", "Too many levels of symbolic links", |path| symlink(path, path).unwrap()),
        ("linked-pipe.jpg", "not a regular file", |path| {
            let pipe = path.with_extension("pipe");
            fifo(&pipe);
            symlink(pipe, path).unwrap();
        }),
        ("text.jpg/inside", "Not a directory", |path| fs::write(path.parent().unwrap(), b"text").unwrap()),
        ("empty.png", "neither JPEG nor PNG", |path| fs::write(path, b"").unwrap()),
        ("text.jpg", "neither JPEG nor PNG", |path| fs::write(path, b"no photo").unwrap()),
        ("other.gif", "neither JPEG nor PNG", |path| fs::write(path, b"GIF89a\x01\0\x01\0\0\0\0;").unwrap()),
        ("begins.jpg", "the picture is cut off", |path| fs::write(path, b"\xff\xd8\xff\xe0").unwrap()),
        ("damaged.png", "", |path| {
            let mut photo = fs::read(photos().join("chelsea.png")).unwrap();
            photo[100_000] ^= 1;
            fs::write(path, photo).unwrap();
        }),
        ("long.jpg", "more than 268435456 bytes are no photo", |path| {
            fs::write(path, b"\xff\xd8\xff\xe0").unwrap();
            fs::OpenOptions::new().write(true).open(path).unwrap().set_len((1 << 28) + 1).unwrap();
        }),
    ];
    for (name, says, make) in cases {
        let program = Program::new();
        let path = program.path(name);
        make(&path);
        let part = format!("cannot use {}: {says}", path.display());
        let ran = program.refuses(program.command().arg(rocket()).arg(&path), &part, &[]);
        assert_eq!(ran.stdout, "", "something was sent");
        // Nor is anything made.
        program.refuses(program.command().arg("--store").arg(program.store("store")).arg(&path), &part, &[]);
        let out = program.path("new/out");
        program.refuses(program.command().arg("--out").arg(&out).arg(&path), &part, &[]);
    }
}

/// Where received files shall go and cannot. What was made for them goes again.
#[test]
fn fa_30_where_nothing_can_be_written_the_path_is_named() {
    type Make = fn(&Path);
    let cases: &[(&str, Make)] = &[
        ("file", |path| fs::write(path, b"a file").unwrap()),
        ("file/below", |path| fs::write(path.parent().unwrap(), b"a file").unwrap()),
        ("pipe", fifo),
        ("nowhere", |path| symlink("/proc/nothing", path).unwrap()),
        ("loop", |path| symlink(path, path).unwrap()),
    ];
    for (name, make) in cases {
        let program = Program::new();
        let path = program.path(name);
        make(&path);
        let part = path.display().to_string();
        program.refuses(program.command().arg("--out").arg(&path), &part, &[]);
        program.refuses(program.command().arg("--store").arg(program.store(name)), &part, &[]);
        program.refuses(program.command().env("TMPDIR", &path), &part, &[]);
    }
}

/// No file of more than `blocks` of 512 bytes can be written: as on a disk that becomes full, and with a name in the error.
#[test]
fn fa_30_a_disk_that_is_full_is_told_with_the_path() {
    // At the first file of 58 KB: encrypted, then at the store, then at the originals.
    for blocks in [1, 20, 100, 200] {
        let program = Program::new();
        let full = format!("trap '' XFSZ; ulimit -f {blocks}");
        let tmp = program.scratch.path("tmp");
        let ran = program.refuses(&mut program.after(&full), &tmp.display().to_string(), &[]);
        assert!(ran.stderr.contains("File too large"), "{}", ran.stderr);

        let out = program.path("new/out");
        program.refuses(program.after(&full).arg("--out").arg(&out), "File too large", &["new"]);
        let left = if out.exists() { contents(&out, &[]) } else { BTreeMap::new() };
        assert!(left.keys().all(|path| path.extension().is_some_and(|end| end != "partial")), "{left:?}");

        // What is kept goes on when there is room.
        let store = program.store("store");
        let part = program.path("store").display().to_string();
        program.refuses(program.after(&full).arg("--store").arg(&store), &part, &["store", "new"]);
        program.succeeds(program.command().arg("--store").arg(&store));
    }
}

/// Files of the user's that have the names of received ones.
#[test]
fn fa_23_a_received_file_never_takes_the_place_of_another() {
    let program = Program::new();
    let out = program.path("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("02-photo.jpg"), b"mine").unwrap();
    fs::create_dir(out.join("03-rocket-with-gps.jpg")).unwrap();
    fs::write(program.path("elsewhere"), b"mine, too").unwrap();
    symlink(program.path("elsewhere"), out.join("04-chelsea.png")).unwrap();
    fs::write(out.join("04-chelsea-2.png"), b"mine as well").unwrap();
    fifo(&out.join("04-chelsea-3.png"));
    let before = contents(&program.path(""), &[]);
    let ran = program.succeeds(program.command().arg("--out").arg(&out));

    let mut after = contents(&program.path(""), &[]);
    let mut received = |name: &str| after.remove(&out.join(name)).unwrap();
    assert!(received("03-rocket-with-gps-2.jpg") == fs::read(rocket()).unwrap());
    assert!(received("04-chelsea-4.png") == fs::read(photos().join("chelsea.png")).unwrap());
    assert!(received("02-photo-2.jpg").starts_with(&[0xff, 0xd8]));
    assert_eq!(after, before);
    for name in ["02-photo-2.jpg", "03-rocket-with-gps-2.jpg", "04-chelsea-4.png"] {
        assert!(ran.stdout.contains(&format!("   Bob received: {name}, ")), "{}", ran.stdout);
        assert!(ran.stdout.contains(&format!("   {name}: SHA-256 ")), "{}", ran.stdout);
    }

    // The same once more: what is there already is the same, and is not written again.
    let before = contents(&out, &[]);
    program.succeeds(program.command().arg("--out").arg(&out));
    assert_eq!(contents(&out, &[]), before);
    program.assert_nothing_left();
}

#[test]
fn fa_23_an_album_takes_free_names_too() {
    for profile in PROFILES {
        let program = Program::new();
        let out = program.path("out");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("06-photo.jpg"), b"mine").unwrap();
        let store = program.store("store");
        for _ in 0..2 {
            let ran = run(program
                .command()
                .args(["--album", "--profile", profile, "--out"])
                .arg(&out)
                .arg("--store")
                .arg(&store));
            assert!(ran.stdout.ends_with("ok: 4 photos, 7 messages, 0 lost\n"), "{}\n{}", ran.stdout, ran.stderr);
            assert!(ran.stdout.contains("   06-photo-2.jpg: SHA-256 "), "{}", ran.stdout);
        }
        assert_eq!(fs::read(out.join("06-photo.jpg")).unwrap(), b"mine");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 6);
    }
}

/// A directory of somebody else's that has the name of a phone.
#[test]
fn fa_23_a_directory_that_is_no_phone_is_left_alone() {
    for (name, inside) in [("alice", "notes.txt"), ("bob", "shown/picture.jpg"), ("alice", "outgoing/letter")] {
        let program = Program::new();
        let file = program.path("store").join(name).join(inside);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, b"mine").unwrap();
        let part = format!("{} is missing beside ", program.path("store").join(name).join("key").display());
        program.refuses(program.command().arg("--store").arg(program.store("store")), &part, &[]);
    }
}

/// What can happen to a store between two runs. The first is a path that the error names.
#[test]
fn fa_26_and_fa_28_a_store_with_something_gone_is_told_at_once() {
    type Harm = fn(&Path);
    fn gone(path: &Path) {
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    fn empty(path: &Path) {
        gone(path);
        fs::create_dir(path).unwrap();
    }
    fn pipe(path: &Path) {
        gone(path);
        fifo(path);
    }
    fn file(path: &Path) {
        gone(path);
        fs::write(path, b"a file").unwrap();
    }
    let cases: &[(&str, &str, Harm)] = &[
        ("alice/journal", "is missing, but there are records of a chat", gone),
        ("bob/journal", "is missing, but there are records of a chat", gone),
        ("alice", "its files are gone", gone),
        ("bob", "its files are gone", gone),
        ("alice", "its files are gone", empty),
        ("alice/key", "is missing beside", gone),
        ("bob/key", "is missing beside", gone),
        ("alice/key", "is no key", file),
        ("bob/key", "not a regular file", empty),
        ("alice/key", "not a regular file", pipe),
        ("alice", "the records of Alice's chat are gone", |path| gone(&path.join("records"))),
        ("bob", "the records of Bob's chat are gone", |path| gone(&path.join("records"))),
        ("alice/records", "", file),
        ("alice/journal", "not a regular file", pipe),
        ("bob/journal", "not a regular file", empty),
        ("alice/journal", "is damaged", |path| {
            let mut journal = fs::read(path).unwrap();
            journal[200] ^= 1;
            fs::write(path, journal).unwrap();
        }),
        ("bob/received/03-rocket-with-gps.jpg", "No such file", gone),
        ("bob/received/04-chelsea.png", "not a regular file", pipe),
        ("bob/received/04-chelsea.png", "is not what was sent", file),
        ("bob/cached", "", file),
        ("bob/shown", "", file),
        ("alice", "", file),
        ("", "", |path| {
            gone(path);
            fs::write(path, b"a file").unwrap();
        }),
    ];
    let program = Program::new();
    let (store, whole) = (program.path("store"), program.path("whole"));
    let command = || {
        let mut command = program.command();
        command.arg("--store").arg(program.store("store"));
        command
    };
    program.succeeds(&mut command());
    fs::rename(&store, &whole).unwrap();
    for (path, says, harm) in cases {
        assert!(Command::new("cp").arg("-a").args([&whole, &store]).status().unwrap().success());
        let path = if path.is_empty() { store.clone() } else { store.join(path) };
        harm(&path);
        // What one run makes does not mend for the next one what is gone.
        for _ in 0..2 {
            let ran = program.refuses(&mut command(), says, &["store"]);
            assert!(ran.stderr.contains(path.to_str().unwrap()), "{}: {}", path.display(), ran.stderr);
        }
        assert!(!says.contains("missing") || !path.exists(), "{} was made anew", path.display());
        gone(&store);
    }
}

#[test]
fn fa_26_phones_of_different_chats_are_told_apart() {
    let program = Program::new();
    for name in ["one", "two"] {
        program.succeeds(program.command().arg("--store").arg(program.store(name)));
    }
    fs::remove_dir_all(program.path("one/bob")).unwrap();
    fs::rename(program.path("two/bob"), program.path("one/bob")).unwrap();
    let mut command = program.command();
    program.refuses(
        command.arg("--store").arg(program.store("one")),
        "these two phones are of different chats",
        &["one"],
    );
}

/// Whoever reads what the program says may go away; what it says may find no room.
#[test]
fn fa_27_a_closed_output_is_an_end_without_a_panic() {
    let program = Program::new();
    for lines in [0, 1, 5, 20] {
        let mut command = program.command();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        for _ in 0..lines {
            reader.read_line(&mut String::new()).unwrap();
        }
        drop(reader);
        let ended = child.wait_with_output().unwrap();
        let line = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{line}");
        assert_eq!(line, "failed: cannot write to standard output: Broken pipe (os error 32)\n");
        program.assert_nothing_left();
    }
    for shell in ["exec >/dev/full", "exec >/dev/full 2>/dev/full"] {
        let ran = run(&mut program.after(shell));
        assert_eq!(ran.status.code(), Some(1));
        let full = "failed: cannot write to standard output: No space left on device (os error 28)\n";
        assert_eq!(ran.stderr, if shell.contains('2') { "" } else { full });
        program.assert_nothing_left();
    }
    // Help and refusals, too.
    let ran = run(program.after("exec >/dev/full").arg("--help"));
    assert_eq!(ran.status.code(), Some(1));
    assert_eq!(run(program.after("exec 2>/dev/full").arg("--stor")).status.code(), Some(1));
}

#[test]
fn fa_27_a_story_that_lost_its_reader_goes_on_the_next_time() {
    let program = Program::new();
    let store = program.store("store");
    for _ in 0..3 {
        let ran = run(program.after("exec >/dev/full").arg("--store").arg(&store));
        assert_eq!(ran.status.code(), Some(1));
    }
    program.succeeds(program.command().arg("--store").arg(&store));
    program.assert_nothing_left();
}

/// As many photos as a person has on a trip: more than the chat takes at a time, and more than one key may serve.
#[test]
fn fa_22_however_many_photos_there_are_they_arrive() {
    let slow = std::env::var_os("SECRETCHAT_SLOW").is_some_and(|value| value == "1");
    let program = Program::new();
    let photos: Vec<PathBuf> = (0..if slow { 2_000_u32 } else { 60 })
        .map(|number| {
            let path = program.path(&format!("{number:04}.png"));
            let [.., green, blue] = number.to_be_bytes();
            image::RgbImage::from_pixel(4, 4, image::Rgb([7, green, blue])).save(&path).unwrap();
            path
        })
        .collect();
    let end = format!("ok: {} photos, {} messages, 0 lost\n", photos.len(), photos.len() + 3);
    for profile in PROFILES {
        // The outbox fills, and so does the key's measure of 40 messages.
        let short = ["--outbox", "20", "--rekey-every", "4"];
        let options = if slow { &[][..] } else { &short };
        let out = program.scratch.path(profile);
        let ran = run(program.command().args(options).args(["--profile", profile, "--out"]).arg(&out).args(&photos));
        assert!(ran.status.success() && ran.stdout.ends_with(&end), "{}\n{}", ran.stdout, ran.stderr);
        for (photo, number) in photos.iter().zip(3..) {
            let name = photo.file_name().unwrap().to_str().unwrap();
            let received = out.join(format!("{number:02}-{name}"));
            assert!(fs::read(received).unwrap() == fs::read(photo).unwrap(), "{name}");
        }
    }
    program.assert_nothing_left();
}
