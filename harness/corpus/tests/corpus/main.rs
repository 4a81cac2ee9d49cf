//! Properties of the corpus crate, by topic.

#![allow(clippy::unwrap_used)]

mod contamination;
mod dedup;
mod documents;
mod exercises;
mod filter;
mod label;
mod packed_folder;
mod packing;
mod sandbox;
mod sources;
mod survey;
mod synth;
mod tokenizer;
