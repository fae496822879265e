//! Powers of 3 modulo the published prime, from tables: a public value in a quarter of the time (SPEC MODP-3).
//!
//! The exponent has 16 pieces of 128 bits. The powers of 3 that stand for the lowest bit of each piece are known, so
//! only 128 columns of 16 bits are left. The bits of a column choose four factors from four tables (Lim and Lee, "More
//! flexible exponentiation with precomputation", CRYPTO '94). That takes 128 squarings and 512 multiplications, where
//! a power of any base takes 2,048 and 512. The tables take 16 KiB of the program.

use crypto_bigint::{CtAssign, CtEq};
use zeroize::Zeroizing;

use super::group::PUBLISHED_MODULUS;
use super::{Integer, Residue, write};
use crate::types::secret::Secret;

/// How many bits of a column choose one factor.
const TEETH: usize = 4;
/// How many factors a column has.
const TABLES: usize = 4;
const COLUMNS: usize = 2048 / (TEETH * TABLES);
/// The distance of the bits that choose one factor.
const ROW: usize = TABLES * COLUMNS;
const ENTRIES: usize = 1 << TEETH;

type Table = [Integer; ENTRIES];

/// The factors, in Montgomery form. Bit t of the number of an entry of table j stands for 3^(2^(512 t + 128 j)).
#[expect(clippy::indexing_slicing, reason = "a number out of range does not build")]
static FACTORS: [Table; TABLES] = {
    // A line of the file is an entry. Reading them is fast; to compute them would take seconds in every build.
    let mut lines = include_str!("comb.hex");
    let mut factors = [[Integer::ZERO; ENTRIES]; TABLES];
    let mut line = 0;
    while line < TABLES * ENTRIES {
        let (entry, rest) = lines.split_at(512);
        factors[line / ENTRIES][line % ENTRIES] = Integer::from_be_hex(entry);
        (_, lines) = rest.split_at(1);
        line += 1;
    }
    assert!(lines.is_empty());
    factors
};

/// Raises 3 to the power of all 2,048 bits of `exponent`, in constant time.
pub(super) fn power(exponent: &Secret<256>) -> Secret<256> {
    let mut power = Zeroizing::new(Residue::one(&PUBLISHED_MODULUS));
    for column in (0..COLUMNS).rev() {
        *power = power.square();
        for (table, first) in FACTORS.iter().zip((column..).step_by(COLUMNS)) {
            let factor = choose(table, number(exponent.expose(), first));
            *power *= Residue::from_montgomery(factor, &PUBLISHED_MODULUS);
        }
    }
    let power = power.retrieve();
    Secret::fill_with(|bytes| write(&power, bytes))
}

/// Returns the number of an entry: bit `first` of the exponent, and those that follow a row apart.
#[expect(clippy::indexing_slicing, reason = "first is less than a row, and the rows have 2,048 bits")]
fn number(exponent: &[u8; 256], first: usize) -> u8 {
    (0..TEETH).fold(0, |number, tooth| {
        let place = tooth * ROW + first;
        let bit = exponent[255 - place / 8] >> (place % 8) & 1;
        number | bit << tooth
    })
}

/// Returns the entry with this number. Reads the whole table, so that the place in memory tells nothing.
fn choose(table: &Table, number: u8) -> Integer {
    let mut chosen = Integer::ZERO;
    for (entry, own) in table.iter().zip(0_u8..) {
        chosen.ct_assign(entry, own.ct_eq(&number));
    }
    chosen
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn three() -> Residue {
        Residue::new(&Integer::from_u8(3), &PUBLISHED_MODULUS)
    }

    /// The power by the library's own exponentiation.
    fn expected(exponent: &[u8; 256]) -> Integer {
        three().pow(&Integer::from_be_slice(exponent)).retrieve()
    }

    fn agrees(exponent: [u8; 256]) -> bool {
        Integer::from_be_slice(power(&Secret::new(exponent)).expose()) == expected(&exponent)
    }

    #[test]
    fn the_file_holds_the_factors_of_3() {
        for (j, table) in FACTORS.iter().enumerate() {
            for (entry, factor) in table.iter().enumerate() {
                let mut exponent = Integer::ZERO;
                for tooth in (0..TEETH).filter(|tooth| entry >> tooth & 1 == 1) {
                    exponent |= Integer::ONE << u32::try_from(ROW * tooth + COLUMNS * j).unwrap();
                }
                assert_eq!(three().pow_vartime(&exponent).as_montgomery(), factor, "table {j}, entry {entry}");
            }
        }
    }

    #[test]
    fn the_edges_are_powers_of_3() {
        let mut exponents = std::vec![[0; 256], [0xff; 256]];
        // Every edge of a piece, and some bits inside.
        for bit in (0..2048_usize).filter(|bit| matches!(bit % 128, 0 | 1 | 64 | 127)) {
            let mut exponent = [0; 256];
            exponent[255 - bit / 8] = 1 << (bit % 8);
            exponents.push(exponent);
        }
        for exponent in exponents {
            assert!(agrees(exponent), "{}", hex::encode(exponent));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_power_is_that_of_the_library(exponent in prop::array::uniform32(any::<[u8; 8]>())) {
            let mut whole = [0; 256];
            whole.copy_from_slice(exponent.as_flattened());
            prop_assert!(agrees(whole));
        }
    }
}
