//! Prints the tables and the targets as Markdown.
//!
//! `table [ROUNDS] [SUBJECT]...`: `message`, `agreement`, `media`, `stores`, `scale`; all of them if none is named.

use std::env;
use std::error::Error;

use ige_lanes::Backend;
use secretchat_benches::agreement::{self, powers, stack};
use secretchat_benches::measure::{Tables, timing};
use secretchat_benches::{media, message, scale, stores, targets};

const ROUNDS: u32 = 150;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).peekable();
    if arguments.next_if(|argument| argument == stack::ARGUMENT).is_some() {
        return Ok(stack::try_it(arguments)?);
    }
    let rounds = match arguments.peek().and_then(|first| first.parse().ok()) {
        Some(rounds) => {
            arguments.next();
            rounds
        }
        None => ROUNDS,
    };
    let tables = measure(rounds, &arguments.collect::<Vec<_>>())?;

    let lanes = if cfg!(feature = "lanes") { "with" } else { "without" };
    println!(
        "Profile {}, {lanes} `lanes`, {:?}; the least of {rounds} rounds.\n",
        profile().as_deref().unwrap_or("unknown"),
        Backend::detect()
    );
    println!("{}", targets::all(&tables));
    tables.0.iter().for_each(|table| print!("{table}"));
    Ok(())
}

fn measure(rounds: u32, subjects: &[String]) -> Result<Tables, Box<dyn Error>> {
    const SUBJECTS: [&str; 5] = ["message", "agreement", "media", "stores", "scale"];
    if let Some(unknown) = subjects.iter().find(|subject| !SUBJECTS.contains(&subject.as_str())) {
        return Err(format!("no subject {unknown}: there are {SUBJECTS:?}").into());
    }
    let wanted = |subject| subjects.is_empty() || subjects.iter().any(|wanted| wanted == subject);
    let mut tables = Vec::new();
    // First, since freed memory hides later allocations.
    let resident = if wanted("media") { Some(media::resident::measure()?) } else { None };
    if wanted("message") {
        tables.extend(message::measure(rounds));
    }
    if wanted("agreement") {
        tables.extend(timing::measure(&mut [powers::group()], rounds));
        tables.extend([agreement::measure(rounds), stack::measure()?]);
    }
    if wanted("media") {
        tables.extend(media::measure(rounds));
    }
    if wanted("stores") {
        tables.extend(stores::measure(rounds)?);
    }
    if wanted("scale") {
        tables.extend(scale::measure(rounds));
    }
    tables.extend(resident);
    Ok(Tables(tables))
}

/// Returns the build profile, which is the name of the program's directory.
fn profile() -> Option<String> {
    Some(env::current_exe().ok()?.parent()?.file_name()?.to_string_lossy().into_owned())
}
