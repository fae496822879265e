//! `cargo xtask header`: writes the C header of `secretchat-ffi`, from its source and from the stable codes.

use std::fmt::Write as _;
use std::fs;

use cbindgen::{Builder, Config, DocumentationStyle, Language, Style};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const HEADER: &str = "crates/secretchat-ffi/include/secretchat.h";

/// The list of stable codes, which a test of `secretchat` compares with its enums.
const CODES: &str = "schema/names.txt";

/// Enums that no function of the C interface takes or returns.
const UNUSED: [&str; 3] = ["Action", "DriverError", "SealError"];

/// What stands above everything.
const PREAMBLE: &str = "\
/*
 * secretchat: end-to-end encrypted one-to-one secret chats without I/O.
 *
 * A function returns 0 (`SC_OK`), or the number of an error; `sc_error_name` and `sc_error_advice`
 * put it into words. A call of a chat that fails changes nothing, and no result is written.
 *
 * Pointers: null and an impossible length are errors. A pointer that is not null must point to as
 * many values as the length beside it says, while the call lasts. A handle that a function wrote is
 * freed by the function of its name that ends in `_free`; to free null does nothing. Structs borrow.
 * Set them to all zeros first (`= {0}`).
 *
 * Flags are 0 for no, and anything else for yes. Times are milliseconds since 1970, in UTC.
 *
 * Threads: a handle is used by one thread at a time, and may move between threads. Different handles
 * are independent; what two chats share is the `ScEnv` that you pass them.
 *
 * Secrets: what the library owns is wiped when it is freed. Wipe yourself what you copy out of an
 * output or a buffer, and what you pass in: store keys, the keys of media, texts.
 */";

/// What C programs would write themselves.
const INLINE: &str = "\
/** Borrows `len` bytes. */
static inline ScBytes sc_bytes(const void *data, size_t len) {
  ScBytes bytes;
  bytes.data = (const uint8_t *)data;
  bytes.len = len;
  return bytes;
}

/** Borrows a text that ends with a zero. */
static inline ScBytes sc_text(const char *text) {
  size_t len = 0;
  while (text && text[len]) len++;
  return sc_bytes(text, len);
}
";

/// Writes the header.
pub(crate) fn write() -> Result<(), String> {
    fs::write(format!("{ROOT}/{HEADER}"), generate()?).map_err(|error| format!("{HEADER}: {error}"))
}

/// Fails if the header differs from the output of [`write()`].
pub(crate) fn check() -> Result<(), String> {
    let found = fs::read_to_string(format!("{ROOT}/{HEADER}")).map_err(|error| format!("{HEADER}: {error}"))?;
    if found == generate()? { Ok(()) } else { Err(format!("{HEADER} is stale: run `cargo xtask header`")) }
}

fn generate() -> Result<String, String> {
    let codes = fs::read_to_string(format!("{ROOT}/{CODES}")).map_err(|error| format!("{CODES}: {error}"))?;
    let config = Config {
        language: Language::C,
        style: Style::Both,
        cpp_compat: true,
        header: Some(PREAMBLE.to_owned()),
        usize_is_size_t: true,
        include_guard: Some("SECRETCHAT_H".to_owned()),
        autogen_warning: Some("/* Written by `cargo xtask header`. Do not edit. */".to_owned()),
        no_includes: true,
        sys_includes: ["stddef.h", "stdint.h"].map(str::to_owned).to_vec(),
        after_includes: Some(format!("\n{}", constants(&codes)?)),
        documentation_style: DocumentationStyle::Doxy,
        line_length: 100,
        ..Config::default()
    };
    let bindings = Builder::new()
        .with_config(config)
        .with_crate(format!("{ROOT}/crates/secretchat-ffi"))
        .generate()
        .map_err(|error| format!("cbindgen: {error}"))?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    let header = String::from_utf8(header).map_err(|error| format!("{HEADER}: {error}"))?;
    let (declared, end) = header.rsplit_once("#ifdef __cplusplus").ok_or(format!("{HEADER}: no end"))?;
    Ok(with_plain_pointers(&format!("{declared}{INLINE}\n#ifdef __cplusplus{end}")))
}

/// Replaces the names of pointers, such as `typedef const uint8_t *In_u8;`, by the pointers: nobody but the library needs
/// them.
fn with_plain_pointers(header: &str) -> String {
    let mut text = String::new();
    let mut pointers = Vec::new();
    for block in header.split("\n\n") {
        let name = block.lines().last().and_then(|line| line.strip_prefix("typedef ")).and_then(pointer);
        match name {
            Some(pointer) => pointers.push(pointer),
            None => {
                text.push_str(if text.is_empty() { "" } else { "\n\n" });
                text.push_str(block);
            }
        }
    }
    // A name may begin with another one, so each is replaced with the space behind it.
    for (name, pointed) in pointers {
        text = text.replace(&format!("{name} "), &pointed);
    }
    text
}

/// Returns the name of a pointer and what it stands for.
fn pointer(declared: &str) -> Option<(String, String)> {
    let name = declared.rsplit(['*', ' ']).next()?.strip_suffix(';')?;
    let is_ours = name.starts_with("In_") || name.starts_with("Out_");
    is_ours.then(|| (name.to_owned(), declared[..declared.len() - name.len() - 1].to_owned()))
}

/// Writes the codes of each enum as constants: `Event 2 message` becomes `SC_EVENT_MESSAGE = 2`.
fn constants(codes: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut open = "";
    for line in codes.lines().filter(|line| !line.starts_with('#')) {
        let [kind, code, name] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("{CODES}: {line}"));
        };
        if UNUSED.contains(&kind) {
            continue;
        }
        if kind != open {
            text.push_str(if open.is_empty() { "" } else { "};\n\n" });
            // Writing to a string cannot fail.
            _ = writeln!(text, "/** `{kind}` of the Rust documentation. */\nenum {{");
            open = kind;
        }
        _ = writeln!(text, "  SC_{}_{} = {code},", upper_snake(kind), name.to_uppercase());
    }
    Ok(text + "};")
}

fn upper_snake(camel: &str) -> String {
    let mut upper = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !upper.is_empty() {
            upper.push('_');
        }
        upper.push(letter.to_ascii_uppercase());
    }
    upper
}
