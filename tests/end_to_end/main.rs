//! The binary, as a user meets it.

mod ablate;
mod bad_input;
mod help;
mod support;
