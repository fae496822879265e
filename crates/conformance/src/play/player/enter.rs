//! How a chat gets its key in the place of a recorded party.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use recordings::{Party, Recording, Scripted, bytes, number};
use secretchat::hazmat::fingerprint;
use secretchat::hazmat::wire::DecryptedMessageAction;
use secretchat::{
    Chat, ChatState, Config, DhGroup, Input, Invitation, KeyFingerprint, Layer, Output, PeerPolicy, PrimePolicy,
    RekeyPolicy, Role, SeqNo, Start, StoreKey, TransmitKind,
};

use super::say::prepare;
use super::{Failure, Played, Player, env, layer_of, slot_of};
use crate::play::compare::action;
use crate::play::keys::{self, role};
use crate::play::meaning;

const A_CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl<'t> Player<'t> {
    /// Creates a chat with a key, if the recording allows it.
    pub(crate) fn enter(recording: &'t Recording, us: Party, policy: PeerPolicy) -> Result<Option<Self>, Failure> {
        let recorded = recording.keys.first().map(|key| key.half(us));
        let mut rng = Scripted::default();
        let Some(group) = group(recording, us, &mut rng)? else { return Ok(None) };
        let (our_first, their_first) = slots(recording, us);
        if let Some(recorded) = recorded {
            rng.push(recorded.private.clone());
        }
        prepare(recording, us, our_first.get(&0), &mut rng);
        let config = Config::telegram(group, policy)
            .with_layer(announced(recording, &our_first))
            .map_err(|misuse| misuse.to_string())?
            .with_rekey(only_when_asked())
            .with_store(StoreKey::new([9; 32]));
        let Some(chat) = agree(recording, us, config, &mut rng)? else { return Ok(None) };
        rng.forget();
        let mut player = Self {
            recording,
            chat_keys: keys::of(recording),
            us,
            chat,
            rng,
            carried: BTreeMap::new(),
            news: VecDeque::new(),
            our_first,
            their_first,
            places: BTreeMap::new(),
            by_itself: BTreeSet::new(),
            stand_ins: BTreeMap::new(),
            late: VecDeque::new(),
            new_keys: Vec::new(),
            failed_exchanges: Vec::new(),
            is_over: false,
            played: Played::default(),
        };
        let mut public = None;
        while let Some(output) = player.chat.poll_output() {
            match output {
                Output::Transmit(transmit) => match transmit.kind {
                    TransmitKind::Request { public: ours, .. } | TransmitKind::Accept { public: ours, .. } => {
                        public = Some(ours);
                    }
                    _ => player.carry(transmit.id.slot().map(SeqNo::get), transmit.kind),
                },
                Output::Event(event) if meaning::is_news(&event) => player.news.push_back(event),
                _ => {}
            }
        }
        player.settle(0)?;
        let (Some(recorded), Some(key)) = (recorded, player.chat_keys.first()) else { return Ok(Some(player)) };
        // A recorded value that was shorter on the wire is the same number.
        let expected = [&vec![0; 256 - recorded.public.len().min(256)][..], &recorded.public].concat();
        let ends_with = public.as_ref().is_some_and(|ours| expected.ends_with(ours));
        if player.chat.state() == ChatState::Ready {
            if !ends_with {
                return Err(format!(
                    "public value: expected {}, actual {}",
                    hex::encode(expected),
                    public.map(hex::encode).unwrap_or_default()
                ));
            }
            let expected = Some(fingerprint::key_fingerprint(key));
            let actual = player.chat.key_fingerprint();
            if actual != expected {
                return Err(format!("key: expected {expected:?}, actual {actual:?}"));
            }
            let verification = player.chat.verification().map(|value| value.to_bytes().to_vec()).unwrap_or_default();
            if verification != recording.verification && !recording.verification.is_empty() {
                return Err(format!(
                    "verification value: expected {}, actual {}",
                    hex::encode(&recording.verification),
                    hex::encode(verification)
                ));
            }
        }
        Ok(Some(player))
    }
}

/// Returns a policy that never asks for a key by itself: the recorded party decides when.
fn only_when_asked() -> RekeyPolicy {
    let mut policy = RekeyPolicy::telegram();
    (policy.initiator_messages, policy.responder_messages, policy.limit_messages) = (u32::MAX, u32::MAX, u32::MAX);
    (policy.age, policy.limit_age) = (A_CENTURY, A_CENTURY);
    policy
}

/// Returns the place of the first record of each slot: of our slots, and of the other party's slots that arrived.
fn slots(recording: &Recording, us: Party) -> (BTreeMap<u32, usize>, BTreeMap<u32, usize>) {
    let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
    for (n, step) in recording.steps.iter().enumerate() {
        let Some(message) = step.message.as_ref().filter(|message| message.key_index.is_some()) else { continue };
        if message.is_under_old_key() {
            continue;
        }
        let Some(layer) = layer_of(message) else { continue };
        if message.from == us {
            ours.entry(slot_of(&layer)).or_insert(n);
        } else if !message.lost {
            theirs.entry(slot_of(&layer)).or_insert(n);
        }
    }
    (ours, theirs)
}

/// Returns the layer that our party announces in its first message.
fn announced(recording: &Recording, our_first: &BTreeMap<u32, usize>) -> Layer {
    let message = our_first.get(&0).and_then(|n| recording.steps[*n].message.as_ref());
    match message.and_then(layer_of).as_ref().and_then(|layer| action(&layer.message)) {
        Some(DecryptedMessageAction::NotifyLayer(notice)) => Layer(notice.layer),
        _ => Layer::L144,
    }
}

/// Returns the group of the server's parameters; `None` if they are refused.
fn group(recording: &Recording, us: Party, rng: &mut Scripted) -> Result<Option<DhGroup>, Failure> {
    let config = recording.server("messages.dhConfig").filter(|_| us == Party::Tdlib);
    let Some(config) = config else {
        return DhGroup::published(recording.generator).map(Some).map_err(|misuse| format!("{misuse:?}"));
    };
    let generator = u32::try_from(number(&config["g"])).unwrap_or(0);
    Ok(DhGroup::check(generator, &bytes(&config["p"])?, PrimePolicy::AllowSafePrime, rng).ok())
}

/// Agrees on a key with the recorded value of the other party, as it was carried; `None` if it is refused.
fn agree(recording: &Recording, us: Party, config: Start, rng: &mut Scripted) -> Result<Option<Chat>, Failure> {
    let request = match us {
        Party::Python => recording.server("messages.requestEncryption"),
        Party::Tdlib => recording.server("encryptedChatRequested"),
    };
    let answer = match us {
        Party::Python => recording.server("messages.acceptEncryption").map(|answer| (answer, "g_b")),
        Party::Tdlib => recording.server("encryptedChat").map(|answer| (answer, "g_a_or_b")),
    };
    if role(recording, us) == Role::Responder {
        let public = bytes(&request.ok_or("no request was recorded")?["g_a"])?;
        let Ok(invitation) = Invitation::parse(&public, config) else { return Ok(None) };
        return invitation.accept(&mut env(rng)).map(Some).map_err(|misuse| format!("{misuse:?}"));
    }
    let mut chat = Chat::request(config, &mut env(rng)).map_err(|misuse| format!("{misuse:?}"))?;
    if let Some((answer, public)) = answer {
        let public = bytes(&answer[public])?;
        let fingerprint = KeyFingerprint::from_long(number(&answer["key_fingerprint"]));
        let input = Input::accepted(&public, fingerprint);
        if chat.handle(input, &mut env(rng)).is_err() {
            return Ok(None);
        }
    }
    Ok(Some(chat))
}
