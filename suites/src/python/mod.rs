//! The corners of CPython that prompts and scores of lm-evaluation-harness depend on, so that ours equal them to the byte.

mod json;
mod literal;
mod methods;
mod parse;
mod random;
mod regex;
mod repr;

pub use json::{dumps, dumps_indented};
pub(crate) use literal::member;
pub use literal::python_literal;
pub use methods::call_method;
pub use parse::literal_eval;
pub use random::Random;
pub use regex::PythonRegex;
pub use repr::{repr, str_of, str_of_json};
