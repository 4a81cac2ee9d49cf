//! Scores a model that is still in training.

use super::sandbox::open;
use super::tasks::load;
use crate::task_flags::builtin_library;
use phi_model::{Checkpoint, Engine, PhiConfig, TextTokenizer};
use phi_sandbox::{Python, Sandbox};
use phi_suites::{EvalOptions, Grader, LimitedSandbox, LoadedTask, evaluate};
use phi_train::StepScore;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Tasks that are ready to be asked.
pub struct TrainScorer {
    tasks: Vec<LoadedTask>,
    sandbox: Option<Sandbox>,
    options: EvalOptions,
    config: PhiConfig,
    tokenizer: PathBuf,
    stop: Arc<AtomicBool>,
}

impl TrainScorer {
    /// Reads the tasks' data, so that what is missing is told before anything is trained. The tokenizer is read from the
    /// folder `model` when it is first needed.
    pub fn open(
        names: &[String],
        limit: Option<u32>,
        config: &PhiConfig,
        model: &Path,
        stop: &Arc<AtomicBool>,
    ) -> anyhow::Result<TrainScorer> {
        let library = builtin_library();
        let mut tasks: Vec<String> = names.iter().flat_map(|name| library.members(name)).collect();
        tasks.dedup();
        let tasks: anyhow::Result<Vec<LoadedTask>> = tasks.iter().map(|name| load(&library, name, None)).collect();
        let tasks = tasks?;
        let runs_code = tasks.iter().any(|task| task.task().is_code());
        Ok(TrainScorer {
            tasks,
            sandbox: if runs_code { Some(open(Python::Cpython)?) } else { None },
            options: EvalOptions { limit: limit.map(|n| n as usize), ..EvalOptions::default() },
            config: config.clone(),
            tokenizer: model.join("tokenizer.json"),
            stop: Arc::clone(stop),
        })
    }

    /// Scores weights, in the layout's order.
    pub fn score(&self, weights: &[f32]) -> Result<Vec<StepScore>, Box<dyn Error + Send + Sync>> {
        let checkpoint = Checkpoint::from_flat(&self.config, weights);
        let tokenizer = TextTokenizer::load(&self.tokenizer)?;
        let model = Engine::new("in training", &checkpoint, tokenizer, 1).with_interrupt(Arc::clone(&self.stop));
        let mut scores = Vec::new();
        for task in &self.tasks {
            let limits = task.task().limits();
            let limited = self.sandbox.as_ref().map(|sandbox| LimitedSandbox { sandbox, limits });
            let grader = limited.as_ref().map(|limited| limited as &dyn Grader);
            let evaluation = evaluate(task, &model, grader, &self.options, &|_, _| {})?;
            scores.extend(evaluation.scores.into_iter().map(|score| StepScore {
                task: score.task,
                metric: score.metric,
                value: score.value,
                interval: score.interval,
            }));
        }
        Ok(scores)
    }
}
