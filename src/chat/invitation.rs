//! How a chat begins: a request, or an invitation that the user accepts or declines (SPEC X25-4, X25-5).

use alloc::boxed::Box;
use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::Chat;
use super::keys::Keys;
use super::state::{PendingDiscard, Phase, Setup, State};
use super::turn::End;
use crate::agreement::{self, Pending};
use crate::env::Env;
use crate::error::{ApiMisuse, PeerFault};
use crate::event::{Transmit, TransmitKind};
use crate::id::{Layer, Role, TransmitId};
use crate::profile::{Config, Identities};
use crate::record::{ChatId, RecordKeys};
use crate::secret::swept;
use crate::time::LogicalClock;

/// A request that arrived and waits for the user's word. Nothing is kept until it is accepted.
#[derive(Debug)]
pub struct Invitation {
    config: Config,
    public: Vec<u8>,
}

impl Invitation {
    /// Checks the initiator's public value.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`].
    pub fn parse(public: &[u8], config: Config) -> Result<Self, PeerFault> {
        let public = agreement::check_request(&config.profile, public)?;
        Ok(Self { config, public })
    }

    /// Computes the keys and answers. In the X25519 profile the chat can receive now, and send once the initiator shows
    /// itself; in the Telegram profile it is ready, and tells its layer.
    ///
    /// # Errors
    /// [`ApiMisuse::UnusableRng`] if the generator gives nothing usable, or drew the initiator's own secret.
    pub fn accept(self, env: &mut Env<'_>) -> Result<Chat, ApiMisuse> {
        swept(|| {
            let Self { config, public } = self;
            let (setup, layer, records) = set_up(config, Role::Responder, env.rng);
            let (own, agreed) = agreement::answer(&setup.profile, &setup.binding()?, &public, env.rng)?;
            let keys = Keys::first(agreed, Role::Responder, Some(own));
            let transmit = accept_transmit(&keys);
            Ok(begin(setup, layer, records, Phase::Open(Box::new(keys)), transmit, env))
        })
    }

    /// Says no. The host carries this to the initiator, or does not answer at all.
    #[must_use]
    pub fn decline(self) -> Transmit {
        PendingDiscard::unproved(false).transmit()
    }
}

impl Chat {
    /// Asks for a chat: draws a key pair, then waits for [`Input::Accepted`](super::Input::Accepted).
    ///
    /// # Errors
    /// [`ApiMisuse::UnusableRng`] if the generator gives nothing usable.
    pub fn request(config: Config, env: &mut Env<'_>) -> Result<Self, ApiMisuse> {
        swept(|| {
            let (setup, layer, records) = set_up(config, Role::Initiator, env.rng);
            let pending = agreement::request(&setup.profile, env.rng)?;
            let transmit = request_transmit(&pending);
            Ok(begin(setup, layer, records, Phase::Requested(pending), transmit, env))
        })
    }
}

pub(super) fn request_transmit(pending: &Pending) -> Transmit {
    Transmit { id: TransmitId::REQUEST, kind: TransmitKind::Request { public: pending.public().to_vec() } }
}

/// What a responder's chat accepts with; an initiator's has no such value.
pub(super) fn accept_transmit(keys: &Keys) -> Transmit {
    let public = keys.accepted.clone().unwrap_or_default();
    Transmit { id: TransmitId::ACCEPT, kind: TransmitKind::Accept { public, fingerprint: keys.current.fingerprint } }
}

fn set_up(config: Config, role: Role, rng: &mut dyn CryptoRng) -> (Setup, Layer, Option<RecordKeys>) {
    let Config { profile, layer, local_id, peer_id, context, limits, rekey, view_once, store } = config;
    let records = store.map(|store_key| {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        RecordKeys::derive(ChatId(id), &store_key)
    });
    let identities = Identities { local_id, peer_id, context };
    (Setup { profile, role, identities, limits, rekey, view_once }, layer, records)
}

fn begin(
    setup: Setup,
    layer: Layer,
    records: Option<RecordKeys>,
    phase: Phase,
    transmit: Transmit,
    env: &mut Env<'_>,
) -> Chat {
    let state = State::new(LogicalClock::start(env.now), layer, setup.profile.rules());
    // The turn below writes the phase's record.
    let mut chat = Chat::assemble(setup, state, phase, records);
    chat.turn(env, |turn| {
        turn.phase.rewrite();
        turn.transmits.push(transmit);
        if let (Some(keys), false) = (turn.chat.keys(), turn.chat.rules().responder_waits) {
            turn.be_ready(keys);
            // An outbox without entries and a slot that is the first always have room.
            let _sent = turn.notify_layer();
        }
        End::Commit(())
    });
    chat
}
