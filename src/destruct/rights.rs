//! Rights: what a host may do with a message (SPEC RIGHT-1 to RIGHT-7).

use crate::destruct::ContentKind;
use crate::types::names::names;
use crate::types::time::Ttl;

/// How much of a message a notification may show (SPEC RIGHT-5).
///
/// Not `#[non_exhaustive]`: there is nothing between these. They are ordered from the least to the most. The
/// default is the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notification {
    /// Something has arrived. The sender is not shown.
    Nothing,
    /// The sender.
    Sender,
    /// The sender and the content.
    #[default]
    All,
}

names! {
    enum Notification {
        0 "nothing" Nothing,
        1 "sender" Sender,
        2 "all" All,
    }
}

/// The rights that the host is asked to give its user, from the timer and the kind of the content.
///
/// **This is a request, not a barrier.** A host that has shown a message can keep it. Nothing here or in any
/// protocol prevents screenshots, cameras, modified clients, backups, or copies of notifications that the system
/// keeps. What *is* enforced: the key of a medium with a timer is available only through a view, and never after
/// its deadline.
///
/// ```
/// use secretchat::{ContentKind, Rights, Ttl};
///
/// # fn main() -> Result<(), secretchat::ApiMisuse> {
/// let photo = ContentKind::Hideable { duration: 0 };
/// let rights = Rights::telegram(Ttl::from_seconds(30)?, photo);
/// assert!(rights.is_hidden_until_opened() && !rights.may_save() && !rights.may_forward());
/// assert!(Rights::telegram(Ttl::OFF, photo).may_save());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rights {
    hidden: bool,
    /// Whether a copy may outlive the message on this device.
    keep: bool,
    notification: Notification,
}

impl Rights {
    /// Returns the rights in the Telegram profile. Hidden content must not be kept. The rest may be, even with a
    /// longer timer, as official apps allow (SPEC RIGHT-2).
    #[must_use]
    pub const fn telegram(ttl: Ttl, kind: ContentKind) -> Self {
        let hidden = kind.is_hidden(ttl);
        Self { hidden, keep: !hidden, notification: Notification::Nothing }
    }

    /// Returns the rights in the X25519 profile: nothing with a timer may be kept (SPEC RIGHT-3).
    #[must_use]
    pub const fn x25519(ttl: Ttl, kind: ContentKind) -> Self {
        let (hidden, keep) = (kind.is_hidden(ttl), ttl.is_off());
        // The system keeps notifications for longer than a message lives.
        let notification = if keep { Notification::All } else { Notification::Sender };
        Self { hidden, keep, notification }
    }

    /// Returns the rights in a message whose sender asks that it is not kept ([`Draft::protected`], SPEC RIGHT-6):
    /// it must not be saved, copied or captured.
    ///
    /// [`Draft::protected`]: crate::Draft::protected
    #[must_use]
    pub const fn protected(self) -> Self {
        let notification = match self.notification {
            Notification::Nothing => Notification::Nothing,
            Notification::Sender | Notification::All => Notification::Sender,
        };
        Self { keep: false, notification, ..self }
    }

    /// Returns the rights under the host's own cap: a notification shows no more than `most` (SPEC RIGHT-7).
    #[must_use]
    pub fn with_notification_cap(self, most: Notification) -> Self {
        Self { notification: self.notification.min(most), ..self }
    }

    /// Returns whether the message may be forwarded to another chat, with or without its author's name. It never
    /// may (TDLib's `can_forward_message`).
    #[must_use]
    pub const fn may_forward(self) -> bool {
        false
    }

    /// Returns whether the file may be stored where it outlives the message, such as a gallery or a folder (TDLib's
    /// `can_save_message`).
    #[must_use]
    pub const fn may_save(self) -> bool {
        self.keep
    }

    /// Returns whether the text may be copied to the clipboard.
    #[must_use]
    pub const fn may_copy(self) -> bool {
        self.keep
    }

    /// Returns whether the screen may be captured while the message is shown. Where the system lets a host prevent
    /// captures, prevent them for the whole chat, as Android does. Report a capture of **any** received message
    /// with `Chat::report_screenshot` (SPEC RIGHT-4).
    #[must_use]
    pub const fn may_screenshot(self) -> bool {
        self.keep
    }

    /// Returns the most that a notification may show. This is nothing in a chat of the Telegram profile, as in
    /// official apps; only the sender where nothing may be kept; and never more than the host allows
    /// ([`Config::with_notification_cap`](crate::Config::with_notification_cap)).
    #[must_use]
    pub const fn notification(self) -> Notification {
        self.notification
    }

    /// Returns whether nothing of the content may be shown before the user opens it: no preview except a blurred
    /// one, no text in notifications, no search results.
    #[must_use]
    pub const fn is_hidden_until_opened(self) -> bool {
        self.hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: ContentKind = ContentKind::Hideable { duration: 0 };

    fn of(rights: Rights) -> (bool, bool, bool, bool) {
        (rights.is_hidden_until_opened(), rights.may_save(), rights.may_copy(), rights.may_screenshot())
    }

    // SPEC RIGHT-1, RIGHT-2.
    // Columns: hidden until opened, may save. TDLib: MessageSelfDestructType.cpp, MessagesManager.cpp can_save_message.
    #[test]
    fn telegram_as_official_apps_have_it() {
        for (ttl, kind, hidden, save) in [
            (0, ContentKind::Text, false, true),
            (0, PHOTO, false, true),
            (1, PHOTO, true, false),
            (60, PHOTO, true, false),
            (61, PHOTO, false, true),
            (60, ContentKind::File, false, true),
            (60, ContentKind::Text, false, true),
            (-5, PHOTO, false, true),
            (i32::MAX, PHOTO, true, false),
            (i32::MAX, ContentKind::File, true, false),
            (i32::MAX, ContentKind::Text, true, false),
        ] {
            let rights = Rights::telegram(Ttl::from_wire(ttl), kind);
            assert_eq!(of(rights), (hidden, save, save, save), "{ttl} {kind:?}");
            assert!(!rights.may_forward());
        }
    }

    // SPEC RIGHT-5, RIGHT-6.
    #[test]
    fn notifications_show_no_more_than_may_be_kept() {
        let (text, minute) = (ContentKind::Text, Ttl::from_wire(60));
        for (rights, most, of_protected) in [
            (Rights::telegram(Ttl::OFF, text), Notification::Nothing, Notification::Nothing),
            (Rights::telegram(minute, PHOTO), Notification::Nothing, Notification::Nothing),
            (Rights::x25519(Ttl::OFF, text), Notification::All, Notification::Sender),
            (Rights::x25519(minute, text), Notification::Sender, Notification::Sender),
            (Rights::x25519(Ttl::VIEW_ONCE, PHOTO), Notification::Sender, Notification::Sender),
        ] {
            assert_eq!((rights.notification(), rights.protected().notification()), (most, of_protected), "{rights:?}");
            let hidden = rights.is_hidden_until_opened();
            assert_eq!(of(rights.protected()), (hidden, false, false, false));
        }
        assert!(Notification::Nothing < Notification::Sender && Notification::Sender < Notification::All);
    }

    // SPEC RIGHT-7: a cap only removes rights.
    #[test]
    fn a_cap_takes_away_from_notifications_alone() {
        use Notification::{All, Nothing, Sender};
        let x25519 = |ttl| Rights::x25519(Ttl::from_wire(ttl), ContentKind::Text);
        let telegram = Rights::telegram(Ttl::OFF, ContentKind::Text);
        for (rights, most, shown) in [
            (x25519(0), Nothing, Nothing),
            (x25519(0), Sender, Sender),
            (x25519(0), All, All),
            (x25519(5), Nothing, Nothing),
            (x25519(5), Sender, Sender),
            (x25519(5), All, Sender),
            (x25519(0).protected(), All, Sender),
            (telegram, All, Nothing),
        ] {
            let capped = rights.with_notification_cap(most);
            assert_eq!(capped.notification(), shown, "{rights:?} {most:?}");
            assert_eq!(of(capped), of(rights));
        }
    }

    // SPEC DES-14, RIGHT-5: a notification that shows what is hidden would open it.
    #[test]
    fn of_what_its_sender_hides_a_notification_shows_the_sender_at_most() {
        for ttl in [1, 61, 31_536_000, i32::MAX] {
            let rights = Rights::x25519(Ttl::from_wire(ttl), ContentKind::Text.hidden());
            assert_eq!(of(rights), (true, false, false, false), "{ttl}");
            assert_eq!(rights.notification(), Notification::Sender, "{ttl}");
        }
    }

    // SPEC RIGHT-1, RIGHT-3.
    #[test]
    fn x25519_keeps_nothing_that_has_a_timer() {
        for kind in [ContentKind::Text, ContentKind::File, PHOTO] {
            for ttl in [1, 60, 61, 31_536_000, i32::MAX] {
                let rights = Rights::x25519(Ttl::from_wire(ttl), kind);
                assert_eq!(of(rights), (kind.is_hidden(Ttl::from_wire(ttl)), false, false, false), "{ttl} {kind:?}");
                assert!(!rights.may_forward());
            }
            assert_eq!(of(Rights::x25519(Ttl::OFF, kind)), (false, true, true, true), "{kind:?}");
            assert!(!Rights::x25519(Ttl::OFF, kind).may_forward());
        }
        assert!(Rights::x25519(Ttl::from_wire(60), PHOTO).is_hidden_until_opened());
        assert!(!Rights::x25519(Ttl::from_wire(61), PHOTO).is_hidden_until_opened());
    }
}
