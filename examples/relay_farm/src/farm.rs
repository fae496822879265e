//! The farm: it starts everything, kills some of it, and counts what is left.

use std::collections::HashMap;
use std::process::Stdio;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use getrandom::SysRng;
use postgres_server::Server;
use secretchat::rand_core::{Rng, UnwrapErr};
use secretchat_postgres::tokio_postgres::{Client, Config};
use tokio::net::UnixListener;
use tokio::process::{Child, Command};
use tokio::time::{Instant, interval, sleep};

use crate::database::connect;
use crate::note::{End, Note};
use crate::report::{self, Disk, Report};
use crate::switch::{Switch, micros};
use crate::users::Users;

/// What the farm is to do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// How many conversations there are. Each is two chats.
    pub(crate) conversations: u32,
    pub(crate) workers: u32,
    /// How many shards a worker has.
    pub(crate) shards: u32,
    /// How long users write.
    pub(crate) seconds: u32,
    /// How many texts they write in a second, all together.
    pub(crate) rate: u32,
    /// How many workers are killed. Each time another one is added.
    pub(crate) kills: u32,
    /// How many workers leave in good order. Each time another one is added.
    pub(crate) leaves: u32,
    /// How often the server is killed with all its processes.
    pub(crate) server_kills: u32,
    pub(crate) seed: u32,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            conversations: 50_000,
            workers: 4,
            shards: 2,
            seconds: 120,
            rate: 500,
            kills: 20,
            leaves: 2,
            server_kills: 5,
            seed: 1,
        }
    }
}

/// How long everything may take to come to rest after the last kill.
const PATIENCE: Duration = Duration::from_secs(300);
/// The time in which workers say how large they are.
const REST: Duration = Duration::from_secs(3);
/// How many conversations may be half begun.
const BEGINNING: u32 = 2_000;

const TABLE: &str = "CREATE TABLE farm_ends (
    number bigint PRIMARY KEY,
    chat bytea NOT NULL UNIQUE,
    tag bytea NOT NULL,
    sent bigint NOT NULL,
    received bigint NOT NULL
) WITH (fillfactor = 70)";

/// Runs the farm.
pub(crate) async fn run(plan: &Plan) -> Result<()> {
    let server = tokio::task::spawn_blocking(|| Server::start_new(&[])).await?.context("the server does not start")?;
    let database = server.connection_string();
    let config = Config::from_str(&database)?;
    let client = connect(&config).await?;
    client.batch_execute(TABLE).await?;
    let socket = std::env::temp_dir().join(format!("relay-farm-{}.socket", std::process::id()));
    _ = std::fs::remove_file(&socket);
    let ends = 2 * plan.conversations as usize;
    let switch = Switch::new(ends, Users::new(ends, plan.seed.into()));
    tokio::spawn(switch.clone().serve(UnixListener::bind(&socket)?));
    let mut workers = Workers {
        plan: plan.clone(),
        socket: socket.to_str().context("a path that is no text")?.to_owned(),
        database,
        key: key(),
        running: HashMap::new(),
        started: 0,
    };
    for _ in 0..plan.workers {
        workers.start(&switch).await?;
    }

    let began = Instant::now();
    begin(plan, &switch, &workers).await?;
    let mut report = Report { chats: ends, beginning: began.elapsed(), ..Report::default() };
    println!("{ends} chats are ready after {:.1} s", began.elapsed().as_secs_f64());
    sleep(REST).await;
    report.memory = memory(&switch);
    report.disk = disk(&client).await?;
    drop(client);

    let server = Arc::new(Mutex::new(server));
    let began = Instant::now();
    load(plan, &switch, &mut workers, &server, &mut report).await?;
    report.loaded = began.elapsed();
    report.said_in_load = switch.state().users.said;
    settle(&switch, &config).await?;
    report.settled = began.elapsed();
    sleep(REST).await;
    let client = connect(&config).await?;
    report.memory_after = memory(&switch);
    report.disk_after = disk(&client).await?;
    workers.leave_all(&switch).await?;
    let free: i64 = client.query_one("SELECT count(*) FROM secretchat_chats WHERE worker IS NULL", &[]).await?.get(0);
    ensure!(usize::try_from(free)? == ends, "after all workers have left, {free} of {ends} chats are free");
    count(plan, &switch, &client, &mut report).await?;
    _ = std::fs::remove_file(&socket);
    report.print(&switch.state())
}

/// The processes of the workers.
#[derive(Debug)]
struct Workers {
    plan: Plan,
    socket: String,
    database: String,
    key: String,
    running: HashMap<u32, Child>,
    started: u32,
}

impl Workers {
    /// Starts one more, and waits until it is there.
    async fn start(&mut self, switch: &Switch) -> Result<()> {
        let number = self.started;
        self.started += 1;
        let child = Command::new(std::env::current_exe()?)
            .args(["worker", &number.to_string(), &self.socket, &self.database, &self.plan.shards.to_string()])
            .env("RELAY_FARM_KEY", &self.key)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        self.running.insert(number, child);
        while !switch.state().is_connected(number) {
            self.check()?;
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// Returns an error if a worker has ended that nobody killed.
    fn check(&mut self) -> Result<()> {
        for (number, child) in &mut self.running {
            if let Some(status) = child.try_wait()? {
                bail!("worker {number} has ended by itself: {status}");
            }
        }
        Ok(())
    }

    /// Kills the one with this place among the running ones, counted from the longest running.
    async fn kill(&mut self, place: u64, switch: &Switch) -> Result<()> {
        let number = self.pick(place)?;
        let mut child = self.running.remove(&number).context("no such worker")?;
        child.kill().await?;
        while switch.state().is_connected(number) {
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Lets one leave in good order.
    async fn leave(&mut self, place: u64, switch: &Switch) -> Result<()> {
        let number = self.pick(place)?;
        switch.state().tell(number, Note::Leave);
        let mut child = self.running.remove(&number).context("no such worker")?;
        let status = tokio::time::timeout(PATIENCE, child.wait()).await.context("a worker does not leave")??;
        ensure!(status.success(), "worker {number} left with {status}");
        Ok(())
    }

    async fn leave_all(&mut self, switch: &Switch) -> Result<()> {
        while !self.running.is_empty() {
            self.leave(0, switch).await?;
        }
        Ok(())
    }

    fn pick(&self, place: u64) -> Result<u32> {
        let mut numbers: Vec<_> = self.running.keys().copied().collect();
        numbers.sort_unstable();
        let place = usize::try_from(place)? % numbers.len().max(1);
        numbers.get(place).copied().context("no worker runs")
    }
}

/// Begins all conversations.
async fn begin(plan: &Plan, switch: &Switch, workers: &Workers) -> Result<()> {
    let mut numbers: Vec<_> = workers.running.keys().copied().collect();
    numbers.sort_unstable();
    let mut next = 0;
    let (mut readies, mut progress) = (0, Instant::now());
    loop {
        {
            let state = switch.state();
            while next < plan.conversations && next < u32::try_from(state.readies / 2)? + BEGINNING {
                state.tell(numbers[next as usize % numbers.len()], Note::Begin(2 * next));
                next += 1;
            }
            if state.readies == 2 * plan.conversations as usize {
                return Ok(());
            }
            if state.readies > readies {
                (readies, progress) = (state.readies, Instant::now());
            }
        }
        ensure!(progress.elapsed() < PATIENCE, "only {readies} chats are ready, and no more become so");
        sleep(Duration::from_millis(10)).await;
    }
}

/// What happens to a worker or to the server.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Kill,
    Leave,
    Server,
}

/// Lets users write while workers and the server are killed.
async fn load(
    plan: &Plan,
    switch: &Switch,
    workers: &mut Workers,
    server: &Arc<Mutex<Server>>,
    report: &mut Report,
) -> Result<()> {
    let blows = blows(plan);
    let length = Duration::from_secs(plan.seconds.into());
    let writing = tokio::spawn(write(switch.clone(), plan.rate, length));
    let began = Instant::now();
    for (index, blow) in blows.iter().enumerate() {
        // The first and the last part of the time are quiet.
        let at = length.mul_f64((index + 1) as f64 / (blows.len() + 1) as f64);
        tokio::time::sleep_until(began + at).await;
        // Every chat has a worker before the next blow, so that the time without one is known for each.
        served(switch, workers).await?;
        let place = switch.state().users.below(u64::from(plan.workers));
        let before = switch.state().without_worker.len();
        match blow {
            Blow::Kill => {
                workers.kill(place, switch).await?;
                if workers.running.is_empty() {
                    workers.start(switch).await?;
                }
                // The others take its chats, and share them with the next one afterwards.
                served(switch, workers).await?;
                report.kills.push(switch.state().without_worker[before..].to_vec());
                workers.start(switch).await?;
            }
            Blow::Leave => {
                workers.start(switch).await?;
                let began = Instant::now();
                workers.leave(place, switch).await?;
                report.leaves.push(began.elapsed());
            }
            Blow::Server => {
                let server = Arc::clone(server);
                let restarted = Instant::now();
                tokio::task::spawn_blocking(move || {
                    let mut server = server.lock().unwrap_or_else(PoisonError::into_inner);
                    server.kill()?;
                    server.start()
                })
                .await??;
                report.restarts.push(restarted.elapsed());
            }
        }
        println!("{:6.1} s  {blow:?}, {} texts said", began.elapsed().as_secs_f64(), switch.state().users.said);
    }
    writing.await?;
    Ok(())
}

/// Waits until each chat has a worker.
async fn served(switch: &Switch, workers: &mut Workers) -> Result<()> {
    let waited = Instant::now();
    loop {
        workers.check()?;
        let orphans = switch.state().orphans();
        if orphans == 0 {
            return Ok(());
        }
        ensure!(waited.elapsed() < PATIENCE, "{orphans} chats have no worker");
        sleep(Duration::from_millis(2)).await;
    }
}

/// Returns all blows, those of each kind spread evenly.
fn blows(plan: &Plan) -> Vec<Blow> {
    let kinds = [(Blow::Kill, plan.kills), (Blow::Leave, plan.leaves), (Blow::Server, plan.server_kills)];
    let mut blows: Vec<(f64, Blow)> = Vec::new();
    for (blow, times) in kinds {
        blows.extend((0..times).map(|index| ((f64::from(index) + 0.5) / f64::from(times), blow)));
    }
    blows.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    blows.into_iter().map(|(_, blow)| blow).collect()
}

/// Has users ask for texts at a steady rate, whatever happens, and ask again for what was not said.
async fn write(switch: Switch, rate: u32, length: Duration) {
    let began = Instant::now();
    let (mut asked, mut ticks) = (0_u64, interval(Duration::from_millis(5)));
    while began.elapsed() < length {
        ticks.tick().await;
        let wanted = micros(began.elapsed()) * u64::from(rate) / 1_000_000;
        let mut state = switch.state();
        while asked < wanted {
            let end: End = state.users.next();
            state.ask(end);
            asked += 1;
        }
        if asked % 100 < 5 {
            state.ask_again();
        }
    }
}

/// Waits until all that users asked for was said and heard.
async fn settle(switch: &Switch, config: &Config) -> Result<()> {
    let began = Instant::now();
    let client = connect(config).await?;
    loop {
        ensure!(began.elapsed() < PATIENCE, "not everything was said and heard in time");
        switch.state().ask_again();
        sleep(Duration::from_millis(200)).await;
        if switch.state().users.are_content() && unheard(&client).await? == 0 {
            return Ok(());
        }
    }
}

/// Returns how many ends have not received what their peers have sent.
async fn unheard(client: &Client) -> Result<i64> {
    let query = "SELECT count(*) FROM farm_ends AS a JOIN farm_ends AS b ON b.number = a.number # 1
        WHERE a.sent <> b.received";
    Ok(client.query_one(query, &[]).await?.get(0))
}

/// Counts in the host's rows what was sent and received.
async fn count(plan: &Plan, switch: &Switch, client: &Client, report: &mut Report) -> Result<()> {
    let rows = client.query("SELECT number, sent, received FROM farm_ends ORDER BY number", &[]).await?;
    ensure!(rows.len() == 2 * plan.conversations as usize, "{} ends have rows", rows.len());
    let numbers: Vec<(usize, u64, u64)> = rows
        .iter()
        .map(|row| {
            let [number, sent, received] = [0, 1, 2].map(|column| row.get::<_, i64>(column).cast_unsigned());
            Ok((usize::try_from(number)?, sent, received))
        })
        .collect::<Result<_>>()?;
    let state = switch.state();
    for (number, sent, _) in &numbers {
        let (_, _, received) = numbers[number ^ 1];
        let asked = state.users.number(*number);
        report.messages += received;
        report.lost += asked.saturating_sub(received.min(*sent));
        report.doubled += sent.saturating_sub(asked) + received.saturating_sub(*sent);
    }
    // A text out of turn is one that was lost or came twice.
    report.doubled += state.wrong;
    Ok(())
}

/// Returns the bytes of all workers' processes, and how many chats they have in memory.
fn memory(switch: &Switch) -> (u64, u64) {
    let state = switch.state();
    state.sizes.values().fold((0, 0), |(bytes, chats), (_, in_memory, more)| (bytes + more, chats + in_memory))
}

/// Looks at what the server has written.
async fn disk(client: &Client) -> Result<Disk> {
    let query = "SELECT
        (SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r' AND relname LIKE 'secretchat%'),
        (SELECT sum(generation)::bigint FROM secretchat_chats), (pg_current_wal_lsn() - '0/0')::bigint";
    let row = client.query_one(query, &[]).await?;
    let [records, batches, log] = [0, 1, 2].map(|column| row.get::<_, i64>(column).cast_unsigned());
    Ok(Disk { records, batches, log })
}

/// Draws the key of all records, in hex.
fn key() -> String {
    let mut key = [0; 32];
    UnwrapErr(SysRng).fill_bytes(&mut key);
    report::hex(&key)
}
