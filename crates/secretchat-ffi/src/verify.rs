//! Verification values: as words, as digits and as a picture.

use alloc::boxed::Box;
use alloc::string::{String, ToString};

use secretchat::{Role, Verification};

use crate::border::{In, Out};
use crate::buffer::ScBuffer;
use crate::config::of_code;
use crate::error::{Fault, ScStatus, guard};

/// How many bytes a verification value has.
pub const SC_VERIFICATION_LEN: usize = 36;
/// How many cells a row and a column of its picture have.
pub const SC_PICTURE_SIDE: usize = 12;

fn value(value: In<u8>) -> Result<Verification, Fault> {
    Ok(Verification::from_bytes(*value.array::<SC_VERIFICATION_LEN>()?))
}

/// Makes the 36 words of a verification value, with a space between two.
#[unsafe(no_mangle)]
pub extern "C" fn sc_verification_words(bytes: In<u8>, out: Out<Option<Box<ScBuffer>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.hand(ScBuffer::new(value(bytes)?.words().join(" ")));
        Ok(())
    })
}

/// Makes the four lines of hexadecimal digits of a verification value, with a line feed between two.
#[unsafe(no_mangle)]
pub extern "C" fn sc_verification_hex(bytes: In<u8>, out: Out<Option<Box<ScBuffer>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        let mut text = String::new();
        for line in value(bytes)?.hex_lines() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line.as_str());
        }
        out.hand(ScBuffer::new(text));
        Ok(())
    })
}

/// Writes the 144 cells of the picture of a verification value, row by row: numbers of the colours.
#[unsafe(no_mangle)]
pub extern "C" fn sc_verification_cells(bytes: In<u8>, cells: Out<u8>) -> ScStatus {
    guard(|| {
        cells.check()?;
        cells.put_all(value(bytes)?.cells().as_flattened());
        Ok(())
    })
}

/// Writes the four colours of the picture, as 0xRRGGBB.
#[unsafe(no_mangle)]
pub extern "C" fn sc_verification_colours(colours: Out<u32>) -> ScStatus {
    guard(|| {
        colours.check()?;
        colours.put_all(&Verification::COLOURS);
        Ok(())
    })
}

/// Makes the picture of a verification value as SVG.
#[unsafe(no_mangle)]
pub extern "C" fn sc_verification_svg(bytes: In<u8>, out: Out<Option<Box<ScBuffer>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.hand(ScBuffer::new(value(bytes)?.svg().to_string()));
        Ok(())
    })
}

/// Makes the code that the end with this role, one of `SC_ROLE_...`, shows for scanning: a line of text.
#[unsafe(no_mangle)]
pub extern "C" fn sc_verification_scan_code(bytes: In<u8>, role: u16, out: Out<Option<Box<ScBuffer>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        let role = of_code(Role::ALL, Role::code, role)?;
        out.hand(ScBuffer::new(value(bytes)?.scan_code(role).to_string()));
        Ok(())
    })
}

/// Checks what the end with this role, one of `SC_ROLE_...`, scanned.
#[unsafe(no_mangle)]
pub extern "C" fn sc_verification_check_scanned(bytes: In<u8>, role: u16, code: In<u8>, len: usize) -> ScStatus {
    guard(|| {
        let role = of_code(Role::ALL, Role::code, role)?;
        Ok(value(bytes)?.check_scanned(role, code.text(len)?)?)
    })
}
