//! `server-random-1` (SPEC MODP-7).

use recordings::Scripted;
use secretchat::hazmat::modp::KeyPair;
use secretchat::hazmat::server_random::ServerRandom;
use secretchat::{DhGroup, ExchangeId};

use super::case::{Case, Checked, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let server_random = ServerRandom::new(&case.bytes("random")?);
    same_bytes("kept", case.bytes("kept")?, server_random.kept().expose())?;
    let mask = server_random.mask(ExchangeId(case.number("exchange_id")?));
    same_bytes("mask", case.bytes("mask")?, mask.expose())?;
    let group = DhGroup::published(3).map_err(words)?;
    let pair = KeyPair::generate_masked(&group, &mask, &mut Scripted::new([case.bytes("draw")?])).map_err(words)?;
    same_bytes("exponent", case.bytes("exponent")?, pair.exponent().expose())?;
    same_bytes("public", case.bytes("public")?, pair.public())
}
