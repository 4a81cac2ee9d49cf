//! Which pages of a memory differ from what they were mapped from: those that are this process's own.

use std::ffi::c_void;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;

use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, ioctl, opcode};
use rustix::param::page_size;

static PAGEMAP: LazyLock<Option<File>> = LazyLock::new(|| File::open("/proc/self/pagemap").ok());

/// The pages that were written to, as ranges of bytes, in order. None if there is no knowing, or if they are more than
/// `at_most` bytes.
///
/// `memory` begins at a page, and was mapped privately.
pub(super) fn pages(memory: &[u8], at_most: usize) -> Option<Vec<Range<usize>>> {
    let pagemap = PAGEMAP.as_ref()?;
    let ranges = scan(pagemap, memory).or_else(|| read(pagemap, memory))?;
    (ranges.iter().map(Range::len).sum::<usize>() <= at_most).then_some(ranges)
}

/// By `PAGEMAP_SCAN`, which Linux has since 6.7 (Documentation/admin-guide/mm/pagemap.rst).
fn scan(pagemap: &File, memory: &[u8]) -> Option<Vec<Range<usize>>> {
    let first = memory.as_ptr() as u64;
    let end = first + memory.len() as u64;
    let (mut ranges, mut start) = (Vec::new(), first);
    let mut found = [Found::default(); 256];
    while start < end {
        let request = Scan {
            size: size_of::<Scan>() as u64,
            start,
            end,
            found: found.as_mut_ptr() as u64,
            room: found.len() as u64,
            category_inverted: OF_A_FILE | ZERO,
            category_mask: OF_A_FILE | ZERO,
            // One that is being moved, or was swapped out, isn't present.
            category_anyof_mask: PRESENT | SWAPPED,
            ..Scan::default()
        };
        // SAFETY: the kernel writes into `found` only, as many as there is room for.
        let (count, walked) = unsafe { ioctl(pagemap, request) }.ok()?;
        ranges.extend(found.iter().take(count).map(|it| (it.start - first) as usize..(it.end - first) as usize));
        if walked <= start {
            return None;
        }
        start = walked;
    }
    Some(ranges)
}

/// By reading an entry for every page.
fn read(pagemap: &File, memory: &[u8]) -> Option<Vec<Range<usize>>> {
    const ENTRY_PRESENT: u64 = 1 << 63;
    const ENTRY_SWAPPED: u64 = 1 << 62;
    const ENTRY_OF_A_FILE: u64 = 1 << 61;
    let page = page_size();
    let mut entries = vec![0; memory.len() / page * 8];
    pagemap.read_exact_at(&mut entries, (memory.as_ptr() as usize / page * 8) as u64).ok()?;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (index, entry) in entries.as_chunks::<8>().0.iter().enumerate() {
        let entry = u64::from_ne_bytes(*entry);
        if entry & (ENTRY_PRESENT | ENTRY_SWAPPED) != 0 && entry & ENTRY_OF_A_FILE == 0 {
            match ranges.last_mut() {
                Some(last) if last.end == index * page => last.end += page,
                _ => ranges.push(index * page..(index + 1) * page),
            }
        }
    }
    Some(ranges)
}

/// Categories of pages.
const OF_A_FILE: u64 = 1 << 2;
const PRESENT: u64 = 1 << 3;
const SWAPPED: u64 = 1 << 4;
const ZERO: u64 = 1 << 5;

/// The kernel's `struct page_region`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Found {
    start: u64,
    end: u64,
    categories: u64,
}

/// The kernel's `struct pm_scan_arg`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Scan {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    found: u64,
    room: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

// SAFETY: opcode and layout are those of `PAGEMAP_SCAN` in the kernel's `linux/fs.h`.
unsafe impl Ioctl for Scan {
    /// How many ranges were found, and up to where.
    type Output = (usize, u64);

    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        opcode::read_write::<Scan>(b'f', 16)
    }

    fn as_ptr(&mut self) -> *mut c_void {
        (&raw mut *self).cast()
    }

    unsafe fn output_from_ptr(count: IoctlOutput, request: *mut c_void) -> rustix::io::Result<Self::Output> {
        // SAFETY: `request` is what `as_ptr` gave.
        let walk_end = unsafe { (*request.cast::<Scan>()).walk_end };
        Ok((usize::try_from(count).unwrap_or(0), walk_end))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use std::io::Write;

    #[test]
    fn written_pages_are_told_from_those_that_were_read_and_from_untouched_ones() {
        let page = page_size();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![7; 600 * page]).unwrap();
        // SAFETY: the file is this test's own.
        let mut memory = unsafe { memmap2::MmapOptions::new().map_copy(&file) }.unwrap();
        assert_eq!(memory[3 * page] + memory[5 * page], 14);
        memory[5 * page] = 1;
        memory[6 * page + 1] = 1;
        // More ranges than fit into one answer of the kernel.
        for odd in (101..700).step_by(2).take_while(|odd| *odd < 600) {
            memory[odd * page] = 1;
        }
        let pagemap = PAGEMAP.as_ref().unwrap();
        let read = read(pagemap, &memory).unwrap();
        assert_eq!(read.len(), 1 + 250);
        assert_eq!(read[..2], [5 * page..7 * page, 101 * page..102 * page]);
        assert!(scan(pagemap, &memory).is_none_or(|scanned| scanned == read));
        assert_eq!(pages(&memory, 252 * page), Some(read));
        assert_eq!(pages(&memory, 251 * page), None);
    }
}
