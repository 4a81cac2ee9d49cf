//! What `tasks list` and `tasks show` print.

use super::{Metric, OutputType, Published, Task};
use crate::score::PERPLEXITY;
use serde::Serialize;

/// Everything that a reader wants to know of a task before running it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskSummary {
    /// Name.
    pub name: String,
    /// One line that says what it is.
    pub title: String,
    /// Version of prompt and scoring.
    pub version: f64,
    /// Where the data come from.
    pub source: String,
    /// Licence of the data.
    pub licence: String,
    /// How it is asked.
    pub output_type: OutputType,
    /// The question's template.
    pub prompt: String,
    /// The answer's template.
    pub target: String,
    /// Names of its metrics, as scores bear them.
    pub metrics: Vec<String>,
    /// Shots by default.
    pub shots: usize,
    /// Where the shots are drawn from; none where the task forbids shots.
    pub shot_split: Option<String>,
    /// Whether it runs model-written code.
    pub runs_code: bool,
    /// How to get the data.
    pub how_to_get: String,
    /// Scores that the Phi papers give.
    pub published: Vec<Published>,
    /// What a reader should know besides.
    pub note: Option<String>,
}

impl Task {
    /// Everything that a reader wants to know before running the task.
    #[must_use]
    pub fn summary(&self) -> TaskSummary {
        let config = self.config();
        let ours = &config.phi_bench;
        TaskSummary {
            name: config.task.clone(),
            title: ours.title.clone(),
            version: config.metadata.version,
            source: ours.source.clone(),
            licence: ours.licence.clone(),
            output_type: config.output_type,
            prompt: config.doc_to_text.clone(),
            target: config.doc_to_target.clone(),
            metrics: self.metric_names(),
            shots: self.shots(None),
            shot_split: (config.num_fewshot != Some(0)).then(|| self.shot_split().to_owned()),
            runs_code: self.is_code(),
            how_to_get: self.how_to_get(),
            published: ours.published.clone(),
            note: ours.note.clone(),
        }
    }

    /// What to do to have the task's data.
    #[must_use]
    pub fn how_to_get(&self) -> String {
        let ours = &self.config().phi_bench;
        if ours.files.is_empty() {
            return "give its file of JSON lines by path (an ablation writes one)".to_owned();
        }
        let mut files: Vec<&str> = ours
            .files
            .values()
            .flat_map(|file| [Some(&file.path), file.labels.as_ref()])
            .flatten()
            .map(String::as_str)
            .collect();
        files.sort_unstable();
        files.dedup();
        let local = format!("set PHI_BENCH_DATA to a folder that holds {} (from {})", files.join(", "), ours.source);
        match (&self.config().dataset_path, &ours.not_on_hub) {
            (Some(set), None) => format!("{local}, or let `eval` fetch {set} from the hub"),
            _ => local,
        }
    }

    /// The split that shots are drawn from: the first that is named of few-shot, training, validation and test split.
    #[must_use]
    pub fn shot_split(&self) -> &str {
        let config = self.config();
        [&config.fewshot_split, &config.training_split, &config.validation_split]
            .into_iter()
            .find_map(|split| split.as_deref())
            .unwrap_or_else(|| self.scored_split())
    }

    /// The split that is scored.
    #[must_use]
    pub fn scored_split(&self) -> &str {
        let config = self.config();
        config.test_split.as_deref().or(config.validation_split.as_deref()).unwrap_or("test")
    }

    /// The names that scores bear, but for those of sampled programs, which depend on the number of samples.
    #[must_use]
    pub fn metric_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for metric in &self.config().metric_list {
            match metric.metric {
                Metric::Acc => names.push("acc".to_owned()),
                Metric::AccNorm => names.push("acc_norm".to_owned()),
                Metric::Perplexity => names.push(PERPLEXITY.to_owned()),
                Metric::PassAtK => {
                    names.push("pass@1".to_owned());
                    let program = self.config().phi_bench.program.as_ref();
                    names.extend(program.and_then(|it| it.base_test.as_ref()).map(|_| "pass@1,base".to_owned()));
                }
                Metric::ExactMatch if self.filters().is_empty() => names.push("exact_match".to_owned()),
                Metric::ExactMatch => {
                    names.extend(self.filters().iter().map(|filter| format!("exact_match,{}", filter.name())));
                }
            }
        }
        names
    }
}
