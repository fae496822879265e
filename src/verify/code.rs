//! The value as a code that one phone shows and the other scans (SPEC VER-6).

use core::fmt;

use super::value::Verification;
use crate::types::error::VerifyError;
use crate::types::id::Role;

/// The start of every code.
const NAME: &str = "SECRETCHAT";
/// The version of these codes.
const VERSION: &str = "1";

impl Verification {
    /// Returns the code that the end with this role shows for scanning.
    #[must_use]
    pub const fn scan_code(self, shown_by: Role) -> ScanCode {
        ScanCode { shown_by, value: self }
    }

    /// Checks a code that the end with the role `own` has scanned: the other end must have shown it, and it must
    /// contain this value.
    ///
    /// [`Chat::mark_scanned`](crate::Chat::mark_scanned) does this and keeps the result.
    ///
    /// ```
    /// use secretchat::{Role, Verification, VerifyError};
    ///
    /// let (alice, bob) = (Verification::from_bytes([7; 36]), Verification::from_bytes([7; 36]));
    /// let shown = bob.scan_code(Role::Responder).to_string();
    /// assert_eq!(alice.check_scanned(Role::Initiator, &shown), Ok(()));
    /// // One's own screen proves nothing.
    /// assert_eq!(bob.check_scanned(Role::Responder, &shown), Err(VerifyError::OwnCode));
    /// ```
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn check_scanned(self, own: Role, scanned: &str) -> Result<(), VerifyError> {
        if ScanCode::read(scanned, own)? == self { Ok(()) } else { Err(VerifyError::Mismatch) }
    }
}

/// The text of a code, as `Display` writes it. It has 87 characters from the alphanumeric set of QR codes, and
/// therefore fits version 4 with error correction level M. Any QR code crate can draw it.
///
/// Scan it from the screen of the peer's own phone. A picture of it that arrived any other way proves nothing,
/// least of all one that came through the chat itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanCode {
    shown_by: Role,
    value: Verification,
}

impl ScanCode {
    /// Returns the value in the text of a code that the peer of `own` shows.
    pub(crate) fn read(scanned: &str, own: Role) -> Result<Verification, VerifyError> {
        let mut parts = scanned.split(':');
        if !parts.next().is_some_and(|name| name.eq_ignore_ascii_case(NAME)) {
            return Err(VerifyError::NoCode);
        }
        let version = parts.next().filter(|version| is_number(version)).ok_or(VerifyError::NoCode)?;
        if version != VERSION {
            return Err(VerifyError::NewerCode);
        }
        let (Some(role), Some(digits), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifyError::NoCode);
        };
        let shown_by = Role::ALL.iter().find(|shown_by| role.eq_ignore_ascii_case(letter(**shown_by)));
        let (shown_by, value) = shown_by.zip(value(digits)).ok_or(VerifyError::NoCode)?;
        if *shown_by == own { Err(VerifyError::OwnCode) } else { Ok(value) }
    }
}

impl fmt::Display for ScanCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shown_by, value } = self;
        write!(f, "{NAME}:{VERSION}:{}:", letter(*shown_by))?;
        value.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

const fn letter(role: Role) -> &'static str {
    match role {
        Role::Initiator => "I",
        Role::Responder => "R",
    }
}

/// Returns whether this is a version: a number from 1 on, without leading zeros.
fn is_number(version: &str) -> bool {
    version.len() <= 4
        && !version.starts_with('0')
        && !version.is_empty()
        && version.bytes().all(|digit| digit.is_ascii_digit())
}

/// Reads 72 hexadecimal digits.
fn value(digits: &str) -> Option<Verification> {
    let digits: &[u8; 72] = digits.as_bytes().try_into().ok()?;
    let mut bytes = [0; 36];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            *byte = *byte << 4 | u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        }
    }
    Some(Verification::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    const SHOWN: &str = "SECRETCHAT:1:R:000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20212223";

    fn verification() -> Verification {
        Verification::from_bytes(core::array::from_fn(|i| u8::try_from(i).unwrap()))
    }

    #[test]
    fn a_code_is_read_by_the_other_end_alone() {
        assert_eq!(verification().scan_code(Role::Responder).to_string(), SHOWN);
        for (own, checked) in [(Role::Initiator, Ok(())), (Role::Responder, Err(VerifyError::OwnCode))] {
            assert_eq!(verification().check_scanned(own, SHOWN), checked);
            assert_eq!(verification().check_scanned(own, &SHOWN.to_lowercase()), checked, "scanners change the case");
            let shown = verification().scan_code(own.peer()).to_string();
            assert_eq!(verification().check_scanned(own, &shown), Ok(()));
        }
        let alphanumeric = |letter: char| matches!(letter, 'A'..='Z' | '0'..='9' | ':');
        assert!(SHOWN.chars().all(alphanumeric));
    }

    #[test]
    fn another_value_is_a_mismatch_in_each_place() {
        for place in 0..36 {
            let mut bytes = verification().to_bytes();
            bytes[place] ^= 1;
            let other = Verification::from_bytes(bytes);
            assert_eq!(other.check_scanned(Role::Initiator, SHOWN), Err(VerifyError::Mismatch));
        }
    }

    #[test]
    fn what_is_no_code_of_this_version_is_named() {
        let own = Role::Initiator;
        let check = |scanned: &str| verification().check_scanned(own, scanned);
        for cut in 0..SHOWN.len() {
            assert_eq!(check(&SHOWN[..cut]), Err(VerifyError::NoCode), "{cut}");
        }
        for wrong in [
            "https://example.org/",
            &SHOWN.replace(":R:", ":X:"),
            &SHOWN.replace(":R:", "::"),
            &SHOWN.replace(":R:", ":RR:"),
            &SHOWN.replace(":1:", ":01:"),
            &SHOWN.replace(":1:", ":0:"),
            &SHOWN.replace(":1:", ":+1:"),
            &SHOWN.replace(":1:", ":99999:"),
            &SHOWN.replace("SECRETCHAT", "SECRETCHAT2"),
            &SHOWN.replace("00", "0G"),
            &SHOWN.replace("00", "+0"),
            &SHOWN.replace("00", "é"),
            &std::format!("{SHOWN}:"),
            &std::format!("{SHOWN}00"),
            &std::format!(" {SHOWN}"),
        ] {
            assert_eq!(check(wrong), Err(VerifyError::NoCode), "{wrong}");
        }
        assert_eq!(check(&SHOWN.replace(":1:", ":2:")), Err(VerifyError::NewerCode));
        assert_eq!(check("SECRETCHAT:12:anything"), Err(VerifyError::NewerCode));
    }
}
