//! What holds by how the crate is built: what it depends on, what it shows, how its labels are told apart.

use std::collections::{BTreeMap, BTreeSet};

const LOCK: &str = include_str!("../../Cargo.lock");
const MANIFEST: &str = include_str!("../../Cargo.toml");
const SPEC: &str = include_str!("../../SPEC.md");
const LIB: &str = include_str!("../../src/lib.rs");

/// What the crate itself is built of, with all features, dependencies of dependencies included.
fn dependencies() -> BTreeSet<&'static str> {
    let mut of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in LOCK.split("[[package]]").skip(1) {
        let name = package.split("name = \"").nth(1).unwrap().split('"').next().unwrap();
        let list = package.split("dependencies = [").nth(1).unwrap_or_default().split(']').next().unwrap();
        let names = list.split('"').skip(1).step_by(2).map(|entry| entry.split(' ').next().unwrap());
        of.entry(name).or_default().extend(names);
    }
    let own = MANIFEST.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let own = own.lines().filter_map(|line| line.split_once([' ', '.', '=']).map(|(name, _)| name));
    let (mut found, mut next) = (BTreeSet::new(), own.filter(|name| of.contains_key(name)).collect::<Vec<_>>());
    while let Some(name) = next.pop() {
        if found.insert(name) {
            next.extend(&of[name]);
        }
    }
    assert!(found.contains("aes") && found.contains("x25519-dalek") && found.len() > 10, "{found:?}");
    found
}

/// Nothing outside of `hazmat` takes a key and bytes of a message.
#[test]
fn at_11_no_check_can_be_left_out() {
    for inner in ["crypto", "envelope", "wire", "agreement", "rekey", "seq", "destruct", "types", "verify"] {
        assert!(LIB.contains(&format!("\nmod {inner};")), "{inner} is a private module");
    }
    let public: Vec<_> = LIB.lines().filter(|line| line.starts_with("pub use")).collect();
    for line in &public {
        let from = line.trim_start_matches("pub use ");
        let raw = ["envelope", "wire", "agreement", "seq", "destruct", "types::secret"];
        let raw = raw.iter().any(|inner| from.starts_with(inner));
        // What a message is and what a host may do with it: no rule of timers.
        assert!(!raw || from == "destruct::{ContentKind, Notification, Rights};", "{line}");
    }
    assert!(public.len() > 10 && LIB.contains("pub mod hazmat;"));
}

#[test]
fn at_19_nothing_is_compressed() {
    let compressors = ["flate2", "miniz_oxide", "zstd", "brotli", "lz4", "lz4_flex", "snap", "xz2", "bzip2", "deflate"];
    let found = dependencies();
    assert!(compressors.iter().all(|name| !found.contains(name)), "{found:?}");
}

/// Numbers that are secret are not left to libraries whose time depends on them.
#[test]
fn at_25_no_arithmetic_of_variable_time_holds_secrets() {
    let found = dependencies();
    for name in ["num-bigint", "num-bigint-dig", "rug", "ibig", "dashu", "malachite", "openssl", "rsa"] {
        assert!(!found.contains(name), "{name}");
    }
}

/// No two uses of a key share a label, and no label of one use begins as another of the same kind does.
#[test]
fn at_65_labels_are_told_apart() {
    let table = SPEC.split("## 24. Labels").nth(1).unwrap().split("\n## ").next().unwrap();
    let labels: Vec<_> = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert!(labels.len() >= 18 && labels.iter().all(|label| label.starts_with("secretchat/1 ")), "{labels:?}");
    assert_eq!(labels.iter().collect::<BTreeSet<_>>().len(), labels.len());
    for first in &labels {
        for second in labels.iter().filter(|label| label.len() > first.len() && label.starts_with(first)) {
            // Associated data of an AEAD beside labels of HKDF; and a proof, which is one byte longer than its label,
            // beside the tag of its receipt.
            let apart = ["secretchat/1 record", "secretchat/1 discard"].contains(first);
            assert!(apart, "{second} begins as {first}");
        }
    }
}

/// Fails to compile if the type can be compared with `==` or cloned by accident.
macro_rules! is_neither_compared_nor_cloned {
    ($($secret:ty),+) => {$(
        const _: fn() = || {
            trait Ambiguous<A> {
                fn some_item() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            #[allow(dead_code)]
            struct Compared;
            impl<T: ?Sized + PartialEq> Ambiguous<Compared> for T {}
            #[allow(dead_code)]
            struct Cloned;
            impl<T: Clone> Ambiguous<Cloned> for T {}
            let _ = <$secret as Ambiguous<_>>::some_item;
        };
    )+};
}

is_neither_compared_nor_cloned!(
    secretchat::hazmat::Secret<32>,
    secretchat::hazmat::Secret<256>,
    secretchat::StoreKey,
    secretchat::media::ChainKey,
    secretchat::media::SegmentKey,
    secretchat::media::MediaKey,
    secretchat::media::ResumeKey,
    secretchat::ContentLease,
    secretchat::MediaLease
);

/// Two secrets are compared in constant time, as the types leave no other way (above); the answer is right.
#[test]
fn at_72_secrets_are_compared_in_constant_time_only() {
    use subtle::ConstantTimeEq;
    let secret = |byte| {
        let mut bytes = [7; 32];
        bytes[31] = byte;
        secretchat::hazmat::Secret::new(bytes)
    };
    assert!(bool::from(secret(1).ct_eq(&secret(1))));
    assert!(!bool::from(secret(1).ct_eq(&secret(2))));
}

/// What is weak by today's measure is built in with Telegram's profile alone.
#[test]
fn at_73_sha1_and_md5_come_with_telegram_alone() {
    for weak in ["sha1", "md-5"] {
        let line = MANIFEST.lines().find(|line| line.starts_with(&format!("{weak} = "))).unwrap();
        assert!(line.contains("optional = true"), "{line}");
        let named: Vec<_> = MANIFEST.lines().filter(|line| line.contains(&format!("dep:{weak}"))).collect();
        assert!(matches!(&named[..], [line] if line.starts_with("telegram = ")), "{named:?}");
    }
}

/// Input reaches no panic and no unsafe code by the compiler's word.
#[test]
fn at_74_the_compiler_refuses_unsafe_code_and_panics() {
    assert!(LIB.contains("\n#![forbid(unsafe_code)]\n"));
    let denied = LIB.lines().find(|line| line.starts_with("#![deny(")).unwrap();
    for lint in ["expect_used", "indexing_slicing", "panic", "unreachable", "unwrap_used"] {
        assert!(denied.contains(&format!("clippy::{lint}")), "{lint}");
    }
}
