//! The calls of a chat: each input that it takes, and what its host may ask for.

use secretchat::hazmat::wire::{
    ActionReadMessages, ActionResend, ActionScreenshotMessages, ActionSetMessageTTL, ActionTyping, Bytes,
    DecryptedMessage, DecryptedMessage73, DecryptedMessageAction, DecryptedMessageMedia, MediaPhoto45, MessageEntity,
    MessageEntityBold, SendMessageAction, Vector,
};
use secretchat::{Chat, DiscardProof, Draft, Env, History, Input, Records, TransmitId, Ttl, TypingAction};

use super::forger::{self, Around, encoded, plain, service};
use super::meeting::{EXCHANGE, Meeting};
use super::pair::{ciphertext, env, env_at};
use super::piles::{deletion, id};

const DAY: u64 = 24 * 60 * 60 * 1000;

/// What is called.
pub(crate) enum Call {
    /// A message of the peer's, at its turn, unless told how far ahead.
    Message(i32, Vec<u8>),
    /// A message of the peer's with so many random bytes.
    Random(usize),
    /// The peer acknowledges all of ours.
    Acknowledges,
    Bytes(Vec<u8>),
    Is(fn(&mut Chat, &mut Env<'_>)),
}

/// A name, and the call with so much piled up.
pub(crate) type Kind = (&'static str, fn(&Meeting, usize) -> Call);

pub(crate) const KINDS: [Kind; 44] = [
    ("text", |_, _| Call::Message(0, forger::text(5, "a text"))),
    ("text with a timer", |_, _| {
        let message = DecryptedMessage73 { ttl: 9, ..plain(5, "a text") };
        Call::Message(0, encoded(&DecryptedMessage::Message73(message)))
    }),
    ("early text", |_, _| Call::Message(7_000, forger::text(5, "a text"))),
    ("duplicate", |_, _| Call::Message(-1, forger::text(5, "a text"))),
    ("noop", |_, _| Call::Message(0, service(DecryptedMessageAction::Noop))),
    ("acknowledgement of all", |_, _| Call::Acknowledges),
    ("NotifyLayer", |_, _| Call::Message(0, forger::notice(144))),
    ("Resend of all", |_, n| {
        let end_seq_no = 2 * i32::try_from(n - 1).unwrap();
        Call::Message(0, service(DecryptedMessageAction::Resend(ActionResend { start_seq_no: 0, end_seq_no })))
    }),
    ("DeleteMessages of all", |_, n| Call::Message(0, deletion(&all(n)))),
    ("ReadMessages of all", |_, n| {
        let ids = all(n);
        let random_ids = Vector::new(&ids).unwrap();
        Call::Message(0, service(DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids })))
    }),
    ("ScreenshotMessages of all", |_, n| {
        let ids = all(n);
        let random_ids = Vector::new(&ids).unwrap();
        Call::Message(0, service(DecryptedMessageAction::ScreenshotMessages(ActionScreenshotMessages { random_ids })))
    }),
    ("FlushHistory", |_, _| Call::Message(0, service(DecryptedMessageAction::FlushHistory))),
    ("SetMessageTTL", |_, _| {
        let action = DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds: 5 });
        Call::Message(0, service(action))
    }),
    ("RequestKey", |meeting, _| Call::Message(0, forger::request(EXCHANGE, &meeting.profile.request()))),
    ("RequestKey with a bad value", |_, _| Call::Message(0, forger::request(8, &[]))),
    // The right answer where Bob has asked, the right step where he has answered; of nothing elsewhere.
    ("AcceptKey", |meeting, _| Call::Message(0, meeting.accept.clone())),
    ("CommitKey", |meeting, _| Call::Message(0, meeting.commit.clone())),
    ("AbortKey", |meeting, _| Call::Message(0, forger::abort(meeting.asked))),
    ("Typing", |_, _| {
        let action = ActionTyping { action: SendMessageAction::Typing };
        Call::Message(0, service(DecryptedMessageAction::Typing(action)))
    }),
    ("photo", |_, _| Call::Message(0, photo(100))),
    ("garbage", |_, _| Call::Bytes(vec![0x3c; 1_048])),
    ("nothing", |_, _| Call::Bytes(vec![])),
    ("carried", |_, _| Call::Is(|bob, env| _ = bob.handle(Input::carried(TransmitId(16), None), env))),
    ("refused", |_, _| Call::Is(|bob, env| _ = bob.handle(Input::refused(TransmitId(16)), env))),
    ("refused for good", |_, _| Call::Is(|bob, env| _ = bob.handle(Input::refused_for_good(TransmitId(16)), env))),
    ("read", |_, _| Call::Is(|bob, env| _ = bob.handle(Input::read(env.now, None), env))),
    ("typing of the peer", |_, _| Call::Is(|bob, env| _ = bob.handle(Input::Typing, env))),
    ("accepted elsewhere", |_, _| Call::Is(|bob, env| _ = bob.handle(Input::AcceptedElsewhere, env))),
    ("a second acceptance", |_, _| {
        Call::Is(|bob, env| _ = bob.handle(Input::accepted(&[9; 256], bob.key_fingerprint().unwrap()), env))
    }),
    ("a Discard with a wrong proof", |_, _| {
        Call::Is(|bob, env| {
            let proof = Some(DiscardProof { sent: 1, mac: [7; 32] });
            _ = bob.handle(Input::discarded(History::Keep, proof), env);
        })
    }),
    ("a receipt of a Discard", |_, _| Call::Is(|bob, env| _ = bob.handle(Input::discard_receipt(Some(&[7; 32])), env))),
    ("timeout at once", |_, _| Call::Is(Chat::handle_timeout)),
    ("timeout a year later", |_, _| Call::Is(|bob, env| bob.handle_timeout(&mut env_at(365 * DAY, env.rng)))),
    ("send", |_, _| Call::Is(|bob, env| _ = bob.send(&Draft::text("ours"), env))),
    ("set_ttl", |_, _| Call::Is(|bob, env| _ = bob.set_ttl(Ttl::from_seconds(9).unwrap(), env))),
    ("mark_read", |_, _| Call::Is(|bob, env| _ = bob.mark_read(&[id(1)], env))),
    ("delete", |_, _| Call::Is(|bob, env| _ = bob.delete(&[id(1)], env))),
    ("open_view", |_, _| Call::Is(|bob, env| _ = bob.open_view(id(1), env))),
    ("flush_history", |_, _| Call::Is(|bob, env| _ = bob.flush_history(env))),
    ("typing", |_, _| Call::Is(|bob, env| _ = bob.typing(TypingAction::Typing, env))),
    ("rekey", |_, _| Call::Is(|bob, env| _ = bob.rekey(env))),
    ("retransmit", |_, _| Call::Is(Chat::retransmit)),
    ("acknowledge", |_, _| Call::Is(|bob, env| _ = bob.acknowledge(env))),
    ("close", |_, _| Call::Is(|bob, env| bob.close(History::Delete, env))),
];

/// The bytes of one input, up to the largest message.
pub(crate) const LENGTHS: [usize; 3] = [130_000, 260_000, 520_000];
/// The size of a meeting in which one input of that length may wait for its turn.
pub(crate) const LARGE: usize = 2_100;

/// A name, and the call that brings so much.
pub(crate) type ByLength = (&'static str, fn(usize) -> Call);

/// The calls whose input has a length, in bytes.
pub(crate) const BY_LENGTH: [ByLength; 13] = [
    ("text of so many bytes", |n| Call::Message(0, forger::text(5, &"t".repeat(n)))),
    ("text that is no UTF-8", |n| {
        let text = vec![0xff; n];
        let message = DecryptedMessage73 { message: Bytes::new(&text).unwrap(), ..plain(5, "") };
        Call::Message(0, encoded(&DecryptedMessage::Message73(message)))
    }),
    ("text with so many entities", |n| {
        let bold = |at: usize| MessageEntityBold { offset: i32::try_from(at).unwrap(), length: 1 };
        let entities: Vec<_> = (0..n / 12).map(|at| MessageEntity::Bold(bold(at))).collect();
        let message = DecryptedMessage73 { entities: Vector::new(&entities), ..plain(5, "a text") };
        Call::Message(0, encoded(&DecryptedMessage::Message73(message)))
    }),
    ("early text of so many bytes", |n| Call::Message(7, forger::text(5, &"t".repeat(n)))),
    ("photo with a preview of so many bytes", |n| Call::Message(0, photo(n))),
    ("DeleteMessages of ids that nobody has", |n| Call::Message(0, deletion(&all(n / 8)))),
    ("DeleteMessages of one id", |n| Call::Message(0, deletion(&vec![id(1).0; n / 8]))),
    ("ReadMessages of ids that nobody has", |n| {
        let ids = all(n / 8);
        let random_ids = Vector::new(&ids).unwrap();
        Call::Message(0, service(DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids })))
    }),
    ("RequestKey with a value of so many bytes", |n| Call::Message(0, forger::request(8, &vec![9; n]))),
    ("message that nobody understands", |n| Call::Message(0, vec![0x3c; n.next_multiple_of(4)])),
    ("list that claims more than it has", |n| {
        let mut message = deletion(&all(n / 8));
        // The count stands before the ids, of which one is missing.
        message.truncate(message.len() - 8);
        Call::Message(0, message)
    }),
    ("random bytes", Call::Random),
    ("garbage", |n| Call::Bytes(vec![0x3c; 24 + n.next_multiple_of(16)])),
];

impl Call {
    /// Returns the bytes that arrive, if any do. The peer's next slot stays the same.
    pub(crate) fn brings(&self, meeting: &mut Meeting, bob: &Chat) -> Option<Vec<u8>> {
        let forger = &mut meeting.forger;
        let (sent, received) = (forger.sent, forger.received);
        let bytes = match self {
            Self::Message(ahead, message) => Some(forger.say(forger.around_slot(sent + ahead), message)),
            Self::Random(random_bytes) => {
                let around = Around { random_bytes: *random_bytes, ..forger.around() };
                Some(forger.say(around, &service(DecryptedMessageAction::Noop)))
            }
            Self::Acknowledges => {
                forger.received = i32::try_from(bob.counters().sent).unwrap();
                Some(forger.say_next(&service(DecryptedMessageAction::Noop)))
            }
            Self::Bytes(bytes) => Some(bytes.clone()),
            Self::Is(_) => None,
        };
        (forger.sent, forger.received) = (sent, received);
        bytes
    }

    /// Calls the chat.
    pub(crate) fn make(&self, bob: &mut Chat, bytes: Option<&[u8]>, env: &mut Env<'_>) {
        match (self, bytes) {
            (Self::Is(call), _) => call(bob, env),
            (_, Some(bytes)) => _ = bob.handle(ciphertext(bytes), env),
            (_, None) => {}
        }
    }
}

/// A chat after a restart, and the call that comes.
pub(crate) struct Ready {
    pub(crate) bob: Chat,
    pub(crate) bytes: Option<Vec<u8>>,
}

impl Ready {
    pub(crate) fn new(call: &Call, meeting: &mut Meeting, records: &Records) -> Self {
        let bob = meeting.restart(records);
        let bytes = call.brings(meeting, &bob);
        Self { bob, bytes }
    }

    pub(crate) fn make(&mut self, call: &Call, meeting: &mut Meeting) {
        call.make(&mut self.bob, self.bytes.as_deref(), &mut env(&mut meeting.forger.rng));
    }
}

/// The ids of everything that piled up, and of one more.
fn all(n: usize) -> Vec<i64> {
    (0..=n).map(|at| id(at).0).collect()
}

/// A photo with a preview of so many bytes.
fn photo(preview: usize) -> Vec<u8> {
    let (thumb, key) = (vec![7; preview], [7; 32]);
    let (thumb, key, caption) = (Bytes::new(&thumb).unwrap(), Bytes::new(&key).unwrap(), Bytes::new(&[]).unwrap());
    let photo = MediaPhoto45 { thumb, thumb_w: 9, thumb_h: 6, w: 90, h: 60, size: 1_000, key, iv: key, caption };
    let media = Some(DecryptedMessageMedia::Photo45(photo));
    encoded(&DecryptedMessage::Message73(DecryptedMessage73 { media, ..plain(5, "") }))
}
