//! Documents in and out: JSON lines (plain, gzip, zstd), parquet, folders, and the embedded standard library.
//!
//! Everything is streamed. [`Reader`] gives a document at a time, or says what it passed over and why; [`for_each`]
//! reads ahead and works on all cores while its results come back in the order of the input; [`Writer`] writes a file
//! that appears whole or not at all. Scores lie in a file beside the corpus ([`scores`]), which is never rewritten.

mod batches;
mod format;
mod json_lines;
mod parquet_file;
mod reader;
pub mod scores;
mod skip;
mod writer;

pub use batches::for_each;
pub use format::{Format, part_path};
pub use reader::{Input, ReadOptions, Reader};
pub use skip::{Skip, SkipLog, SkipReason, Skips};
pub use writer::Writer;

use crate::document::Document;

/// A document as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The document.
    pub document: Document,
    /// The JSON line that it stood on, with fields that [`Document`] doesn't know.
    pub line: Option<String>,
}

/// What a [`Reader`] gives.
#[derive(Debug)]
pub enum Read {
    /// A document.
    Record(Record),
    /// Something that isn't one.
    Skipped(Skip),
}
