//! What README.md and the source say of themselves.

use std::fs;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn source(name: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{name}")).unwrap()
}

#[test]
fn the_program_of_the_readme_is_the_example_and_is_short() {
    let readme = source("README.md");
    let (_, program) = readme.split_once("```c\n").unwrap();
    let (program, rest) = program.split_once("```\n").unwrap();
    assert_eq!(program, source("examples/photo.c"));
    assert!(program.lines().count() <= 60);
    assert!(!rest.contains("```c\n"), "tests/programs takes one program");
}

#[test]
fn unsafe_code_is_at_the_border_alone() {
    let mut files = 0;
    for file in fs::read_dir(format!("{ROOT}/src")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let is_unsafe =
            code.filter(|line| ["unsafe {", "unsafe fn", "unsafe impl"].iter().any(|word| line.contains(word))).count()
                > 0;
        assert_eq!(is_unsafe, path.ends_with("border.rs"), "{}", path.display());
        files += 1;
    }
    assert!(files > 10);
}
