//! Documents: sources, generated textbooks and exercises, checking, tokenising, packing.

mod document;
mod error;
mod exercise;
pub mod grammar;

pub use document::{Document, Kind, read_jsonl, write_jsonl};
pub use error::CorpusError;
pub use exercise::Exercise;
pub use grammar::{ExerciseSet, Generator, Mix, generate_exercises, generate_textbooks};
