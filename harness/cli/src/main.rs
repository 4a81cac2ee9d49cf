//! The binary `phi-bench`.
fn main() {}
