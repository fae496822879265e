//! `modp-1` (SPEC MODP-1 to MODP-5, FP-1).

use recordings::Scripted;
use secretchat::ApiMisuse;
use secretchat::hazmat::Secret;
use secretchat::hazmat::fingerprint::key_fingerprint;
use secretchat::hazmat::modp::{DhGroup, KeyPair, PrimePolicy};

use super::case::{Case, Checked, equal, fails, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "group" => group(case),
        "generator" => generator(case),
        "agreement" => agreement(case),
        "power" => power(case),
        "peer" => peer(case),
        _ => case.unknown_kind(),
    }
}

fn group(case: &Case<'_>) -> Checked {
    let (g, p) = (case.number("g")?, case.bytes("p")?);
    for (policy, name) in
        [(PrimePolicy::PublishedOnly, "published_only"), (PrimePolicy::AllowSafePrime, "allow_safe_prime")]
    {
        let result = DhGroup::check(g, &p, policy, &mut Scripted::default());
        let actual = result.as_ref().map_or_else(|error| format!("{error:?}"), |_| "ok".to_owned());
        equal(name, case.text(name)?, actual.as_str())?;
        if let Ok(group) = result {
            equal("generator", g, group.generator())?;
            same_bytes("prime", &p, group.prime())?;
        }
    }
    if case.is_valid()? { Ok(()) } else { equal("error", case.text("error")?, case.text("allow_safe_prime")?) }
}

/// Checks with a composite number that the generator is checked before any primality proof.
fn generator(case: &Case<'_>) -> Checked {
    let p = case.bytes("p")?;
    for g in 2..8_u32 {
        let fits = case.list("fit")?.iter().any(|fit| fit.as_u64() == Some(g.into()));
        let result = DhGroup::check(g, &p, PrimePolicy::PublishedOnly, &mut Scripted::default());
        let expected = if fits { "PrimeUnknown" } else { "Generator" };
        equal(
            &format!("g = {g}"),
            expected.to_owned(),
            result.map_or_else(|error| format!("{error:?}"), |_| "ok".into()),
        )?;
    }
    Ok(())
}

fn agreement(case: &Case<'_>) -> Checked {
    let group = DhGroup::published(case.number("g")?).map_err(words)?;
    for (ours, public, theirs) in [("a", "g_a", "g_b"), ("b", "g_b", "g_a")] {
        let pair = pair(case, &group, ours)?;
        same_bytes(public, case.bytes(public)?, pair.public())?;
        let key = pair.shared_key(&group, &case.bytes(theirs)?).map_err(words)?;
        same_bytes("key", case.bytes("key")?, key.expose())?;
        same_bytes("fingerprint", case.bytes("fingerprint")?, key_fingerprint(&key).to_bytes())?;
    }
    Ok(())
}

/// Checks that an exponent whose public value is out of bounds is drawn again (RNG-1).
fn power(case: &Case<'_>) -> Checked {
    let group = DhGroup::published(case.number("g")?).map_err(words)?;
    let mut rng = Scripted::default();
    for _ in 0..8 {
        rng.push(case.bytes("exponent")?);
    }
    let generated = KeyPair::generate(&group, &mut rng);
    if case.is_valid()? {
        return same_bytes("public", case.bytes("public")?, generated.map_err(words)?.public());
    }
    equal("error", "DrawnAgain", case.text("error")?)?;
    equal("eight such draws", Some(ApiMisuse::UnusableRng), generated.err())
}

fn peer(case: &Case<'_>) -> Checked {
    let group = DhGroup::published(case.number("g")?).map_err(words)?;
    let key = pair(case, &group, "exponent")?.shared_key(&group, &case.bytes("value")?);
    if !case.is_valid()? {
        return case.refused(key.map(|_| ()));
    }
    same_bytes("key", case.bytes("key")?, key.map_err(words)?.expose())
}

fn pair(case: &Case<'_>, group: &DhGroup, name: &str) -> Result<KeyPair, String> {
    KeyPair::resume(group, Secret::new(case.array(name)?)).ok_or_else(fails(name))
}
