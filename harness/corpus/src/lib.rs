//! Documents: where they come from, how they are made and checked, and how they become tokens.
//!
//! - **Sources** ([`stdlib_sources`], [`load_corpus`]): the Python standard library, embedded (from the crate
//!   rustpython-pylib, under the Python Software Foundation License), or a folder or JSON lines file of the user's.
//! - **Synthesis** ([`grammar`]): exercises in graded difficulty and textbook passages from a seeded grammar of concepts.
//! - **Checking** ([`generate_checked`]): every exercise runs in the sandbox, and so do trivial wrong answers.
//! - **Teachers** ([`teacher`]): a language model behind a server labels documents and writes exercises and textbooks, within a
//!   budget and without being paid twice.
//! - **Tokens** ([`train_tokenizer`], [`pack`], [`pack_exercises`]): a byte-level BPE that keeps line breaks apart, and
//!   rows of equal length.
//!
//! ```
//! use phi_corpus::generate_exercises;
//!
//! let set = generate_exercises(7, 20, 5);
//! let exercise = &set.train[0];
//! assert!(exercise.prompt.ends_with("\n"));
//! assert!(exercise.test.contains("assert candidate"));
//! ```

mod check;
pub mod contamination;
mod crowd;
pub mod dedup;
mod document;
pub mod documents;
pub mod embedding;
mod error;
mod exercise;
pub mod filter;
pub mod grammar;
mod json_log;
pub mod label;
mod lexer;
mod pack;
mod packed_folder;
mod prepare;
mod python;
mod sources;
mod stats;
pub mod survey;
pub mod synth;
pub mod teacher;
mod tokenizer;
mod wrong_answers;

pub use check::{
    CheckReport, Checked, ConceptCount, Judge, Judgement, check_all, check_exercise, check_exercises, generate_checked,
};
pub use document::{Document, Kind, read_jsonl, write_jsonl};
pub use error::CorpusError;
pub use exercise::Exercise;
pub use grammar::{ExerciseSet, Generator, Mix, concepts, generate_exercises, generate_textbooks};
pub use json_log::JsonLog;
pub use pack::{EncodedExercise, LossOn, PackedExercises, pack, pack_exercises};
pub use packed_folder::{PackManifest, PackedFolder, pack_into};
pub use prepare::{Prepared, prepare};
pub use sources::{Loaded, MAX_FILE_BYTES, Skipped, load_corpus, sample_documents, stdlib_sources};
pub use stats::{CorpusStats, KindStats};
pub use tokenizer::{END_OF_TEXT, END_OF_TEXT_ID, encode, load_tokenizer, save_tokenizer, train_tokenizer};
pub use tokenizers::Tokenizer;
