//! `SPEC.md` against the code that cites it: clauses, requirements, labels, constructors, defaults and worked examples.

mod clauses;
mod draws;
mod examples;
mod overhead;
mod requirements;
mod tables;

const SPEC: &str = include_str!("../../../SPEC.md");

/// The cells of the rows of every table whose heading is `| first | second | ..`, bare of `backticks`.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let lines: Vec<_> = SPEC.lines().collect();
    let mut rows = Vec::new();
    for begin in (0..lines.len()).filter(|at| lines[*at] == heading) {
        let body = lines[begin + 2..].iter().take_while(|line| line.starts_with('|'));
        rows.extend(body.map(|line| line.trim_matches('|').split('|').map(bare).collect::<Vec<_>>()));
    }
    assert!(!rows.is_empty(), "no table with the heading {heading}");
    rows
}

fn bare(cell: &str) -> &str {
    cell.trim().trim_matches('`')
}
