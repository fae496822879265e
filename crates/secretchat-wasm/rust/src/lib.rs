//! The C interface of `secretchat` as a WebAssembly module: what the platform lacks, and nothing of its own.
//!
//! The module imports one function, `secretchat.random_fill(address, length)`, which must fill that memory from a secure
//! generator. Everything else is exported: the functions of `secretchat.h`, and those below.

#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;
use core::slice;

use dlmalloc::GlobalDlmalloc;
use secretchat_ffi::ScEnv;
use zeroize::Zeroize;

#[global_allocator]
static HEAP: GlobalDlmalloc = GlobalDlmalloc;

/// Ends the program: the call traps. The instance must not be used any more.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[link(wasm_import_module = "secretchat")]
unsafe extern "C" {
    fn random_fill(address: *mut u8, len: usize);
}

/// Creates an environment whose randomness comes from `random_fill`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_env_imported() -> Box<ScEnv> {
    Box::new(ScEnv::from_fn(|buffer| {
        // SAFETY: the import writes to that memory and nowhere else.
        unsafe { random_fill(buffer.as_mut_ptr(), buffer.len()) }
    }))
}

/// Lends memory to JavaScript: zeros, aligned to eight bytes.
#[unsafe(no_mangle)]
pub extern "C" fn sc_lend(words: usize) -> *mut u64 {
    Box::into_raw(vec![0_u64; words].into_boxed_slice()).cast()
}

/// Takes lent memory back, and wipes it.
///
/// # Safety
/// It came from `sc_lend` with the same number of words, and comes back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sc_take_back(memory: *mut u64, words: usize) {
    // SAFETY: by the contract, this is the box that `sc_lend` gave away.
    let mut memory = unsafe { Box::from_raw(core::ptr::from_mut(slice::from_raw_parts_mut(memory, words))) };
    memory.zeroize();
}
