//! Tests two real processes: they talk, are killed, lose their line, and each photo is carried once.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// On a quiet machine no line takes a tenth of this.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder that is removed after its test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("secretchat-talk-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Makes a photo whose content cannot be compressed, so that the file has about this many bytes.
    fn photo(&self, name: &str, len: u32) -> (PathBuf, Vec<u8>) {
        let noise = |x: u32, y: u32| (y * 100 + x).wrapping_mul(2_654_435_761).to_be_bytes();
        let photo = image::RgbImage::from_fn(100, len / 300, |x, y| {
            image::Rgb([noise(x, y)[0], noise(x, y)[1], noise(y, x)[2]])
        });
        let path = self.0.join(name);
        photo.save(&path).unwrap();
        let content = fs::read(&path).unwrap();
        (path, content)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// One end.
struct End {
    child: Child,
    lines: Receiver<String>,
    folder: PathBuf,
}

impl End {
    fn start(folder: &Path, how: &str, address: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_talk"));
        command.arg(folder).args([how, address]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines, folder: folder.to_owned() }
    }

    fn write(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for a line with this beginning, and returns the rest.
    fn expect(&self, start: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no line begins with {start:?}"));
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }

    /// Waits for the picture of the keys, with its text.
    fn picture(&self) -> Vec<String> {
        self.expect("compare");
        (0..12).map(|_| self.lines.recv_timeout(PATIENCE).unwrap()).collect()
    }

    /// Waits for a photo and returns its bytes.
    fn photo(&self, len: usize) -> Vec<u8> {
        let path = self.expect(&format!("> {len} bytes: "));
        fs::read(path).unwrap()
    }

    /// Kills the process, like `kill -9`.
    fn kill(mut self) -> PathBuf {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.folder.clone()
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Carries bytes between two ends, slowly if asked, and can drop its connections.
struct Proxy {
    address: String,
    /// How many bytes the caller sent.
    carried: Arc<AtomicU64>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    fn to(target: String, bytes_per_second: Option<u64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (carried, streams) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counter, open) = (Arc::clone(&carried), Arc::clone(&streams));
        thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                let Ok(listener) = TcpStream::connect(&target) else { continue };
                open.lock().unwrap().extend([caller.try_clone().unwrap(), listener.try_clone().unwrap()]);
                copy(
                    caller.try_clone().unwrap(),
                    listener.try_clone().unwrap(),
                    bytes_per_second,
                    Some(Arc::clone(&counter)),
                );
                copy(listener, caller, None, None);
            }
        });
        Self { address, carried, streams }
    }

    fn drop_connections(&self) {
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn carried(&self) -> u64 {
        self.carried.load(Ordering::SeqCst)
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, bytes_per_second: Option<u64>, counter: Option<Arc<AtomicU64>>) {
    thread::spawn(move || {
        let mut buffer = [0; 1 << 12];
        while let Ok(len @ 1..) = from.read(&mut buffer) {
            if to.write_all(&buffer[..len]).is_err() {
                break;
            }
            if let Some(counter) = &counter {
                counter.fetch_add(len as u64, Ordering::SeqCst);
            }
            if let Some(rate) = bytes_per_second {
                thread::sleep(Duration::from_micros(1_000_000 * len as u64 / rate));
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Starts two ends, which have shown the same picture on return.
fn ends(scratch: &Scratch, target: &str, address: &str) -> (End, End) {
    let listener = End::start(&scratch.0.join("listener"), "listen", target);
    let caller = End::start(&scratch.0.join("caller"), "connect", address);
    let picture = listener.picture();
    assert_eq!(picture, caller.picture(), "the picture and its text");
    assert!(picture[0].starts_with(['·', '░', '▒', '▓']), "{picture:?}");
    (listener, caller)
}

#[test]
fn they_talk_send_files_and_close() {
    let scratch = Scratch::new("talk");
    let address = free_address();
    let (mut listener, mut caller) = ends(&scratch, &address, &address);
    caller.write("Is it raining?");
    assert_eq!(listener.expect("> "), "Is it raining?");
    listener.write("Not here, Łódź is dry.");
    assert_eq!(caller.expect("> "), "Not here, Łódź is dry.");

    // The peer cannot move the cursor.
    caller.write("\u{1b}[2Jclean");
    assert_eq!(listener.expect("> "), "\u{fffd}[2Jclean");

    let [(first, first_content), (second, second_content)] =
        [scratch.photo("a.png", 40_000), scratch.photo("b.png", 90_000)];
    listener.write(&format!("/file {}", first.display()));
    assert!(caller.photo(first_content.len()) == first_content);
    caller.write(&format!("/album {} {}", first.display(), second.display()));
    assert!(listener.photo(first_content.len()) == first_content);
    assert!(listener.photo(second_content.len()) == second_content);

    caller.write(&format!("/once {}", second.display()));
    let open = listener.expect("> hidden: ");
    listener.write(&open);
    let open = listener.expect("open: ");
    let (path, rest) = open.split_once(',').unwrap();
    assert!(fs::read(path).unwrap() == second_content);
    listener.write(rest.split_once("you ").unwrap().1);
    listener.expect("gone: ");
    assert!(!Path::new(path).exists());

    caller.write("/ttl 1");
    listener.expect("timer: ");
    caller.write("for a second");
    assert_eq!(listener.expect("> "), "for a second");
    listener.expect("gone: ");
    caller.expect("gone: ");

    listener.write("/rekey");
    assert_eq!((listener.expect("new key: "), caller.expect("new key: ")), ("1".to_owned(), "1".to_owned()));
    caller.write("/nonsense");
    assert!(caller.expect("! ").contains("/photo"));
    listener.write("/close");
    assert_eq!(listener.expect("closed: "), "by_us");
    assert_eq!(caller.expect("closed: "), "by_peer");
    assert!(listener.child.wait().unwrap().success() && caller.child.wait().unwrap().success());
}

/// Connects a stranger to the listener.
fn stranger(address: &str, listener: &mut End) -> TcpStream {
    loop {
        assert!(listener.child.try_wait().unwrap().is_none(), "the program has ended");
        if let Ok(stranger) = TcpStream::connect(address) {
            return stranger;
        }
    }
}

/// Anybody can call. Invalid bytes end the line, but neither the program nor the chat.
#[test]
fn strangers_on_the_line_are_hung_up_on() {
    let scratch = Scratch::new("strangers");
    let address = free_address();
    let mut listener = End::start(&scratch.0.join("listener"), "listen", &address);
    // Bytes that are no frame, and an invalid request, before there is a chat.
    for noise in [&[0xff; 64][..], &[&[1, 1][..], &[7; 16], &4_u32.to_le_bytes(), b"none", &[0xff; 64]].concat()] {
        let mut stranger = stranger(&address, &mut listener);
        stranger.write_all(noise).unwrap();
        let mut rest = Vec::new();
        let _hung_up = stranger.read_to_end(&mut rest);
        assert!(rest.is_empty());
    }
    let mut caller = End::start(&scratch.0.join("caller"), "connect", &address);
    assert_eq!(listener.picture(), caller.picture());
    caller.write("still there?");
    assert_eq!(listener.expect("> "), "still there?");
    listener.write("yes");
    assert_eq!(caller.expect("> "), "yes");
}

/// A silent line, such as a stranger's or one whose other end is gone, keeps nobody out.
#[test]
fn a_silent_line_makes_room_for_the_peer() {
    let scratch = Scratch::new("silent");
    let address = free_address();
    let mut listener = End::start(&scratch.0.join("listener"), "listen", &address);
    let _before_the_chat = stranger(&address, &mut listener);
    let mut caller = End::start(&scratch.0.join("caller"), "connect", &address);
    assert_eq!(listener.picture(), caller.picture());
    let _in_its_midst = stranger(&address, &mut listener);
    caller.write("still there?");
    assert_eq!(listener.expect("> "), "still there?");
    listener.write("yes");
    assert_eq!(caller.expect("> "), "yes");
}

#[test]
fn a_photo_over_a_slow_line_is_carried_once() {
    let scratch = Scratch::new("slow");
    let target = free_address();
    let proxy = Proxy::to(target.clone(), Some(30_000));
    let (listener, mut caller) = ends(&scratch, &target, &proxy.address);
    let (photo, content) = scratch.photo("a.png", 240_000);
    let before = proxy.carried();
    caller.write(&format!("/photo {}", photo.display()));
    assert!(listener.photo(content.len()) == content);
    let carried = proxy.carried() - before;
    let len = u64::try_from(content.len()).unwrap();
    // Padmé adds a few percent, frames one percent.
    assert!((len..len + len / 8).contains(&carried), "{carried} bytes for {len}");
}

#[test]
fn kills_and_dropped_lines_lose_nothing_and_go_on_where_they_were() {
    let scratch = Scratch::new("kill");
    let target = free_address();
    let proxy = Proxy::to(target.clone(), Some(400_000));
    let (mut listener, mut caller) = ends(&scratch, &target, &proxy.address);
    let (photo, content) = scratch.photo("a.png", 1_200_000);
    let before = proxy.carried();
    let wait_for = |bytes: u64| {
        while proxy.carried() - before < bytes {
            thread::sleep(Duration::from_millis(5));
        }
    };
    caller.write(&format!("/photo {}", photo.display()));
    caller.write("behind the photo");
    wait_for(400_000);
    proxy.drop_connections();
    wait_for(600_000);
    let folder = listener.kill();
    listener = End::start(&folder, "listen", &target);
    wait_for(900_000);
    let folder = caller.kill();
    caller = End::start(&folder, "connect", &proxy.address);
    assert!(listener.photo(content.len()) == content);
    assert_eq!(listener.expect("> "), "behind the photo");
    listener.write("thank you");
    assert_eq!(caller.expect("> "), "thank you");
    // Each break costs only the bytes that were on their way and not noted, not the whole photo again.
    let carried = proxy.carried() - before;
    assert!(carried < 2_400_000, "{carried} bytes for 1,200,000");
}

/// Authors of hosts copy this program, so it must stay short enough to be read in one go.
#[test]
fn it_has_at_most_300_lines() {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let sources: Vec<String> = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let lines = sources.iter().flat_map(|source| source.lines()).filter(is_code).count();
    assert!((100..=300).contains(&lines), "{lines} lines besides comments");
}
