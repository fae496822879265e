//! The README and the crate page show the same example, the README's dependencies are those of the
//! crate, and the tests that it names are there.

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
    assert!((30..=50).contains(&readme.len()), "{} lines", readme.len());
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
    let wanted = dependency(readme, "secretchat").strip_prefix("secretchat = { version = \"").unwrap();
    let wanted = wanted.split('"').next().unwrap();
    assert!(version.starts_with(&format!("{wanted}.")), "{wanted} gives {version}");
    assert_eq!(dependency(readme, "getrandom"), dependency(manifest, "getrandom"));
}

#[cfg(feature = "std")]
#[test]
fn the_tests_of_the_readme_are_there() {
    let table = include_str!("../../README.md").split("\n## What is in it\n").nth(1).unwrap();
    let rows = table.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("| "));
    let mut named = 0;
    for row in rows {
        // [`name`](path)
        let Some((name, path)) = row.rsplit_once("[`").and_then(|(_, link)| link.split_once("`](")) else { continue };
        let path = path.split(')').next().unwrap();
        let file = std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect(path);
        assert!(file.contains(&format!("fn {name}(")), "{path} has no {name}");
        named += 1;
    }
    assert!(named > 40, "{named}");
}
