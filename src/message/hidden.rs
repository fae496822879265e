//! Messages that their sender hides until they are opened (SPEC DES-14). They are kept as they came, and read for
//! each view.

use core::fmt;

use super::{Body, Content, read_body};
use crate::destruct::Rights;
use crate::media::FileForm;
use crate::types::buffer::Buffer;
use crate::wire::{DecryptedMessage, decode_exact};

/// The content of a message that its sender hid ([`Draft::hidden`](crate::Draft::hidden)). **Drop it at the
/// deadline**, which wipes it. It is not `Clone`, and `Debug` shows none of it.
///
/// Until the deadline the chat returns another lease as often as you ask, except for a view-once message. If you
/// copied something from it, you must destroy the copy.
///
/// ```
#[doc = include_str!("../guide/two_ends.txt")]
/// use core::time::Duration;
/// use secretchat::{Draft, Event, Ttl};
///
/// // Alice hides a text until Bob's user opens it.
/// let draft = Draft::text("the code is 4711").with_ttl(Ttl::new(Duration::from_secs(10))?).hidden();
/// let id = alice.send(&draft, env)?;
/// carry(&mut alice, &mut bob, env)?;
/// let events = carry(&mut bob, &mut alice, env)?;
/// let [Event::Message(message)] = &events[..] else { panic!("Bob's user has something to open") };
/// assert_eq!(message.content.text, "", "it says nothing yet");
/// bob.open_view(id, env)?;
/// let events = carry(&mut bob, &mut alice, env)?;
/// let [Event::Opened { content: Some(hidden), .. }] = &events[..] else { panic!("it is open") };
/// assert_eq!(hidden.content().text, "the code is 4711");
/// drop(events); // at the deadline, or when the user closes the view: what was hidden is wiped
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ContentLease(Content);

impl ContentLease {
    /// Returns the content. The key of a medium is in the [`MediaLease`](crate::MediaLease) beside it.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.0
    }
}

impl Drop for ContentLease {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

impl fmt::Debug for ContentLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentLease").finish_non_exhaustive()
    }
}

/// A hidden message as it came. It is read again for each view, so no other form of it is stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hidden(Buffer);

impl Hidden {
    /// The longest such message in bytes (SPEC LIM-3): a text of 4,096 characters, or a long caption with a
    /// preview.
    pub(crate) const MAX_LEN: usize = 1 << 14;

    /// Keeps the message inside a `decryptedMessageLayer`, or returns `None` if it is too long or not a message of
    /// a user.
    pub(crate) fn new(body: Buffer) -> Option<Self> {
        let hidden = Self(body);
        // Whether it is one does not depend on the form.
        let is_message =
            hidden.0.len() <= Self::MAX_LEN && hidden.read(FileForm::Chain, |mut body| body.wipe()).is_some();
        is_message.then_some(hidden)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Lends its content, without the key of its medium.
    pub(crate) fn lend(&self, form: FileForm, rights: Rights) -> Option<ContentLease> {
        self.read(form, |body| {
            let mut lease = ContentLease(Content::of(body, rights));
            // Its key, if the file is the one that it is of, is lent beside it.
            drop(lease.0.media.as_mut().and_then(|media| media.take_held(false)));
            lease
        })
    }

    fn read<R>(&self, form: FileForm, with: impl FnOnce(Body) -> R) -> Option<R> {
        let message = decode_exact::<DecryptedMessage<'_>>(&self.0).ok()?;
        read_body(&message, form).map(with)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hidden").finish_non_exhaustive()
    }
}
