//! A PostgreSQL server of one's own, for tests, benches and examples: started from Debian's package `postgresql`, on a
//! fresh directory, killed and started again at will.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut server = postgres_server::Server::start_new(&["fsync=off"])?;
//! println!("psql {:?}", server.connection_string());
//! server.kill()?; // as if the machine had lost its power, except that the system keeps what was written
//! server.start()?; // recovers
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::io::{self, Error};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A server that does not start or stop within this time never will.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for the end of its input, which comes when the process that started it is gone, however it died. Then it ends the
/// server and removes the directory.
const WATCH: &str = r#"
    cat >/dev/null
    while pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null; do sleep 0.1; done
    rm -rf "$1"
"#;

/// A server that listens on loopback, and on a socket in its directory. It is killed, and its directory removed, on drop or
/// when the process ends in any other way.
#[derive(Debug)]
pub struct Server {
    directory: PathBuf,
    programs: PathBuf,
    port: u16,
    settings: Vec<String>,
    postmaster: Option<Child>,
    watch: Child,
}

impl Server {
    /// Creates a directory in the temporary one with an empty database, and starts a server on it with these settings of
    /// `postgresql.conf` (`name=value`).
    ///
    /// # Errors
    /// There are no programs of PostgreSQL, or they fail; the text says what to do.
    pub fn start_new(settings: &[&str]) -> io::Result<Self> {
        Self::start_in(&std::env::temp_dir(), settings)
    }

    /// Does what [`Server::start_new`] does, with the directory in `parent`: a temporary directory may be in memory.
    ///
    /// # Errors
    /// As [`Server::start_new`].
    pub fn start_in(parent: &Path, settings: &[&str]) -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let programs = programs()?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = parent.join(format!("{}{number}", prefix(std::process::id())));
        let _not_there = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory)?;
        if is_root()? {
            run(Command::new("chown").arg("postgres").arg(&directory))?;
        }
        let watch = Command::new("sh")
            .args(["-c", WATCH, "sh"])
            .arg(&directory)
            // Beyond the reach of whoever ends the group of this process.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let mut server = Self { directory, programs, port: 0, settings, postmaster: None, watch };
        let mut initdb = server.command("initdb")?;
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run(initdb.arg("--pgdata").arg(server.data()))?;
        server.start()?;
        Ok(server)
    }

    /// Keeps a note in the directory of the server for other processes. It goes with the server.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn note(&self, name: &str, text: &str) -> io::Result<()> {
        fs::write(self.directory.join(name), text)
    }

    /// Starts the server again after [`Server::kill`] or [`Server::stop`], on the same port. It has recovered on return.
    ///
    /// # Errors
    /// It does not start; the text has the end of its log.
    pub fn start(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.postmaster.is_none() {
            if self.port == 0 {
                self.port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
            }
            let mut postmaster = self.spawn()?;
            match self.ready(&mut postmaster, deadline) {
                Ok(()) => self.postmaster = Some(postmaster),
                // Somebody else took the port, or processes of the killed server hold its memory for a moment longer.
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
        Ok(())
    }

    /// Kills all processes of the server at once (`SIGKILL`).
    ///
    /// # Errors
    /// They cannot be killed.
    pub fn kill(&mut self) -> io::Result<()> {
        let Some(mut postmaster) = self.postmaster.take() else { return Ok(()) };
        let children = children(postmaster.id())?;
        postmaster.kill()?;
        postmaster.wait()?;
        for child in children {
            // It may have ended by itself.
            let _gone = Command::new("kill").args(["-KILL", &child]).stderr(Stdio::null()).status()?;
        }
        Ok(())
    }

    /// Shuts the server down in order: it ends all connections, and has written everything on return (`SIGINT`).
    ///
    /// # Errors
    /// It does not end.
    pub fn stop(&mut self) -> io::Result<()> {
        let Some(mut postmaster) = self.postmaster.take() else { return Ok(()) };
        run(Command::new("kill").args(["-INT", &postmaster.id().to_string()]))?;
        postmaster.wait().map(drop)
    }

    /// Returns the port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the directory of the server's data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// Returns how to connect as the superuser `postgres` to the database `postgres`.
    #[must_use]
    pub fn connection_string(&self) -> String {
        format!("host=127.0.0.1 port={} user=postgres dbname=postgres", self.port)
    }

    /// Returns a program of PostgreSQL, to be run as the user who may.
    fn command(&self, program: &str) -> io::Result<Command> {
        let path = self.programs.join(program);
        let mut command = if is_root()? {
            // The server refuses to run as root.
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.directory).stdin(Stdio::null());
        Ok(command)
    }

    fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    fn spawn(&self) -> io::Result<Child> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut postmaster = self.command("postgres")?;
        postmaster.arg("-D").arg(self.data()).args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-k"]);
        postmaster.arg(&self.directory);
        for setting in &self.settings {
            postmaster.args(["-c", setting]);
        }
        postmaster.process_group(0).stdout(log.try_clone()?).stderr(log).spawn()
    }

    fn ready(&self, postmaster: &mut Child, deadline: Instant) -> io::Result<()> {
        loop {
            // The last line of this file is its state.
            let state = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            let pid = postmaster.id().to_string();
            if state.lines().next() == Some(&pid) && state.lines().last().is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            if let Some(status) = postmaster.try_wait()? {
                return Err(Error::other(format!("the server ended ({status}): {}", self.end_of_log())));
            }
            if Instant::now() > deadline {
                postmaster.kill()?;
                postmaster.wait()?;
                return Err(Error::other(format!("the server does not start: {}", self.end_of_log())));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn end_of_log(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

/// Returns the note of this name that a server of another process keeps in the temporary directory.
///
/// # Errors
/// There is none.
pub fn note_of(process: u32, name: &str) -> io::Result<String> {
    for entry in fs::read_dir(std::env::temp_dir())? {
        let directory = entry?.path();
        let is_of_process =
            directory.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix(process)));
        if is_of_process && directory.join(name).exists() {
            return fs::read_to_string(directory.join(name));
        }
    }
    Err(Error::other(format!("process {process} has no server with the note {name}")))
}

/// Returns what the names of the directories of a process begin with.
fn prefix(process: u32) -> String {
    format!("postgres-server-{process}-")
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.kill();
        // The end of its input.
        drop(self.watch.stdin.take());
        let _ended = self.watch.wait();
    }
}

/// Finds the newest of Debian's versions, or what is in `PATH`.
fn programs() -> io::Result<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = debian.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())));
    let newest = versions.max().map(|(_, path)| path.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = newest.into_iter().chain(std::env::split_paths(&path));
    found.find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists()).ok_or_else(|| {
        Error::other("initdb and postgres are not there: install Debian's package `postgresql`, or put them in PATH")
    })
}

fn is_root() -> io::Result<bool> {
    let status = fs::read_to_string("/proc/self/status")?;
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap_or_default();
    Ok(ids.split_whitespace().nth(1) == Some("0"))
}

/// Returns the processes that this one started.
fn children(parent: u32) -> io::Result<Vec<String>> {
    let mut children = Vec::new();
    for process in fs::read_dir("/proc")?.flatten() {
        let name = process.file_name().to_string_lossy().into_owned();
        if !name.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        // It may be gone by now. The name in parentheses may hold anything; the parent is the second field behind it.
        let stat = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        if fields.split_whitespace().nth(1) == Some(&parent.to_string()) {
            children.push(name);
        }
    }
    Ok(children)
}

/// Runs a program to its end, and fails with what it printed.
fn run(command: &mut Command) -> io::Result<ExitStatus> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output.status);
    }
    Err(Error::other(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn it_comes_back_and_leaves_nothing() {
        let mut server = Server::start_new(&["fsync=off"]).unwrap();
        let (port, directory) = (server.port(), server.directory.clone());
        let answers = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(answers());
        server.kill().unwrap();
        assert!(!answers());
        server.start().unwrap();
        assert!(answers());
        server.stop().unwrap();
        assert!(!answers());
        server.start().unwrap();
        assert_eq!(server.port(), port);
        drop(server);
        assert!(!answers() && !directory.exists());
    }

    /// The second process starts a server and is killed with it running.
    #[test]
    fn it_does_not_outlive_its_process() {
        const CHILD: &str = "POSTGRES_SERVER_TEST_CHILD";
        if let Some(note) = std::env::var_os(CHILD) {
            let server = Server::start_new(&["fsync=off"]).unwrap();
            fs::write(&note, format!("{}\n{}", server.port(), server.directory.display())).unwrap();
            std::process::abort();
        }
        let note = std::env::temp_dir().join(format!("postgres-server-note-{}", std::process::id()));
        let program = std::env::current_exe().unwrap();
        let test = "tests::it_does_not_outlive_its_process";
        let output = Command::new(program).args([test, "--exact"]).env(CHILD, &note).output().unwrap();
        assert!(!output.status.success());
        let text = fs::read_to_string(&note).expect("it started");
        fs::remove_file(&note).unwrap();
        let (port, directory) = text.split_once('\n').unwrap();
        let deadline = Instant::now() + PATIENCE;
        while Path::new(directory).exists() || TcpStream::connect(format!("127.0.0.1:{port}")).is_ok() {
            assert!(Instant::now() < deadline, "it is still there");
            thread::sleep(Duration::from_millis(20));
        }
    }
}
