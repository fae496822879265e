//! Olm, by vodozemac: two existing accounts, and a session between them.

use vodozemac::Curve25519PublicKey;
use vodozemac::olm::{Account, OlmMessage, Session, SessionConfig};

use super::{Agreement, Step};

/// Returns the sessions of two ends that have heard each other.
pub(crate) fn sessions() -> [Session; 2] {
    let mut olm = meet();
    Step::ALL.into_iter().for_each(|step| olm.take(step));
    let Ok(sessions) = olm.sessions.try_into() else { panic!("two sessions") };
    sessions
}

/// Olm draws from a generator of its own.
pub(super) fn meet() -> Olm {
    Olm { accounts: [Account::new(), Account::new()], one_time_key: None, first: None, sessions: Vec::new(), sent: 0 }
}

/// The responder publishes a key for one session, so the "request" here is a key of Bob's.
pub(super) struct Olm {
    /// The accounts of Alice and Bob.
    accounts: [Account; 2],
    one_time_key: Option<Curve25519PublicKey>,
    /// Alice's first message.
    first: Option<OlmMessage>,
    /// The sessions of Alice and Bob.
    sessions: Vec<Session>,
    sent: usize,
}

impl Agreement for Olm {
    fn take(&mut self, step: Step) {
        let [alice, bob] = &mut self.accounts;
        match step {
            Step::Request => {
                bob.generate_one_time_keys(1);
                self.one_time_key = bob.one_time_keys().into_values().next();
                bob.mark_keys_as_published();
                // With the key of the account.
                self.sent += 2 * Curve25519PublicKey::LENGTH;
            }
            Step::Answer => {
                let (identity, one_time_key) = (bob.curve25519_key(), self.one_time_key.unwrap());
                let config = SessionConfig::version_1();
                let mut session = alice.create_outbound_session(config, identity, one_time_key).unwrap();
                let first = session.encrypt(b"").unwrap();
                self.sent += first.to_parts().1.len();
                self.first = Some(first);
                self.sessions.push(session);
            }
            Step::Finish => {
                let Some(OlmMessage::PreKey(first)) = &self.first else { panic!("a first message") };
                let config = SessionConfig::version_1();
                let created = bob.create_inbound_session(config, alice.curve25519_key(), first).unwrap();
                self.sessions.push(created.session);
            }
            // One message each way, since both ratchets turn when the direction changes.
            Step::Rekey => {
                for (from, to) in [(1, 0), (0, 1)] {
                    let message = self.sessions[from].encrypt(b"").unwrap();
                    self.sent += message.to_parts().1.len();
                    self.sessions[to].decrypt(&message).unwrap();
                }
            }
        }
    }

    fn sent(&self) -> usize {
        self.sent
    }
}
