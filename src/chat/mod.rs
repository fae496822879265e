//! The chat: one state machine for both ends, driven by any transport.
//!
//! `model` holds the parts of a chat, and `turn` is the only way to change them. Every other module is one subject,
//! written as methods of a turn. Subjects do not import each other: a turn joins them.

mod close;
mod delivery;
mod diagnosis;
mod exchange;
mod export;
mod input;
mod invitation;
mod model;
mod peek;
mod receive;
mod records;
mod send;
mod timers;
mod turn;
mod verification;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::fmt;

pub use diagnosis::Diagnosis;
pub use input::{Handled, Input};
pub use invitation::Invitation;
pub use model::{Cause, Outcome};
use model::{Doubt, Journal, Keeping, Keys, Outbox, Phase, Setup, State, Timed, Waiting};
pub use peek::{Peek, Peeker};

use crate::media::FileForm;
use crate::output::Output;
use crate::profile::{Profile, Rules};
use crate::record::{ChatId, Checkpoint};
use crate::seq::Slots;
use crate::types::error::{CloseReason, Unavailable};
use crate::types::id::{KeyFingerprint, Layer, Position, RandomId, Role};
use crate::types::names::names;
use crate::types::time::{LogicalClock, Timestamp, Ttl};

/// One end of a secret chat. It does no I/O: the host passes in what happened and carries out what the chat asks
/// for.
///
/// | kind | methods |
/// |---|---|
/// | ask | [`state`](Self::state) [`profile`](Self::profile) [`file_form`](Self::file_form) [`role`](Self::role) [`id`](Self::id) [`host_data`](Self::host_data) [`verification`](Self::verification) [`verified`](Self::verified) [`scan_code`](Self::scan_code) [`check`](Self::check) [`export_secret`](Self::export_secret) [`export_secret_into`](Self::export_secret_into) [`key_fingerprint`](Self::key_fingerprint) [`rekeys`](Self::rekeys) [`rekey_state`](Self::rekey_state) [`own_layer`](Self::own_layer) [`peer_layer`](Self::peer_layer) [`ttl`](Self::ttl) [`deadline`](Self::deadline) [`counters`](Self::counters) [`checkpoint`](Self::checkpoint) [`holds`](Self::holds) [`position`](Self::position) [`file_of`](Self::file_of) [`unacknowledged_files`](Self::unacknowledged_files) [`owes_acknowledgement`](Self::owes_acknowledgement) [`awaits_transport`](Self::awaits_transport) [`discard_receipt`](Self::discard_receipt) [`peek`](Self::peek) [`diagnosis`](Self::diagnosis) |
/// | world -> chat | [`handle`](Self::handle) [`handle_timeout`](Self::handle_timeout) |
/// | app -> chat | [`request`](Self::request) [`restore`](Self::restore) [`send`](Self::send) [`send_album`](Self::send_album) [`mark_read`](Self::mark_read) [`mark_read_up_to`](Self::mark_read_up_to) [`open_view`](Self::open_view) [`close_view`](Self::close_view) [`set_ttl`](Self::set_ttl) [`delete`](Self::delete) [`flush_history`](Self::flush_history) [`report_screenshot`](Self::report_screenshot) [`typing`](Self::typing) [`announce_layer`](Self::announce_layer) [`rekey`](Self::rekey) [`mark_verified`](Self::mark_verified) [`mark_scanned`](Self::mark_scanned) [`clear_verified`](Self::clear_verified) [`forget_exporter`](Self::forget_exporter) [`retransmit`](Self::retransmit) [`accept_again`](Self::accept_again) [`acknowledge`](Self::acknowledge) [`close`](Self::close) |
/// | chat -> world | [`poll_output`](Self::poll_output) [`poll_timeout`](Self::poll_timeout) |
///
/// You may make any number of calls before you drain the outputs. The order of outputs is causal.
///
/// ```
#[doc = include_str!("../guide/two_ends.txt")]
/// use secretchat::{ChatState, Draft, Event};
///
/// assert_eq!(alice.state(), ChatState::Ready);
/// let id = alice.send(&Draft::text("Hello"), env)?;
/// carry(&mut alice, &mut bob, env)?; // does what each output of Alice's chat says
/// let events = carry(&mut bob, &mut alice, env)?;
/// let [Event::Message(message)] = &events[..] else { panic!("Bob's user has something to read") };
/// assert_eq!((message.random_id, message.content.text.as_str()), (id, "Hello"));
/// bob.mark_read(&[id], env)?;
/// // When the chat wants to be called, whether or not anything has arrived.
/// if let Some(due) = bob.poll_timeout() {
///     env.now = due;
///     bob.handle_timeout(env);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Chat {
    setup: Box<Setup>,
    state: State,
    phase: Phase,
    outbox: Outbox,
    waiting: Waiting,
    /// Sealed messages that came before there were keys, by place.
    unopened: Waiting,
    timed: Timed,
    outputs: VecDeque<Output>,
    /// Present in a chat with a store.
    records: Option<Box<Keeping>>,
    /// Whether the chat was restored without proof that the records are the newest.
    unproved_restore: bool,
    /// Present after a restore, until the peer shows that it has the same key.
    doubt: Option<Box<Doubt>>,
    /// The clock as written in the newest batch.
    written_clock: LogicalClock,
    /// The outcomes of the last calls. They change nothing and are not written.
    journal: Journal,
}

/// The phase of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChatState {
    /// The initiator waits for an answer.
    Requested,
    /// The responder has accepted. It may receive, but not send.
    Accepted,
    /// Messages go both ways.
    Ready,
    /// The chat is over.
    Closed(CloseReason),
}

names! {
    copy ChatState {
        1 "requested" Requested,
        2 "accepted" Accepted,
        3 "ready" Ready,
        4 "closed" Closed,
    }
}

/// The number of messages each way. Only a chat counts, so there is no constructor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// How many messages this side made.
    pub sent: u32,
    /// How many of them the peer has proved to have processed.
    pub acknowledged: u32,
    /// How many messages of the peer this side has processed.
    pub received: u32,
}

/// # Ask
impl Chat {
    /// Returns the phase of the chat.
    #[must_use]
    pub fn state(&self) -> ChatState {
        match &self.phase {
            Phase::Requested(_) => ChatState::Requested,
            Phase::Open(_) if self.state.confirmed => ChatState::Ready,
            Phase::Open(_) => ChatState::Accepted,
            Phase::Closed(tombstone) => ChatState::Closed(tombstone.reason),
        }
    }

    /// Returns the profile of the chat.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.setup.profile
    }

    /// Returns the form of the files that messages of this chat name. Encrypt a photo in this form.
    #[must_use]
    pub fn file_form(&self) -> FileForm {
        self.setup.profile.file_form()
    }

    /// Returns which end this is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.setup.role
    }

    /// Returns the bytes that the host keeps in the chat
    /// ([`Config::with_host_data`](crate::Config::with_host_data)), or an empty slice.
    #[must_use]
    pub fn host_data(&self) -> &[u8] {
        self.setup.host_data.as_bytes()
    }

    /// Returns the fingerprint of the current key, for a support summary. It proves nothing.
    #[must_use]
    pub fn key_fingerprint(&self) -> Option<KeyFingerprint> {
        self.keys().map(|keys| keys.current.fingerprint)
    }

    /// Returns the layer that this end announces.
    #[must_use]
    pub fn own_layer(&self) -> Layer {
        self.state.own_layer
    }

    /// Returns the highest layer that the peer has shown.
    #[must_use]
    pub fn peer_layer(&self) -> Layer {
        self.state.peer_layer
    }

    /// Returns the self-destruct timer of messages sent from now on.
    #[must_use]
    pub fn ttl(&self) -> Ttl {
        self.state.ttl
    }

    /// Returns how many messages went each way.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let Slots { sent, acknowledged, received } = self.state.slots;
        Counters { sent: sent.get(), acknowledged: acknowledged.get(), received: received.get() }
    }

    /// Returns the place of one of our messages in the history, until the peer acknowledges it. Ask right after
    /// sending, and store the place with the message. Messages of the peer bring their own
    /// ([`Message::position`](crate::Message)).
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// # use secretchat::{CallError, Chat, Draft, Env};
    /// // One list for both ends, by one number.
    /// fn write(chat: &mut Chat, text: &str, history: &mut Vec<(u32, String)>, env: &mut Env<'_>) -> Result<(), CallError> {
    ///     let random_id = chat.send(&Draft::text(text), env)?;
    ///     if let Some(position) = chat.position(random_id) {
    ///         history.push((position.order(), text.into()));
    ///         history.sort_unstable();
    ///     }
    ///     Ok(())
    /// }
    /// # let _ = write;
    /// # }
    /// ```
    #[must_use]
    pub fn position(&self, random_id: RandomId) -> Option<Position> {
        let entry = self.outbox.of_id(random_id).next()?;
        Some(Position::new(self.setup.role, entry.slot, entry.in_seq_no))
    }

    /// Returns whether one of our messages is waiting for the peer's acknowledgement. After a restart this tells
    /// the host whether its draft was queued.
    #[must_use]
    pub fn holds(&self, random_id: RandomId) -> bool {
        self.outbox.holds(random_id)
    }

    /// Returns the names of the files that go with messages of ours which the peer has not acknowledged. The host keeps these
    /// (SPEC FILE-5). Once every output was taken, it may delete all others that it has sent.
    pub fn unacknowledged_files(&self) -> impl Iterator<Item = &[u8]> {
        self.outbox.iter().filter_map(|entry| entry.file.as_deref())
    }

    /// Returns the name of the file that goes with a message, as [`Event::Expired`](crate::Event::Expired) will name it: for a
    /// message with a timer until it ends, and for one of ours until the peer acknowledges it.
    ///
    /// [`Event::Opened`](crate::Event::Opened) brings the key of a medium; this tells which file it opens.
    #[must_use]
    pub fn file_of(&self, random_id: RandomId) -> Option<&[u8]> {
        self.file_with(self.timed.get(random_id), random_id)
    }

    /// Returns the name of the records as the newest batch leaves them, **written or not**. Note it when that batch
    /// is durable, before you send anything else of its group. Keep it apart from the records: with it,
    /// [`Chat::restore`] detects a rollback. Returns `None` before the first batch, and for a chat without a store.
    #[must_use]
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.records.as_ref()?.newest().checkpoint()
    }

    /// Returns the name of the chat's records, or `None` if it keeps none.
    #[must_use]
    pub fn id(&self) -> Option<ChatId> {
        self.records.as_ref().map(|records| records.keys.chat())
    }
}

/// # Chat -> world
impl Chat {
    /// Returns the next thing to do. Takes O(1), first in, first out. A lease is left out if its message has ended
    /// in the meantime.
    #[must_use = "an output that is dropped is lost"]
    pub fn poll_output(&mut self) -> Option<Output> {
        loop {
            let output = self.outputs.pop_front();
            // A chat at rest needs no room for outputs, and one call may have needed room for thousands.
            if self.outputs.is_empty() {
                self.outputs = VecDeque::new();
            }
            let output = output?;
            if !self.came_too_late(&output) {
                return Some(output);
            }
        }
    }
}

impl Chat {
    fn assemble(setup: Setup, state: State, phase: Phase, records: Option<Keeping>) -> Self {
        Self {
            setup: Box::new(setup),
            written_clock: state.clock,
            state,
            phase,
            outbox: Outbox::default(),
            waiting: Waiting::default(),
            unopened: Waiting::default(),
            timed: Timed::default(),
            outputs: VecDeque::new(),
            records: records.map(Box::new),
            unproved_restore: false,
            doubt: None,
            journal: Journal::default(),
        }
    }

    /// Returns the host's clock at the last call.
    pub(crate) const fn raw_clock(&self) -> Timestamp {
        self.state.clock.raw()
    }

    /// Returns the keys of a chat that may send.
    fn ready_keys(&self) -> Result<&Keys, Unavailable> {
        match &self.phase {
            Phase::Open(keys) if self.state.confirmed => Ok(keys),
            Phase::Open(_) | Phase::Requested(_) => Err(Unavailable::NotReady),
            Phase::Closed(_) => Err(Unavailable::ChatClosed),
        }
    }

    fn keys(&self) -> Option<&Keys> {
        self.phase.keys()
    }

    /// Returns the rules of this profile.
    fn rules(&self) -> &'static Rules {
        self.setup.profile.rules()
    }
}

impl fmt::Debug for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setup,
            state: _,
            phase: _,
            outbox,
            waiting,
            unopened,
            timed,
            outputs,
            records,
            unproved_restore: _,
            doubt: _,
            written_clock: _,
            journal: _,
        } = self;
        f.debug_struct("Chat")
            .field("role", &setup.role)
            .field("state", &self.state())
            .field("counters", &self.counters())
            .field("generation", &records.as_ref().map_or(0, |records| records.newest().generation))
            .field("key_fingerprint", &self.key_fingerprint())
            .field("outbox", &outbox.len())
            .field("waiting", &waiting.len())
            .field("unopened", &unopened.len())
            .field("timed", &timed.len())
            .field("outputs", &outputs.len())
            .finish_non_exhaustive()
    }
}
