//! What each method promises.
#![allow(clippy::unwrap_used)]

mod copies;
mod function;
mod optimiser;
mod report;
mod shapes;
mod support;
mod training;
