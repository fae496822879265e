//! Two chats of a profile.

use message_paths::{Profile, Settings, env, input_of, transmissions};
use recordings::Seeded;
use secretchat::{Chat, TransmitKind};

use super::{Agreement, Step};

/// Two chats without records: the cost of a store is not measured.
pub(super) struct Chats {
    settings: Settings,
    /// The chats of Alice and Bob.
    chats: Vec<Chat>,
    rng: Seeded,
    sent: usize,
}

impl Agreement for Chats {
    fn take(&mut self, step: Step) {
        let rng = &mut self.rng;
        match step {
            Step::Request => self.chats.push(self.settings.request(rng)),
            Step::Answer => {
                let request = transmissions(&mut self.chats[0]).next();
                let Some(TransmitKind::Request { public, .. }) = request else { panic!("{request:?}") };
                self.sent += public.len();
                self.chats.push(self.settings.accept(&public, rng));
            }
            Step::Finish => self.carry(),
            Step::Rekey => {
                self.chats[0].rekey(&mut env(rng)).unwrap();
                self.carry();
            }
        }
    }

    fn sent(&self) -> usize {
        self.sent
    }
}

impl Chats {
    /// Creates two ends that only have names.
    pub(super) fn meet(profile: Profile) -> Self {
        let settings = Settings { profile, records: false, rekeys: true };
        Self { settings, chats: Vec::new(), rng: Seeded::new(5), sent: 0 }
    }

    /// Carries messages until neither has anything to send.
    fn carry(&mut self) {
        loop {
            let mut silent = true;
            for (from, to) in [(1, 0), (0, 1)] {
                for kind in transmissions(&mut self.chats[from]).collect::<Vec<_>>() {
                    silent = false;
                    self.sent += match &kind {
                        TransmitKind::Accept { public, fingerprint, .. } => public.len() + fingerprint.to_bytes().len(),
                        TransmitKind::Ciphertext { bytes, .. } => bytes.len(),
                        other => panic!("{other:?}"),
                    };
                    self.chats[to].handle(input_of(&kind), &mut env(&mut self.rng)).unwrap();
                }
            }
            if silent {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use secretchat::{ChatState, RekeyState};

    use super::*;

    /// The benchmark must measure a complete agreement.
    #[test]
    fn both_ends_have_the_same_keys() {
        for profile in Profile::ALL {
            let mut chats = Chats::meet(profile);
            for (rekeys, steps) in [(0, &Step::ALL[..3]), (1, &Step::ALL[3..])] {
                steps.iter().for_each(|step| chats.take(*step));
                let [alice, bob] = &chats.chats[..] else { panic!("two chats") };
                assert!(alice.key_fingerprint().is_some());
                assert_eq!(alice.key_fingerprint(), bob.key_fingerprint());
                assert_eq!(alice.verification(), bob.verification());
                for chat in [alice, bob] {
                    let state = (chat.state(), chat.rekey_state(), chat.rekeys());
                    assert_eq!(state, (ChatState::Ready, RekeyState::Idle, rekeys));
                }
            }
        }
    }
}
