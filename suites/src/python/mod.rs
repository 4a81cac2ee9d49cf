//! The corners of CPython that prompts and scores of lm-evaluation-harness depend on, so that ours equal them to the byte.

mod json;
mod literal;
mod methods;
mod random;
mod regex;

pub use json::dumps;
pub(crate) use literal::member;
pub use literal::python_literal;
pub use methods::call_method;
pub use random::Random;
pub use regex::PythonRegex;
