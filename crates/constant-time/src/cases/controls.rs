//! Leaks, as they are written every day.

use std::hint::black_box;

use crate::memory::hide;

/// Compares bytes and stops at the first that differs.
pub(crate) fn branch() {
    let (mut secret, claimed) = ([7_u8; 16], [7_u8; 16]);
    hide(&mut secret);
    let mut same = true;
    for (one, other) in secret.iter().zip(black_box(&claimed)) {
        if black_box(*one) != *other {
            same = false;
            break;
        }
    }
    black_box(same);
}

/// Looks a secret byte up in a table, as fast AES of the old days did.
pub(crate) fn table() {
    let table: [u8; 256] = std::array::from_fn(|i| (i * 7).to_le_bytes()[0]);
    let mut secret = [9_u8];
    hide(&mut secret);
    black_box(black_box(&table)[usize::from(black_box(secret[0]))]);
}
