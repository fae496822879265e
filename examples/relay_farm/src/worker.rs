//! A worker: it takes chats, drives them in shards, and carries their frames over its line to the switch.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use getrandom::SysRng;
use secretchat::frame::{ChatTag, Frame, decode_one};
use secretchat::rand_core::{Rng, UnwrapErr};
use secretchat::{Chat, ChatId, Config, Env, Invitation, Start, StoreKey, Timestamp};
use secretchat_async::{Clock, Limits, Post, Shard};
use secretchat_postgres::tokio_postgres::{self, Client, NoTls};
use secretchat_postgres::{PostgresStore, Taken, Worker, WorkerId};
use tokio::net::UnixStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

use crate::database::connect;
use crate::ends::{Ends, Progress};
use crate::host::{Job, Relay};
use crate::note::{End, Line, Note, carry, peer};

/// How long the others wait for a worker that says nothing before they take its chats.
const LEASE: Duration = Duration::from_secs(1);
/// How often a worker renews its lease, and how often it looks for chats that nobody drives.
const PAUSE: Duration = Duration::from_millis(200);
/// How often a worker compares the chats that it drives with those that it has.
const LOOK: Duration = Duration::from_secs(5);
/// How many chats are taken at once.
const AT_ONCE: usize = 10_000;
/// How many are given back at once: nobody waits for these.
const BACK: usize = 200;
/// How many chats are begun at once: this keeps a thread for some hundredths of a second.
const BIRTHS: usize = 100;

/// What a worker is started with.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) number: u32,
    pub(crate) socket: String,
    pub(crate) database: String,
    pub(crate) shards: u8,
    pub(crate) key: [u8; 32],
}

/// Works until the switch says `Leave` or the line ends.
pub(crate) async fn work(task: Task) -> Result<()> {
    let stream = UnixStream::connect(&task.socket).await.context("the switch does not answer")?;
    let (mut read, write) = stream.into_split();
    let (sender, notes) = unbounded_channel();
    let line = Line(sender);
    let writer = tokio::spawn(carry(notes, write));
    line.put(Note::Begin(task.number));

    let config = tokio_postgres::Config::from_str(&task.database)?;
    let mut id = WorkerId([0; 16]);
    UnwrapErr(SysRng).fill_bytes(&mut id.0);
    let name = format!("worker {}", task.number);
    let worker = Worker::join(config.clone(), NoTls, id, &name, LEASE).await?;
    let ends = Ends::default();
    let (mut posts, mut shards) = (Vec::new(), JoinSet::new());
    for _ in 0..task.shards {
        let store = PostgresStore::connect(config.clone(), NoTls, worker.id()).await?;
        let host = Relay { ends: ends.clone(), line: line.clone() };
        let key = StoreKey::new(task.key);
        let mut limits = Limits::default();
        limits.in_memory = usize::MAX; // to see what they take
        let (shard, post) = Shard::new(store, host, UnwrapErr(SysRng), key, limits);
        shards.spawn(shard.run(Wall));
        posts.push(post);
    }
    let hall = Hall { ends, posts, line };
    let (births, begun) = unbounded_channel();
    let mut beginning = tokio::spawn(begin(hall.clone(), begun, config.clone(), task.key));
    // Another connection of the same worker: nothing that takes long may keep it from renewing the lease.
    let heart = Worker::join(config.clone(), NoTls, worker.id(), &name, LEASE).await?;
    let is_late = Arc::new(AtomicBool::new(false));
    let mut renewing = tokio::spawn(renew(heart, Arc::clone(&is_late)));
    let (leave, left) = oneshot::channel();
    let mut taking = tokio::spawn(take(hall.clone(), worker, config, left, is_late));

    loop {
        tokio::select! {
            note = Note::read(&mut read) => match note? {
                Some(Note::Begin(end)) => _ = births.send(Birth::Call(end)),
                Some(Note::Say(end, number, asked)) => hall.post(end, Job::Say(number, asked)),
                Some(Note::Frame(end, bytes)) => match decode_one(&bytes) {
                    Ok((_, Frame::Request { .. })) if hall.ends.chat(end).is_none() => {
                        // If it was answered by a worker that lost it, nothing comes of this.
                        hall.line.put(Note::NotHere(end));
                        _ = births.send(Birth::Answer(end, bytes));
                    }
                    _ => hall.post(end, Job::Frame(bytes)),
                },
                Some(Note::Who(end)) if hall.ends.chat(end).is_some() => hall.line.put(Note::Has(end)),
                Some(Note::Leave) => break,
                Some(_) => {}
                None => return Ok(()), // the farm is gone
            },
            // These run until they are told to finish.
            Some(ended) = shards.join_next() => ended??,
            ended = &mut beginning => ended??,
            ended = &mut taking => drop(ended??),
            ended = &mut renewing => ended??,
        }
    }
    // What was posted is done and durable; then the others may have the chats at once.
    _ = leave.send(());
    let worker = taking.await??;
    for post in &hall.posts {
        post.finish().await?;
    }
    while let Some(ended) = shards.join_next().await {
        ended??;
    }
    renewing.abort();
    worker.leave().await?;
    drop(hall);
    drop(births);
    writer.abort();
    Ok(())
}

/// Where the chats of a worker are.
#[derive(Clone, Debug)]
struct Hall {
    ends: Ends,
    posts: Vec<Post<Job>>,
    line: Line,
}

impl Hall {
    fn shard(&self, chat: ChatId) -> &Post<Job> {
        &self.posts[self.place(chat)]
    }

    /// Posts a job, unless the chat has too many: frames come again, and users ask again.
    fn post(&self, end: End, job: Job) {
        match self.ends.chat(end) {
            Some(chat) => _ = self.shard(chat).try_post(chat, job),
            None => self.line.put(Note::NotHere(end)),
        }
    }

    /// Gives chats back in good order: what they have to do is done first.
    async fn hand_over(&self, chats: Vec<ChatId>) -> Result<()> {
        for (index, post) in self.posts.iter().enumerate() {
            let of_shard = chats.iter().copied().filter(|chat| self.place(*chat) == index);
            post.hand_over(&of_shard.collect::<Vec<_>>()).await?;
        }
        chats.into_iter().for_each(|chat| drop(self.ends.remove(chat)));
        Ok(())
    }

    fn place(&self, chat: ChatId) -> usize {
        usize::from(chat.0[0]) % self.posts.len()
    }
}

/// A chat that begins at this worker.
#[derive(Debug)]
enum Birth {
    Call(End),
    Answer(End, Vec<u8>),
}

/// Begins chats, many at once: first the host's rows, then the chats themselves.
async fn begin(
    hall: Hall,
    mut births: UnboundedReceiver<Birth>,
    config: tokio_postgres::Config,
    key: [u8; 32],
) -> Result<()> {
    let mut client = connect(&config).await?;
    let mut group = Vec::new();
    while births.recv_many(&mut group, BIRTHS).await > 0 {
        let mut chats: HashMap<End, (Chat, ChatTag)> = HashMap::new();
        for birth in group.drain(..) {
            let (Birth::Call(end) | Birth::Answer(end, _)) = birth;
            if hall.ends.chat(end).is_none() && !chats.contains_key(&end) {
                let made = match birth {
                    Birth::Call(end) => call(end, key),
                    Birth::Answer(end, frame) => answer(end, &frame, key),
                };
                chats.insert(end, made?);
            }
        }
        let (mut numbers, mut ids, mut tags) = (Vec::new(), Vec::new(), Vec::new());
        for (end, (chat, tag)) in &chats {
            numbers.push(i64::from(*end));
            ids.push(chat.id().context("a chat without records")?.0.to_vec());
            tags.push(tag.0.to_vec());
        }
        // A request may come again after another worker has taken the chat.
        let insert = "INSERT INTO farm_ends (number, chat, tag, sent, received)
            SELECT number, chat, tag, 0, 0 FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS new (number, chat, tag)
            ON CONFLICT DO NOTHING RETURNING number";
        let Ok(rows) = client.query(insert, &[&numbers, &ids, &tags]).await else {
            // The server was killed. A request comes again.
            client = connect(&config).await?;
            continue;
        };
        for row in rows {
            let end = End::try_from(row.get::<_, i64>(0))?;
            let (chat, tag) = chats.remove(&end).context("a row of no chat")?;
            let id = chat.id().context("a chat without records")?;
            hall.line.put(Note::Has(end));
            hall.ends.insert(id, Progress::new(end, tag, 0, 0), || _ = hall.shard(id).open(chat));
        }
    }
    Ok(())
}

fn call(end: End, key: [u8; 32]) -> Result<(Chat, ChatTag)> {
    let (mut rng, mut tag) = (UnwrapErr(SysRng), [0; 16]);
    rng.fill_bytes(&mut tag);
    let chat = Chat::request(config(end, key)?, &mut Env::new(SystemTime::now().into(), &mut rng))?;
    Ok((chat, ChatTag(tag)))
}

fn answer(end: End, frame: &[u8], key: [u8; 32]) -> Result<(Chat, ChatTag)> {
    let (tag, Frame::Request { public }) = decode_one(frame)? else { anyhow::bail!("this is no request") };
    let invitation = Invitation::parse(public, config(end, key)?)?;
    let chat = invitation.accept(&mut Env::new(SystemTime::now().into(), &mut UnwrapErr(SysRng)))?;
    Ok((chat, tag))
}

fn config(end: End, key: [u8; 32]) -> Result<Start> {
    let name = |end: End| format!("end {end}");
    Ok(Config::x25519(name(end), name(peer(end)))?.with_store(StoreKey::new(key)))
}

/// Keeps the lease. Notes when it was over.
async fn renew(mut worker: Worker, is_late: Arc<AtomicBool>) -> Result<()> {
    loop {
        if !worker.renew().await? {
            is_late.store(true, Ordering::Relaxed);
        }
        sleep(PAUSE).await;
    }
}

/// Takes chats that nobody drives, and gives some back when there are more workers, until the worker leaves.
async fn take(
    hall: Hall,
    mut worker: Worker,
    config: tokio_postgres::Config,
    mut left: oneshot::Receiver<()>,
    is_late: Arc<AtomicBool>,
) -> Result<Worker> {
    let mut client = connect(&config).await?;
    let mut reported = Instant::now();
    // Chats that are being given back.
    let mut going: Option<JoinHandle<Result<()>>> = None;
    let (mut is_sure, mut chats, mut looked, mut more) = (true, 0, Instant::now(), false);
    loop {
        let pause = if more { Duration::ZERO } else { PAUSE };
        tokio::select! {
            _ = &mut left => break,
            // Somebody may say that chats are free; if nobody does, the pause is over soon.
            () = worker.wait(pause) => {}
        }
        // After the lease was over others may have taken chats. What rests would never find out.
        is_sure &= !is_late.swap(false, Ordering::Relaxed);
        if going.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(gone) = going.take()
        {
            gone.await??;
        }
        if going.is_none() {
            match take_share(&hall, &client, &mut worker, is_sure, &mut chats).await {
                Ok((taken, excess, is_steady)) => {
                    more = taken == AT_ONCE;
                    // A chat that rests does not find out that another worker has it, so look now and then. One that has
                    // just begun has no row yet.
                    is_sure = !is_steady || looked.elapsed() < LOOK;
                    if !is_sure {
                        looked = Instant::now();
                    }
                    let hall = hall.clone();
                    going =
                        (excess > 0).then(|| tokio::spawn(async move { hall.hand_over(hall.ends.some(excess)).await }));
                }
                // The server was killed, and it is not known how far this came.
                Err(_) => {
                    is_sure = false;
                    client = connect(&config).await?;
                }
            }
        }
        if reported.elapsed() > Duration::from_secs(1) {
            reported = Instant::now();
            let in_memory = hall.posts.iter().map(|post| post.tally().in_memory as u64).sum();
            hall.line.put(Note::Size(hall.ends.len().try_into()?, in_memory, resident()?));
        }
    }
    if let Some(gone) = going {
        gone.await??;
    }
    Ok(worker)
}

/// Takes what is missing in this worker's share. Returns how many chats it took, how many it has too many, and whether the
/// number of all chats is what it was.
///
/// While the number of all chats still changes, nothing is given back: the shares change with it.
async fn take_share(
    hall: &Hall,
    client: &Client,
    worker: &mut Worker,
    is_sure: bool,
    chats: &mut u64,
) -> Result<(usize, usize, bool)> {
    if !is_sure {
        let ours = worker.chats().await?;
        let known: HashSet<_> = ours.iter().map(|taken| taken.chat).collect();
        let lost = hall.ends.some(usize::MAX).into_iter().filter(|chat| !known.contains(chat));
        hall.hand_over(lost.collect()).await?;
        let new: Vec<_> = ours.into_iter().filter(|taken| !hall.ends.has(taken.chat)).collect();
        adopt(hall, client, &new).await?;
    }
    let query = "SELECT (SELECT count(*) FROM secretchat_chats),
        (SELECT count(*) FROM secretchat_workers WHERE alive_until > now())";
    let row = client.query_one(query, &[]).await?;
    let [all, workers] = [0, 1].map(|column| row.get::<_, i64>(column).cast_unsigned());
    let is_steady = std::mem::replace(chats, all) == all;
    let share = usize::try_from(all.div_ceil(workers.max(1)))?;
    let mine = hall.ends.len();
    if mine < share {
        let taken = worker.take(AT_ONCE.min(share - mine)).await?;
        adopt(hall, client, &taken).await?;
        return Ok((taken.len(), 0, is_steady));
    }
    // A few more than the others, and they would be moved to and fro.
    let excess = if is_steady && mine > share + share / 20 + 10 { BACK.min(mine - share) } else { 0 };
    Ok((0, excess, is_steady))
}

/// Brings chats that this worker has taken to their shards.
async fn adopt(hall: &Hall, client: &Client, taken: &[Taken]) -> Result<()> {
    let due: HashMap<&[u8], _> = taken.iter().map(|taken| (&taken.chat.0[..], (taken.chat, taken.due))).collect();
    let ids: Vec<&[u8]> = due.keys().copied().collect();
    let find = "SELECT chat, number, tag, sent, received FROM farm_ends WHERE chat = ANY($1)";
    let mut stale = Vec::new();
    for row in client.query(find, &[&ids]).await? {
        let (chat, due) = due[row.get::<_, &[u8]>(0)];
        let tag = ChatTag(row.get::<_, &[u8]>(2).try_into()?);
        let [number, sent, received] = [1, 3, 4].map(|column| row.get::<_, i64>(column).cast_unsigned());
        let end = number.try_into()?;
        let bring = || _ = hall.shard(chat).adopt(chat, due);
        if hall.ends.insert(chat, Progress::new(end, tag, sent, received), bring) {
            hall.line.put(Note::Has(end));
        } else {
            stale.push(chat);
        }
    }
    // Another worker had them meanwhile. They are free once they are gone from here.
    hall.hand_over(stale).await
}

/// Returns the bytes of this process that are in memory (proc(5)).
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// The clock on the wall, and tokio's timers.
#[derive(Debug)]
struct Wall;

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }

    async fn sleep_until(&self, at: Timestamp) {
        sleep(self.now().until(at)).await;
    }
}
