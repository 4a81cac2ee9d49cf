//! What each method promises.
#![allow(clippy::unwrap_used)]

mod copies;
mod families;
mod folders;
mod function;
mod optimiser;
mod report;
mod shapes;
mod split;
mod support;
mod training;
mod vocabulary;
