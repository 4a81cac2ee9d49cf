//! The binary, as a user meets it.
#![allow(clippy::unwrap_used)]

mod ablate;
mod arms;
mod bad_input;
mod grow;
mod help;
mod kills;
mod score;
mod support;
mod train;
