//! The outputs of a chat, in one flat struct.

use alloc::boxed::Box;
use alloc::vec::Vec;

use secretchat::{CloseReason, Event, MediaLease, Output, RandomId, Transmit, TransmitKind, UserAction};

use crate::border::{In, Out, ScBytes, ScIds};
use crate::chat::ScChat;
use crate::content::{ScContent, ScMessage, Shown};
use crate::error::{Own, ScStatus, guard};
use crate::lease::ScLease;
use crate::record::{Batched, ScBatch};

/// A message that was deleted, and its file.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ScFileOf {
    /// The message.
    pub random_id: i64,
    /// The host's name of its file.
    pub file: ScBytes,
}

/// An output of a chat. Only the fields that are named for its kind count; the others are 0 or null. What it points to
/// is valid until the next `sc_chat_poll` of that chat, or until the chat is freed.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScOutput {
    /// One of `SC_OUTPUT_...`, or 0 if there is none.
    pub kind: u16,
    /// The event, one of `SC_EVENT_...`, or the transmission, one of `SC_TRANSMIT_KIND_...`.
    pub what: u16,
    /// Why: of `CLOSED` one of `SC_CLOSE_REASON_...` or `SC_VIOLATION_...`, of `REKEY_FAILED` one of
    /// `SC_REKEY_FAILURE_...`.
    pub reason: u16,
    /// The action: for `ACTION_FAILED` one of `SC_USER_ACTION_...`, for `TYPING` one of `SC_TYPING_ACTION_...`.
    pub action: u16,
    /// For `CLOSED` and a Discard: one of `SC_HISTORY_...`.
    pub history: u16,
    /// For a ciphertext: whether it is a service message, which needs no notification.
    pub is_service: u8,
    /// For a ciphertext: whether the peer should hear no sound.
    pub is_silent: u8,
    /// For a transmission `TYPING`: whether the user is typing.
    pub is_typing: u8,
    /// For a Discard: whether `bytes` and `sent` prove it.
    pub has_proof: u8,
    /// For `CLOSED`: whether the chat was set back.
    pub is_set_back: u8,
    /// For `CLOSED`: whether `missing` is known.
    pub has_missing: u8,
    /// For `TTL_CHANGED`: whether both ends set a timer at the same time.
    pub is_crossed: u8,
    /// For `OPENED`: whether there is a lease to take with `sc_chat_take_lease`.
    pub has_lease: u8,
    /// The transmission: of every transmission, `SENT`, `FAILED` and `ACTION_FAILED`.
    pub transmit_id: u64,
    /// The message: of a ciphertext, `MESSAGE`, `SENT`, `FAILED`, `OPENED`, `EXPIRED` and `KEY_REFUSED`.
    pub random_id: i64,
    /// The time: of `SENT` and `READ_UP_TO`, in milliseconds since 1970.
    pub date_ms: u64,
    /// Up to when the messages were read: of `READ_UP_TO` and a transmission `READ`.
    pub max_date_ms: u64,
    /// For `OPENED`: when the message ends.
    pub deadline_ms: u64,
    /// For `TTL_CHANGED` and `ACTION_FAILED` with `SET_TTL`: the timer in seconds.
    pub ttl: u32,
    /// For `TTL_CHANGED`: what the peer asked for.
    pub asked_ttl: u32,
    /// For `PEER_LAYER`: the layer.
    pub layer: i32,
    /// For `REKEYED`: how many keys were exchanged so far.
    pub rekeys: u32,
    /// For `CHECK_OUTDATED`: at which number of exchanges the users compared.
    pub compared_at: u32,
    /// For `CLOSED`: how many messages of the peer are missing.
    pub missing: u32,
    /// For a Discard with a proof: the number that belongs to it.
    pub sent: u32,
    /// For an Accept: the fingerprint of the key.
    pub fingerprint: i64,
    /// For a Request and an Accept the public value, for a ciphertext its bytes, for a Discard the 32 bytes of its proof, for
    /// `READY` the 36 bytes of the verification value.
    pub bytes: ScBytes,
    /// The host's name of a file: of a ciphertext and `EXPIRED`. Null if there is none.
    pub file: ScBytes,
    /// The messages: of `ACKNOWLEDGED`, `READ_BY_PEER`, `SCREENSHOT` and `DELETED`.
    pub ids: ScIds,
    /// For `DELETED`: the files of messages that are gone.
    pub files: In<ScFileOf>,
    /// How many such files there are.
    pub file_count: usize,
    /// For `MESSAGE`: the message.
    pub message: In<ScMessage>,
    /// For `OPENED`: what the message says that was hidden, or null. **Destroy your copies at the deadline.**
    pub content: In<ScContent>,
    /// For a batch: the records to write, before the next output is taken.
    pub batch: In<ScBatch>,
}

impl ScOutput {
    fn of_transmit(Transmit { id, kind }: &Transmit) -> Self {
        let out = Self { what: kind.code(), transmit_id: id.0, ..Self::default() };
        match kind {
            TransmitKind::Request { public, .. } => Self { bytes: ScBytes::of(public), ..out },
            TransmitKind::Accept { public, fingerprint, .. } => {
                Self { bytes: ScBytes::of(public), fingerprint: fingerprint.to_long(), ..out }
            }
            TransmitKind::Discard { history, proof, .. } => Self {
                history: history.code(),
                has_proof: proof.is_some().into(),
                bytes: ScBytes::of_some(proof.as_ref().map(|proof| &proof.mac[..])),
                sent: proof.map_or(0, |proof| proof.sent),
                ..out
            },
            TransmitKind::Read { max_date, .. } => Self { max_date_ms: max_date.as_millis(), ..out },
            TransmitKind::Typing { typing, .. } => Self { is_typing: (*typing).into(), ..out },
            TransmitKind::Ciphertext { random_id, bytes, service, silent, file, .. } => Self {
                random_id: random_id.0,
                bytes: ScBytes::of(bytes),
                is_service: (*service).into(),
                is_silent: (*silent).into(),
                file: ScBytes::of_some(file.as_deref()),
                ..out
            },
            _ => out,
        }
    }
}

/// The last output of a chat, and the structs that show it.
#[derive(Debug, Default)]
pub(crate) struct Held {
    output: Option<Output>,
    ids: Vec<i64>,
    files: Vec<ScFileOf>,
    verification: Vec<u8>,
    shown: Shown,
    content: Option<Box<ScContent>>,
    message: Option<Box<ScMessage>>,
    batched: Batched,
}

impl Held {
    /// Keeps an output, and shows it. The last one is dropped, which wipes its secrets.
    pub(crate) fn show(&mut self, output: Option<Output>) -> ScOutput {
        let output = self.output.insert(match output {
            Some(output) => output,
            None => {
                self.output = None;
                return ScOutput::default();
            }
        });
        let kind = output.code();
        let shown = match output {
            Output::Transmit(transmit) => ScOutput::of_transmit(transmit),
            Output::Persist(batch) => ScOutput { batch: self.batched.show(batch), ..ScOutput::default() },
            Output::Event(event) => {
                let mut scratch = Scratch {
                    ids: &mut self.ids,
                    files: &mut self.files,
                    verification: &mut self.verification,
                    shown: &mut self.shown,
                    content: &mut self.content,
                    message: &mut self.message,
                };
                ScOutput { what: event.code(), ..scratch.event(event) }
            }
            _ => ScOutput::default(),
        };
        ScOutput { kind, ..shown }
    }

    /// Returns the transmission that was shown last.
    pub(crate) fn transmit(&self) -> Option<&Transmit> {
        if let Some(Output::Transmit(transmit)) = &self.output { Some(transmit) } else { None }
    }

    /// Returns the batch that was shown last.
    pub(crate) fn batch(&self) -> Option<&secretchat::Batch> {
        if let Some(Output::Persist(batch)) = &self.output { Some(batch) } else { None }
    }

    fn take_lease(&mut self) -> Option<Box<MediaLease>> {
        if let Some(Output::Event(Event::Opened { lease, .. })) = &mut self.output { lease.take() } else { None }
    }
}

/// Where the structs of an event are kept.
struct Scratch<'a> {
    ids: &'a mut Vec<i64>,
    files: &'a mut Vec<ScFileOf>,
    verification: &'a mut Vec<u8>,
    shown: &'a mut Shown,
    content: &'a mut Option<Box<ScContent>>,
    message: &'a mut Option<Box<ScMessage>>,
}

impl Scratch<'_> {
    fn event(&mut self, event: &Event) -> ScOutput {
        let none = ScOutput::default();
        match event {
            Event::Ready { verification, .. } => {
                *self.verification = verification.to_bytes().to_vec();
                ScOutput { bytes: ScBytes::of(self.verification), ..none }
            }
            Event::Message(message) => {
                let content = self.shown.content(&message.content);
                let told = &**self.message.insert(Box::new(ScMessage::of(message, content)));
                ScOutput { random_id: message.random_id.0, message: In::of(told), ..none }
            }
            Event::Sent { id, random_id, date, .. } => {
                ScOutput { transmit_id: id.0, random_id: random_id.0, date_ms: date.as_millis(), ..none }
            }
            Event::Failed { id, random_id, .. } => ScOutput { transmit_id: id.0, random_id: random_id.0, ..none },
            Event::ActionFailed { id, action, .. } => {
                let ttl = if let UserAction::SetTtl { ttl, .. } = action { ttl.to_wire().unsigned_abs() } else { 0 };
                ScOutput { transmit_id: id.0, action: action.code(), ttl, ..none }
            }
            Event::Acknowledged { random_ids, .. }
            | Event::ReadByPeer { random_ids, .. }
            | Event::Screenshot { random_ids, .. } => ScOutput { ids: self.ids(random_ids), ..none },
            Event::Deleted { random_ids, files, .. } => {
                *self.files =
                    files.iter().map(|(id, name)| ScFileOf { random_id: id.0, file: ScBytes::of(name) }).collect();
                let (files, file_count) = (In::of_all(self.files), self.files.len());
                ScOutput { ids: self.ids(random_ids), files, file_count, ..none }
            }
            Event::TtlChanged { ttl, asked, crossed, .. } => ScOutput {
                ttl: ttl.to_wire().unsigned_abs(),
                asked_ttl: asked.to_wire().unsigned_abs(),
                is_crossed: (*crossed).into(),
                ..none
            },
            Event::Opened { random_id, lease, content, deadline, .. } => {
                let shown = content.as_deref().map(|content| Box::new(self.shown.content(content.content())));
                *self.content = shown;
                ScOutput {
                    random_id: random_id.0,
                    has_lease: lease.is_some().into(),
                    content: self.content.as_deref().map_or(In::NULL, In::of),
                    deadline_ms: deadline.as_millis(),
                    ..none
                }
            }
            Event::Expired { random_id, file, .. } => {
                ScOutput { random_id: random_id.0, file: ScBytes::of_some(file.as_deref()), ..none }
            }
            Event::KeyRefused { random_id, .. } => ScOutput { random_id: random_id.0, ..none },
            Event::ReadUpTo { max_date, date, .. } => {
                ScOutput { max_date_ms: max_date.as_millis(), date_ms: date.as_millis(), ..none }
            }
            Event::Typing { action, .. } => ScOutput { action: action.code(), ..none },
            Event::PeerLayer { layer, .. } => ScOutput { layer: layer.0, ..none },
            Event::Rekeyed { rekeys, .. } => ScOutput { rekeys: *rekeys, ..none },
            Event::CheckOutdated { compared_at, .. } => ScOutput { compared_at: *compared_at, ..none },
            Event::RekeyFailed { reason, .. } => ScOutput { reason: reason.code(), ..none },
            Event::Closed { reason, history, missing, set_back, .. } => ScOutput {
                reason: CloseReason::code(*reason),
                history: history.code(),
                has_missing: missing.is_some().into(),
                missing: missing.unwrap_or_default(),
                is_set_back: (*set_back).into(),
                ..none
            },
            _ => none,
        }
    }

    fn ids(&mut self, ids: &[RandomId]) -> ScIds {
        *self.ids = ids.iter().map(|id| id.0).collect();
        ScIds::of(self.ids)
    }
}

/// Takes the next output of a chat. `kind` is 0 if there is none. Take all of them after every call, in order: write a
/// batch before you take the next one, then show events and carry transmissions.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_poll(chat: Option<&mut ScChat>, out: Out<ScOutput>) -> ScStatus {
    guard(|| {
        out.check()?;
        let ScChat { chat, held, .. } = chat.ok_or(Own::Null)?;
        out.put(held.show(chat.poll_output()));
        Ok(())
    })
}

/// Takes the lease of an opened medium from the last output, once.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_take_lease(chat: Option<&mut ScChat>, out: Out<Option<Box<ScLease>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        let lease = chat.ok_or(Own::Null)?.held.take_lease().ok_or(Own::Use)?;
        out.hand(ScLease(lease));
        Ok(())
    })
}
