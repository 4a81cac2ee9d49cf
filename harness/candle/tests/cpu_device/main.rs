//! Everything but the GPU itself, on candle's CPU device, against phi-bench's own decoder and engine.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking, and says what it leaves out")]

mod ablation;
mod evaluation;
mod support;
mod training;
