//! How a chat begins: a request, or an invitation that the user accepts or declines (SPEC X25-4, X25-5).

use alloc::boxed::Box;

use rand_core::CryptoRng;

use super::Chat;
use super::config::{Config, Identities, Profile};
use super::group::Change;
use super::state::{Keys, PendingDiscard, Phase, Setup, State};
use crate::env::Env;
use crate::error::{ApiMisuse, PeerFault};
use crate::event::{Transmit, TransmitKind};
use crate::handshake::{self, Request};
use crate::id::{KeyFingerprint, Role, TransmitId};
use crate::record::{ChatId, RecordKeys};
use crate::time::LogicalClock;

/// A request that arrived and waits for the user's word. Nothing is kept until it is accepted.
#[derive(Debug)]
pub struct Invitation {
    config: Config,
    public: [u8; 32],
}

impl Invitation {
    /// Checks the initiator's public value.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`].
    pub fn parse(public: &[u8], config: Config) -> Result<Self, PeerFault> {
        match config.profile {
            Profile::X25519 => Ok(Self { config, public: handshake::check_request(public)? }),
        }
    }

    /// Computes the keys and answers. The chat can receive now; it can send once the initiator shows itself.
    ///
    /// # Errors
    /// [`ApiMisuse::UnusableRng`] if the generator drew the initiator's own scalar.
    pub fn accept(self, env: &mut Env<'_>) -> Result<Chat, ApiMisuse> {
        let Self { config, public: initiator_public } = self;
        let (setup, records) = set_up(config, Role::Responder, env.rng);
        let ends = setup.identities.ends(setup.role)?;
        // The value was checked, so only our own drawing of the same value can be refused.
        let (established, public) =
            handshake::accept(&ends, &initiator_public, env.rng).map_err(|_| ApiMisuse::UnusableRng)?;
        let transmit = accept_transmit(public, established.fingerprint);
        let phase = Phase::Open(Box::new(Keys { established, accepted: Some(public) }));
        Ok(begin(setup, records, phase, transmit, env))
    }

    /// Says no. The host carries this to the initiator, or does not answer at all.
    #[must_use]
    pub fn decline(self) -> Transmit {
        PendingDiscard { history: false, proof: None }.transmit()
    }
}

impl Chat {
    /// Asks for a chat: draws a key pair, then waits for [`Input::Accepted`](super::Input::Accepted).
    ///
    /// # Errors
    /// None in this profile today; a generator that gives nothing usable would be [`ApiMisuse::UnusableRng`].
    pub fn request(config: Config, env: &mut Env<'_>) -> Result<Self, ApiMisuse> {
        let (setup, records) = set_up(config, Role::Initiator, env.rng);
        let request = Request::new(env.rng);
        let transmit = request_transmit(&request);
        Ok(begin(setup, records, Phase::Requested(request), transmit, env))
    }
}

pub(super) fn request_transmit(request: &Request) -> Transmit {
    Transmit { id: TransmitId::REQUEST, kind: TransmitKind::Request { public: request.public().to_vec() } }
}

pub(super) fn accept_transmit(public: [u8; 32], fingerprint: KeyFingerprint) -> Transmit {
    Transmit { id: TransmitId::ACCEPT, kind: TransmitKind::Accept { public: public.to_vec(), fingerprint } }
}

fn set_up(config: Config, role: Role, rng: &mut dyn CryptoRng) -> (Setup, Option<RecordKeys>) {
    let Config { profile, local_id, peer_id, context, limits, store } = config;
    let records = store.map(|store_key| {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        RecordKeys::derive(ChatId(id), &store_key)
    });
    let identities = Identities { local_id, peer_id, context };
    (Setup { profile, role, identities, limits }, records)
}

fn begin(setup: Setup, records: Option<RecordKeys>, phase: Phase, transmit: Transmit, env: &mut Env<'_>) -> Chat {
    let state = State::new(LogicalClock::start(env.now));
    // The phase is committed by the group below, which also writes its record.
    let mut chat = Chat::assemble(setup, state, phase, records);
    let mut change = Change::of(state);
    change.rewrite_keys = true;
    change.transmits.push(transmit);
    chat.apply(change, env.rng);
    chat
}
