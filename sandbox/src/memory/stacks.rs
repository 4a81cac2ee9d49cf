//! The native stacks that programs run on.

use std::io;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap_anonymous, mprotect, munmap};
use rustix::param::page_size;
use wasmtime::{StackCreator, StackMemory};

/// How much of a stack, from its top, stays in memory for the next program, in bytes.
const KEPT_BYTES: usize = 256 << 10;

/// Makes stacks for one engine, and keeps them for the next programs.
#[derive(Clone, Default)]
pub(crate) struct Stacks(Arc<Mutex<Vec<Mapping>>>);

/// A guard page, and the stack above it.
struct Mapping {
    base: NonNull<u8>,
    /// Without the guard.
    size: usize,
}

// SAFETY: it owns its addresses, as a `Vec` does.
unsafe impl Send for Mapping {}
// SAFETY: what takes `&self` only tells numbers.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(size: usize) -> io::Result<Mapping> {
        let size = size.next_multiple_of(page_size());
        // SAFETY: new addresses, wherever the system likes.
        let base = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                page_size() + size,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )?
        };
        let base = NonNull::new(base.cast()).ok_or_else(|| io::Error::other("mapped at address 0"))?;
        let stack = Mapping { base, size };
        // SAFETY: the addresses are the stack's own.
        unsafe { mprotect(stack.bottom().cast(), size, MprotectFlags::READ | MprotectFlags::WRITE)? };
        Ok(stack)
    }

    fn bottom(&self) -> *mut u8 {
        self.base.as_ptr().wrapping_add(page_size())
    }

    /// Gives back to the system what deep recursion took.
    fn shrink(&self) -> io::Result<()> {
        let length = self.size.saturating_sub(KEPT_BYTES.next_multiple_of(page_size()));
        // SAFETY: the addresses are the stack's own, and nothing runs on it.
        unsafe { madvise(self.bottom().cast(), length, Advice::LinuxDontNeed)? };
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the addresses are the stack's own.
        let _ = unsafe { munmap(self.base.as_ptr().cast(), page_size() + self.size) };
    }
}

// SAFETY: a stack has one owner at a time: the program that it was made for, then the pool. Between programs it isn't
// cleared: what runs in WebAssembly can't see its native stack.
unsafe impl StackCreator for Stacks {
    fn new_stack(&self, size: usize, zeroed: bool) -> wasmtime::Result<Box<dyn StackMemory>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mapping = match kept.filter(|kept| kept.size >= size && !zeroed) {
            Some(kept) => kept,
            None => Mapping::new(size)?,
        };
        Ok(Box::new(Stack { mapping: Some(mapping), pool: self.0.clone() }))
    }
}

/// A program's stack.
struct Stack {
    /// Always there, until it is dropped.
    mapping: Option<Mapping>,
    pool: Arc<Mutex<Vec<Mapping>>>,
}

impl Stack {
    fn mapping(&self) -> &Mapping {
        self.mapping.as_ref().expect("taken only when dropped")
    }
}

// SAFETY: the addresses are those of the mapping, whose lowest page is inaccessible.
unsafe impl StackMemory for Stack {
    fn top(&self) -> *mut u8 {
        self.mapping().bottom().wrapping_add(self.mapping().size)
    }

    fn range(&self) -> Range<usize> {
        let bottom = self.mapping().bottom() as usize;
        bottom..bottom + self.mapping().size
    }

    fn guard_range(&self) -> Range<*mut u8> {
        self.mapping().base.as_ptr()..self.mapping().bottom()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Some(mapping) = self.mapping.take()
            && mapping.shrink().is_ok()
        {
            self.pool.lock().unwrap_or_else(PoisonError::into_inner).push(mapping);
        }
    }
}
