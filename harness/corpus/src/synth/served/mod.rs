//! Textbooks and exercises from a language model, varied as the Phi papers describe: by topic and audience for textbooks, by
//! the names of functions for exercises (phi-1, section 2.2), by words that must come up (TinyStories), and by pieces of a
//! corpus that the text is built on (phi-1.5, section 2.2).
//!
//! What is asked for follows from a seed and a number alone, so a job that goes on asks for the same, and a larger one begins
//! with the smaller.

mod brief;
mod exercise;
mod job;
mod textbook;

pub use brief::{Brief, SeedDocuments, audiences, topics};
pub use exercise::{Refusal, exercise_of, exercise_question};
pub use job::{ServedJob, ServedReport, Unfinished};
pub use textbook::{textbook_of, textbook_question};

/// How the prompts name themselves; the number rises when their words change.
pub const PROMPTS: &str = "synth-1";

/// Tokens that an exercise usually has, for forecasts.
pub const USUAL_EXERCISE: u64 = 350;

/// Tokens that a textbook passage usually has, for forecasts.
pub const USUAL_TEXTBOOK: u64 = 900;
