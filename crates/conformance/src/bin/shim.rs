#![doc = include_str!("../../SHIM.md")]

use std::io::{self, BufRead, Write};

use conformance::Shim;

fn main() -> io::Result<()> {
    eprintln!("shim: for tests only, its randomness is not random");
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut shim = Shim::default();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        for answer in shim.obey(&line) {
            writeln!(output, "{answer}")?;
        }
        output.flush()?;
        line.clear();
    }
    Ok(())
}
