//! The parts of an upload that the server has.

use crate::token::Fields;

/// The parts of an upload, each with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts(Vec<State>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Missing,
    OnItsWay,
    Saved,
}

impl Parts {
    pub(crate) fn missing(count: u32) -> Self {
        Self(vec![State::Missing; count as usize])
    }

    /// Returns the next part that is missing, and counts it as on its way.
    pub(crate) fn next(&mut self) -> Option<u32> {
        let (state, part) = self.0.iter_mut().zip(0..).find(|(state, _)| **state == State::Missing)?;
        *state = State::OnItsWay;
        Some(part)
    }

    /// Changes the state of a part. A part that is not there changes nothing.
    pub(crate) fn set(&mut self, part: u32, state: State) {
        if let Some(place) = self.0.get_mut(part as usize) {
            *place = state;
        }
    }

    pub(crate) fn saved(&self) -> impl Iterator<Item = u32> {
        self.0.iter().zip(0..).filter(|(state, _)| **state == State::Saved).map(|(_, part)| part)
    }

    pub(crate) fn all_saved(&self) -> bool {
        self.0.iter().all(|state| *state == State::Saved)
    }

    /// Returns a bit for each part, set if it is saved, the lowest first.
    pub(crate) fn to_bits(&self) -> impl Iterator<Item = u8> {
        self.0.chunks(8).map(|eight| {
            eight.iter().zip(0..).fold(0, |bits, (state, bit)| bits | (u8::from(*state == State::Saved) << bit))
        })
    }

    /// Reads the bits of `count` parts, which are the rest of a token. What was on its way is missing.
    pub(crate) fn from_bits(count: u32, from: Fields<'_>) -> Option<Self> {
        let count = count as usize;
        let bits = from.rest(count.div_ceil(8))?;
        let is_set = |part: usize| bits[part / 8] >> (part % 8) & 1 == 1;
        if (count..bits.len() * 8).any(is_set) {
            return None;
        }
        Some(Self((0..count).map(|part| if is_set(part) { State::Saved } else { State::Missing }).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_are_not_there_change_nothing() {
        let mut parts = Parts::missing(1);
        parts.set(1, State::Saved);
        parts.set(u32::MAX, State::Saved);
        assert_eq!(parts, Parts::missing(1));
    }
}
