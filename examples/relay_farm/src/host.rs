//! What a worker does with the jobs and the actions of its chats.

use secretchat::ChatId;
use secretchat::frame::{decode_one, encode};
use secretchat::store::{Action, Driver};
use secretchat::{Draft, Env, Event};
use secretchat_async::{Host, Lost};
use secretchat_postgres::Row;

use crate::ends::{Ends, Progress};
use crate::note::{End, Line, Note};

/// A job for a chat.
#[derive(Debug)]
pub(crate) enum Job {
    /// Says the text of this number, for which a user asked at this time.
    Say(u64, u64),
    /// Takes in a frame of the peer.
    Frame(Vec<u8>),
}

/// The host of all chats of a worker.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) ends: Ends,
    pub(crate) line: Line,
}

impl Host for Relay {
    type Job = Job;
    type Row = Row;

    fn work(&mut self, driver: &mut Driver<()>, job: Job, rows: &mut Vec<Row>, env: &mut Env<'_>) {
        match job {
            Job::Say(number, asked) => self.say(driver, number, asked, rows, env),
            // A frame that is wrong or late changes nothing, and the peer sends again what was not received.
            Job::Frame(bytes) => {
                if let Ok((_, frame)) = decode_one(&bytes) {
                    _ = driver.handle_frame(&frame, env);
                }
            }
        }
    }

    fn act(&mut self, driver: &mut Driver<()>, action: Action, rows: &mut Vec<Row>, _: &mut Env<'_>) {
        let Some(chat) = driver.chat().id() else { return };
        self.ends.with(chat, |progress| {
            if let Ok(Some(frame)) = action.frame()
                && let Ok(bytes) = encode(progress.tag, &frame)
            {
                self.line.put(Note::Frame(progress.end, bytes));
            }
            match action {
                Action::Event(Event::Ready { .. }) => progress.unreported.push(Note::Ready(progress.end)),
                Action::Event(Event::Message(message)) => hear(progress, &message.content.text, rows),
                Action::Checkpoint(_) => progress.unreported.drain(..).for_each(|note| self.line.put(note)),
                _ => {}
            }
        });
    }

    fn lost(&mut self, chat: ChatId, why: Lost, _: Vec<Job>) {
        if let Some(progress) = self.ends.remove(chat) {
            if let Lost::Records(error) = why {
                eprintln!("the records of {chat:?} do not restore: {error}");
            }
            self.line.put(Note::Lost(progress.end));
        }
    }
}

impl Relay {
    /// Sends the text, unless it was sent before: the user asks again when a worker was killed.
    fn say(&self, driver: &mut Driver<()>, number: u64, asked: u64, rows: &mut Vec<Row>, env: &mut Env<'_>) {
        let Some(chat) = driver.chat().id() else { return };
        self.ends.with(chat, |progress| {
            if number <= progress.sent {
                self.line.put(Note::Said(progress.end, number));
            } else if number == progress.sent + 1 && driver.send(&Draft::text(text(number, asked)), env).is_ok() {
                // The same transaction as that of the batch: both or neither.
                rows.push(row("UPDATE farm_ends SET sent = $2 WHERE number = $1", progress.end, number));
                progress.sent = number;
                progress.unreported.push(Note::Said(progress.end, number));
            }
            // Otherwise the peer has not acknowledged enough, and the user asks again.
        });
    }
}

fn hear(progress: &mut Progress, text: &str, rows: &mut Vec<Row>) {
    let mut words = text.split(' ').map_while(|word| word.parse().ok());
    let (Some(number), Some(asked)) = (words.next(), words.next()) else { return };
    let expected = progress.received + 1;
    if number != expected {
        progress.unreported.push(Note::Wrong(progress.end, number, expected));
    }
    rows.push(row("UPDATE farm_ends SET received = $2 WHERE number = $1", progress.end, number));
    progress.received = number;
    progress.unreported.push(Note::Heard(progress.end, number, asked));
}

fn row(sql: &str, end: End, number: u64) -> Row {
    Row::new(sql, [Box::new(i64::from(end)) as _, Box::new(number.cast_signed()) as _])
}

/// Returns a text of a common length with its number and the time at which the user asked for it.
fn text(number: u64, asked: u64) -> String {
    format!(
        "{number} {asked} {}",
        "and what a user would say, now and then a little more. ".repeat(if number.is_multiple_of(7) { 2 } else { 1 })
    )
}
