//! Secret chats by the thousand on several workers over one PostgreSQL server, while workers and the server are killed.
//!
//! ```text
//! cargo run --release -p relay_farm -- --conversations 100000 --seconds 120
//! ```
//!
//! The farm starts a server (Debian's package `postgresql`), the workers and the users. Every conversation has two ends, and
//! each end is a chat that one of the workers drives. Users write with a heavy tail: the `n`th most talkative writes `1 / n`
//! as often as the first. Meanwhile workers are killed with SIGKILL, others are added, some leave in good order, and the
//! server is killed with all its processes. It ends with `ok: … messages, 0 lost, 0 doubled, 0 slots twice`, or with an
//! error.

mod database;
mod ends;
mod farm;
mod host;
mod note;
mod report;
mod switch;
mod users;
mod worker;

use std::env;

use anyhow::{Context as _, Result, bail};

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("worker") => worker::work(task(&arguments)?).await,
        _ => farm::run(&plan(&arguments)?).await,
    }
}

/// Reads the arguments of a worker, which the farm wrote.
fn task(arguments: &[String]) -> Result<worker::Task> {
    let [_, number, socket, database, shards] = arguments else { bail!("usage: worker NUMBER SOCKET DATABASE SHARDS") };
    let key = env::var("RELAY_FARM_KEY").context("the key of the records is in RELAY_FARM_KEY")?;
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(key.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits)?, 16)?;
    }
    let (number, shards) = (number.parse()?, shards.parse()?);
    Ok(worker::Task { number, socket: socket.clone(), database: database.clone(), shards, key: bytes })
}

/// Reads what the farm is to do: pairs of a name and a number.
fn plan(arguments: &[String]) -> Result<farm::Plan> {
    let mut plan = farm::Plan::default();
    let mut rest = arguments;
    while let [name, value, others @ ..] = rest {
        let value: u32 = value.parse().with_context(|| format!("{name} wants a number"))?;
        match name.as_str() {
            "--conversations" => plan.conversations = value,
            "--workers" => plan.workers = value,
            "--shards" => plan.shards = value,
            "--seconds" => plan.seconds = value,
            "--rate" => plan.rate = value,
            "--kills" => plan.kills = value,
            "--leaves" => plan.leaves = value,
            "--server-kills" => plan.server_kills = value,
            "--seed" => plan.seed = value,
            _ => bail!("there is no {name}; see the head of main.rs"),
        }
        rest = others;
    }
    if !rest.is_empty() {
        bail!("{} has no number", rest[0]);
    }
    Ok(plan)
}
