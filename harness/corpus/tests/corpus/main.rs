//! Properties of the corpus crate, by topic.

#![allow(clippy::unwrap_used)]

mod exercises;
mod packing;
mod sandbox;
mod sources;
mod tokenizer;
