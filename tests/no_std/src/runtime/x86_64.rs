//! Start, exit and memory functions on x86_64.

use core::arch::{asm, global_asm};

// The memory functions are assembly because a compiler may turn their Rust bodies into calls of themselves.
global_asm!(
    ".globl _start, memcpy, memmove, memset, memcmp, bcmp",
    // argc lies on top of the stack.
    "_start: mov rdi, [rsp]",
    "xor ebp, ebp",
    "and rsp, -16",
    "call {main}",
    "ud2",
    "memcpy: mov rax, rdi",
    "mov rcx, rdx",
    "rep movsb",
    "ret",
    "memmove: mov rax, rdi",
    "mov rcx, rdx",
    "mov r8, rdi",
    "sub r8, rsi",
    "cmp r8, rdx",
    "jb 2f", // the destination begins inside the source: backwards
    "rep movsb",
    "ret",
    "2: lea rdi, [rdi + rdx - 1]",
    "lea rsi, [rsi + rdx - 1]",
    "std",
    "rep movsb",
    "cld",
    "ret",
    "memset: mov r8, rdi",
    "mov eax, esi",
    "mov rcx, rdx",
    "rep stosb",
    "mov rax, r8",
    "ret",
    "bcmp:",
    "memcmp: mov rcx, rdx",
    "xor eax, eax", // also the answer for no bytes: equal
    "repe cmpsb",
    "je 3f",
    "movzx eax, byte ptr [rdi - 1]",
    "movzx ecx, byte ptr [rsi - 1]",
    "sub ecx, eax",
    "mov eax, ecx",
    "3: ret",
    main = sym super::main,
);

pub(super) fn exit(code: u8) -> ! {
    // SAFETY: system call 231, exit_group, does not return.
    unsafe { asm!("syscall", in("rax") 231, in("rdi") u64::from(code), options(noreturn, nostack)) }
}
