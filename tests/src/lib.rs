//! End-to-end tests of the phi-bench binary.
