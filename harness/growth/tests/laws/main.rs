//! What each method promises.
#![allow(clippy::unwrap_used)]

mod copies;
mod function;
mod report;
mod shapes;
mod support;
