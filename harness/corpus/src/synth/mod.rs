//! Exercises and textbooks in bulk from the grammar: distinct, verified in the sandbox, with their diversity measured.

mod diversity;
mod exercises;
mod verdicts;

pub use diversity::{Diversity, DiversityMeter};
pub use exercises::{Rejections, SynthOptions, SynthReport, synth_exercises};
