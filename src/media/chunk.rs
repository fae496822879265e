//! Chunks of any length, as they come.

/// Moves what fits from the front of `chunk`; returns its length.
pub(super) fn copy_from_front(chunk: &mut &[u8], space: &mut [u8]) -> usize {
    let len = space.len().min(chunk.len());
    if let (Some(taken), Some(space)) = (chunk.split_off(..len), space.get_mut(..len)) {
        space.copy_from_slice(taken);
    }
    len
}
