//! The baseline file: JSON that people can read and git can merge.

use crate::analysis::{Matrix, mean, rounded};
use crate::{ArmRun, ReportError, Result, Run};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::path::Path;

/// Version of the file's layout.
const SCHEMA: u32 = 1;

/// Scores that later runs are compared with.
///
/// On disk: one line a score, sorted by arm, task and metric, so that a change to one score touches one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    schema: u32,
    /// Hash of the recipe of the run that it was made from.
    pub run: String,
    /// Scores, sorted by arm, task and metric.
    pub scores: Vec<BaselineScore>,
}

/// One score of a baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineScore {
    /// Arm.
    pub arm: String,
    /// Task.
    pub task: String,
    /// Metric.
    pub metric: String,
    /// Whether a larger value is better.
    pub higher_is_better: bool,
    /// Mean over the seeds.
    pub value: f64,
    /// Standard error of the mean over questions and, with several seeds, over seeds.
    pub stderr: f64,
    /// Questions.
    pub n: usize,
    /// Seeds, in the order of the values of each question.
    pub seeds: Vec<u64>,
    /// Value of each question at each seed; `null` where a seed has none. Empty if the run kept no samples.
    #[serde(serialize_with = "short")]
    pub questions: BTreeMap<String, Vec<Option<f64>>>,
}

/// Writes `1` for `1.0`: most values are right or wrong.
fn short<S: Serializer>(questions: &BTreeMap<String, Vec<Option<f64>>>, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Short {
        Whole(i64),
        Fraction(Option<f64>),
    }
    let short = |value: &Option<f64>| match value {
        Some(v) if v.fract() == 0.0 && v.abs() < 1e9 => Short::Whole(*v as i64),
        value => Short::Fraction(*value),
    };
    to.collect_map(questions.iter().map(|(key, values)| (key, values.iter().map(short).collect::<Vec<_>>())))
}

impl Baseline {
    /// The scores of all arms that are not controls.
    pub fn of(run: &Run) -> Self {
        let mut names: BTreeMap<(&str, &str, &str), Vec<&ArmRun>> = BTreeMap::new();
        for arm in run.arms.iter().filter(|a| !a.is_control) {
            for score in &arm.scores {
                names.entry((&arm.arm, &score.task, &score.metric)).or_default().push(arm);
            }
        }
        let scores =
            names.into_iter().filter_map(|((_, task, metric), seeds)| of_score(&seeds, task, metric)).collect();
        Self { schema: SCHEMA, run: run.key.clone(), scores }
    }

    /// Reads a baseline file.
    ///
    /// # Errors
    /// [`ReportError::Io`]; [`ReportError::NotABaseline`] with the line and column that did not fit.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let io = |source| ReportError::Io { doing: "read", path: path.to_path_buf(), source };
        let not = |detail: String| ReportError::NotABaseline { path: path.to_path_buf(), detail };
        let text = std::fs::read_to_string(path).map_err(io)?;
        let baseline: Self = serde_json::from_str(&text).map_err(|e| not(e.to_string()))?;
        if baseline.schema != SCHEMA {
            return Err(not(format!("it has version {}, and this program knows version {SCHEMA}", baseline.schema)));
        }
        Ok(baseline)
    }

    /// Writes the file, whole or not at all (beside it first, then renamed into place).
    ///
    /// # Errors
    /// [`ReportError::Io`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let io = |source| ReportError::Io { doing: "write", path: path.to_path_buf(), source };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".tmp");
        std::fs::write(&beside, self.to_json()?).map_err(io)?;
        std::fs::rename(&beside, path).map_err(io)
    }

    /// The file's text: one line a score.
    ///
    /// # Errors
    /// [`ReportError::Json`].
    pub fn to_json(&self) -> Result<String> {
        let mut scores = self.scores.clone();
        scores.sort_by(|a, b| (&a.arm, &a.task, &a.metric).cmp(&(&b.arm, &b.task, &b.metric)));
        let lines: Vec<String> = scores.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        let run = serde_json::to_string(&self.run)?;
        Ok(format!("{{\"schema\": {}, \"run\": {run}, \"scores\": [\n{}\n]}}\n", self.schema, lines.join(",\n")))
    }
}

/// The score of one arm over its seeds; `None` if there is none.
pub(super) fn of_score(seeds: &[&ArmRun], task: &str, metric: &str) -> Option<BaselineScore> {
    let scores: Vec<_> =
        seeds.iter().filter_map(|arm| arm.scores.iter().find(|s| s.task == task && s.metric == metric)).collect();
    let first = scores.first()?;
    let matrix = Matrix::of(seeds.iter().copied(), task, metric, |_| true);
    let mut questions: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    let seed_ids: Vec<u64> = matrix.seeds().map(|(seed, _)| seed).collect();
    for (i, (_, row)) in matrix.seeds().enumerate() {
        for (question, value) in row {
            questions.entry(question.clone()).or_insert_with(|| vec![None; seed_ids.len()])[i] = Some(*value);
        }
    }
    Some(BaselineScore {
        arm: seeds[0].arm.clone(),
        task: task.to_owned(),
        metric: metric.to_owned(),
        higher_is_better: first.higher_is_better,
        value: rounded(
            matrix.mean().or_else(|| mean(scores.iter().map(|s| s.value))).filter(|value| value.is_finite())?,
        ),
        stderr: rounded(
            matrix
                .spread()
                .map(|estimate| estimate.stderr)
                .or_else(|| mean(scores.iter().map(|s| s.stderr)))
                .filter(|stderr| stderr.is_finite())
                // Unknown: as large as a share's can be.
                .unwrap_or(0.5),
        ),
        n: if questions.is_empty() { first.n } else { questions.len() },
        seeds: if seed_ids.is_empty() { seeds.iter().map(|a| a.seed).collect() } else { seed_ids },
        questions,
    })
}
