//! The value as words to read aloud (SPEC VER-5).

use super::value::Verification;

/// The PGP word list: for each byte a word of two syllables and one of three. Patrick Juola and Philip Zimmermann
/// chose them in 1995 to be distinct when spoken. The ceremonies of the DNS root key use it to read hashes.
const LIST: &str = include_str!("words.txt");

impl Verification {
    /// Returns the value as 36 words of the PGP word list, one per byte. Words of two and of three syllables
    /// alternate, so that a word that is left out, repeated or swapped with its neighbour is noticed.
    ///
    /// Read all of them, or at least the first 16 (SPEC VER-3).
    ///
    /// ```
    /// # let verification = secretchat::Verification::from_bytes([0xe5; 36]);
    /// let words = verification.words();
    /// assert_eq!(words[..2], ["topmost", "travesty"]);
    /// println!("{}", words[..16].join(" "));
    /// ```
    #[must_use]
    pub fn words(self) -> [&'static str; 36] {
        let mut syllables = [0, 1].into_iter().cycle();
        self.to_bytes().map(|byte| {
            let pair = LIST.lines().nth(byte.into()).unwrap_or_default();
            pair.split(' ').nth(syllables.next().unwrap_or_default()).unwrap_or_default()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn the_list_has_512_different_words() {
        let pairs: Vec<(&str, &str)> = LIST.lines().map(|line| line.split_once(' ').unwrap()).collect();
        assert_eq!(pairs.len(), 256);
        let lower: BTreeSet<String> =
            pairs.iter().flat_map(|(two, three)| [two.to_lowercase(), three.to_lowercase()]).collect();
        assert_eq!(lower.len(), 512);
        assert!(lower.iter().all(|word| word.bytes().all(|letter| letter.is_ascii_lowercase())));
    }

    /// The examples of the published page of the list, and of other programs that have it.
    #[test]
    fn published_examples() {
        for (hex, words) in [
            (
                "e58294f2e9a227486e8b061b31cc528fd7fa3f19",
                "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa afflict bravado \
                 chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless",
            ),
            (
                "d1c225e426c633dd94d1a7e8c3f408aa9b342488",
                "stairway repellent bombast tradition bookshelf responsive chisel tambourine Pluto scavenger repay \
                 typewriter snowcap Virginia aimless pedigree puppy confidence bluebird maritime",
            ),
            ("0000ffff", "aardvark adroitness Zulu Yucatan"),
            (
                "47adcd58c987139b5159d4f6",
                "dashboard perceptive spindle everyday spearhead liberty Aztec Norwegian drunken examine steamship \
                 vocalist",
            ),
        ] {
            let mut bytes = [0; 36];
            let given = hex::decode(hex).unwrap();
            bytes[..given.len()].copy_from_slice(&given);
            let shown = Verification::from_bytes(bytes).words();
            assert_eq!(shown[..given.len()].join(" "), words);
        }
    }
}
