//! CONFORMANCE.md sends its readers to every file of vectors, and to none that is not there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../CONFORMANCE.md");

#[test]
fn every_file_of_vectors_proves_a_step() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors");
    let mut files = BTreeSet::new();
    for place in ["", "records/"] {
        for entry in fs::read_dir(folder.join(place)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".json") {
                files.insert(format!("{place}{name}"));
            }
        }
    }
    let in_code = PAGE.split('`').skip(1).step_by(2).filter(|code| code.ends_with(".json"));
    assert_eq!(in_code.map(String::from).collect::<BTreeSet<_>>(), files);
    assert!(files.len() > 20);
}
