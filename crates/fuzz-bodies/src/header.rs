//! The C interface.

use crate::calls;

/// Makes any calls of the C interface, as C may make them: null where there should be something, lengths that are impossible,
/// handles that were used up. None of them is a defect, an error has a name, and it changes no chat.
pub fn header(data: &[u8]) {
    calls::run(data);
}
