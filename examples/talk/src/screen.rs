//! What the user sees.

use std::io::{IsTerminal, stdout};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use secretchat::Verification;
use secretchat::media::Progress;

/// Shows the picture of the keys beside its text: as colours where there are any.
pub(crate) fn compare(verification: Verification) {
    println!("compare this with the other end, then type /verified:");
    let lines = verification.hex_lines();
    for (at, row) in verification.rows().iter().enumerate() {
        let beside = lines.get(at).map(ToString::to_string).unwrap_or_default();
        if stdout().is_terminal() {
            println!("  {}  {beside}", row.coloured());
        } else {
            println!("  {row}  {beside}");
        }
    }
}

/// One bar for all files that are on their way, shown on terminals only.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::hidden();
        let style = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}");
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    /// Shows how far they are together; nothing when all are there.
    pub(crate) fn show(&mut self, files: Progress) {
        if files.left() == 0 {
            self.0.finish_and_clear();
            *self = Self::new();
            return;
        }
        self.0.set_draw_target(ProgressDrawTarget::stderr());
        self.0.set_length(files.total);
        self.0.set_position(files.done);
    }
}
