//! The searches: profiles, policies, limits, layers and scripts.

use secretchat::PeerPolicy;

use crate::settings::{Act, Client, Profile, Settings};

use Act::{Announce, Close, Delete, Flush, MarkRead, Rekey, Screenshot, Send, SetTtl};

/// The broad searches, in the X25519 profile.
#[must_use]
pub fn broad() -> Vec<Settings> {
    let mut all = Vec::new();
    let x25519 = Settings::new;
    all.push(x25519("texts", [&[Send, Send], &[Send]]));
    all.push(Settings { ticks: 1, ..x25519("texts, and time passes", [&[Send, Send], &[Send]]) });
    all.push(Settings { refusals: 1, ..x25519("refusals", [&[Send, Send], &[Send]]) });
    all.push(x25519("deletion", [&[Send, Delete], &[Send, Delete]]));
    all.push(x25519("flushed", [&[Send, Flush], &[Send]]));
    for seed in [1, 2] {
        let name = format!("crossing requests for a key, seed {seed}");
        all.push(Settings { seed, ..x25519(&name, [&[Rekey], &[Rekey]]) });
    }
    all.push(x25519("a key among texts", [&[Send, Rekey], &[Send]]));
    all.push(x25519("a key and a deletion", [&[Rekey, Send, Delete], &[]]));
    all.push(Settings { refusals: 1, ..x25519("refused requests for a key", [&[Rekey], &[Rekey]]) });
    let timed: [&[Act]; 2] = [&[SetTtl(30), Send], &[MarkRead, MarkRead]];
    all.push(Settings { ticks: 2, ..x25519("timers", timed) });
    all.push(x25519("closing", [&[Send, Close], &[Send, Close]]));
    all.push(x25519("closing in an exchange", [&[Rekey, Close], &[Rekey]]));
    all.push(Settings { from_request: true, ..x25519("from the request", [&[Send], &[Send]]) });
    all.push(Settings { from_request: true, ..x25519("closing early", [&[Close], &[Close]]) });
    all.push(x25519("screenshot and reading", [&[Send, Screenshot], &[MarkRead]]));
    all.push(Settings { outbox: Some(2), ..x25519("a small outbox", [&[Send, Send, Rekey], &[Send, Send]]) });
    all.push(Settings { waiting: Some(1), ..x25519("little room to wait", [&[Send, Send, Send], &[Send]]) });
    all.push(Settings { rekey_after: Some(4), ..x25519("keys by themselves", [&[Send, Send, Send], &[Send, Send]]) });
    all.push(Settings { rollbacks: 1, ..x25519("set back", [&[Send, Send], &[Send]]) });
    let copies = x25519("set back to one of three copies", [&[Send, Rekey], &[Send]]);
    all.push(Settings { rollbacks: 1, copies: 3, ..copies });
    all.push(Settings { delays: 2, ..x25519("refused for now", [&[Send, Rekey], &[Send]]) });
    all
}

/// The searches in the other profiles.
#[must_use]
pub fn others() -> Vec<Settings> {
    let mut all = Vec::new();
    let hybrid = |name, scripts| Settings { profile: Profile::Hybrid, ..Settings::new(name, scripts) };
    all.push(hybrid("hybrid: a key among texts", [&[Send, Rekey], &[Send]]));
    all.push(Settings { from_request: true, ..hybrid("hybrid: from the request", [&[Send], &[Send]]) });
    all.push(Settings { refusals: 1, delays: 1, ..hybrid("hybrid: refused requests for a key", [&[Rekey], &[Rekey]]) });
    all.push(Settings { rollbacks: 1, copies: 3, ..hybrid("hybrid: set back", [&[Send, Rekey], &[Send]]) });
    all.push(Settings {
        outbox: Some(2),
        waiting: Some(1),
        ..hybrid("hybrid: small limits", [&[Send, Rekey, Send], &[Send, Send]])
    });
    let telegram = |name: &str, scripts| Settings { profile: Profile::Telegram, ..Settings::new(name, scripts) };
    for policy in PeerPolicy::ALL {
        let policies = [*policy; 2];
        let name = format!("Telegram, {}: texts", policy.name());
        all.push(Settings { policies, refusals: 1, ..telegram(&name, [&[Send, Send], &[Send]]) });
        let name = format!("Telegram, {}: keys", policy.name());
        all.push(Settings { policies, ..telegram(&name, [&[Rekey, Send], &[Rekey]]) });
        let name = format!("Telegram, {}: deletion", policy.name());
        all.push(Settings { policies, ..telegram(&name, [&[Send, Delete], &[Send]]) });
        let name = format!("Telegram, {}: refused requests for a key", policy.name());
        all.push(Settings { policies, refusals: 1, delays: 1, ..telegram(&name, [&[Rekey, Send], &[Rekey]]) });
        let name = format!("Telegram, {}: set back", policy.name());
        all.push(Settings { policies, rollbacks: 1, copies: 3, ..telegram(&name, [&[Send, Rekey], &[Send]]) });
        let name = format!("Telegram, {}: small limits", policy.name());
        let small = telegram(&name, [&[Send, Rekey, Send], &[Send, Send]]);
        all.push(Settings { policies, outbox: Some(2), waiting: Some(1), ..small });
        let name = format!("Telegram, {}: layers", policy.name());
        let (layers, from_request) = ([73, 101], true);
        let settings = telegram(&name, [&[Send, Announce(144)], &[Send]]);
        all.push(Settings { policies, layers, from_request, ..settings });
    }
    all.extend(layers());
    all.extend(old_clients());
    all.push(Settings { ticks: 2, ..telegram("Telegram: timers", [&[SetTtl(30), Send], &[MarkRead]]) });
    all.push(telegram("Telegram: closing", [&[Send, Close], &[Send]]));
    all
}

/// The searches in which a client is updated in mid-conversation, in the Telegram profile.
#[must_use]
pub fn layers() -> Vec<Settings> {
    let pairs = [[73, 101], [73, 143], [73, 144], [101, 143], [101, 144], [143, 144]];
    let mut all = Vec::new();
    for [old, new] in pairs {
        for clients in [[Client::Own; 2], [Client::Own, Client::Tdlib], [Client::Tdlib, Client::Own]] {
            let name = format!("from layer {old} to {new}, {clients:?}");
            let updated = if clients[0] == Client::Own { [old, new] } else { [new, old] };
            let announces: [&[Act]; 2] = [&[Send, Announce(new), Send], &[Send]];
            let [first, second] = announces;
            let scripts = if updated[0] == old { [first, second] } else { [second, first] };
            let settings = Settings { profile: Profile::Telegram, ..Settings::new(&name, scripts) };
            all.push(Settings { clients, layers: updated, ..settings.clone() });
        }
        // The old client is the one that is updated.
        let name = format!("from layer {old} to {new}, where TDLib is updated");
        let settings = Settings::new(&name, [&[Send], &[Send, Announce(new), Send]]);
        let clients = [Client::Own, Client::Tdlib];
        all.push(Settings { profile: Profile::Telegram, clients, layers: [new, old], ..settings });
    }
    all
}

/// The searches with an old client at either end, in the Telegram profile.
#[must_use]
pub fn old_clients() -> Vec<Settings> {
    let mut all = Vec::new();
    for (client, layer) in [(Client::Tdlib, 144), (Client::Android, 101)] {
        for (side, place) in [(0, "asks"), (1, "answers")] {
            let search = |what: &str, own: &[Act], old: &[Act]| {
                let scripts = if side == 0 { [old, own] } else { [own, old] };
                let mut settings = Settings::new(&format!("{client:?} {place}: {what}"), scripts);
                settings.profile = Profile::Telegram;
                settings.clients[side] = client;
                settings.layers[side] = layer;
                settings
            };
            all.push(search("texts", &[Send, Send], &[Send]));
            all.push(search("a key that the chat asks for", &[Rekey, Send], &[Send]));
            all.push(search("a key that it asks for", &[Send], &[Rekey, Send]));
            all.push(search("two keys", &[Rekey, Send, Rekey], &[Send]));
            all.push(search("crossing requests for a key", &[Rekey], &[Rekey]));
            all.push(search("deletion", &[Send, Delete], &[Send, Delete]));
            let timed = |settings| Settings { ticks: 2, ..settings };
            all.push(timed(search("timers that it reads", &[SetTtl(30), Send], &[MarkRead, Send])));
            all.push(timed(search("timers that the chat reads", &[MarkRead, Send], &[SetTtl(30), Send])));
            all.push(search("flushed, and closed", &[Send, Flush], &[Send, Close]));
            let refused = |settings| Settings { refusals: 1, delays: 1, ..settings };
            all.push(refused(search("refused texts", &[Send, Send], &[Send])));
            all.push(refused(search("a refused request for a key", &[Rekey, Send], &[Send])));
            all.push(refused(search("a refused answer for a key", &[Send], &[Rekey, Send])));
            let small = search("small limits", &[Send, Rekey, Send], &[Send, Send]);
            all.push(Settings { outbox: Some(2), waiting: Some(1), ..small });
        }
    }
    all
}
