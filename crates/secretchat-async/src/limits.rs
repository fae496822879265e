//! The bounds of a shard.

/// Bounds of what a shard holds and does. Start from [`Limits::default`] and set the fields that differ. A limit of zero
/// counts as one.
///
/// ```
/// use secretchat_async::Limits;
///
/// let mut limits = Limits::default();
/// limits.in_memory = 1_000; // a small machine
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The jobs that wait for one chat. Whoever posts more waits.
    pub jobs_per_chat: usize,
    /// The jobs that one chat does before the others have their turn. It does fewer if one of them writes: what a
    /// chat writes is durable before it goes on.
    pub jobs_per_turn: usize,
    /// The chats of one turn, and so of one commit and one load.
    pub chats_per_commit: usize,
    /// The chats in memory. Above it, those that have rested longest leave, and are restored when something comes
    /// for them. Chats that owe their peer something stay, so there may be more.
    pub in_memory: usize,
}

impl Default for Limits {
    /// Returns 64 jobs for a chat, 16 of them in a turn, 256 chats in a commit and 10,000 in memory.
    fn default() -> Self {
        Self { jobs_per_chat: 64, jobs_per_turn: 16, chats_per_commit: 256, in_memory: 10_000 }
    }
}

impl Limits {
    /// Returns the same limits without zeros: with them nothing would ever move.
    pub(crate) fn at_least_one(self) -> Self {
        Self {
            jobs_per_chat: self.jobs_per_chat.max(1),
            jobs_per_turn: self.jobs_per_turn.max(1),
            chats_per_commit: self.chats_per_commit.max(1),
            in_memory: self.in_memory.max(1),
        }
    }
}
