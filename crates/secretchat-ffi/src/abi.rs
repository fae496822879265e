//! The version of the interface.

/// The version of this interface, as the header has it. It grows when a program that was compiled with an earlier header
/// could go wrong with this library: a function is gone, takes other arguments or does something else, a struct has other
/// fields, or a number has another meaning. What is only added leaves it as it is. It is no version of `secretchat`.
pub const SC_ABI_VERSION: u32 = 1;

/// Returns the version of the interface that the library has. A program that finds the library when it starts compares
/// it with `SC_ABI_VERSION`, and goes no further if they differ.
#[unsafe(no_mangle)]
pub extern "C" fn sc_abi_version() -> u32 {
    SC_ABI_VERSION
}
