//! Every run of the tests has the features that it says it has.
//!
//! Features are unified over a build: one dev-dependency that turns `std` on would make the runs without
//! it test nothing. `.ci/run` names the run in `SECRETCHAT_FEATURES`.

use std::process::Command;

const ON: Features = Features {
    std: cfg!(feature = "std"),
    alloc: cfg!(feature = "alloc"),
    telegram: cfg!(feature = "telegram"),
    hybrid: cfg!(feature = "hybrid"),
    lanes: cfg!(feature = "lanes"),
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Features {
    std: bool,
    alloc: bool,
    telegram: bool,
    hybrid: bool,
    lanes: bool,
}

fn named(name: &str) -> Option<Features> {
    let none = Features { std: false, alloc: false, telegram: false, hybrid: false, lanes: false };
    Some(match name {
        "none" => none,
        "alloc" => Features { alloc: true, ..none },
        "telegram" => Features { telegram: true, ..none },
        "all" => Features { std: true, alloc: true, telegram: true, hybrid: true, lanes: true },
        _ => return None,
    })
}

#[test]
fn the_features_are_those_of_the_run() {
    match std::env::var("SECRETCHAT_FEATURES") {
        Ok(name) => assert_eq!(named(&name), Some(ON), "SECRETCHAT_FEATURES={name}"),
        Err(_) => const { assert!(!ON.std || ON.alloc, "std implies alloc") },
    }
}

/// `cargo test --workspace` is the run with all features only while the default ones are all.
#[test]
fn default_reaches_every_feature() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|p| p["name"] == "secretchat").unwrap();
    let features = package["features"].as_object().unwrap();

    let mut reached = vec!["default"];
    let mut next = 0;
    while let Some(&feature) = reached.get(next) {
        next += 1;
        let implied = features.get(feature).and_then(|f| f.as_array());
        for name in implied.into_iter().flatten().filter_map(|f| f.as_str()) {
            if !reached.contains(&name) {
                reached.push(name);
            }
        }
    }
    for feature in features.keys() {
        assert!(
            reached.contains(&feature.as_str()),
            "`{feature}` is not in `default`: give it a run of its own in .ci/run and in this file"
        );
    }
}
