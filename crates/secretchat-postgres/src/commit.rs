//! The batches of many chats as a few statements: one for each kind of change, over arrays.

use std::collections::HashMap;

use secretchat::store::Entry;
use secretchat::{Batch, ChatId, Checkpoint, RecordName};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Statement};

use crate::link::{Failure, Live};
use crate::pipeline::{self, Ended, Step};
use crate::{PostgresError, Row, WorkerId};

/// Each fence fails with a division by zero unless it let all chats pass. So nobody has to look at its result before the
/// statements behind it are sent, and the transaction ends with nothing.
const FIRST: &str = "
    WITH passed AS (
        INSERT INTO secretchat_chats (chat, generation, tag, worker, due_millis, written_at)
        SELECT n.chat, n.generation, n.tag, $5::BYTEA, n.due, now()
        FROM unnest($1::BYTEA[], $2::BIGINT[], $3::BYTEA[], $4::BIGINT[]) AS n (chat, generation, tag, due)
        ON CONFLICT (chat) DO NOTHING RETURNING 1)
    SELECT 1 / (CASE WHEN count(*) = $6::BIGINT THEN 1 ELSE 0 END) FROM passed";
const NEXT: &str = "
    WITH passed AS (
        UPDATE secretchat_chats AS c
        SET generation = n.generation, tag = n.tag, due_millis = n.due, written_at = now()
        FROM unnest($1::BYTEA[], $2::BIGINT[], $3::BYTEA[], $4::BIGINT[], $5::BYTEA[], $6::BIGINT[])
            AS n (chat, old_generation, old_tag, generation, tag, due)
        WHERE c.chat = n.chat AND c.generation = n.old_generation AND c.tag = n.old_tag AND c.worker = $7::BYTEA
        RETURNING 1)
    SELECT 1 / (CASE WHEN count(*) = $8::BIGINT THEN 1 ELSE 0 END) FROM passed";
const LAST: &str = "
    WITH passed AS (
        DELETE FROM secretchat_chats AS c USING unnest($1::BYTEA[], $2::BIGINT[], $3::BYTEA[]) AS n (chat, generation, tag)
        WHERE c.chat = n.chat AND c.generation = n.generation AND c.tag = n.tag AND c.worker = $4::BYTEA
        RETURNING 1)
    SELECT 1 / (CASE WHEN count(*) = $5::BIGINT THEN 1 ELSE 0 END) FROM passed";
/// The times of chats that have no batch. Those of another worker keep theirs.
const DUE: &str = "
    UPDATE secretchat_chats AS c SET due_millis = n.due FROM unnest($1::BYTEA[], $2::BIGINT[]) AS n (chat, due)
    WHERE c.chat = n.chat AND c.worker = $3::BYTEA";
const DELETE: &str = "
    DELETE FROM secretchat_records AS r USING unnest($1::BYTEA[], $2::BYTEA[]) AS n (chat, name)
    WHERE r.chat = n.chat AND r.name = n.name";
const PUT: &str = "
    INSERT INTO secretchat_records (chat, name, record, written_at)
    SELECT n.chat, n.name, n.record, now() FROM unnest($1::BYTEA[], $2::BYTEA[], $3::BYTEA[]) AS n (chat, name, record)
    ON CONFLICT (chat, name) DO UPDATE SET record = excluded.record, written_at = excluded.written_at";
const HEADS: &str = "
    SELECT chat, generation, tag, COALESCE(worker = $2::BYTEA, FALSE) FROM secretchat_chats WHERE chat = ANY($1::BYTEA[])";

/// How an attempt ended that the server has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Written,
    /// A batch does not follow, or its chat is another worker's. Nothing was written.
    Refused,
}

/// The change that a batch makes to the row of its chat.
enum Fence {
    First,
    Next(Checkpoint),
    /// Nothing of the chat is left.
    Last(Checkpoint),
}

impl Fence {
    fn of(batch: &Batch) -> Self {
        let is_head = |name: &RecordName| matches!(name, RecordName::State | RecordName::Tombstone);
        let goes = batch.delete.iter().any(is_head) && !batch.put.iter().any(|(name, _)| is_head(name));
        match batch.follows {
            None => Self::First,
            Some(follows) if goes => Self::Last(follows),
            Some(follows) => Self::Next(follows),
        }
    }
}

/// Columns of the fences, a row for each chat.
#[derive(Default)]
struct Chats<'a> {
    chats: Vec<&'a [u8]>,
    old_generations: Vec<i64>,
    old_tags: Vec<Vec<u8>>,
    generations: Vec<i64>,
    tags: Vec<&'a [u8]>,
    due: Vec<Option<i64>>,
}

impl<'a> Chats<'a> {
    fn push(&mut self, batch: &'a Batch, follows: Option<Checkpoint>, due: Option<i64>) {
        self.chats.push(&batch.chat.0);
        if let Some(follows) = follows {
            self.old_generations.push(follows.generation.cast_signed());
            self.old_tags.push(follows.tag.to_vec());
        }
        self.generations.push(batch.checkpoint.generation.cast_signed());
        self.tags.push(&batch.checkpoint.tag);
        self.due.push(due);
    }

    fn count(&self) -> i64 {
        i64::try_from(self.chats.len()).unwrap_or(i64::MAX)
    }
}

/// Writes the entries in one transaction and one round trip.
pub(crate) async fn write(live: &mut Live, entries: &[&Entry<Row>], worker: WorkerId) -> Result<Outcome, Failure> {
    let mut sorted: Vec<(&Batch, Option<i64>)> = entries
        .iter()
        .filter_map(|entry| Some((entry.batch.as_ref()?, entry.due.map(|due| to_i64(due.as_millis())))))
        .collect();
    // Two who write the same chats lock them in the same order.
    sorted.sort_unstable_by_key(|(batch, _)| batch.chat);

    let (mut first, mut next, mut last) = (Chats::default(), Chats::default(), Chats::default());
    let (mut deleted_of, mut deleted) = (Vec::new(), Vec::new());
    let (mut put_of, mut put_names, mut put) = (Vec::new(), Vec::new(), Vec::new());
    for (batch, due) in &sorted {
        match Fence::of(batch) {
            Fence::First => first.push(batch, None, *due),
            Fence::Next(follows) => next.push(batch, Some(follows), *due),
            Fence::Last(follows) => last.push(batch, Some(follows), *due),
        }
        for name in &batch.delete {
            deleted_of.push(&batch.chat.0[..]);
            deleted.push(name.to_bytes().to_vec());
        }
        for (name, record) in &batch.put {
            put_of.push(&batch.chat.0[..]);
            put_names.push(name.to_bytes().to_vec());
            put.push(record.as_slice());
        }
    }
    let worker = &worker.0[..];
    let counts = [first.count(), next.count(), last.count()];
    let [firsts, nexts, lasts] = &counts;
    let mut parts: Vec<(&str, Vec<&(dyn ToSql + Sync)>)> = Vec::new();
    if *firsts > 0 {
        parts.push((FIRST, vec![&first.chats, &first.generations, &first.tags, &first.due, &worker, firsts]));
    }
    if *nexts > 0 {
        let Chats { chats, old_generations, old_tags, generations, tags, due } = &next;
        parts.push((NEXT, vec![chats, old_generations, old_tags, generations, tags, due, &worker, nexts]));
    }
    if *lasts > 0 {
        parts.push((LAST, vec![&last.chats, &last.old_generations, &last.old_tags, &worker, lasts]));
    }
    let fences = parts.len();
    let mut without: Vec<_> = entries.iter().filter(|entry| entry.batch.is_none()).collect();
    without.sort_unstable_by_key(|entry| entry.chat);
    let due_of: Vec<&[u8]> = without.iter().map(|entry| &entry.chat.0[..]).collect();
    let due: Vec<Option<i64>> = without.iter().map(|entry| entry.due.map(|due| to_i64(due.as_millis()))).collect();
    if !without.is_empty() {
        parts.push((DUE, vec![&due_of, &due, &worker]));
    }
    // In this order, for a name that is in both.
    if !deleted.is_empty() {
        parts.push((DELETE, vec![&deleted_of, &deleted]));
    }
    if !put.is_empty() {
        parts.push((PUT, vec![&put_of, &put_names, &put]));
    }

    live.close().await?;
    let mut statements = Vec::new();
    for (sql, parameters) in parts {
        statements.push((live.own(sql).await?, parameters));
    }
    for row in entries.iter().flat_map(|entry| &entry.rows) {
        statements.push((live.prepare(row.sql()).await?, row.parameters()));
    }
    live.open = true;
    let client = &live.client;
    let mut steps: Vec<Step<'_>> = vec![Box::pin(client.batch_execute("BEGIN"))];
    steps.extend(statements.into_iter().map(|(statement, parameters)| step(client, statement, parameters)));
    steps.push(Box::pin(client.batch_execute("COMMIT")));
    match pipeline::run(steps).await {
        Ended::Well => {
            live.open = false;
            Ok(Outcome::Written)
        }
        Ended::At(at, error) => {
            // The commit of a transaction that failed undoes it.
            live.open = false;
            let at_fence = (1..=fences).contains(&at);
            if at_fence && error.code() == Some(&SqlState::DIVISION_BY_ZERO) {
                Ok(Outcome::Refused)
            } else {
                Err(explain(error))
            }
        }
        Ended::Short(error) => {
            live.close().await?;
            Err(error.into())
        }
    }
}

/// The first batch of a chat by a worker that is not registered.
fn explain(error: Error) -> Failure {
    let of_worker = |error: &tokio_postgres::error::DbError| {
        *error.code() == SqlState::FOREIGN_KEY_VIOLATION && error.table() == Some("secretchat_chats")
    };
    if error.as_db_error().is_some_and(of_worker) { Failure::Other(PostgresError::NotJoined) } else { error.into() }
}

fn step<'a>(client: &'a Client, statement: Statement, parameters: Vec<&'a (dyn ToSql + Sync)>) -> Step<'a> {
    Box::pin(async move { client.execute(&statement, &parameters).await.map(drop) })
}

fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The rows of chats, as they are now.
#[derive(Debug)]
pub(crate) struct Heads(HashMap<ChatId, (Checkpoint, bool)>);

/// Reads the rows of the entries' chats.
pub(crate) async fn heads(live: &mut Live, entries: &[&Entry<Row>], worker: WorkerId) -> Result<Heads, Failure> {
    live.close().await?;
    let chats: Vec<&[u8]> = entries.iter().map(|entry| &entry.chat.0[..]).collect();
    let statement = live.own(HEADS).await?;
    let mut heads = HashMap::new();
    for row in live.client.query(&statement, &[&chats, &&worker.0[..]]).await? {
        let tag = row.try_get::<_, &[u8]>(2)?.try_into().map_err(|_| Failure::Other(PostgresError::Damaged))?;
        let generation = row.try_get::<_, i64>(1)?.cast_unsigned();
        heads.insert(chat_id(row.try_get(0)?)?, (Checkpoint { generation, tag }, row.try_get(3)?));
    }
    Ok(Heads(heads))
}

pub(crate) fn chat_id(bytes: &[u8]) -> Result<ChatId, Failure> {
    bytes.try_into().map(ChatId).map_err(|_| Failure::Other(PostgresError::Damaged))
}

impl Heads {
    /// Returns whether the batch follows what is there, and this worker has the chat.
    pub(crate) fn fits(&self, batch: &Batch) -> bool {
        match (batch.follows, self.0.get(&batch.chat)) {
            (None, None) => true,
            (Some(follows), Some((head, ours))) => follows == *head && *ours,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Returns whether a commit of these entries is there, of which nobody knows how it ended. It is there as a whole or not
    /// at all, so one of its checkpoints is evidence for all of it.
    pub(crate) fn show(&self, entries: &[&Entry<Row>]) -> bool {
        let batches = || entries.iter().filter_map(|entry| entry.batch.as_ref());
        let (mut gone, mut others) = (0, 0);
        for batch in batches() {
            match (Fence::of(batch), self.0.get(&batch.chat)) {
                (Fence::Last(_), None) => gone += 1,
                (_, Some((head, _))) if *head == batch.checkpoint => return true,
                _ => others += 1,
            }
        }
        // Only if nothing else was to be written: somebody else may have deleted a chat meanwhile.
        gone > 0 && others == 0
    }
}
