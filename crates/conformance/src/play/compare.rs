//! Compares a message of ours with the recorded one, field by field.

use secretchat::Ttl;
use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessage45, DecryptedMessage73, DecryptedMessageAction};

use super::differences::Difference;
use super::draft::{Written, string};
use crate::codec;

/// The differences between two messages.
#[derive(Default)]
pub(crate) struct Compared {
    pub(crate) listed: Vec<Difference>,
    pub(crate) wrong: Vec<String>,
}

impl Compared {
    pub(crate) fn field<T: PartialEq + std::fmt::Debug>(
        &mut self,
        name: &str,
        expected: &T,
        actual: &T,
        listed: impl FnOnce() -> Option<Difference>,
    ) {
        if expected == actual {
            return;
        }
        match listed() {
            Some(difference) => self.listed.push(difference),
            None => self.wrong.push(format!("{name}: expected {expected:?}, actual {actual:?}")),
        }
    }

    pub(crate) fn message(
        &mut self,
        recorded: &DecryptedMessage<'_>,
        ours: &DecryptedMessage<'_>,
        timer: Ttl,
        other_exponent: bool,
    ) {
        let (Some(expected), Some(actual)) = (Written::of(recorded), Written::of(ours)) else {
            return self.service(recorded, ours, other_exponent);
        };
        self.field("constructor", &expected.form, &actual.form, || {
            let older = (expected.form, actual.form) == (DecryptedMessage45::ID, DecryptedMessage73::ID);
            older.then_some(Difference::Form)
        });
        self.field("flags", &expected.flags, &actual.flags, || None);
        self.field("random_id", &expected.random_id, &actual.random_id, || None);
        self.field("ttl", &expected.ttl, &actual.ttl, || {
            (actual.ttl == 0 || actual.ttl == timer.to_wire()).then_some(Difference::Timer)
        });
        self.field("text", &string(expected.text), &string(actual.text), || None);
        if expected.media != actual.media {
            let form = |written: &Written<'_>| written.media.map(|media| media.id());
            let content = |written: &Written<'_>| {
                let draft = written.draft();
                (draft.media.as_ref().map(codec::media), draft.text)
            };
            let other_form = form(&expected) != form(&actual);
            match (content(&expected), content(&actual)) {
                (recorded, ours) if recorded == ours && other_form => self.listed.push(Difference::OlderMedia),
                (recorded, ours) => self.wrong.push(format!("media: expected {recorded:?}, actual {ours:?}")),
            }
        }
        if expected.entities != actual.entities {
            let count = |written: &Written<'_>| written.entities.map_or(0, |entities| entities.len());
            self.field("entities", &count(&expected), &count(&actual), || None);
            self.wrong.push("entities: expected the recorded ones, actual others".into());
        }
        self.field("via_bot_name", &expected.via_bot.map(string), &actual.via_bot.map(string), || None);
        self.field("reply_to_random_id", &expected.reply_to, &actual.reply_to, || None);
        self.field("grouped_id", &expected.grouped_id, &actual.grouped_id, || {
            actual.grouped_id.is_none().then_some(Difference::Ungrouped)
        });
    }

    fn service(&mut self, recorded: &DecryptedMessage<'_>, ours: &DecryptedMessage<'_>, other_exponent: bool) {
        match (action(recorded), action(ours)) {
            (
                Some(DecryptedMessageAction::NotifyLayer(expected)),
                Some(DecryptedMessageAction::NotifyLayer(actual)),
            ) => {
                self.field("announced layer", &expected.layer, &actual.layer, || {
                    (actual.layer == expected.layer.clamp(73, 144)).then_some(Difference::AnnouncedLayer)
                });
            }
            (Some(DecryptedMessageAction::RequestKey(expected)), Some(DecryptedMessageAction::RequestKey(actual))) => {
                self.field("exchange_id", &expected.exchange_id, &actual.exchange_id, || None);
                self.field("g_a", &expected.g_a, &actual.g_a, || other_exponent.then_some(Difference::Exponent));
            }
            (Some(expected), Some(actual)) => {
                if expected != actual {
                    self.wrong.push(format!("action: expected {expected:?}, actual {actual:?}"));
                }
            }
            _ => self.wrong.push(format!("message: expected {recorded:?}, actual {ours:?}")),
        }
        self.field("constructor", &recorded.id(), &ours.id(), || None);
    }
}

pub(crate) fn action<'a>(message: &DecryptedMessage<'a>) -> Option<DecryptedMessageAction<'a>> {
    match message {
        DecryptedMessage::Service17(service) => Some(service.action),
        DecryptedMessage::Service8(service) => Some(service.action),
        _ => None,
    }
}
