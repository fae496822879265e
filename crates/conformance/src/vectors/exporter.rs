//! `exporter-1` (SPEC EXP-1).

use secretchat::ApiMisuse;
use secretchat::hazmat::Secret;
use secretchat::hazmat::schedule::Exporter;

use super::case::{Case, Checked, same_bytes};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let exporter = Exporter::new(Secret::new(case.array("exporter")?));
    let (label, context) = (case.bytes("label")?, case.bytes("context")?);
    let exported = match case.number::<usize>("length")? {
        0 => of_length::<0>(&exporter, &label, &context),
        1 => of_length::<1>(&exporter, &label, &context),
        32 => of_length::<32>(&exporter, &label, &context),
        64 => of_length::<64>(&exporter, &label, &context),
        8160 => of_length::<8160>(&exporter, &label, &context),
        8161 => of_length::<8161>(&exporter, &label, &context),
        length => return Err(format!("no case had a length of {length} before")),
    };
    if case.is_valid()? {
        same_bytes("secret", case.bytes("secret")?, exported.map_err(|error| format!("{error:?}"))?)
    } else {
        case.refused(exported)
    }
}

fn of_length<const N: usize>(exporter: &Exporter, label: &[u8], context: &[u8]) -> Result<Vec<u8>, ApiMisuse> {
    exporter.export::<N>(label, context).map(|secret| secret.expose().to_vec())
}
