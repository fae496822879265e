//! A row of the host's own.

use std::fmt;
use std::sync::Arc;

use tokio_postgres::types::ToSql;

/// A statement of the host's own, which is run in the transaction of a batch: most often an `INSERT` into a table of the
/// host.
///
/// ```
/// use secretchat_postgres::Row;
///
/// let (chat, text) = (vec![7_u8; 16], "Hello!".to_owned());
/// let row = Row::new("INSERT INTO messages (chat, text) VALUES ($1, $2)", [Box::new(chat) as _, Box::new(text) as _]);
/// # drop(row);
/// ```
pub struct Row {
    sql: Arc<str>,
    parameters: Vec<Box<dyn ToSql + Send + Sync>>,
}

impl Row {
    /// Creates a row from one statement and its parameters, `$1` first. The statement is prepared once for a connection, so
    /// use few different texts. Share a text as `Arc<str>` to save its copies.
    ///
    /// The statement must not end the transaction. If the connection is lost during a commit that has rows and no batch at
    /// all, they are run again although they may be there already: add `ON CONFLICT DO NOTHING` to such rows.
    pub fn new(sql: impl Into<Arc<str>>, parameters: impl IntoIterator<Item = Box<dyn ToSql + Send + Sync>>) -> Self {
        Self { sql: sql.into(), parameters: parameters.into_iter().collect() }
    }

    pub(crate) const fn sql(&self) -> &Arc<str> {
        &self.sql
    }

    pub(crate) fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.parameters.iter().map(|parameter| &**parameter as _).collect()
    }
}

/// Shows no parameters, which may be what people wrote.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("sql", &self.sql).finish_non_exhaustive()
    }
}
