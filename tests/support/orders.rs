//! The orders in which messages may arrive.

/// Returns all orders of the numbers below a length.
pub(crate) fn orders(length: usize) -> Vec<Vec<usize>> {
    if length == 0 {
        return vec![vec![]];
    }
    let shorter = orders(length - 1);
    shorter
        .iter()
        .flat_map(|order| (0..length).map(|at| [&order[..at], &[length - 1], &order[at..]].concat()))
        .collect()
}
