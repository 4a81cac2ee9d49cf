//! The binary, as a user meets it.
#![allow(clippy::unwrap_used)]

mod ablate;
mod arms;
mod bad_input;
mod gate;
mod compare;
mod corpus;
mod grow;
mod help;
mod runs;
mod kills;
mod score;
mod support;
mod track;
mod train;
