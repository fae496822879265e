//! Start and exit on ARM. The target itself brings the memory functions.

use core::arch::{asm, global_asm};

global_asm!(
    ".syntax unified",
    ".thumb",
    ".globl _start",
    ".thumb_func",
    // argc lies on top of the stack.
    "_start: ldr r0, [sp]",
    "bl {main}",
    "udf #0",
    main = sym super::main,
);

pub(super) fn exit(code: u8) -> ! {
    // SAFETY: system call 248, exit_group, does not return. Its number goes into r7, which the compiler keeps to itself.
    unsafe { asm!("mov r7, #248", "svc #0", "udf #0", in("r0") u32::from(code), options(noreturn, nostack)) }
}
