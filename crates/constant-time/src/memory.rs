//! Secrets, for valgrind: bytes that are marked as undefined, and results that are public again.
//!
//! Memcheck follows undefined bits through all computations, and reports each branch and each address that depends on them
//! (the idea of Adam Langley's ctgrind). Outside of valgrind a request does nothing.

/// `VALGRIND_MAKE_MEM_UNDEFINED` and `VALGRIND_MAKE_MEM_DEFINED` (`memcheck.h`): the tool's letters, then its number.
const UNDEFINED: u64 = 0x4d43_0001;
const DEFINED: u64 = 0x4d43_0002;
/// `RUNNING_ON_VALGRIND` (`valgrind.h`).
const RUNNING: u64 = 0x1001;

/// Marks bytes as secret.
pub(crate) fn hide(bytes: &mut [u8]) {
    request(UNDEFINED, bytes.as_mut_ptr().expose_provenance(), bytes.len());
}

/// Marks a value as secret.
pub(crate) fn hide_value<T>(value: &mut T) {
    request(UNDEFINED, core::ptr::from_mut(value).expose_provenance(), size_of::<T>());
}

/// Marks a value as public, where it lies.
pub(crate) fn reveal_value<T>(value: &mut T) {
    request(DEFINED, core::ptr::from_mut(value).expose_provenance(), size_of::<T>());
}

/// Marks the bytes of a value as public, and returns it.
pub(crate) fn reveal<T: Copy>(mut value: T) -> T {
    // What is passed in registers has to be in memory to be marked.
    let place = core::hint::black_box(&mut value);
    request(DEFINED, core::ptr::from_mut(place).expose_provenance(), size_of::<T>());
    *place
}

/// Marks bytes as public.
pub(crate) fn reveal_bytes(bytes: &[u8]) {
    request(DEFINED, bytes.as_ptr().expose_provenance(), bytes.len());
}

/// Returns whether valgrind runs the program.
pub(crate) fn is_watched() -> bool {
    request(RUNNING, 0, 0) != 0
}

/// Asks valgrind for something. The address is exposed, so that the compiler does not take the bytes there for known. The answer is 0 where the program runs without it.
#[cfg(target_arch = "x86_64")]
fn request(number: u64, address: usize, len: usize) -> u64 {
    let arguments = [number, address as u64, len as u64, 0, 0, 0];
    let mut answer = 0_u64;
    // SAFETY: the sequence of `valgrind.h` for amd64. The rotations give `rdi` back (3 + 13 + 61 + 51 = 128 bits), and
    // exchanging `rbx` with itself does nothing. Valgrind reads the six words that `rax` points to and writes `rdx`. It
    // writes no memory of the program: the bytes at the address keep their values, only its own notes on them change.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            inout("rdx") answer,
            in("rax") &raw const arguments,
            out("rdi") _,
            options(nostack),
        );
    }
    answer
}
