//! Searches breadth first, then plays at random, and prints what was seen. The README explains the options.

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use explorer::{Act, Extent, Found, Played, Profile, Settings, Tally, configurations, play, search};

/// What the options say.
struct Options {
    states: usize,
    others: usize,
    close_each: usize,
    plays: usize,
    steps: usize,
    seed: u64,
    profile: Option<String>,
    only: String,
    threads: usize,
}

/// One search or several plays.
enum Job {
    Search(Settings, Extent),
    Play(Settings, usize),
}

/// The sums of all jobs.
#[derive(Default)]
struct Sums {
    worlds: usize,
    ends: usize,
    steps: u64,
    calls: u64,
    closings: usize,
    plays: Played,
    worst: (explorer::Rest, usize, usize),
    found: usize,
}

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(wrong) => {
            eprintln!("{wrong}; see README.md");
            return ExitCode::FAILURE;
        }
    };
    // A panic is told with its script.
    std::panic::set_hook(Box::new(|_| {}));
    let begun = Instant::now();
    let jobs = Mutex::new(options.jobs());
    let sums = Mutex::new(Sums::default());
    std::thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| {
                loop {
                    let job = jobs.lock().ok().and_then(|mut jobs| jobs.pop());
                    match job {
                        Some(job) => run(&options, job, &sums),
                        None => break,
                    }
                }
            });
        }
    });
    let sums = sums.into_inner().unwrap_or_default();
    sums.print(begun.elapsed().as_secs_f64());
    if sums.found > 0 {
        println!("{} violations", sums.found);
        return ExitCode::FAILURE;
    }
    if options.only.is_empty() && options.profile.is_none() && sums.worlds < options.states {
        println!("only {} of {} states", sums.worlds, options.states);
        return ExitCode::FAILURE;
    }
    println!("ok: {} distinct states, {} calls beside a twin", sums.worlds, sums.plays.twins);
    ExitCode::SUCCESS
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            states: 1_000_000,
            others: 1_000,
            close_each: 500,
            plays: 8,
            steps: 80,
            seed: 1,
            profile: None,
            only: String::new(),
            threads: 2,
        };
        while let Some(option) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{option} needs a value"))?;
            let number = || value.parse::<usize>().map_err(|_| format!("{value} is no number"));
            match option.as_str() {
                "--states" => options.states = number()?,
                "--others" => options.others = number()?,
                "--close-each" => options.close_each = number()?,
                "--plays" => options.plays = number()?,
                "--steps" => options.steps = number()?,
                "--seed" => options.seed = number()? as u64,
                "--threads" => options.threads = number()?,
                "--profile" => options.profile = Some(value),
                "--only" => options.only = value,
                _ => return Err(format!("{option} is no option")),
            }
        }
        Ok(options)
    }

    /// The jobs, the last one first.
    fn jobs(&self) -> Vec<Job> {
        let wanted = |settings: &Settings| {
            let profile = match settings.profile {
                Profile::X25519 => "x25519",
                Profile::Hybrid => "hybrid",
                Profile::Telegram => "telegram",
            };
            self.profile.as_ref().is_none_or(|wanted| wanted == profile) && settings.name.contains(&self.only)
        };
        let seeded = |settings: Settings| Settings { seed: settings.seed + self.seed - 1, ..settings };
        let (broad, others) = (configurations::broad(), configurations::others());
        let all = broad.iter().chain(&others).filter(|settings| wanted(settings)).cloned().map(seeded);
        let mut jobs: Vec<Job> = all.map(|settings| Job::Play(settings, self.plays)).collect();
        // A narrow search is complete before it has its share.
        let share = self.states / (configurations::broad().len() - 4) + 1;
        for settings in others.into_iter().filter(wanted).map(seeded) {
            let extent = Extent { worlds: self.others * ease(&settings), close_each: self.close_each };
            jobs.push(Job::Search(settings, extent));
        }
        for settings in broad.into_iter().filter(wanted).map(seeded) {
            jobs.push(Job::Search(settings, Extent { worlds: share, close_each: self.close_each }));
        }
        jobs
    }
}

/// How many times as many states a search has if its calls cost less. Powers of 2,048 bits cost the most.
fn ease(settings: &Settings) -> usize {
    let renews = settings.scripts.iter().flatten().any(|act| *act == Act::Rekey);
    match settings.profile {
        Profile::Telegram if renews || settings.has_old_client() => 1,
        Profile::Telegram => 2,
        Profile::X25519 | Profile::Hybrid => 10,
    }
}

fn run(options: &Options, job: Job, sums: &Mutex<Sums>) {
    let begun = Instant::now();
    let (line, found) = match job {
        Job::Search(settings, extent) => match search(&settings, extent) {
            Ok(tally) => {
                if let Ok(mut sums) = sums.lock() {
                    sums.add(&tally);
                }
                (searched(&settings, &tally, begun), None)
            }
            Err(found) => (String::new(), Some((settings, found))),
        },
        Job::Play(settings, plays) => match play(&settings, options.seed, plays, options.steps) {
            Ok(played) => {
                if let Ok(mut sums) = sums.lock() {
                    sums.play(&played);
                }
                (at_random(&settings, &played), None)
            }
            Err(found) => (String::new(), Some((settings, found))),
        },
    };
    let Ok(mut sums) = sums.lock() else { return };
    match found {
        None => println!("{line}"),
        Some((settings, found)) => {
            sums.found += 1;
            let Found { script, violation } = *found;
            println!("VIOLATION in {:?}\n{violation}\n{settings:?}\n{script}", settings.name);
        }
    }
}

fn searched(settings: &Settings, tally: &Tally, begun: Instant) -> String {
    let Tally { worlds, ends, steps, calls, closings, .. } = tally;
    let seconds = begun.elapsed().as_secs_f64().max(0.001);
    let whole = if tally.complete { ", which are all" } else { "" };
    let rate = *worlds as f64 / seconds;
    format!(
        "{}: {worlds} states{whole} of {ends} ends, {steps} steps, {calls} calls, {closings} closings, {rate:.0} states/s",
        settings.name
    )
}

fn at_random(settings: &Settings, played: &Played) -> String {
    let Played { plays, steps, deaths, closed, rekeys, .. } = played;
    format!(
        "{}: {plays} plays of {steps} steps, {deaths} deaths, {closed} closed, up to {rekeys} new keys",
        settings.name
    )
}

impl Sums {
    fn add(&mut self, tally: &Tally) {
        self.worlds += tally.worlds;
        self.ends += tally.ends;
        self.steps += tally.steps;
        self.calls += tally.calls;
        self.closings += tally.closings;
        let (rest, outputs, stored) = self.worst;
        self.worst = (rest.max(tally.rest), outputs.max(tally.outputs), stored.max(tally.stored));
    }

    fn play(&mut self, played: &Played) {
        self.plays.plays += played.plays;
        self.plays.steps += played.steps;
        self.plays.twins += played.twins;
        self.plays.deaths += played.deaths;
        self.worst.0 = self.worst.0.max(played.rest);
    }

    fn print(&self, seconds: f64) {
        let Self { worlds, ends, steps, calls, closings, plays, worst: (rest, outputs, stored), .. } = self;
        println!("distinct states: {worlds}, of {ends} different ends; {steps} steps, {calls} calls");
        println!("{:.0} states a second; {seconds:.0} s with everything", *worlds as f64 / seconds);
        println!("random: {} plays, {} steps, {} deaths", plays.plays, plays.steps, plays.deaths);
        println!("closing phases: {closings} after searches, {} after plays", 2 * plays.plays);
        println!("worst to rest: {} rounds, {} packets", rest.rounds, rest.packets);
        println!("worst kept: {} bytes of records; worst call: {outputs} outputs", (*stored).max(rest.stored));
    }
}
