//! Fills the splits: a share for each difficulty, concepts in turn, nothing twice.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::dice::{Dice, stable_hash};
use super::draft::{Draft, Side};
use super::{Concept, concepts};
use crate::exercise::Exercise;

/// How many parts of a split each difficulty gets, from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mix(pub [u32; 5]);

impl Mix {
    /// The training split: everything but the reserved combinations.
    pub const TRAIN: Self = Self([2, 4, 5, 4, 0]);
    /// The held-out split: as much of each difficulty.
    pub const HELD_OUT: Self = Self([1, 1, 1, 1, 1]);

    /// `total` split in these proportions; the last shares take the rounding.
    fn quotas(self, total: usize) -> [usize; 5] {
        let sum: u64 = self.0.iter().map(|part| u64::from(*part)).sum::<u64>().max(1);
        let mut quotas = [0; 5];
        let (mut parts, mut given) = (0u64, 0usize);
        for (quota, part) in quotas.iter_mut().zip(self.0) {
            parts += u64::from(part);
            let upto = (total as u64 * parts / sum) as usize;
            *quota = upto - given;
            given = upto;
        }
        quotas
    }
}

/// Exercises to train on and exercises to be scored on; they share no prompt, description, docstring or body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExerciseSet {
    /// To train on.
    pub train: Vec<Exercise>,
    /// To be scored on.
    pub heldout: Vec<Exercise>,
}

/// Generates the two splits with the default mixes of difficulties.
pub fn generate_exercises(seed: u64, n_train: usize, n_heldout: usize) -> ExerciseSet {
    let mut generator = Generator::new(seed);
    let mut train = generator.train(n_train, Mix::TRAIN);
    let heldout = generator.heldout(n_heldout, Mix::HELD_OUT);
    Dice::new(seed, "order of training exercises").shuffle(&mut train);
    ExerciseSet { train, heldout }
}

/// Draws exercises that differ from all that it drew before.
#[derive(Debug)]
pub struct Generator {
    concepts: BTreeMap<u8, Vec<Concept>>,
    dice: Dice,
    seen: HashSet<u64>,
    num_train: usize,
    num_heldout: usize,
}

/// After this many draws in a row without a new exercise, a difficulty counts as used up.
const PATIENCE: usize = 4_000;

impl Generator {
    /// A generator of the whole grammar.
    pub fn new(seed: u64) -> Self {
        let mut by_level: BTreeMap<u8, Vec<Concept>> = BTreeMap::new();
        for concept in concepts() {
            by_level.entry(concept.level()).or_default().push(concept);
            // The reserved combinations come from everything that combines rules.
            if concept.level() >= 3 && matches!(concept.source, super::Source::Drawn(_)) {
                by_level.entry(5).or_default().push(concept);
            }
        }
        Self {
            concepts: by_level,
            dice: Dice::new(seed, "exercises"),
            seen: HashSet::new(),
            num_train: 0,
            num_heldout: 0,
        }
    }

    /// `n` new training exercises (fewer only where the grammar is used up).
    pub fn train(&mut self, n: usize, mix: Mix) -> Vec<Exercise> {
        self.split(n, mix, "train")
    }

    /// `n` new held-out exercises (fewer only where the grammar is used up).
    pub fn heldout(&mut self, n: usize, mix: Mix) -> Vec<Exercise> {
        self.split(n, mix, "heldout")
    }

    /// Takes note of exercises drawn elsewhere, so that none of them is drawn again.
    pub fn remember(&mut self, exercises: &[Exercise]) {
        for exercise in exercises {
            self.seen.insert(stable_hash(&["prompt", &exercise.prompt]));
            let body = &exercise.canonical_solution;
            self.seen.insert(stable_hash(&["meaning", exercise.description(), body]));
        }
    }

    /// Another exercise of the difficulty of one that was thrown away, under its name.
    pub fn replacement(&mut self, rejected: &Exercise) -> Option<Exercise> {
        let is_train = rejected.task_id.contains("/train/");
        self.draw(rejected.difficulty, is_train).map(|draft| draft.exercise(rejected.task_id.clone()))
    }

    fn split(&mut self, n: usize, mix: Mix, name: &str) -> Vec<Exercise> {
        let is_train = name == "train";
        let mut out = vec![];
        let quotas = mix.quotas(n);
        for (level, quota) in (1..=5u8).zip(quotas) {
            let mut left = quota;
            // What one difficulty cannot give, the next takes over; beyond the last, it comes from combinations.
            for level in [level, 3, 4] {
                while left > 0 {
                    let Some(draft) = self.draw(level, is_train) else { break };
                    let number = if is_train { &mut self.num_train } else { &mut self.num_heldout };
                    out.push(draft.exercise(format!("CodeExercises/{name}/{number}")));
                    *number += 1;
                    left -= 1;
                }
            }
        }
        out
    }

    fn draw(&mut self, level: u8, is_train: bool) -> Option<Draft> {
        let pool = self.concepts.get(&level)?.clone();
        for _ in 0..PATIENCE {
            // Pipelines hold far more variety than a table entry, so they are drawn more often.
            let mut concept = *self.dice.choose(&pool);
            if level >= 3 && self.dice.chance(0.5) {
                concept = *self.dice.choose(&pool);
                for _ in 0..8 {
                    if matches!(concept.source, super::Source::Drawn(_)) {
                        break;
                    }
                    concept = *self.dice.choose(&pool);
                }
            }
            let Some(draft) = concept.draft(&mut self.dice) else { continue };
            let fits = match draft.side() {
                Side::Train => is_train,
                Side::HeldOut { reserved } => !is_train && reserved == (level == 5),
                Side::Neither => false,
            };
            if fits && self.is_new(&draft) {
                return Some(draft);
            }
        }
        None
    }

    fn is_new(&mut self, draft: &Draft) -> bool {
        let prompt = stable_hash(&["prompt", &draft.prompt()]);
        let meaning = stable_hash(&["meaning", &draft.description, &draft.body]);
        if self.seen.contains(&prompt) || self.seen.contains(&meaning) {
            return false;
        }
        self.seen.extend([prompt, meaning]);
        true
    }
}
