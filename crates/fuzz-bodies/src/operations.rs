//! Sequences of calls on two chats over a network that loses, repeats, reorders and damages.

mod settled;
mod side;
mod talk;

use secretchat::RandomId;

use talk::Talk;

/// The most steps of one run.
const MAX_STEPS: usize = 120;

/// Lets two chats of any profile write, delete, read, set timers, take new keys, restart, crash and close in the order that
/// the bytes say. Damaged bytes change nothing. After a fair end both are at rest with one key, and each text has arrived
/// once, in order, unless its sender deleted it or it ended.
///
/// The input: the profile, the limits, then steps of a call and its argument.
pub fn operations(data: &[u8]) {
    check(data, |heard| heard);
}

/// With what becomes of the texts that one end heard.
fn check(data: &[u8], heard: fn(Vec<Text>) -> Vec<Text>) {
    let Some((&[profile, limits], steps)) = data.split_first_chunk() else { return };
    let mut talk = Talk::meet(profile, limits);
    for [call, argument] in steps.as_chunks().0.iter().take(MAX_STEPS) {
        talk.step(*call, *argument);
    }
    talk.settle();
    for side in &mut talk.sides {
        side.heard = heard(std::mem::take(&mut side.heard));
    }
    settled::check(&talk);
}

/// A text and its id.
type Text = (RandomId, String);

#[cfg(test)]
mod tests {
    use super::*;

    /// Two texts of the first end; in each profile.
    const TEXTS: [&[u8]; 4] = [&[0, 0, 0, 0, 0, 0], &[1, 0, 0, 0, 0, 0], &[2, 0, 0, 0, 0, 0], &[3, 1, 0, 0, 0, 0]];

    #[test]
    fn a_text_that_is_lost_repeated_or_out_of_order_is_found() {
        for data in TEXTS {
            operations(data);
            let lost = |mut heard: Vec<Text>| {
                heard.pop();
                heard
            };
            let repeated = |heard: Vec<Text>| heard.into_iter().flat_map(|text| [text.clone(), text]).collect();
            let out_of_order = |heard: Vec<Text>| heard.into_iter().rev().collect();
            for fault in [lost, repeated, out_of_order] {
                assert!(crate::fails(|| check(data, fault)));
            }
        }
    }
}
