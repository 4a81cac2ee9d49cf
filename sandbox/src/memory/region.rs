//! A reserved range of addresses that holds one linear memory after the other.

use std::io;
use std::ptr::{self, NonNull};

use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap, mmap_anonymous, mprotect, munmap};

use crate::memory::dirty;
use crate::snapshot::Image;

/// How much of what programs wrote to stays in memory for the next one, in bytes. Restoring a page costs a copy, and not
/// having it a page fault, five times as much; but every program also writes to a few pages that hardly another does. Most
/// write to about 1 MiB.
pub(super) const MAX_KEPT_BYTES: usize = 2 << 20;

/// Addresses for a memory, of which the first `size` bytes are accessible: the image, copy-on-write, then zeros.
///
/// Everything behind, up to the end of the guard, faults.
pub(super) struct Region {
    base: NonNull<u8>,
    capacity: usize,
    guard: usize,
    size: usize,
}

// SAFETY: it owns its addresses, as a `Vec` does.
unsafe impl Send for Region {}
// SAFETY: what takes `&self` only tells numbers.
unsafe impl Sync for Region {}

impl Region {
    /// Reserves `capacity` bytes and a guard, both multiples of the page size. An image isn't larger than that.
    pub(super) fn new(capacity: usize, guard: usize, image: Option<&Image>) -> io::Result<Region> {
        // SAFETY: new addresses, wherever the system likes.
        let base = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                capacity + guard,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )?
        };
        let base = NonNull::new(base.cast()).ok_or_else(|| io::Error::other("mapped at address 0"))?;
        let region = Region { base, capacity, guard, size: 0 };
        if let Some(image) = image {
            // SAFETY: the addresses are the region's own, and nothing refers to them yet.
            unsafe {
                mmap(
                    region.base().cast(),
                    image.len(),
                    ProtFlags::empty(),
                    MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE,
                    image.file(),
                    0,
                )?;
            }
        }
        Ok(region)
    }

    pub(super) fn base(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Makes the first `size` bytes accessible, and no others.
    pub(super) fn resize(&mut self, size: usize) -> io::Result<()> {
        if size > self.capacity {
            return Err(io::Error::other("larger than the memory may become"));
        }
        let (from, to) = (self.size.min(size), self.size.max(size));
        if from < to {
            let access =
                if size > self.size { MprotectFlags::READ | MprotectFlags::WRITE } else { MprotectFlags::empty() };
            // SAFETY: within the region; who owns it knows of no reference to what goes.
            unsafe { mprotect(self.base().add(from).cast(), to - from, access)? };
        }
        self.size = size;
        Ok(())
    }

    /// Makes the memory as it was when it had `minimum` bytes and nothing had run.
    pub(super) fn restore(&mut self, minimum: usize, image: Option<&Image>) -> io::Result<()> {
        let grown = self.size.saturating_sub(minimum);
        if grown > 0 {
            self.forget(minimum, grown)?;
            self.resize(minimum)?;
        }
        let image = image.map_or(&[][..], Image::bytes);
        match dirty::pages(self.accessible(), MAX_KEPT_BYTES) {
            Some(ranges) => {
                let memory = self.accessible();
                for range in ranges {
                    let original = &image[range.start.min(image.len())..range.end.min(image.len())];
                    let (from_image, zeros) = memory[range].split_at_mut(original.len());
                    from_image.copy_from_slice(original);
                    zeros.fill(0);
                }
                Ok(())
            }
            None => self.forget(0, self.size),
        }
    }

    /// Drops what was written to some pages: they are again as they were mapped.
    fn forget(&mut self, start: usize, length: usize) -> io::Result<()> {
        // SAFETY: within the region, which is borrowed mutably.
        unsafe { madvise(self.base().add(start).cast(), length, Advice::LinuxDontNeed)? };
        Ok(())
    }

    fn accessible(&mut self) -> &mut [u8] {
        // SAFETY: `resize` made `size` bytes accessible, and the region is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.base(), self.size) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the addresses are the region's own.
        let _ = unsafe { munmap(self.base().cast(), self.capacity + self.guard) };
    }
}
