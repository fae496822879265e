//! What C would write as `&value`, and the handles that it would free.

use secretchat_ffi::{In, Out, ScBytes, ScIds, ScStatus};

/// The list of stable codes.
pub(crate) const NAMES: &str = include_str!("../../../../schema/names.txt");

/// What `ScBytes` and `ScIds` are in C.
#[repr(C)]
struct Lent<T> {
    data: *const T,
    len: usize,
}

pub(crate) fn lent<T: Copy>(data: *const T, len: usize) -> Vec<T> {
    if data.is_null() {
        return Vec::new();
    }
    // SAFETY: the library lends so many values until the next call.
    unsafe { std::slice::from_raw_parts(data, len) }.to_vec()
}

/// Lends a value for a call.
pub(crate) fn one<T>(value: &T) -> In<T> {
    // SAFETY: it may be read for one value, and each call here is over before the value is.
    unsafe { In::new(value) }
}

/// Lends values for a call, which is told how many.
pub(crate) fn many<T>(values: &[T]) -> In<T> {
    // SAFETY: they may be read for their number, and each call here is over before they are.
    unsafe { In::new(values.as_ptr()) }
}

/// Takes a result.
pub(crate) fn to<T>(result: &mut T) -> Out<T> {
    // SAFETY: it may be written for one value, and each call here is over before it is.
    unsafe { Out::new(result) }
}

/// Takes results of a call, which is told how many fit or writes a number that the header names.
pub(crate) fn to_many<T>(results: &mut [T]) -> Out<T> {
    // SAFETY: they may be written for their number, and each call here is over before they are.
    unsafe { Out::new(results.as_mut_ptr()) }
}

/// Reads what the library lends.
pub(crate) fn read(bytes: ScBytes) -> Vec<u8> {
    // SAFETY: `ScBytes` has these fields in C.
    let Lent { data, len } = unsafe { std::mem::transmute::<ScBytes, Lent<u8>>(bytes) };
    lent(data, len)
}

/// Reads the ids that the library lends.
pub(crate) fn read_ids(ids: ScIds) -> Vec<i64> {
    // SAFETY: `ScIds` has these fields in C.
    let Lent { data, len } = unsafe { std::mem::transmute::<ScIds, Lent<i64>>(ids) };
    lent(data, len)
}

/// Reads a struct that the library lends, or `None` for null.
pub(crate) fn pointed<T: Copy>(address: In<T>) -> Option<T> {
    // SAFETY: `In` is a pointer in C, and the library lends a whole value until the next call.
    unsafe { std::mem::transmute_copy::<In<T>, *const T>(&address).as_ref() }.copied()
}

/// Lends bytes in a struct.
pub(crate) fn bytes(bytes: &[u8]) -> ScBytes {
    // SAFETY: `ScBytes` has these fields in C, and each call here is over before the bytes are.
    unsafe { std::mem::transmute(Lent { data: bytes.as_ptr(), len: bytes.len() }) }
}

/// Checks that a call went well.
#[track_caller]
pub(crate) fn ok(status: ScStatus) {
    assert_eq!(status, 0);
}

/// Returns the handle that a call makes.
#[track_caller]
pub(crate) fn made<T>(make: impl FnOnce(Out<Option<Box<T>>>) -> ScStatus) -> Box<T> {
    let mut handle = None;
    ok(make(to(&mut handle)));
    handle.unwrap()
}

/// Returns the name of a variant by its code, as `Variant`.
pub(crate) fn variant(kinds: &[&str], code: impl Into<i64>) -> String {
    let code = code.into().to_string();
    let found = NAMES.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let mut found = found.filter(|words| kinds.contains(&words[0]) && words[1] == code);
    let name = found.next().unwrap_or_else(|| panic!("{kinds:?} {code}"))[2];
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// Returns the code of a variant by its name.
pub(crate) fn code(kind: &str, name: &str) -> u16 {
    let line = NAMES.lines().find(|line| {
        let words: Vec<_> = line.split(' ').collect();
        words[0] == kind && words[2] == name
    });
    line.unwrap_or_else(|| panic!("{kind} {name}")).split(' ').nth(1).unwrap().parse().unwrap()
}
