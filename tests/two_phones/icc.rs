//! ICC profiles of the simplest kind, version 2.1: three colours and an exponent, or an exponent alone.

/// The primaries of sRGB, adapted to D50.
pub(crate) const RED: [f64; 3] = [0.43607, 0.22249, 0.01392];
pub(crate) const GREEN: [f64; 3] = [0.38515, 0.71687, 0.09708];
pub(crate) const BLUE: [f64; 3] = [0.14307, 0.06061, 0.71410];

/// D50.
const WHITE: [f64; 3] = [0.9642, 1.0, 0.8249];

pub(crate) fn rgb_profile([red, green, blue]: [[f64; 3]; 3], exponent: f64) -> Vec<u8> {
    let curve = curve(exponent);
    let [red, green, blue] = [red, green, blue].map(xyz);
    let tags = [(b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue)];
    let curves = [b"rTRC", b"gTRC", b"bTRC"].map(|name| (name, curve.clone()));
    profile(b"RGB ", tags.into_iter().chain(curves).collect())
}

pub(crate) fn grey_profile(exponent: f64) -> Vec<u8> {
    profile(b"GRAY", vec![(b"kTRC", curve(exponent))])
}

fn profile(space: &[u8; 4], mut tags: Vec<(&[u8; 4], Vec<u8>)>) -> Vec<u8> {
    let description = [&b"desc\0\0\0\0\0\0\0\x02t\0"[..], &[0; 78]].concat();
    tags.splice(0..0, [(b"desc", description), (b"cprt", b"text\0\0\0\0CC0\0".to_vec()), (b"wtpt", xyz(WHITE))]);

    let begin = 128 + 4 + 12 * tags.len();
    let (mut table, mut data) = (be(tags.len()).to_vec(), Vec::new());
    for (name, value) in &tags {
        table.extend([&name[..], &be(begin + data.len()), &be(value.len())].concat());
        data.extend(value);
    }
    let mut header = [&be(begin + data.len())[..], &[0; 4], b"\x02\x10\0\0mntr", space, b"XYZ "].concat();
    header.extend([2026_u16, 1, 1, 0, 0, 0].map(u16::to_be_bytes).as_flattened());
    header.extend(b"acsp");
    header.resize(68, 0);
    header.extend(WHITE.map(fixed).as_flattened());
    header.resize(128, 0);
    [header, table, data].concat()
}

fn xyz(values: [f64; 3]) -> Vec<u8> {
    [b"XYZ \0\0\0\0", values.map(fixed).as_flattened()].concat()
}

/// One exponent, in parts of 1/256.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn curve(exponent: f64) -> Vec<u8> {
    let exponent = (exponent * 256.0).round() as u16;
    [b"curv\0\0\0\0\0\0\0\x01", &exponent.to_be_bytes()[..], &[0; 2]].concat()
}

/// In parts of 1/65,536.
#[allow(clippy::cast_possible_truncation)]
fn fixed(value: f64) -> [u8; 4] {
    ((value * 65_536.0).round() as i32).to_be_bytes()
}

fn be(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_be_bytes()
}
