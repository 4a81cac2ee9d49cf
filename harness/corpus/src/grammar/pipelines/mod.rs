//! Concepts that combine rules: pipelines of tests, changes and reductions over numbers, lists, strings, words,
//! dictionaries, matrices and pairs of lists.

mod branch;
mod dict;
mod finish;
mod list;
mod matrix;
mod number;
pub(super) mod parts;
mod string;
mod words;
mod zip;

use super::Concept;

/// Every concept that combines rules.
pub fn all() -> Vec<Concept> {
    [
        list::CONCEPTS,
        string::CONCEPTS,
        number::CONCEPTS,
        branch::CONCEPTS,
        words::CONCEPTS,
        dict::CONCEPTS,
        matrix::CONCEPTS,
        zip::CONCEPTS,
    ]
    .concat()
}
