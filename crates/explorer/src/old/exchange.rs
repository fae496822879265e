//! How an old client renews its key.

use secretchat::KeyFingerprint;
use sha2::{Digest, Sha256};

use super::content::Content;
use super::keys::{Key, Pairs};
use super::{Effects, OldPeer};
use crate::fault::Fault;
use crate::settings::Client;

/// An exchange. The key that it is about is the other one of the two.
#[derive(Clone, Debug)]
pub(super) enum Exchange {
    Idle,
    /// It has asked.
    Requested {
        id: i64,
        secret: u8,
    },
    /// TDLib answers a request only when the next thing happens.
    MustAccept {
        id: i64,
        public: Vec<u8>,
    },
    /// It has answered.
    Accepted {
        id: i64,
    },
    /// TDLib commits only when the next thing happens.
    MustCommit {
        id: i64,
        key: Key,
    },
    /// Android has committed, and goes on with the old key until it hears the new one.
    Committed {
        id: i64,
    },
    /// TDLib's request was aborted or crossed by its twin: it asks again when the next thing happens.
    MustAsk,
}

impl Exchange {
    const fn id(&self) -> Option<i64> {
        match self {
            Self::Idle | Self::MustAsk => None,
            Self::Requested { id, .. }
            | Self::MustAccept { id, .. }
            | Self::Accepted { id }
            | Self::MustCommit { id, .. }
            | Self::Committed { id } => Some(*id),
        }
    }
}

impl OldPeer {
    /// Asks for a new key, unless an exchange is open or the last old key is still kept.
    pub(super) fn asks_for_key(&mut self, effects: &mut Effects) -> bool {
        let keeps_old = self.keys.as_ref().is_none_or(|keys| keys.other.is_some());
        if keeps_old || !matches!(self.exchange, Exchange::Idle | Exchange::MustAsk) {
            return false;
        }
        let secret = self.draw();
        let id = self.draw_id(secret);
        self.exchange = Exchange::Requested { id, secret };
        self.say(&Content::RequestKey(id, Pairs::public(secret).to_vec()), effects);
        true
    }

    /// Does what was put off until the next thing happens.
    pub(super) fn catches_up(&mut self, effects: &mut Effects) {
        match self.exchange.clone() {
            Exchange::MustAccept { .. } if self.fault == Some(Fault::NeverAcceptsAKey) => {}
            Exchange::MustAccept { id, public } => {
                let Some(key) = self.keys.as_ref().and_then(|keys| keys.other.as_ref()) else { return };
                let fingerprint = key.fingerprint.to_long();
                self.exchange = Exchange::Accepted { id };
                self.say(&Content::AcceptKey(id, public, fingerprint), effects);
            }
            Exchange::MustCommit { id, key } => {
                self.say(&Content::CommitKey(id, key.fingerprint.to_long()), effects);
                self.exchange = Exchange::Idle;
                self.swaps(key);
            }
            Exchange::MustAsk => {
                let _ = self.asks_for_key(effects);
            }
            _ => {}
        }
    }

    /// What the key of a message that is processed tells about the keys.
    pub(super) fn turns_to(&mut self, under: KeyFingerprint) {
        let Some(keys) = &mut self.keys else { return };
        let is_other = keys.other.as_ref().is_some_and(|other| other.fingerprint == under);
        match (self.client, &self.exchange) {
            // The old key goes with the first message under the new one.
            (_, Exchange::Idle) | (Client::Tdlib, Exchange::MustAsk) if !is_other => keys.other = None,
            (Client::Android, exchange) if exchange.id().is_some() && is_other => {
                if let Some(new) = keys.other.take() {
                    keys.current = new;
                    self.exchange = Exchange::Idle;
                    self.rekeys += 1;
                }
            }
            _ => {}
        }
    }

    /// Takes a step of an exchange.
    pub(super) fn renews(&mut self, content: &Content, effects: &mut Effects) -> Result<(), String> {
        match self.client {
            Client::Android => self.renews_as_android(content, effects),
            _ => self.renews_as_tdlib(content),
        }
    }

    fn renews_as_tdlib(&mut self, content: &Content) -> Result<(), String> {
        let open = format!("{:?}", self.exchange);
        match (content, self.exchange.clone()) {
            (Content::RequestKey(id, theirs), exchange) => {
                if self.keys.as_ref().is_none_or(|keys| keys.other.is_some()) {
                    return Err("RequestKey while the old key is kept".to_owned());
                }
                match exchange {
                    Exchange::Requested { id: own, .. } if own > *id => Ok(()),
                    Exchange::Requested { id: own, .. } if own == *id => {
                        self.exchange = Exchange::MustAsk;
                        Ok(())
                    }
                    Exchange::Idle | Exchange::MustAsk | Exchange::Requested { .. } => {
                        let public = self.derives(theirs)?;
                        self.exchange = Exchange::MustAccept { id: *id, public };
                        Ok(())
                    }
                    _ => Err(format!("RequestKey in {open}")),
                }
            }
            (Content::AcceptKey(id, theirs, fingerprint), Exchange::Requested { id: own, secret }) if own == *id => {
                let key = Key::shared(secret, theirs).ok_or("g_b is out of range")?;
                if key.fingerprint.to_long() != *fingerprint {
                    return Err("AcceptKey with another fingerprint".to_owned());
                }
                self.exchange = Exchange::MustCommit { id: own, key };
                Ok(())
            }
            (Content::CommitKey(id, fingerprint), Exchange::Accepted { id: own }) if own == *id => {
                let new = self.keys.as_mut().and_then(|keys| keys.other.take());
                let new = new.filter(|new| new.fingerprint.to_long() == *fingerprint);
                self.exchange = Exchange::Idle;
                self.swaps(new.ok_or("CommitKey with another fingerprint")?);
                Ok(())
            }
            (Content::AbortKey(id), exchange) => match exchange {
                Exchange::Requested { id: own, .. } if own == *id => {
                    self.exchange = Exchange::MustAsk;
                    Ok(())
                }
                exchange if exchange.id() == Some(*id) => Err(format!("AbortKey in {open}")),
                _ => Ok(()),
            },
            (content, _) => Err(format!("{content:?} in {open}")),
        }
    }

    fn renews_as_android(&mut self, content: &Content, effects: &mut Effects) -> Result<(), String> {
        match content {
            Content::RequestKey(id, theirs) => {
                if let Some(own) = self.exchange.id() {
                    if own > *id {
                        return Ok(());
                    }
                    self.say(&Content::AbortKey(own), effects);
                }
                let public = self.derives(theirs)?;
                self.exchange = Exchange::Accepted { id: *id };
                let key = self.keys.as_ref().and_then(|keys| keys.other.as_ref());
                let fingerprint = key.map_or(0, |key| key.fingerprint.to_long());
                self.say(&Content::AcceptKey(*id, public, fingerprint), effects);
            }
            Content::AcceptKey(id, theirs, fingerprint) => {
                let secret = match self.exchange {
                    Exchange::Requested { id: own, secret } if own == *id => Some(secret),
                    _ => None,
                };
                let key = secret.and_then(|secret| Key::shared(secret, theirs));
                match key.filter(|key| key.fingerprint.to_long() == *fingerprint) {
                    Some(key) => {
                        self.keep(key);
                        self.exchange = Exchange::Committed { id: *id };
                        self.say(&Content::CommitKey(*id, *fingerprint), effects);
                    }
                    None => self.gives_up(*id, effects),
                }
            }
            Content::CommitKey(id, fingerprint) => {
                let new = self.keys.as_ref().and_then(|keys| keys.other.clone());
                let new = new.filter(|new| new.fingerprint.to_long() == *fingerprint);
                match new.filter(|_| self.exchange.id() == Some(*id)) {
                    Some(new) => {
                        self.exchange = Exchange::Idle;
                        self.swaps(new);
                        self.say(&Content::Noop, effects);
                    }
                    None => self.gives_up(*id, effects),
                }
            }
            Content::AbortKey(id) if self.exchange.id() == Some(*id) => self.forgets(),
            _ => {}
        }
        Ok(())
    }

    /// Derives the key of a request, which becomes the other one. Returns the own value.
    fn derives(&mut self, theirs: &[u8]) -> Result<Vec<u8>, String> {
        let secret = self.draw();
        let key = Key::shared(secret, theirs).ok_or("g_a is out of range")?;
        let wrong = self.fault == Some(Fault::DerivesAnotherKey);
        self.keep(if wrong { key.spoiled() } else { key });
        Ok(Pairs::public(secret).to_vec())
    }

    fn keep(&mut self, other: Key) {
        if let Some(keys) = &mut self.keys {
            keys.other = Some(other);
        }
    }

    /// The new key is the current one from now on, and the old one is kept.
    fn swaps(&mut self, new: Key) {
        if let Some(keys) = &mut self.keys {
            keys.other = Some(std::mem::replace(&mut keys.current, new));
            self.rekeys += 1;
        }
    }

    fn gives_up(&mut self, id: i64, effects: &mut Effects) {
        self.forgets();
        self.say(&Content::AbortKey(id), effects);
    }

    fn forgets(&mut self) {
        self.exchange = Exchange::Idle;
        if let Some(keys) = &mut self.keys {
            keys.other = None;
        }
    }

    /// The seed decides which of two crossing requests wins.
    fn draw_id(&self, secret: u8) -> i64 {
        let hash = Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update([secret]).finalize();
        let mut id = [0; 8];
        id.copy_from_slice(&hash[..8]);
        i64::from_le_bytes(id)
    }
}
