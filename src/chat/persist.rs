//! Records from a chat and back (SPEC REC-4, REC-5).

use alloc::boxed::Box;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::Chat;
use super::agreement::{Agreed, Keys, Pending};
#[cfg(feature = "telegram")]
use super::config::PeerPolicy;
use super::config::{Identities, Limits, Profile};
use super::state::{Arrived, Kind, Outgoing, PendingDiscard, Phase, Setup, State, Tombstone, Waiting};
#[cfg(feature = "telegram")]
use crate::crypto::modp;
use crate::crypto::schedule::{DiscardKeys, Transcript};
use crate::env::Env;
use crate::error::{CloseReason, StoreError, Violation};
use crate::handshake::Request;
use crate::id::{KeyFingerprint, Layer, RandomId, Role, SeqNo};
use crate::message::IncomingFile;
use crate::record::{Fields, Put, RecordKeys, RecordName, RecordSet, Records, StoreKey};
use crate::secret::Secret;
use crate::seq::Counters;
use crate::time::{Elapsed, LogicalClock, Timestamp, Ttl};

/// The layout of each kind of record; a change of one is a new number.
const KEYS: u8 = 1;
const STATE: u8 = 1;
const OUTGOING: u8 = 1;
const WAITING: u8 = 1;
const TOMBSTONE: u8 = 1;

/// Room for every fixed field of the record of keys, so that key bytes are not moved by a growing buffer.
const KEYS_CAPACITY: usize = 1200;

impl Chat {
    /// A chat as its records left it, in any phase. It asks for nothing by itself: [`Chat::retransmit`] does.
    ///
    /// `expected_generation` is the generation of the newest batch that the host remembers apart from the records.
    /// Without it, restored older records are only noticed at the first message that acknowledges what they do not
    /// know, and the chat closes then.
    ///
    /// # Errors
    /// [`StoreError`], within time and memory proportional to the records.
    pub fn restore(
        records: &Records,
        store_key: &StoreKey,
        expected_generation: Option<u64>,
        env: &mut Env<'_>,
    ) -> Result<Self, StoreError> {
        let keys = RecordKeys::derive(records.chat, store_key);
        let mut chat = match single(records, RecordName::Tombstone)? {
            Some(tombstone) => restore_closed(keys, records, tombstone)?,
            None => restore_open(keys, records)?,
        };
        if expected_generation.is_some_and(|expected| chat.state.generation < expected) {
            return Err(StoreError::RolledBack);
        }
        chat.unproved_restore = expected_generation.is_none();
        chat.state.clock = chat.state.clock.advanced(env.now);
        Ok(chat)
    }
}

fn restore_closed(keys: RecordKeys, records: &Records, sealed: &[u8]) -> Result<Chat, StoreError> {
    if records.rows.len() != 1 {
        return Err(StoreError::Mismatch);
    }
    let (generation, plain) = keys.open(RecordName::Tombstone, sealed)?;
    let (setup, tombstone) = decode_tombstone(&plain)?;
    let mut state = State::new(LogicalClock::start(Timestamp::default()), setup.profile.first_layer());
    state.generation = generation;
    Ok(Chat::assemble(setup, state, Phase::Closed(tombstone), Some(keys)))
}

fn restore_open(keys: RecordKeys, records: &Records) -> Result<Chat, StoreError> {
    let sealed_state = single(records, RecordName::State)?.ok_or(StoreError::Missing)?;
    let sealed_keys = single(records, RecordName::Keys)?.ok_or(StoreError::Missing)?;

    let (generation, plain) = keys.open(RecordName::State, sealed_state)?;
    let state = decode_state(&plain, generation)?;
    let (keys_generation, plain) = keys.open(RecordName::Keys, sealed_keys)?;
    let (setup, phase) = decode_keys(&plain)?;

    let mut keys_set = RecordSet::default();
    keys_set.insert(&keys.member(RecordName::Keys, keys_generation));
    let mut outgoing_set = RecordSet::default();
    let mut outgoing = Vec::new();
    let mut waiting_set = RecordSet::default();
    let mut waiting = Waiting::default();
    for (name, sealed) in &records.rows {
        let read = |set: &mut RecordSet| {
            let (generation, plain) = keys.open(*name, sealed)?;
            set.insert(&keys.member(*name, generation));
            Ok((generation, plain))
        };
        match *name {
            RecordName::Outgoing(slot) => {
                let (generation, plain) = read(&mut outgoing_set)?;
                outgoing.push(decode_outgoing(&plain, slot, generation)?);
            }
            RecordName::Waiting(slot) => {
                let (generation, plain) = read(&mut waiting_set)?;
                waiting.put(decode_waiting(&plain, slot, generation)?);
            }
            RecordName::Keys | RecordName::State | RecordName::Tombstone => {}
        }
    }
    let State { keys_set: expected_keys, outgoing_set: expected_outgoing, waiting_set: expected_waiting, .. } = state;
    if (keys_set, outgoing_set, waiting_set) != (expected_keys, expected_outgoing, expected_waiting)
        || keys_generation != state.keys_generation
        || waiting.first_from(SeqNo::ZERO).is_some_and(|first| first <= state.counters.received)
    {
        return Err(StoreError::Mismatch);
    }

    outgoing.sort_by_key(|entry| entry.slot);
    let Counters { sent, acknowledged, .. } = state.counters;
    let slots = outgoing.iter().map(|entry| entry.slot.get());
    if !slots.eq(acknowledged.get()..sent.get()) {
        return Err(StoreError::Mismatch);
    }
    let mut chat = Chat::assemble(setup, state, phase, Some(keys));
    outgoing.into_iter().for_each(|entry| chat.outbox.put(entry));
    chat.waiting = waiting;
    Ok(chat)
}

/// The one record of this name; two are one too many.
fn single(records: &Records, wanted: RecordName) -> Result<Option<&[u8]>, StoreError> {
    let mut found = records.rows.iter().filter(|(name, _)| *name == wanted);
    let first = found.next().map(|(_, sealed)| sealed.as_slice());
    if found.next().is_some() { Err(StoreError::Mismatch) } else { Ok(first) }
}

pub(super) fn encode_state(state: &State) -> Put {
    let State {
        clock,
        confirmed,
        counters,
        asked,
        owes_acknowledgement,
        peer_layer,
        seen_layer,
        told_at,
        ttl,
        generation: _, // stands in the record's header
        keys_generation,
        keys_set,
        outgoing_set,
        waiting_set,
    } = state;
    let mut put = Put::new(STATE, 200);
    put.array(&clock.raw().as_millis().to_le_bytes())
        .array(&clock.elapsed().as_millis().to_le_bytes())
        .flag(*confirmed)
        .array(&counters.sent.get().to_le_bytes())
        .array(&counters.received.get().to_le_bytes())
        .array(&counters.acknowledged.get().to_le_bytes())
        .array(&asked.get().to_le_bytes())
        .flag(*owes_acknowledgement)
        .array(&peer_layer.0.to_le_bytes())
        .array(&seen_layer.0.to_le_bytes())
        .flag(told_at.is_some())
        .array(&told_at.unwrap_or(Layer(0)).0.to_le_bytes())
        .array(&ttl.to_wire().to_le_bytes())
        .array(&keys_generation.to_le_bytes())
        .array(&keys_set.to_bytes())
        .array(&outgoing_set.to_bytes())
        .array(&waiting_set.to_bytes());
    put
}

fn decode_state(plain: &[u8], generation: u64) -> Result<State, StoreError> {
    let mut fields = Fields::new(STATE, plain)?;
    let state = State {
        clock: LogicalClock::resume(Timestamp::from_millis(fields.u64()?), Elapsed::from_millis(fields.u64()?)),
        confirmed: fields.flag()?,
        counters: Counters {
            sent: seq_no(&mut fields)?,
            received: seq_no(&mut fields)?,
            acknowledged: seq_no(&mut fields)?,
        },
        asked: seq_no(&mut fields)?,
        owes_acknowledgement: fields.flag()?,
        peer_layer: layer(&mut fields)?,
        seen_layer: layer(&mut fields)?,
        told_at: match (fields.flag()?, layer(&mut fields)?) {
            (true, at) => Some(at),
            (false, _) => None,
        },
        ttl: Ttl::from_wire(fields.u32()?.cast_signed()),
        generation,
        keys_generation: fields.u64()?,
        keys_set: RecordSet::from_bytes(&fields.array()?),
        outgoing_set: RecordSet::from_bytes(&fields.array()?),
        waiting_set: RecordSet::from_bytes(&fields.array()?),
    };
    fields.finish()?;
    Ok(state)
}

fn seq_no(fields: &mut Fields<'_>) -> Result<SeqNo, StoreError> {
    SeqNo::new(fields.u32()?).ok_or(StoreError::Damaged)
}

fn layer(fields: &mut Fields<'_>) -> Result<Layer, StoreError> {
    fields.u32().map(|layer| Layer(layer.cast_signed()))
}

fn encode_setup(put: &mut Put, setup: &Setup) {
    let Setup { profile, layer, role, identities, limits } = setup;
    let Identities { local_id, peer_id, context } = identities;
    let Limits { outbox_messages, outbox_bytes, waiting_messages, waiting_bytes, waiting_span } = limits;
    let role = match role {
        Role::Initiator => 0,
        Role::Responder => 1,
    };
    match profile {
        Profile::X25519 => {
            put.array(&[X25519, role]);
        }
        #[cfg(feature = "telegram")]
        Profile::Telegram { group, peer } => {
            let peer = match peer {
                PeerPolicy::Default => 0,
                PeerPolicy::Strict => 1,
                PeerPolicy::Tolerant => 2,
            };
            put.array(&[TELEGRAM, role, peer]).array(&group.generator().to_le_bytes()).array(&group.prime());
        }
    }
    put.array(&layer.0.to_le_bytes()).bytes(local_id).bytes(peer_id).bytes(context);
    for limit in [outbox_messages, outbox_bytes, waiting_messages, waiting_bytes, waiting_span] {
        put.array(&limit.to_le_bytes());
    }
}

fn decode_setup(fields: &mut Fields<'_>) -> Result<Setup, StoreError> {
    let [profile, role] = fields.array()?;
    let role = match role {
        0 => Role::Initiator,
        1 => Role::Responder,
        _ => return Err(StoreError::Damaged),
    };
    let profile = match profile {
        X25519 => Profile::X25519,
        #[cfg(feature = "telegram")]
        TELEGRAM => {
            let peer = match fields.array()? {
                [0] => PeerPolicy::Default,
                [1] => PeerPolicy::Strict,
                [2] => PeerPolicy::Tolerant,
                _ => return Err(StoreError::Damaged),
            };
            let (generator, prime) = (fields.u32()?, fields.array::<256>()?);
            let group = modp::stored_group(generator, &prime).map_err(|_| StoreError::Damaged)?;
            Profile::Telegram { group, peer }
        }
        _ => return Err(StoreError::Damaged),
    };
    let layer = layer(fields)?;
    let identities = Identities {
        local_id: fields.bytes()?.to_vec(),
        peer_id: fields.bytes()?.to_vec(),
        context: fields.bytes()?.to_vec(),
    };
    if profile == Profile::X25519 {
        identities.ends(role).map_err(|_| StoreError::Damaged)?;
    }
    let limits = Limits {
        outbox_messages: fields.u32()?,
        outbox_bytes: fields.u32()?,
        waiting_messages: fields.u32()?,
        waiting_bytes: fields.u32()?,
        waiting_span: fields.u32()?,
    };
    Ok(Setup { profile, layer, role, identities, limits })
}

/// Profiles.
const X25519: u8 = 1;
#[cfg(feature = "telegram")]
const TELEGRAM: u8 = 2;

/// Phases.
const REQUESTED: u8 = 0;
const OPEN: u8 = 1;

pub(super) fn encode_keys(setup: &Setup, phase: &Phase) -> Put {
    let Identities { local_id, peer_id, context } = &setup.identities;
    let mut put = Put::new(KEYS, KEYS_CAPACITY + local_id.len() + peer_id.len() + context.len());
    encode_setup(&mut put, setup);
    match phase {
        Phase::Requested(pending) => {
            put.array(&[REQUESTED]);
            match pending {
                Pending::X25519(request) => put.array(request.scalar().expose()),
                #[cfg(feature = "telegram")]
                Pending::Telegram(pair) => put.array(pair.exponent().expose()),
            };
        }
        Phase::Open(keys) => {
            let Keys { chat_key, fingerprint, verification, accepted, agreed } = &**keys;
            put.array(&[OPEN])
                .array(chat_key.expose())
                .array(&fingerprint.to_bytes())
                .array(verification)
                .flag(accepted.is_some())
                .bytes(accepted.as_deref().unwrap_or_default());
            match agreed {
                Agreed::X25519 { transcript, chain, check, discard_keys } => {
                    let (initiator, responder) = discard_keys.parts();
                    put.array(&transcript.to_bytes())
                        .array(chain.expose())
                        .array(check)
                        .array(initiator.expose())
                        .array(responder.expose());
                }
                #[cfg(feature = "telegram")]
                Agreed::Telegram => {}
            }
        }
        // A closed chat has a tombstone instead.
        Phase::Closed(_) => {}
    }
    put
}

fn decode_keys(plain: &[u8]) -> Result<(Setup, Phase), StoreError> {
    let mut fields = Fields::new(KEYS, plain)?;
    let setup = decode_setup(&mut fields)?;
    let phase = match fields.array()? {
        [REQUESTED] => Phase::Requested(match &setup.profile {
            Profile::X25519 => Pending::X25519(Request::resume(Secret::new(fields.array()?))),
            #[cfg(feature = "telegram")]
            Profile::Telegram { group, .. } => {
                let pair = modp::KeyPair::resume(group, Secret::new(fields.array()?)).ok_or(StoreError::Damaged)?;
                Pending::Telegram(Box::new(pair))
            }
        }),
        [OPEN] => Phase::Open(Box::new(Keys {
            chat_key: Secret::new(fields.array()?),
            fingerprint: KeyFingerprint::from_bytes(fields.array()?),
            verification: fields.array()?,
            accepted: match (fields.flag()?, fields.bytes()?) {
                (true, public) => Some(public.to_vec()),
                (false, _) => None,
            },
            agreed: match &setup.profile {
                Profile::X25519 => Agreed::X25519 {
                    transcript: Transcript::from_bytes(fields.array()?),
                    chain: Secret::new(fields.array()?),
                    check: fields.array()?,
                    discard_keys: DiscardKeys::from_parts(Secret::new(fields.array()?), Secret::new(fields.array()?)),
                },
                #[cfg(feature = "telegram")]
                Profile::Telegram { .. } => Agreed::Telegram,
            },
        })),
        _ => return Err(StoreError::Damaged),
    };
    fields.finish()?;
    Ok((setup, phase))
}

pub(super) fn encode_outgoing(outgoing: &Outgoing) -> Put {
    let Outgoing { slot: _, in_seq_no, random_id, kind, silent, carried, emptied, file, sealed, generation: _ } =
        outgoing;
    let mut put = Put::new(OUTGOING, 32 + sealed.len());
    put.array(&in_seq_no.get().to_le_bytes())
        .array(&random_id.0.to_le_bytes())
        .array(&[match kind {
            Kind::Written => 0,
            Kind::Action => 1,
            Kind::Protocol => 2,
        }])
        .flag(*silent)
        .flag(*carried)
        .flag(*emptied)
        .flag(file.is_some())
        .bytes(file.as_deref().unwrap_or_default())
        .bytes(sealed);
    put
}

fn decode_outgoing(plain: &[u8], slot: SeqNo, generation: u64) -> Result<Outgoing, StoreError> {
    let mut fields = Fields::new(OUTGOING, plain)?;
    let in_seq_no = seq_no(&mut fields)?;
    let random_id = RandomId(i64::from_le_bytes(fields.array()?));
    let kind = match fields.array()? {
        [0] => Kind::Written,
        [1] => Kind::Action,
        [2] => Kind::Protocol,
        _ => return Err(StoreError::Damaged),
    };
    let silent = fields.flag()?;
    let (carried, emptied, has_file) = (fields.flag()?, fields.flag()?, fields.flag()?);
    let file = fields.bytes()?;
    let file = has_file.then(|| file.to_vec());
    let sealed = fields.bytes()?.to_vec();
    fields.finish()?;
    Ok(Outgoing { slot, in_seq_no, random_id, kind, silent, carried, emptied, file, sealed, generation })
}

pub(super) fn encode_waiting(arrived: &Arrived) -> Put {
    let Arrived { slot: _, in_seq_no, layer, enough_random_bytes, resent, answered, file, date, body, generation: _ } =
        arrived;
    let mut put = Put::new(WAITING, 64 + body.len());
    put.array(&in_seq_no.get().to_le_bytes())
        .array(&layer.0.to_le_bytes())
        .flag(*enough_random_bytes)
        .flag(*resent)
        .flag(*answered)
        .flag(date.is_some())
        .array(&date.unwrap_or_default().as_millis().to_le_bytes())
        .flag(file.is_some());
    if let Some(IncomingFile { reference, size, fingerprint }) = file {
        put.bytes(reference)
            .flag(size.is_some())
            .array(&size.unwrap_or_default().to_le_bytes())
            .flag(fingerprint.is_some())
            .array(&fingerprint.unwrap_or_default().to_le_bytes());
    }
    put.bytes(body);
    put
}

fn decode_waiting(plain: &[u8], slot: SeqNo, generation: u64) -> Result<Arrived, StoreError> {
    let mut fields = Fields::new(WAITING, plain)?;
    let in_seq_no = seq_no(&mut fields)?;
    let layer = layer(&mut fields)?;
    let (enough_random_bytes, resent) = (fields.flag()?, fields.flag()?);
    let (answered, has_date) = (fields.flag()?, fields.flag()?);
    let date = Timestamp::from_millis(fields.u64()?);
    let file = if fields.flag()? {
        let reference = fields.bytes()?.to_vec();
        let (has_size, size) = (fields.flag()?, fields.u64()?);
        let (has_fingerprint, fingerprint) = (fields.flag()?, fields.u32()?.cast_signed());
        Some(IncomingFile {
            reference,
            size: has_size.then_some(size),
            fingerprint: has_fingerprint.then_some(fingerprint),
        })
    } else {
        None
    };
    let body = Zeroizing::new(fields.bytes()?.to_vec());
    fields.finish()?;
    let date = has_date.then_some(date);
    Ok(Arrived { slot, in_seq_no, layer, enough_random_bytes, resent, answered, file, date, body, generation })
}

pub(super) fn encode_tombstone(setup: &Setup, tombstone: &Tombstone) -> Put {
    let Tombstone { reason, history, discard } = tombstone;
    let mut put = Put::new(TOMBSTONE, 64);
    encode_setup(&mut put, setup);
    put.array(&[close_reason_code(*reason)]).flag(*history).flag(discard.is_some());
    if let Some(PendingDiscard { history, proof }) = discard {
        put.flag(*history).flag(proof.is_some()).array(&proof.unwrap_or_default());
    }
    put
}

fn decode_tombstone(plain: &[u8]) -> Result<(Setup, Tombstone), StoreError> {
    let mut fields = Fields::new(TOMBSTONE, plain)?;
    let setup = decode_setup(&mut fields)?;
    let [code] = fields.array()?;
    let reason = close_reason(code).ok_or(StoreError::Damaged)?;
    let history = fields.flag()?;
    let discard = if fields.flag()? {
        let history = fields.flag()?;
        let proof = match (fields.flag()?, fields.array()?) {
            (true, proof) => Some(proof),
            (false, _) => None,
        };
        Some(PendingDiscard { history, proof })
    } else {
        None
    };
    fields.finish()?;
    Ok((setup, Tombstone { reason, history, discard }))
}

/// Violations in the order of their codes; new ones go to the end.
const VIOLATIONS: [Violation; 10] = [
    Violation::SeqNegative,
    Violation::SeqParity,
    Violation::InSeqBack,
    Violation::InSeqAhead,
    Violation::SeqExhausted,
    Violation::LayerBack,
    Violation::BareObject,
    Violation::BodyNotUnderstood,
    Violation::ResendRange,
    Violation::RekeyUnexpected,
];
const FIRST_VIOLATION: u8 = 16;

fn close_reason_code(reason: CloseReason) -> u8 {
    match reason {
        CloseReason::ByUs => 0,
        CloseReason::ByPeer => 1,
        CloseReason::Unproved => 2,
        CloseReason::RolledBack => 3,
        CloseReason::ByServerOrPeer => 4,
        CloseReason::AcceptedElsewhere => 5,
        CloseReason::BadAnswer => 6,
        CloseReason::Violation(violation) => {
            (FIRST_VIOLATION..).zip(VIOLATIONS).find(|(_, v)| *v == violation).map_or(u8::MAX, |(code, _)| code)
        }
    }
}

fn close_reason(code: u8) -> Option<CloseReason> {
    Some(match code {
        0 => CloseReason::ByUs,
        1 => CloseReason::ByPeer,
        2 => CloseReason::Unproved,
        3 => CloseReason::RolledBack,
        4 => CloseReason::ByServerOrPeer,
        5 => CloseReason::AcceptedElsewhere,
        6 => CloseReason::BadAnswer,
        _ => {
            let index = usize::from(code.checked_sub(FIRST_VIOLATION)?);
            CloseReason::Violation(VIOLATIONS.get(index).copied()?)
        }
    })
}
