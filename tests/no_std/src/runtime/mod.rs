//! What std and libc would bring, for Linux: start, exit, memory functions, a panic handler.

#[cfg(target_arch = "arm")]
mod arm;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "arm")]
use arm::exit;
#[cfg(target_arch = "x86_64")]
use x86_64::exit;

extern "C" fn main(argc: usize) -> ! {
    exit(crate::run(argc))
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
