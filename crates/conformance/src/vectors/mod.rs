//! Vector files. `test-vectors/README.md` describes them, and one module checks each format.

mod case;
mod client;
mod envelope;
mod envelope_old;
mod exporter;
mod fingerprints;
mod fragments;
mod frame;
mod hybrid;
mod ige;
mod kdf;
mod media;
mod modp;
mod primitives;
mod records;
mod rekey;
mod restored;
mod resume;
mod root;
mod script;
mod segments;
mod sequence;
mod server_random;
mod timers;
mod tl;
mod verification;
mod x25519;

use std::panic::{AssertUnwindSafe, catch_unwind};

use case::{Case, Checked};
use serde_json::Value;

/// The result of one case.
pub(crate) struct Outcome {
    pub(crate) id: String,
    pub(crate) checked: Checked,
}

/// Returns the check for a format; `None` if the format is unknown.
fn runner(format: &str) -> Option<fn(&Case<'_>) -> Checked> {
    Some(match format.strip_prefix("secretchat/")? {
        "client-1" => client::check,
        "conversation-1" | "script-1" => script::check,
        "envelope-1" => envelope::check,
        "envelope-old-1" => envelope_old::check,
        "exporter-1" => exporter::check,
        "fingerprints-1" => fingerprints::check,
        "fragments-1" => fragments::check,
        "frame-1" => frame::check,
        "hybrid-profile-1" => hybrid::check,
        "ige-1" => ige::check,
        "kdf-1" => kdf::check,
        "media-1" => media::check,
        "modp-1" => modp::check,
        "primitives-1" => primitives::check,
        "records-2" => records::check,
        "rekey-1" => rekey::check,
        "resume-1" => resume::check,
        "segments-1" => segments::check,
        "sequence-1" => sequence::check,
        "server-random-1" => server_random::check,
        "timers-1" => timers::check,
        "tl-1" => tl::check,
        "verification-1" => verification::check,
        "x25519-profile-1" => x25519::check,
        _ => return None,
    })
}

/// Checks the cases of a file whose id satisfies `wanted`.
pub(crate) fn check(file: &Value, wanted: impl Fn(&str) -> bool) -> Result<Vec<Outcome>, String> {
    let format = file["format"].as_str().ok_or("no format")?;
    let check = runner(format).ok_or_else(|| format!("unknown format {format}"))?;
    let cases = file["cases"].as_array().filter(|cases| !cases.is_empty()).ok_or("no cases")?;
    let cases = cases.iter().map(|value| Case { file, value });
    // Slow cases take minutes.
    let cases = cases.filter(|case| wanted(case.id()) && !case.has_flag("slow"));
    Ok(cases
        .map(|case| {
            let checked = catch_unwind(AssertUnwindSafe(|| case.names_its_error().and_then(|()| check(&case))));
            let checked = checked.unwrap_or_else(|_| Err("expected no panic, actual a panic".into()));
            Outcome { id: case.id().to_owned(), checked }
        })
        .collect())
}
