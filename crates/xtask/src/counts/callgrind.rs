//! The output of callgrind (the manual of valgrind, "Callgrind Format Specification"), names and positions written in full.

/// The instructions of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    /// Those of the compression of SHA-256.
    pub(super) hashing: u64,
    /// Those that fill memory.
    pub(super) filling: u64,
    /// All others.
    pub(super) others: u64,
}

impl Profile {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut profile = Self::default();
        let (mut function, mut is_of_a_call) = ("", false);
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                function = name;
            } else if line.starts_with("calls=") {
                // The next line is what the called function took, which stands with that function.
                is_of_a_call = true;
            } else if let Some(cost) = cost(line)?
                && !std::mem::take(&mut is_of_a_call)
            {
                *profile.sum_of(function) += cost;
            }
        }
        Ok(profile)
    }

    fn sum_of(&mut self, function: &str) -> &mut u64 {
        // In the crate `sha2`, whichever way its names are mangled.
        if function.contains("sha2") && function.contains("compress") {
            &mut self.hashing
        } else if function.contains("memset") {
            &mut self.filling
        } else {
            &mut self.others
        }
    }
}

/// Returns the cost of a line that begins with a position, and `None` for any other line.
fn cost(line: &str) -> Result<Option<u64>, String> {
    if !line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
        return Ok(None);
    }
    let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse().ok());
    cost.map(Some).ok_or_else(|| format!("not a cost: {line}"))
}
