//! What std and libc would bring, for Linux on x86_64: start, exit, memory functions, a panic handler.

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
    main = sym main,
);

extern "C" fn main(argc: usize) -> ! {
    exit(crate::run(argc))
}

fn exit(code: u8) -> ! {
    // SAFETY: system call 231, exit_group, does not return.
    unsafe { asm!("syscall", in("rax") 231, in("rdi") u64::from(code), options(noreturn, nostack)) }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(101)
}

#[cfg(feature = "alloc")]
mod heap {
    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;
    use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    const SIZE: usize = 1 << 20;

    /// Hands out the arena once, front to back; enough for one short run.
    #[repr(align(64))]
    struct Bump(UnsafeCell<[u8; SIZE]>, AtomicUsize);

    // SAFETY: there is one thread.
    unsafe impl Sync for Bump {}

    // SAFETY: each piece is within the arena, aligned (up to its own 64) and handed out once.
    unsafe impl GlobalAlloc for Bump {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let start = self.1.load(Relaxed).next_multiple_of(layout.align());
            let end = start.saturating_add(layout.size());
            if layout.align() > 64 || end > SIZE {
                return core::ptr::null_mut();
            }
            self.1.store(end, Relaxed);
            self.0.get().cast::<u8>().wrapping_add(start)
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    }

    #[global_allocator]
    static HEAP: Bump = Bump(UnsafeCell::new([0; SIZE]), AtomicUsize::new(0));
}
