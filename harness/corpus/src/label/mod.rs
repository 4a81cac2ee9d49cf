//! How educational a document is, from 0 to 5, "for a student whose goal is to learn basic coding concepts" (phi-1,
//! section 2.1).
//!
//! The embedded labeller ([`rubric`]) needs no server: it judges Python by its syntax tree. It is a stand-in for a
//! language model's judgement and names itself [`RUBRIC`] in every output.

//!
//! A model behind a server ([`ServedLabeller`]) is asked in phi-1's words, and names itself and its prompt.

mod features;
mod rubric;
mod sample;
mod served;

pub use features::Features;
pub use rubric::{CRITERIA, Criterion, RUBRIC, Rubric, rubric};
pub use sample::HashSample;
pub use served::{Labelled, PROMPT, ServedLabeller, USUAL_ANSWER};
