//! The binary, as a user meets it.
#![allow(clippy::unwrap_used)]

mod ablate;
mod arms;
mod bad_input;
mod book;
mod compare;
mod corpus;
mod device;
mod eval;
mod gate;
mod grow;
mod help;
mod kills;
mod reference;
mod remote;
mod runs;
mod score;
mod support;
mod teacher;
mod track;
mod train;
