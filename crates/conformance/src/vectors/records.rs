//! `records-2` (SPEC REC-1 to REC-6, DRV-2).

use recordings::Scripted;
use secretchat::hazmat::records;
use secretchat::{Chat, ChatId, Checkpoint, Env, RecordName, Records, StoreKey, Timestamp};

use super::case::{Case, Checked, equal, fails, same_bytes, words};
use super::restored;

/// The time at which most records were written. For later records, no time has passed.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "record" => record(case),
        "chat" => chat(case),
        _ => case.unknown_kind(),
    }
}

fn name(case: &Case<'_>) -> Result<RecordName, String> {
    RecordName::from_bytes(case.array("name")?).ok_or_else(fails("name"))
}

/// Checks the first and the last step, which the public API exposes. `tests/repository/spec` checks the others.
fn record(case: &Case<'_>) -> Checked {
    let name = name(case)?;
    let records = Records { chat: ChatId(case.array("chat")?), rows: vec![(name, case.bytes("record")?)] };
    let opened = records::open(&records, &StoreKey::new(case.array("store_key")?)).map_err(words)?;
    let [(of, generation, plain)] = &opened[..] else { return Err("expected one record".into()) };
    equal("name", name, *of)?;
    equal("generation", case.number("generation")?, *generation)?;
    same_bytes("plain", case.bytes("plain")?, plain)
}

fn chat(case: &Case<'_>) -> Checked {
    let table = case.file["rows"].as_array().ok_or("the file has no rows")?;
    let rows: Vec<Case<'_>> = case
        .list("rows")?
        .iter()
        .map(|place| {
            let place = place.as_u64().and_then(|place| usize::try_from(place).ok());
            place.and_then(|place| table.get(place)).map(|row| case.part(row)).ok_or_else(fails("row"))
        })
        .collect::<Result<_, _>>()?;
    let sealed = rows.iter().map(|row| Ok((name(row)?, row.bytes("sealed")?))).collect::<Result<_, String>>()?;
    let records = Records { chat: ChatId(case.array("chat")?), rows: sealed };
    let store_key = StoreKey::new(case.array("store_key")?);
    let remembered = match case.part(&case.value["remembered"]) {
        noted if noted.value.is_null() => None,
        noted => Some(Checkpoint { generation: noted.number("generation")?, tag: noted.array("tag")? }),
    };
    let mut rng = Scripted::default();
    let mut env = Env::new(NOW, &mut rng);
    let restored = Chat::restore(&records, &store_key, remembered, &mut env);
    if !case.is_valid()? {
        return case.refused(restored);
    }
    for (row, (_, generation, plain)) in rows.iter().zip(records::open(&records, &store_key).map_err(words)?) {
        equal("generation of a row", row.number("generation")?, generation)?;
        same_bytes("plain", row.bytes("plain")?, &*plain)?;
    }
    let told = restored::told(&mut restored.map_err(words)?, &mut env)?;
    told.into_iter().try_for_each(|(field, value)| equal(field, &case.value[field], &value))
}
