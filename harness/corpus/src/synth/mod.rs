//! Exercises and textbooks in bulk from the grammar: distinct, verified in the sandbox, with their diversity measured; and the
//! same from a language model behind a server ([`served`]).

mod diversity;
mod exercises;
pub mod served;
mod verdicts;

pub use diversity::{Diversity, DiversityMeter};
pub use exercises::{Rejections, SynthOptions, SynthReport, synth_exercises};
