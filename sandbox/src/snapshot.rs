//! An interpreter's module, taken apart: its code, and the memory that it starts with.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{AsFd, BorrowedFd};

use memmap2::Mmap;
use wasmparser::{ConstExpr, DataKind, Operator, Parser, Payload};
use wasmtime::format_err;

/// A module without its data segments, and what they put into its memory.
pub(crate) struct Snapshot {
    pub(crate) wasm: Vec<u8>,
    pub(crate) memory: Vec<u8>,
}

impl Snapshot {
    /// Of a module whose data segments all have a fixed address, as a snapshot's have.
    pub(crate) fn of(wasm: &[u8]) -> wasmtime::Result<Snapshot> {
        let mut snapshot = Snapshot { wasm: wasm[..8.min(wasm.len())].to_vec(), memory: Vec::new() };
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            match &payload {
                Payload::DataSection(segments) => {
                    for segment in segments.clone() {
                        let segment = segment?;
                        // Nothing can ask for a segment that has no place: see below.
                        if let DataKind::Active { memory_index: 0, offset_expr } = &segment.kind {
                            snapshot.put(address(offset_expr)?, segment.data)?;
                        }
                    }
                }
                // Code that asks for a segment while it runs needs the count: such a module won't compile.
                Payload::DataCountSection { .. } => {}
                other => {
                    if let Some((id, range)) = other.as_section() {
                        snapshot.wasm.push(id);
                        leb128(&mut snapshot.wasm, range.len());
                        snapshot.wasm.extend_from_slice(&wasm[range]);
                    }
                }
            }
        }
        Ok(snapshot)
    }

    fn put(&mut self, address: usize, data: &[u8]) -> wasmtime::Result<()> {
        let end = address + data.len();
        if end > 1 << 32 {
            return Err(format_err!("a data segment ends behind 4 GiB"));
        }
        if end > self.memory.len() {
            self.memory.resize(end, 0);
        }
        self.memory[address..end].copy_from_slice(data);
        Ok(())
    }
}

fn address(offset: &ConstExpr<'_>) -> wasmtime::Result<usize> {
    match offset.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value as u32 as usize),
        _ => Err(format_err!("a data segment without a fixed place")),
    }
}

fn leb128(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// What a memory begins with: the contents of a file, which many memories can share.
pub(crate) struct Image {
    file: File,
    bytes: Mmap,
}

impl Image {
    /// Of a file that nobody changes. It ends with a page, else the last bytes of that are zeros.
    pub(crate) fn of_file(file: File) -> io::Result<Image> {
        // SAFETY: files of the cache are written once, under another name, and then replaced, never changed.
        let bytes = unsafe { Mmap::map(&file)? };
        Ok(Image { file, bytes })
    }

    /// Of a file that only this process knows.
    pub(crate) fn of_bytes(bytes: &[u8]) -> io::Result<Image> {
        let mut file = File::from(rustix::fs::memfd_create("snapshot", rustix::fs::MemfdFlags::CLOEXEC)?);
        file.write_all(bytes)?;
        file.rewind()?;
        Image::of_file(file)
    }

    pub(crate) fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_modules_data_becomes_what_its_memory_begins_with() {
        let module = |data: &str| {
            let text = format!(r#"(module (memory 1) {data} (func (export "run") (result i32) i32.const 1))"#);
            wat::parse_str(text).unwrap()
        };
        let snapshot =
            Snapshot::of(&module(r#"(data (i32.const 4) "later") (data "placeless") (data (i32.const 2) "abc")"#));
        let snapshot = snapshot.unwrap();
        assert_eq!(snapshot.memory, b"\0\0abcater");
        assert_eq!(snapshot.wasm, module(""));
    }

    #[test]
    fn a_segment_whose_place_is_not_known_is_refused() {
        let module = r#"(module (import "host" "base" (global $base i32)) (memory 1) (data (global.get $base) "a"))"#;
        assert!(Snapshot::of(&wat::parse_str(module).unwrap()).is_err());
        assert!(Snapshot::of(b"not a module").is_err());
    }
}
