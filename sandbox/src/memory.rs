//! The linear memories that programs run in: each begins as the snapshot of a started interpreter.
//!
//! Wasmtime's own pool does this too, but gives back to the system what lies behind the 32nd piece of memory that a program
//! wrote to. CPython writes to a hundred pieces, those of its common objects, so most of its pages would be faulted in
//! anew for every program: 250 faults, where this takes three. Here a region keeps the pages that were written to, and they
//! get their contents back from the snapshot.

mod dirty;
mod region;
mod stacks;

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use crate::snapshot::Image;
use region::Region;
pub(crate) use stacks::Stacks;

/// Makes memories for one engine, and keeps their regions for the next programs.
#[derive(Clone, Default)]
pub(crate) struct Memories(Arc<Pool>);

#[derive(Default)]
struct Pool {
    image: OnceLock<Image>,
    free: Mutex<Vec<Region>>,
}

impl Memories {
    /// What memories begin with from now on, instead of zeros. To be set once, before the first is made.
    pub(crate) fn begin_with(&self, image: Image) {
        let _ = self.0.image.set(image);
    }
}

// SAFETY: a region reserves what Wasmtime asks for and leaves inaccessible what isn't the memory's (see `Region`). It has one
// owner at a time: the memory that it was made for, then the pool.
unsafe impl MemoryCreator for Memories {
    fn new_memory(
        &self,
        _kind: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let reserved = reserved.ok_or("a memory that may move")?;
        let kept = self.0.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let image = self.0.image.get();
        let begin = || {
            if image.is_some_and(|image| image.len() > minimum) {
                return Err(io::Error::other("the snapshot is larger than the module's memory"));
            }
            let mut region = kept.map_or_else(|| Region::new(reserved, guard, image), Ok)?;
            region.resize(minimum)?;
            Ok(region)
        };
        let region = begin().map_err(|error: io::Error| format!("no memory for a program: {error}"))?;
        Ok(Box::new(Memory { region: Some(region), minimum, pool: self.0.clone() }))
    }
}

/// A program's memory.
struct Memory {
    /// Always there, until it is dropped.
    region: Option<Region>,
    minimum: usize,
    pool: Arc<Pool>,
}

impl Memory {
    fn region(&self) -> &Region {
        self.region.as_ref().expect("taken only when dropped")
    }
}

// SAFETY: pointer and sizes are those of the region, whose pages are accessible up to its size, and which never moves.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.region().size()
    }

    fn byte_capacity(&self) -> usize {
        self.region().capacity()
    }

    fn grow_to(&mut self, size: usize) -> wasmtime::Result<()> {
        Ok(self.region.as_mut().expect("taken only when dropped").resize(size)?)
    }

    fn as_ptr(&self) -> *mut u8 {
        self.region().base()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // One that can't be made as new goes back to the system.
        if let Some(mut region) = self.region.take()
            && region.restore(self.minimum, self.pool.image.get()).is_ok()
        {
            self.pool.free.lock().unwrap_or_else(PoisonError::into_inner).push(region);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use proptest::prelude::*;

    const PAGE: usize = 1 << 16;
    const MINIMUM: usize = 40 * PAGE;
    const RESERVED: usize = 200 * PAGE;

    /// An image that ends within a page.
    fn image() -> Vec<u8> {
        (0..30 * PAGE + 1234).map(|i| (i / 7 % 251) as u8).collect()
    }

    fn memory(memories: &Memories) -> Box<dyn LinearMemory> {
        memories.new_memory(MemoryType::new(40, None), MINIMUM, None, Some(RESERVED), PAGE).unwrap()
    }

    fn bytes(memory: &mut dyn LinearMemory) -> &mut [u8] {
        // SAFETY: what the trait promises of a memory.
        unsafe { std::slice::from_raw_parts_mut(memory.as_ptr(), memory.byte_size()) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn a_memory_begins_as_the_snapshot_whatever_was_written_to_the_one_before(
            programs in prop::collection::vec(
                (prop::collection::vec((0..190 * PAGE, any::<u8>(), 1..3 * PAGE), 0..9), 0..150usize, any::<bool>()), 1..6),
        ) {
            let memories = Memories::default();
            let mut expected = image();
            memories.begin_with(Image::of_bytes(&expected).unwrap());
            expected.resize(MINIMUM, 0);
            for (writes, growth, much) in programs {
                let mut program = memory(&memories);
                prop_assert_eq!(program.byte_size(), MINIMUM);
                prop_assert!(bytes(&mut *program) == expected);
                program.grow_to(MINIMUM + growth * PAGE).unwrap();
                let bytes = bytes(&mut *program);
                prop_assert!(bytes[MINIMUM..].iter().all(|byte| *byte == 0));
                for (start, byte, length) in writes {
                    let start = start.min(bytes.len());
                    let end = (start + length).min(bytes.len());
                    bytes[start..end].fill(byte);
                }
                if much {
                    bytes[..region::MAX_KEPT_BYTES + 1].fill(7);
                }
            }
        }
    }

    #[test]
    fn the_next_program_gets_the_pages_of_the_one_before() {
        let memories = Memories::default();
        let mut first = memory(&memories);
        bytes(&mut *first)[5] = 1;
        let place = first.as_ptr() as usize;
        drop(first);
        assert_eq!(memory(&memories).as_ptr() as usize, place);
    }

    #[test]
    fn a_memory_does_not_become_larger_than_its_addresses() {
        let memories = Memories::default();
        let mut program = memory(&memories);
        assert!(program.grow_to(RESERVED + PAGE).is_err());
        assert_eq!(program.byte_size(), MINIMUM);
        let large = Image::of_bytes(&vec![1; MINIMUM + 1]).unwrap();
        let memories = Memories::default();
        memories.begin_with(large);
        assert!(memories.new_memory(MemoryType::new(40, None), MINIMUM, None, Some(RESERVED), PAGE).is_err());
    }
}
