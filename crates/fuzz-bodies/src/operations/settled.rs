//! What holds between two ends at rest.

use secretchat::ChatState;

use super::Text;
use super::side::Side;
use super::talk::Talk;

/// Checks that both ends agree, and that each text came once, in order, and not in vain.
pub(super) fn check(talk: &Talk) {
    let [alice, bob] = &talk.sides;
    if alice.is_closed() {
        assert!(bob.is_closed());
    } else {
        assert_eq!((alice.chat.state(), bob.chat.state()), (ChatState::Ready, ChatState::Ready));
        assert_eq!(alice.chat.key_fingerprint(), bob.chat.key_fingerprint());
        assert_eq!(alice.chat.rekeys(), bob.chat.rekeys());
        assert_eq!(alice.chat.verification(), bob.chat.verification());
        assert_eq!(alice.chat.check(), bob.chat.check());
        assert!(alice.chat.verification().is_some());
    }
    for (from, to) in [(alice, bob), (bob, alice)] {
        once_and_in_order(from, to);
        if !from.is_closed() {
            let gone = |(id, _): &&Text| from.gone.contains(id) || to.gone.contains(id);
            let missing: Vec<_> = from.written.iter().filter(|text| !gone(text) && !to.heard.contains(text)).collect();
            assert!(missing.is_empty(), "lost: {missing:?}");
        }
    }
}

/// Asserts that what one end heard are texts of the other one, each at most once, in the order of writing.
fn once_and_in_order(from: &Side, to: &Side) {
    let mut left = from.written.iter();
    for heard in &to.heard {
        assert!(left.any(|written| written == heard), "{heard:?} was not written, came again or is out of order");
    }
}
