//! The README and the crate page show the same example.

/// The lines of the first block of code, without the hidden ones.
fn example(text: &str, fence: &str) -> Vec<String> {
    let lines =
        text.lines().map(|line| line.strip_prefix("//!").map_or(line, |rest| rest.strip_prefix(' ').unwrap_or(rest)));
    lines
        .skip_while(|line| *line != fence)
        .skip(1)
        .take_while(|line| *line != "```")
        .filter(|line| !line.starts_with("# "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_readme_and_the_crate_page_show_the_same_example() {
    let readme = example(include_str!("../../README.md"), "```rust");
    let crate_page = example(include_str!("../../src/lib.rs"), "```");
    assert_eq!(readme, crate_page);
    assert!((30..=46).contains(&readme.len()), "{} lines", readme.len());
}
