//! The output of callgrind (the manual of valgrind, "Callgrind Format Specification"), names and positions written in full.

/// The instructions of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    /// Those of the compression of SHA-256.
    pub(super) hashing: u64,
    /// All others.
    pub(super) others: u64,
}

impl Profile {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut profile = Self::default();
        let (mut is_hashing, mut is_of_a_call) = (false, false);
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                is_hashing = is_compression(name);
            } else if line.starts_with("calls=") {
                // The next line is what the called function took, which stands with that function.
                is_of_a_call = true;
            } else if let Some(cost) = cost(line)? {
                match (std::mem::take(&mut is_of_a_call), is_hashing) {
                    (true, _) => {}
                    (false, true) => profile.hashing += cost,
                    (false, false) => profile.others += cost,
                }
            }
        }
        Ok(profile)
    }
}

/// Whether a function is the compression of SHA-256, in the crate `sha2`, whichever way its name is mangled.
fn is_compression(name: &str) -> bool {
    name.contains("sha2") && name.contains("compress")
}

/// Returns the cost of a line that begins with a position, and `None` for any other line.
fn cost(line: &str) -> Result<Option<u64>, String> {
    if !line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
        return Ok(None);
    }
    let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse().ok());
    cost.map(Some).ok_or_else(|| format!("not a cost: {line}"))
}
