//! The beginning of a chat: a request and its answer, or an invitation that the user accepts or declines (SPEC
//! X25-4, X25-5).

use alloc::boxed::Box;

use rand_core::CryptoRng;

use super::Chat;
use super::input::Handled;
use super::model::{Choice, Keeping, Keys, PendingDiscard, Phase, Setup, State};
use super::turn::{End, Turn};
use crate::agreement::{self, CheckedRequest};
use crate::chat::model::Cause;
use crate::output::{Event, Transmit};
use crate::profile::{Config, Identities, Limits, Start};
use crate::record::{ChatId, RecordKeys};
use crate::types::env::Env;
use crate::types::error::{ApiMisuse, PeerFault};
use crate::types::id::{KeyFingerprint, Layer, Role};
use crate::types::secret::swept;
use crate::types::time::LogicalClock;
use crate::verify::Verification;

/// A request that arrived and waits for the user's decision. Nothing is kept until it is accepted.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::{Chat, Config, Env, Invitation, Timestamp, Transmit};
/// # use secretchat::{Output, TransmitKind};
///
/// /// Asks the user about a request that arrived. Returns the chat, or the refusal that is to be carried back.
/// fn answer(
///     public: &[u8],
///     user_says_yes: bool,
///     env: &mut Env<'_>,
/// ) -> Result<Result<Chat, Transmit>, Box<dyn std::error::Error>> {
///     // A value that is no key is refused here, before anybody is asked.
///     let invitation = Invitation::parse(public, Config::x25519("bob/phone", "alice/phone")?)?;
///     Ok(if user_says_yes { Ok(invitation.accept(env)?) } else { Err(invitation.decline()) })
/// }
/// #
/// # let mut rng = UnwrapErr(SysRng);
/// # let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
/// # let mut alice = Chat::request(Config::x25519("alice/phone", "bob/phone")?, env)?;
/// # let Some(Output::Transmit(request)) = alice.poll_output() else { panic!("a request") };
/// # let TransmitKind::Request { public, .. } = &request.kind else { panic!("a request") };
/// # assert!(answer(public, true, env)?.is_ok());
/// # assert!(answer(public, false, env)?.is_err());
/// # assert!(answer(&public[1..], true, env).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Invitation {
    start: Start,
    public: CheckedRequest,
}

impl Invitation {
    /// Checks the initiator's public value.
    ///
    /// # Errors
    /// [`PeerFault::BadPublicValue`].
    pub fn parse(public: &[u8], start: impl Into<Start>) -> Result<Self, PeerFault> {
        let start = start.into();
        let public = CheckedRequest::check(&start.config.profile, public)?;
        Ok(Self { start, public })
    }

    /// Computes the keys and answers. In the X25519 profile the chat can receive now, and can send once the
    /// initiator has been heard. In the Telegram profile it is ready at once, and announces its layer.
    ///
    /// # Errors
    /// [`ApiMisuse::UnusableRng`] if the generator gives nothing usable, or drew the initiator's own secret.
    pub fn accept(self, env: &mut Env<'_>) -> Result<Chat, ApiMisuse> {
        swept(|| {
            let Self { start, public } = self;
            let (setup, layer, records) = set_up(start, Role::Responder, env.rng);
            let (own, agreed) =
                agreement::answer(&setup.profile, &setup.binding()?, &public, &setup.exponent_mask(None), env.rng)?;
            let keys = Keys::first(agreed, &setup, Some(own.into()));
            Ok(begin(setup, layer, records, Phase::Open(Box::new(keys)), env))
        })
    }

    /// Declines the request. Send the result to the initiator, or do not answer at all.
    #[must_use]
    pub fn decline(self) -> Transmit {
        PendingDiscard::unproved(false).transmit()
    }
}

impl Chat {
    /// Asks for a chat. Draws a key pair, then waits for [`Input::Accepted`](super::Input::Accepted).
    ///
    /// # Errors
    /// [`ApiMisuse::UnusableRng`] if the generator gives nothing usable.
    pub fn request(start: impl Into<Start>, env: &mut Env<'_>) -> Result<Self, ApiMisuse> {
        let start = start.into();
        swept(|| {
            let (setup, layer, records) = set_up(start, Role::Initiator, env.rng);
            let pending = agreement::request(&setup.profile, &setup.exponent_mask(None), env.rng)?;
            Ok(begin(setup, layer, records, Phase::Requested(Box::new(pending)), env))
        })
    }
}

impl Turn<'_> {
    /// Checks everything before it changes anything: anyone on the wire may have made this up (SPEC X25-5).
    pub(super) fn accepted(&mut self, public: &[u8], fingerprint: KeyFingerprint) -> Result<End<Handled>, PeerFault> {
        let chat = self.chat;
        let Phase::Requested(pending) = &chat.phase else { return Ok(End::Pass(Handled::Ignored)) };
        // The ends were checked when the chat was configured.
        let binding = chat.setup.binding().map_err(|_| PeerFault::FingerprintMismatch)?;
        let keys = match pending.confirm(&binding, public, fingerprint) {
            Ok(agreed) => Box::new(Keys::first(agreed, &chat.setup, None)),
            Err(_) if chat.rules().wrong_answer_ends => return Ok(self.refuse_answer()),
            Err(fault) => return Err(fault),
        };
        self.be_ready(&keys);
        self.phase.set(Phase::Open(keys));
        // An empty outbox and a first slot always have room.
        let _sent = self.notify_layer();
        Ok(End::Commit(Handled::Applied))
    }

    /// Lets messages go both ways from now on, and notifies the host.
    pub(super) fn be_ready(&mut self, keys: &Keys) {
        self.state.confirmed = true;
        self.group.tell(Event::Ready { verification: Verification::from_bytes(keys.verification) });
    }
}

fn set_up(start: Start, role: Role, rng: &mut dyn CryptoRng) -> (Setup, Layer, Option<Keeping>) {
    let Start { config, store } = start;
    let Config {
        profile,
        layer,
        local_id,
        peer_id,
        context,
        limits,
        rekey,
        view_once,
        ttl_bounds,
        host_data,
        server_random,
        exporter,
        message_padding,
        notification_cap,
    } = config;
    let records = store.map(|store_key| {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        Keeping::of_new_chat(RecordKeys::derive(ChatId(id), &store_key))
    });
    let identities = Identities { local_id: local_id.into(), peer_id: peer_id.into(), context: context.into() };
    let limits = Choice::new(limits.in_seconds(), &Limits::USUAL);
    let rekey = Choice::new(rekey, &profile.rules().rekey);
    let setup = Setup {
        profile,
        role,
        identities,
        limits,
        rekey,
        view_once,
        ttl_bounds,
        host_data,
        server_random,
        exporter,
        message_padding,
        notification_cap,
    };
    (setup, layer, records)
}

fn begin(setup: Setup, layer: Layer, records: Option<Keeping>, phase: Phase, env: &mut Env<'_>) -> Chat {
    let state = State::new(LogicalClock::start(env.now), layer, setup.profile.rules());
    // The turn below writes the phase's record.
    let mut chat = Chat::assemble(setup, state, phase, records);
    chat.turn(Cause::Begin, env, |turn| {
        turn.phase.rewrite();
        if let Some(transmit) = turn.chat.phase.transmit() {
            turn.group.send(transmit);
        }
        if let (Some(keys), false) = (turn.chat.keys(), turn.chat.rules().responder_waits) {
            turn.be_ready(keys);
            // An empty outbox and a first slot always have room.
            let _sent = turn.notify_layer();
        }
        End::Commit(())
    });
    chat
}
