//! `cargo xtask dist`: builds the packages for C, Python and JavaScript, all of one version, into `target/dist`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The manifests whose version is that of the first. The wheel takes its version from that of its crate.
const MANIFESTS: [&str; 5] = [
    "Cargo.toml",
    "crates/secretchat-ffi/Cargo.toml",
    "crates/secretchat-python/Cargo.toml",
    "crates/secretchat-wasm/rust/Cargo.toml",
    "crates/secretchat-wasm/package.json",
];

/// What a linker of C has to know. The prefix is where this file was found.
const PKG_CONFIG: &str = "\
prefix=${pcfiledir}/../..
Name: secretchat
Description: End-to-end encrypted one-to-one secret chats without I/O
Version: @VERSION@
Cflags: -I${prefix}/include
Libs: -L${prefix}/lib -lsecretchat_ffi
Libs.private: -lm
";

/// Where `CMake` looks for the package in an archive.
const CMAKE: &str = "lib/cmake/secretchat";

/// What `CMake` has to know of the version.
const CMAKE_VERSION: &str = include_str!("../../secretchat-ffi/cmake/secretchat-config-version.cmake");

/// Builds all packages.
pub(crate) fn write() -> Result<(), String> {
    let version = check()?;
    let to = root().join("target/dist");
    match fs::remove_dir_all(&to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(format!("{}: {error}", to.display())),
        _ => {}
    }
    library(&version, &to)?;
    wheel(&to)?;
    npm(&to)
}

/// Fails if the packages are not of one version. Returns it.
pub(crate) fn check() -> Result<String, String> {
    let version = version_in(MANIFESTS[0])?;
    for manifest in MANIFESTS {
        let found = version_in(manifest)?;
        if found != version {
            return Err(format!("{manifest} has version {found}, {} has {version}", MANIFESTS[0]));
        }
    }
    Ok(version)
}

/// Packs the header, the libraries, files for pkg-config and `CMake`, and the examples.
fn library(version: &str, to: &Path) -> Result<(), String> {
    let crate_dir = root().join("crates/secretchat-ffi");
    let target = root().join("target");
    run(
        root(),
        "cargo",
        ["rustc", "--quiet", "--locked", "--package", "secretchat-ffi", "--release", "--lib"].into_iter().chain([
            "--crate-type",
            "staticlib,cdylib",
            "--target-dir",
            text(&target)?,
        ]),
    )?;
    let name = format!("secretchat-{version}-{}", host()?);
    let archive = to.join(&name);
    for folder in ["include", "lib/pkgconfig", CMAKE, "examples"] {
        fs::create_dir_all(archive.join(folder)).map_err(|error| format!("{folder}: {error}"))?;
    }
    copy(&crate_dir.join("include/secretchat.h"), &archive.join("include"))?;
    for library in ["libsecretchat_ffi.a", "libsecretchat_ffi.so", "libsecretchat_ffi.dylib"] {
        let built = target.join("release").join(library);
        if built.exists() {
            copy(&built, &archive.join("lib"))?;
        }
    }
    for notice in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&crate_dir.join(notice), &archive)?;
    }
    for example in ["CMakeLists.txt", "photo.c", "story.c", "story.cpp"] {
        copy(&crate_dir.join("examples").join(example), &archive.join("examples"))?;
    }
    copy(&crate_dir.join("cmake/secretchat-config.cmake"), &archive.join(CMAKE))?;
    for (path, text) in [
        (archive.join("lib/pkgconfig/secretchat.pc"), PKG_CONFIG),
        (archive.join(CMAKE).join("secretchat-config-version.cmake"), CMAKE_VERSION),
    ] {
        fs::write(&path, text.replace("@VERSION@", version)).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    run(to, "tar", ["-czf", &format!("{name}.tar.gz"), &name])?;
    fs::remove_dir_all(&archive).map_err(|error| format!("{}: {error}", archive.display()))
}

/// Builds the wheel of Python, by maturin.
fn wheel(to: &Path) -> Result<(), String> {
    let manifest = root().join("crates/secretchat-python/Cargo.toml");
    run(
        root(),
        "maturin",
        ["build", "--quiet", "--release", "--locked", "--manifest-path", text(&manifest)?, "--out", text(to)?],
    )
}

/// Packs the npm package.
fn npm(to: &Path) -> Result<(), String> {
    let package = root().join("crates/secretchat-wasm");
    run(&package, "npm", ["ci", "--silent", "--no-audit", "--no-fund"])?;
    run(&package, "npm", ["run", "--silent", "build"])?;
    run(&package, "npm", ["run", "--silent", "wasm"])?;
    run(&package, "npm", ["pack", "--silent", "--pack-destination", text(to)?])
}

/// Reads the first version that a manifest names, which is its own.
fn version_in(manifest: &str) -> Result<String, String> {
    let text = fs::read_to_string(root().join(manifest)).map_err(|error| format!("{manifest}: {error}"))?;
    text.lines()
        .find_map(|line| {
            line.trim_start().strip_prefix("version = ").or(line.trim_start().strip_prefix("\"version\": "))
        })
        .and_then(|rest| rest.split('"').nth(1))
        .map(str::to_owned)
        .ok_or_else(|| format!("{manifest} names no version"))
}

/// Returns the platform that the compiler builds for.
fn host() -> Result<String, String> {
    let output =
        Command::new("rustc").args(["--print", "host-tuple"]).output().map_err(|error| format!("rustc: {error}"))?;
    String::from_utf8(output.stdout).map(|host| host.trim().to_owned()).map_err(|error| format!("rustc: {error}"))
}

fn root() -> &'static Path {
    Path::new(ROOT)
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("{} is not Unicode", path.display()))
}

fn copy(file: &Path, folder: &Path) -> Result<(), String> {
    let name: PathBuf = file.file_name().map(PathBuf::from).unwrap_or_default();
    fs::copy(file, folder.join(name)).map(drop).map_err(|error| format!("{}: {error}", file.display()))
}

fn run<'a, A: IntoIterator<Item = &'a str>>(folder: &Path, program: &str, arguments: A) -> Result<(), String> {
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .status()
        .map_err(|error| format!("{program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program}: {status}")) }
}
