//! The seeded grammar of concepts: exercises with a known difficulty, and tests that were computed apart from the
//! solution.
//!
//! [`concepts`] lists everything: one-rule concepts from tables (`rules/`), pipelines that combine rules
//! (`pipelines/`), and small classes. Each concept draws a [`Draft`] from [`Dice`]; `generate` collects drafts into
//! splits. What may stand in which split is a function of the draft alone: a stable hash sends every body and every
//! description to one side, and some pairs of rules are reserved for the held-out side (difficulty 5).

mod args;
mod classes;
mod dice;
mod draft;
mod generate;
mod pipelines;
mod rule;
mod rules;
mod textbook;
mod value;
mod wording;

pub use dice::Dice;
pub use draft::{Case, Draft, Side};
pub use generate::{ExerciseSet, Generator, Mix, generate_exercises};
pub use textbook::generate_textbooks;
pub use value::Value;

use rule::Rule;

/// Something to practise: a name, a difficulty, and a way to draw exercises.
#[derive(Debug, Clone, Copy)]
pub struct Concept {
    name: &'static str,
    level: u8,
    source: Source,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Table(&'static Rule),
    Drawn(fn(&mut Dice) -> Option<Draft>),
}

impl Concept {
    const fn drawn(name: &'static str, level: u8, draw: fn(&mut Dice) -> Option<Draft>) -> Self {
        Self { name, level, source: Source::Drawn(draw) }
    }

    /// Its name, such as `count_vowels`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Difficulty from 1 (one rule) to 4 (several steps).
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Draws an exercise; `None` where this draw found no telling tests.
    pub fn draft(&self, dice: &mut Dice) -> Option<Draft> {
        match self.source {
            Source::Table(rule) => rule.draft(dice),
            Source::Drawn(draw) => draw(dice),
        }
    }
}

/// Every concept of the grammar.
pub fn concepts() -> Vec<Concept> {
    let mut all: Vec<Concept> = rules::all()
        .into_iter()
        .map(|rule| Concept { name: rule.name, level: rule.level, source: Source::Table(rule) })
        .collect();
    all.extend(pipelines::all());
    all.extend_from_slice(classes::CONCEPTS);
    all
}
