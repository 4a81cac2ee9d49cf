//! How like a benchmark's solutions exercises are, as phi-1 (section 5) splits a benchmark and prunes its exercises by it.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::functions::{Function, functions};
use super::tree::match_rate_of_trees;
use crate::embedding::{cosine, hashed_ngrams};

/// How alike two programs are at the most, over all pairs of their functions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Likeness {
    /// Match rate of syntax trees; 0 where it is below the least one that was looked for.
    pub match_rate: f64,
    /// Cosine of hashed n-grams.
    pub cosine: f64,
}

impl Likeness {
    fn most(self, other: Likeness) -> Likeness {
        Likeness { match_rate: self.match_rate.max(other.match_rate), cosine: self.cosine.max(other.cosine) }
    }
}

/// What exercises and questions have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resemblances {
    /// Of each question, by its key, to the exercise that is most like it.
    pub of_questions: BTreeMap<String, Likeness>,
    /// Of each exercise, by its name, to the question that it is most like.
    pub of_exercises: BTreeMap<String, Likeness>,
}

struct Program {
    name: String,
    functions: Vec<(Function, Vec<f32>)>,
}

/// Compares every exercise with every question's solution: each a name and a Python program. Functions of fewer than
/// `min_nodes` nodes aren't compared, match rates below `least_rate` not computed.
pub fn resemblances(
    exercises: &[(String, String)],
    questions: &[(String, String)],
    min_nodes: usize,
    least_rate: f64,
) -> Resemblances {
    let program = |(name, code): &(String, String)| {
        let embedded = |function: Function| {
            let vector = hashed_ngrams(&function.text);
            (function, vector)
        };
        Program { name: name.clone(), functions: functions(code, min_nodes).into_iter().map(embedded).collect() }
    };
    let exercises: Vec<Program> = exercises.par_iter().map(program).collect();
    let questions: Vec<Program> = questions.par_iter().map(program).collect();
    // [exercise][question]
    let likeness: Vec<Vec<Likeness>> = exercises
        .par_iter()
        .map(|exercise| questions.iter().map(|question| of_two(exercise, question, least_rate)).collect())
        .collect();
    let most = |all: &mut dyn Iterator<Item = Likeness>| all.fold(Likeness::default(), Likeness::most);
    let of_exercises = exercises.iter().zip(&likeness);
    let of_exercises = of_exercises.map(|(exercise, row)| (exercise.name.clone(), most(&mut row.iter().copied())));
    let of_questions = questions.iter().enumerate();
    let of_questions =
        of_questions.map(|(i, question)| (question.name.clone(), most(&mut likeness.iter().map(|row| row[i]))));
    Resemblances { of_exercises: of_exercises.collect(), of_questions: of_questions.collect() }
}

fn of_two(a: &Program, b: &Program, least_rate: f64) -> Likeness {
    let mut most = Likeness::default();
    for (ours, our_vector) in &a.functions {
        for (theirs, their_vector) in &b.functions {
            let match_rate = match_rate_of_trees(&ours.tree, &theirs.tree, least_rate).unwrap_or(0.0);
            most = most.most(Likeness { match_rate, cosine: f64::from(cosine(our_vector, their_vector)) });
        }
    }
    most
}
