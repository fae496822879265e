//! Two chats of a profile.

use std::collections::VecDeque;

use recordings::Seeded;
use secretchat::{Chat, Config, DhGroup, Env, Input, Invitation, Output, PeerPolicy, Timestamp, TransmitKind};

use super::{Agreement, Step};

pub(super) fn x25519() -> Chats {
    Chats::meet(|local_id, peer_id| Config::x25519(local_id, peer_id).unwrap())
}

pub(super) fn hybrid() -> Chats {
    Chats::meet(|local_id, peer_id| Config::hybrid(local_id, peer_id).unwrap())
}

/// Creates two Telegram chats in the published group, whose prime needs no test.
pub(super) fn telegram() -> Chats {
    Chats::meet(|_, _| Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default))
}

/// Two chats without records: the cost of a store is not measured.
pub(super) struct Chats {
    /// The configurations of the ends that have no chat yet.
    configs: VecDeque<Config>,
    /// The chats of Alice and Bob.
    chats: Vec<Chat>,
    rng: Seeded,
    sent: usize,
}

impl Agreement for Chats {
    fn take(&mut self, step: Step) {
        let rng = &mut self.rng;
        match step {
            Step::Request => {
                let config = self.configs.pop_front().unwrap();
                self.chats.push(Chat::request(config, &mut env(rng)).unwrap());
            }
            Step::Answer => {
                let request = sent(&mut self.chats[0]).remove(0);
                let TransmitKind::Request { public, .. } = request else { panic!("{request:?}") };
                self.sent += public.len();
                let invitation = Invitation::parse(&public, self.configs.pop_front().unwrap()).unwrap();
                self.chats.push(invitation.accept(&mut env(rng)).unwrap());
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
    fn meet(config: impl Fn(&str, &str) -> Config) -> Self {
        let configs = [config("alice", "bob"), config("bob", "alice")];
        Self { configs: configs.into(), chats: Vec::new(), rng: Seeded::new(5), sent: 0 }
    }

    /// Carries messages until neither has anything to send.
    fn carry(&mut self) {
        loop {
            let mut silent = true;
            for (from, to) in [(1, 0), (0, 1)] {
                for kind in sent(&mut self.chats[from]) {
                    silent = false;
                    let input = match &kind {
                        TransmitKind::Accept { public, fingerprint, .. } => {
                            self.sent += public.len() + fingerprint.to_bytes().len();
                            Input::accepted(public, *fingerprint)
                        }
                        TransmitKind::Ciphertext { bytes, .. } => {
                            self.sent += bytes.len();
                            Input::ciphertext(bytes, None, None)
                        }
                        other => panic!("{other:?}"),
                    };
                    self.chats[to].handle(input, &mut env(&mut self.rng)).unwrap();
                }
            }
            if silent {
                return;
            }
        }
    }
}

fn env(rng: &mut Seeded) -> Env<'_> {
    Env::new(Timestamp::from_millis(1_700_000_000_000), rng)
}

/// Takes the outputs of the chat and returns its transmissions.
fn sent(chat: &mut Chat) -> Vec<TransmitKind> {
    std::iter::from_fn(|| chat.poll_output())
        .filter_map(|output| match output {
            Output::Transmit(transmit) => Some(transmit.kind),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use secretchat::hazmat::envelope::Layout;
    use secretchat::{ChatState, Draft, RekeyState};

    use super::*;
    use crate::cases::BODY_LEN;

    /// The messages of `cases` represent every profile: only key agreement differs.
    #[test]
    fn a_message_is_the_same_work_in_every_profile() {
        for mut chats in [x25519(), hybrid(), telegram()] {
            Step::ALL.iter().for_each(|step| chats.take(*step));
            let text = Draft::text("x".repeat(100));
            chats.chats[0].send(&text, &mut env(&mut chats.rng)).unwrap();
            let message = sent(&mut chats.chats[0]).remove(0);
            let TransmitKind::Ciphertext { bytes, .. } = message else { panic!("{message:?}") };
            assert_eq!(bytes.len(), Layout::size_class(BODY_LEN).unwrap().sealed_len());
        }
    }

    /// The benchmark must measure a complete agreement.
    #[test]
    fn both_ends_have_the_same_keys() {
        for mut chats in [x25519(), hybrid(), telegram()] {
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
