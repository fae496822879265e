//! The server's group and randomness: `messages.getDhConfig`.

use std::fmt;

use secretchat::rand_core::CryptoRng;
use secretchat::{Config, DhGroup, DhGroupError, PeerPolicy, PrimePolicy};

use crate::tl::{enums, functions};

/// How many random bytes are asked for. The server gives 256.
const RANDOM_LEN: i32 = 256;
/// More is not taken.
const MAX_RANDOM_LEN: usize = 1_024;

/// The group that the server gave last, with its version. Ask before each request and each acceptance: the group then
/// comes only once, and fresh randomness each time.
///
/// ```
/// use secretchat::PrimePolicy;
/// use secretchat_grammers::{DhCache, tl};
/// # use secretchat::{DhGroup, rand_core::UnwrapErr};
///
/// let mut cache = DhCache::default();
/// assert_eq!(cache.call().version, 0);
/// # let rng = &mut UnwrapErr(getrandom::SysRng);
/// # let p = DhGroup::published(3)?.prime().to_vec();
/// # let answer = tl::enums::messages::DhConfig::Config(tl::types::messages::DhConfig { g: 3, p, version: 3, random: vec![7; 256] });
/// let dh = cache.answer(&answer, PrimePolicy::PublishedOnly, rng)?;
/// assert!(dh.group.is_published());
/// assert_eq!(cache.call().version, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DhCache {
    known: Option<(i32, DhGroup)>,
}

/// The group and the randomness that the server gave for one chat.
#[derive(Clone)]
pub struct ServerDh {
    /// The group.
    pub group: DhGroup,
    random: Vec<u8>,
}

impl DhCache {
    /// Returns the call to make.
    #[must_use]
    pub fn call(&self) -> functions::messages::GetDhConfig {
        let version = self.known.as_ref().map_or(0, |(version, _)| *version);
        functions::messages::GetDhConfig { version, random_length: RANDOM_LEN }
    }

    /// Takes the server's answer, and checks a group that is new. An error changes nothing.
    ///
    /// # Errors
    /// [`DhError`].
    pub fn answer(
        &mut self,
        answer: &enums::messages::DhConfig,
        policy: PrimePolicy,
        rng: &mut dyn CryptoRng,
    ) -> Result<ServerDh, DhError> {
        let random = match answer {
            enums::messages::DhConfig::Config(config) => &config.random,
            enums::messages::DhConfig::NotModified(same) => &same.random,
        };
        if random.len() > MAX_RANDOM_LEN {
            return Err(DhError::RandomLength);
        }
        let group = match answer {
            enums::messages::DhConfig::Config(config) => {
                let g = u32::try_from(config.g).map_err(|_| DhError::Group(DhGroupError::Generator))?;
                let group = DhGroup::check(g, &config.p, policy, rng).map_err(DhError::Group)?;
                self.known = Some((config.version, group.clone()));
                group
            }
            enums::messages::DhConfig::NotModified(_) => {
                self.known.as_ref().map(|(_, group)| group.clone()).ok_or(DhError::NotKnown)?
            }
        };
        Ok(ServerDh { group, random: random.clone() })
    }
}

impl ServerDh {
    /// Creates the configuration of a chat, with the server's randomness mixed into its exponents. Any host data are
    /// replaced when the chat begins: see [`Link`](crate::Link).
    #[must_use]
    pub fn config(&self, peer: PeerPolicy) -> Config {
        let config = Config::telegram(self.group.clone(), peer);
        // The Telegram profile always takes it.
        config.clone().with_server_random(&self.random).unwrap_or(config)
    }
}

impl fmt::Debug for ServerDh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, random } = self;
        f.debug_struct("ServerDh").field("group", group).field("random", &random.len()).finish()
    }
}

/// The answer to `messages.getDhConfig` is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DhError {
    /// The group is refused.
    Group(DhGroupError),
    /// The server says that nothing has changed, but no group is known.
    NotKnown,
    /// The random bytes are too many.
    RandomLength,
}

impl fmt::Display for DhError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(error) => error.fmt(f),
            Self::NotKnown => f.write_str("the server names a group that it never gave"),
            Self::RandomLength => f.write_str("the server gave too many random bytes"),
        }
    }
}

impl std::error::Error for DhError {}

#[cfg(test)]
mod tests {
    use secretchat::rand_core::UnwrapErr;

    use super::*;
    use crate::tl::types;

    fn config(g: i32, p: &[u8], random: usize) -> enums::messages::DhConfig {
        let random = vec![9; random];
        enums::messages::DhConfig::Config(types::messages::DhConfig { g, p: p.to_vec(), version: 4, random })
    }

    #[test]
    fn a_group_is_checked_once_and_kept() {
        let mut rng = UnwrapErr(getrandom::SysRng);
        let mut cache = DhCache::default();
        let same =
            enums::messages::DhConfig::NotModified(types::messages::DhConfigNotModified { random: vec![1; 256] });
        let policy = PrimePolicy::PublishedOnly;
        assert_eq!(cache.answer(&same, policy, &mut rng).unwrap_err(), DhError::NotKnown);

        let p = DhGroup::published(3).unwrap().prime();
        for (bad, error) in [
            (config(2, &p, 256), DhError::Group(DhGroupError::Generator)),
            (config(-3, &p, 256), DhError::Group(DhGroupError::Generator)),
            (config(3, &p[1..], 256), DhError::Group(DhGroupError::PrimeSize)),
            (config(4, &[0xff; 256], 256), DhError::Group(DhGroupError::PrimeUnknown)),
            (config(3, &p, 1_025), DhError::RandomLength),
        ] {
            assert_eq!(cache.answer(&bad, policy, &mut rng).unwrap_err(), error);
            assert_eq!(cache.call().version, 0, "an error changes nothing");
        }

        assert_eq!(cache.answer(&config(3, &p, 256), policy, &mut rng).unwrap().group.generator(), 3);
        assert_eq!((cache.call().version, cache.call().random_length), (4, 256));
        assert_eq!(cache.answer(&same, policy, &mut rng).unwrap().group.generator(), 3);
        // No random bytes are no error: the host's own generator is enough.
        let _config = cache.answer(&config(3, &p, 0), policy, &mut rng).unwrap().config(PeerPolicy::Default);
    }
}
