//! Code between marks: where it ends, and its text.

use alloc::string::String;

use crate::mark::is_special_in_code;

/// Returns the length of the code before `mark` ends it.
pub(crate) fn code_len(code: &str, mark: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, character) in code.char_indices() {
        if escaped {
            escaped = false;
            if is_special_in_code(character) {
                continue;
            }
        }
        if character == '\\' {
            escaped = true;
        } else if character == '`' && code.get(index..).is_some_and(|rest| rest.starts_with(mark)) {
            return Some(index);
        }
    }
    None
}

/// Removes the backslashes that escape something in code.
pub(crate) fn plain(code: &str) -> String {
    let mut plain = String::with_capacity(code.len());
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        let next = characters.clone().next().filter(|next| character == '\\' && is_special_in_code(*next));
        if next.is_some() {
            characters.next();
        }
        plain.push(next.unwrap_or(character));
    }
    plain
}
