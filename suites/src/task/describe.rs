//! What `tasks list` and `tasks show` print.

use super::{Metric, OutputType, Published, Task};
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
            title: if ours.title.is_empty() { "a user's task".to_owned() } else { ours.title.clone() },
            version: self.version(),
            source: if ours.source.is_empty() {
                config.dataset_path.clone().unwrap_or_default()
            } else {
                ours.source.clone()
            },
            licence: ours.licence.clone(),
            output_type: config.output_type,
            prompt: config.doc_to_text.to_string(),
            target: config.doc_to_target.to_string(),
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
        if let Some(path) = config_path(self).filter(|_| ours.files.is_empty()) {
            return format!("give its file by --data, or name its files in dataset_kwargs.data_files (from {path})");
        }
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
        let own = config.fewshot_config.as_ref().and_then(|own| own.split.as_ref());
        [own, config.fewshot_split.as_ref(), config.training_split.as_ref(), config.validation_split.as_ref()]
            .into_iter()
            .flatten()
            .next()
            .map_or_else(|| self.scored_split(), String::as_str)
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
            let name = metric.metric.score_name();
            match metric.metric {
                Metric::PassAtK => {
                    names.push(name.to_owned());
                    let program = self.config().phi_bench.program.as_ref();
                    names.extend(program.and_then(|it| it.base_test.as_ref()).map(|_| "pass@1,base".to_owned()));
                }
                _ => names.extend(self.filters().iter().map(|filter| format!("{name},{}", filter.name()))),
            }
            if self.filters().is_empty() && metric.metric != Metric::PassAtK {
                names.push(name.to_owned());
            }
        }
        names
    }
}

/// The data set of a task, where it has one.
fn config_path(task: &Task) -> Option<&str> {
    task.config().dataset_path.as_deref()
}
