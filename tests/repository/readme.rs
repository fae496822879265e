//! The README and the crate page show the same example, and the README's dependencies are those of the crate.

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

/// The line of a dependency, without what is said about it.
fn dependency<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap();
    line.split(" #").next().unwrap()
}

#[test]
fn the_dependencies_of_the_readme_are_those_of_the_crate() {
    let (readme, manifest) = (include_str!("../../README.md"), include_str!("../../Cargo.toml"));
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = ")).unwrap().trim_matches('"');
    let wanted = dependency(readme, "secretchat").strip_prefix("secretchat = ").unwrap().trim_matches('"');
    assert!(version.starts_with(&format!("{wanted}.")), "{wanted} gives {version}");
    assert_eq!(dependency(readme, "getrandom"), dependency(manifest, "getrandom"));
}
