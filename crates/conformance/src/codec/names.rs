//! The names of variants.

use secretchat::{Notification, PeerPolicy, TypingAction};

/// Converts a name from snake case to the form of a variant. Errors are named by their variants.
pub(crate) fn camel(name: &str) -> String {
    let mut begins = true;
    let letter = |letter: char| {
        let upper = std::mem::replace(&mut begins, letter == '_');
        (letter != '_').then(|| if upper { letter.to_ascii_uppercase() } else { letter })
    };
    name.chars().filter_map(letter).collect()
}

/// Returns the name of a variant in snake case.
pub(crate) fn snake(variant: &str) -> String {
    let mut name = String::new();
    for letter in variant.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// Returns the action with this name.
pub(crate) fn typing_action(name: &str) -> Option<TypingAction> {
    TypingAction::ALL.iter().copied().find(|action| action.name() == name)
}

/// Returns the notification level with this name.
pub(crate) fn notification(name: &str) -> Option<Notification> {
    Notification::ALL.iter().copied().find(|notification| notification.name() == name)
}

/// Returns the policy with this name.
pub(crate) fn peer_policy(name: &str) -> Option<PeerPolicy> {
    Some(match name {
        "default" => PeerPolicy::Default,
        "strict" => PeerPolicy::Strict,
        "tolerant" => PeerPolicy::Tolerant,
        _ => return None,
    })
}
