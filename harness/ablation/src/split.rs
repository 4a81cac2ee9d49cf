//! Scores split by whether an exercise is like the question, as in phi-1's Table 3 (section 5).

use crate::executor::Outcome;
use crate::folder::OutputFolder;
use crate::recipe::Recipe;
use crate::steps::RESEMBLANCES;
use crate::{AblationError, Plan};
use phi_corpus::contamination::{Likeness, Resemblances, TAUS, Thresholds};
use phi_suites::{Sample, Score, score_samples};

/// How a run's questions are split.
pub(crate) struct Split {
    task: String,
    found: Resemblances,
}

/// The metric that is split.
const METRIC: &str = "pass@1";

/// One way to split: its name, as metrics have it, and whether a question is of the similar ones.
type Way = (String, Box<dyn Fn(&Likeness) -> bool>);

fn ways() -> Vec<Way> {
    let mut ways: Vec<Way> = vec![];
    for tau in TAUS {
        ways.push((format!("syntax-{tau}"), Box::new(move |it: &Likeness| it.match_rate >= tau)));
    }
    let cosine = Thresholds::default().cosine;
    ways.push((format!("embedding-{cosine}"), Box::new(move |it: &Likeness| it.cosine >= cosine)));
    ways
}

impl Split {
    /// The split of a run, where its recipe asks for one and the comparison is done.
    pub fn of(
        recipe: &Recipe,
        plan: &Plan,
        folder: &OutputFolder,
        outcome: &Outcome,
    ) -> Result<Option<Split>, AblationError> {
        let Some(contamination) = &recipe.contamination else { return Ok(None) };
        let Some(step) = plan.compare.filter(|step| outcome.done[*step]) else { return Ok(None) };
        let found = folder.read_output(&plan.steps[step], RESEMBLANCES)?;
        Ok(Some(Split { task: contamination.task.clone(), found }))
    }

    /// How many exercises and questions are alike.
    pub fn facts(&self) -> Vec<(String, String)> {
        let count =
            |all: &mut dyn Iterator<Item = &Likeness>, is: &dyn Fn(&Likeness) -> bool| all.filter(|it| is(it)).count();
        let fact = |(name, is): &Way| {
            let exercises = count(&mut self.found.of_exercises.values(), is);
            let questions = count(&mut self.found.of_questions.values(), is);
            let of = (self.found.of_exercises.len(), self.found.of_questions.len());
            let value = format!("{exercises} of {} exercises, {questions} of {} questions", of.0, of.1);
            (format!("alike by {}", name.replace('-', " ")), value)
        };
        ways().iter().map(fact).collect()
    }

    /// Adds to the samples of the task what they count for in each part, and the parts' scores. A part is a metric of its
    /// own, such as `pass@1,similar-syntax-0.9` and `pass@1,other-syntax-0.9`.
    pub fn add(&self, samples: &mut [Sample], scores: &mut Vec<Score>) {
        let mut parts = vec![];
        for sample in samples.iter_mut().filter(|sample| sample.task == self.task) {
            let Some(&value) = sample.metrics.get(METRIC) else { continue };
            let likeness = self.found.of_questions.get(&sample.key).copied().unwrap_or_default();
            let mut part = Sample { metrics: Default::default(), pairs: Default::default(), ..sample.clone() };
            for (name, is) in ways() {
                let side = if is(&likeness) { "similar" } else { "other" };
                part.metrics.insert(format!("{METRIC},{side}-{name}"), value);
            }
            sample.metrics.extend(part.metrics.clone());
            parts.push(part);
        }
        scores.extend(score_samples(&parts));
    }
}
