//! The binary, as a user meets it.
#![allow(clippy::unwrap_used)]

mod ablate;
mod bad_input;
mod corpus;
mod grow;
mod help;
mod score;
mod support;
mod train;
