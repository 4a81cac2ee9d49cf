//! Where rows lie: in memory, or in a mapped file.

use super::HEADER;
use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Rows in memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Owned {
    pub tokens: Vec<u32>,
    pub weights: Vec<u8>,
    pub starts: Vec<u8>,
}

/// Rows, wherever they lie.
#[derive(Debug, Clone)]
pub(super) enum Storage {
    Owned(Owned),
    /// A file whose sizes were verified.
    Mapped {
        map: Arc<Mmap>,
        num_tokens: usize,
        num_inputs: usize,
    },
}

/// Maps a file.
pub(super) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the map is only read. A file that another process changes meanwhile gives wrong numbers, which is what any
    // reader of a file under change gets; phi-bench itself replaces such files by renaming and never writes into one.
    unsafe { Mmap::map(&file) }
}

impl Storage {
    /// Over a file with a verified header. A machine whose numbers aren't laid out as the file's gets them in memory.
    pub fn mapped(map: Mmap, num_tokens: usize, num_inputs: usize) -> Storage {
        let storage = Storage::Mapped { map: Arc::new(map), num_tokens, num_inputs };
        if cfg!(target_endian = "little") { storage } else { Storage::Owned(storage.to_owned()) }
    }

    pub fn tokens(&self) -> &[u32] {
        match self {
            Storage::Owned(owned) => &owned.tokens,
            // The map begins at a page, and the header's length is a multiple of 4.
            Storage::Mapped { map, num_tokens, .. } => bytemuck::cast_slice(&map[HEADER..HEADER + num_tokens * 4]),
        }
    }

    pub fn weights(&self) -> &[u8] {
        match self {
            Storage::Owned(owned) => &owned.weights,
            Storage::Mapped { map, num_tokens, num_inputs } => &map[HEADER + num_tokens * 4..][..*num_inputs],
        }
    }

    pub fn starts(&self) -> &[u8] {
        match self {
            Storage::Owned(owned) => &owned.starts,
            Storage::Mapped { map, num_tokens, num_inputs } => {
                &map[HEADER + num_tokens * 4 + num_inputs..][..*num_inputs]
            }
        }
    }

    /// The rows in memory, to be changed.
    pub fn owned(&mut self) -> &mut Owned {
        if matches!(self, Storage::Mapped { .. }) {
            *self = Storage::Owned(self.to_owned());
        }
        match self {
            Storage::Owned(owned) => owned,
            Storage::Mapped { .. } => unreachable!("it was brought into memory above"),
        }
    }

    fn to_owned(&self) -> Owned {
        let tokens = self.tokens().iter().map(|token| u32::from_le(*token)).collect();
        Owned { tokens, weights: self.weights().to_vec(), starts: self.starts().to_vec() }
    }
}

impl PartialEq for Storage {
    fn eq(&self, other: &Storage) -> bool {
        self.tokens() == other.tokens() && self.weights() == other.weights() && self.starts() == other.starts()
    }
}

impl Eq for Storage {}
