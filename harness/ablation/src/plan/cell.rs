//! The steps of one arm at one seed.

use super::budget::{flops, mix, pretrain_tokens, train_spec};
use super::forecast;
use super::suites::Available;
use super::{Builder, Cell, ScorePoint};
use crate::AblationError;
use crate::recipe::{Arm, Optimiser, OptimiserChange, Recipe, Suite};
use crate::step::StepSpec;
use phi_growth::Method;
use phi_model::PhiConfig;
use phi_reports::Phase;
use phi_train::TrainSpec;
use std::collections::BTreeMap;

/// Puts cells together, sharing the steps that do the same.
pub(super) struct CellPlanner<'r> {
    pub builder: Builder,
    pub recipe: &'r Recipe,
    pub suites: &'r [Available<'r>],
    pub corpus: usize,
    /// The comparison of exercises with a task's solutions.
    pub compare: Option<usize>,
    /// The steps of `[data]`, by name.
    pub mixes: BTreeMap<&'r str, usize>,
}

/// A training run of a cell.
struct Trained {
    step: usize,
    phase: Phase,
    steps: u64,
    tokens_per_step: u64,
    keep_every: Option<u64>,
}

impl CellPlanner<'_> {
    pub fn cell(&mut self, index: usize, seed: u64) -> Result<Cell, AblationError> {
        let recipe = self.recipe;
        let (arm, corpus, seq_len) = (&recipe.arms[index], self.corpus, recipe.corpus.seq_len);
        let name = &arm.name;
        let large = recipe.config(arm.large.unwrap_or(recipe.large));
        let data = arm.data.as_deref().map(|name| self.mixes[name]);
        let tokens_at = data.unwrap_or(corpus);

        let (mut small, mut grow, mut grown_from, mut inherited) = (None, None, None, 0.0);
        let mut inputs = vec![corpus, tokens_at];
        if arm.init != Method::Scratch {
            let small_config = recipe.config(arm.small.unwrap_or(recipe.small));
            let train = train_spec(&recipe.pretrain.optimiser, recipe.pretrain.small_tokens, seq_len, seed);
            inherited = flops(&small_config, &train, seq_len);
            let trained = self.pretrain_small(arm, &small_config, train, tokens_at, seed);
            let spec = StepSpec::Grow { config: large.clone(), growth: arm.growth(mix(seed, "grow")) };
            let label = format!("grow {name} seed {seed}");
            let grown = self.builder.add(spec, vec![corpus, trained], label, forecast::growth(&large));
            inputs.push(grown);
            (small, grow, grown_from) = (Some(trained), Some(grown), Some(small_config));
        }

        let settings = changed(&recipe.pretrain.optimiser, arm.pretrain_optimiser.as_ref());
        let tokens = pretrain_tokens(recipe, name, &large, settings.batch_rows, inherited)?;
        let train = train_spec(&settings, tokens, seq_len, seed);
        let keep_every = self.keep(recipe.pretrain.score_every, arm);
        let forecast = self.training(&large, &train, keep_every);
        let mut runs = vec![self.run(Phase::Pretrain, &train, keep_every)];
        let init_seed = if grow.is_some() { 0 } else { mix(seed, "large") };
        let gpu = recipe.compute.training();
        let spec = StepSpec::Pretrain { config: large.clone(), train, init_seed, grown_from, keep_every, gpu };
        let pretrain = self.builder.add(spec, inputs, format!("pretrain {name} seed {seed}"), forecast);
        runs[0].step = pretrain;

        let prune = arm.prune.zip(self.compare).map(|(tau, compare)| {
            let spec = StepSpec::Prune { tau, seq_len };
            let forecast = forecast::mix(&recipe.corpus);
            self.builder.add(spec, vec![corpus, compare], format!("prune exercises at {tau}"), forecast)
        });
        let align = arm.align.then(|| {
            let settings = changed(&recipe.align.optimiser, arm.align_optimiser.as_ref());
            let train = train_spec(&settings, arm.align_tokens.unwrap_or(recipe.align.tokens), seq_len, seed);
            let keep_every = self.keep(recipe.align.score_every, arm);
            let forecast = self.training(&large, &train, keep_every);
            let mut run = self.run(Phase::Align, &train, keep_every);
            let spec = StepSpec::Align { train, keep_every, gpu };
            let inputs = [corpus, pretrain].into_iter().chain(prune).collect();
            run.step = self.builder.add(spec, inputs, format!("align {name} seed {seed}"), forecast);
            let step = run.step;
            runs.push(run);
            step
        });
        let evaluate = self.evaluate(arm, seed, &large, align.unwrap_or(pretrain));
        let in_training = runs.iter().flat_map(|run| self.score_points(arm, seed, &large, run)).collect();
        Ok(Cell { arm: index, seed, data, prune, small, grow, pretrain, align, evaluate, in_training })
    }

    /// The small model of a grown arm: one for all arms of the same data and shape.
    fn pretrain_small(
        &mut self,
        arm: &Arm,
        config: &PhiConfig,
        train: TrainSpec,
        tokens_at: usize,
        seed: u64,
    ) -> usize {
        let label = match (&arm.small, &arm.data) {
            (None, None) => format!("pretrain small seed {seed}"),
            _ => format!("pretrain small of {} seed {seed}", arm.name),
        };
        let forecast = self.training(config, &train, None);
        let config = config.clone();
        let init_seed = mix(seed, "small");
        let gpu = self.recipe.compute.training();
        let spec = StepSpec::Pretrain { config, train, init_seed, grown_from: None, keep_every: None, gpu };
        self.builder.add(spec, vec![self.corpus, tokens_at], label, forecast)
    }

    fn training(&self, config: &PhiConfig, train: &TrainSpec, keep_every: Option<u64>) -> crate::step::Forecast {
        let kept = keep_every.map_or(0, |n| train.steps / n);
        forecast::training(config, train, &self.recipe.corpus, kept)
    }

    fn run(&self, phase: Phase, train: &TrainSpec, keep_every: Option<u64>) -> Trained {
        let tokens_per_step = (train.batch_rows * self.recipe.corpus.seq_len) as u64;
        Trained { step: 0, phase, steps: train.steps, tokens_per_step, keep_every }
    }

    /// How often models are kept: only where some suite that the arm is scored on asks for it.
    fn keep(&self, score_every: Option<u64>, arm: &Arm) -> Option<u64> {
        score_every.filter(|_| self.scored(arm).any(|s| s.suite.in_training))
    }

    fn scored<'s>(&'s self, arm: &'s Arm) -> impl Iterator<Item = &'s Available<'s>> {
        self.suites.iter().filter(|s| !arm.control || s.suite.controls)
    }

    fn evaluate(&mut self, arm: &Arm, seed: u64, config: &PhiConfig, model: usize) -> Vec<usize> {
        let steps: Vec<_> = self
            .scored(arm)
            .map(|s| {
                let spec = StepSpec::Evaluate {
                    suite: as_run(s.suite),
                    data_hash: s.data_hash.clone(),
                    seed: mix(seed, &s.suite.task),
                    after: None,
                    gpu: self.recipe.compute.scoring(),
                };
                let label = format!("evaluate {} seed {seed} on {}", arm.name, s.suite.task);
                (spec, label, forecast::evaluation(config, s.suite, s.questions, s.is_code))
            })
            .collect();
        let inputs = [self.corpus, model];
        steps.into_iter().map(|(spec, label, f)| self.builder.add(spec, inputs.to_vec(), label, f)).collect()
    }

    /// The models that a run keeps, and its last one, scored on the suites that are scored in training.
    fn score_points(&mut self, arm: &Arm, seed: u64, config: &PhiConfig, run: &Trained) -> Vec<ScorePoint> {
        let Some(every) = run.keep_every else { return Vec::new() };
        let phase = match run.phase {
            Phase::Pretrain => "pretrain",
            Phase::Align => "align",
        };
        let last = (!run.steps.is_multiple_of(every)).then_some(run.steps);
        let moments: Vec<u64> = (1..=run.steps / every).map(|i| i * every).chain(last).collect();
        let mut points = Vec::new();
        for after in moments {
            let steps: Vec<_> = self
                .scored(arm)
                .filter(|s| s.suite.in_training)
                .map(|s| {
                    let suite = Suite { sampled: None, ..as_run(s.suite) };
                    let forecast = forecast::evaluation(config, &suite, s.questions, s.is_code);
                    let kept = (after != run.steps).then_some(after);
                    let seed_of = mix(seed, &suite.task);
                    let label =
                        format!("evaluate {} seed {seed} on {} after {phase} step {after}", arm.name, suite.task);
                    let data_hash = s.data_hash.clone();
                    let gpu = self.recipe.compute.scoring();
                    (StepSpec::Evaluate { suite, data_hash, seed: seed_of, after: kept, gpu }, label, forecast)
                })
                .collect();
            for (spec, label, forecast) in steps {
                let evaluate = self.builder.add(spec, vec![self.corpus, run.step], label, forecast);
                points.push(ScorePoint { phase: run.phase, after, tokens: after * run.tokens_per_step, evaluate });
            }
        }
        points
    }
}

fn changed(settings: &Optimiser, change: Option<&OptimiserChange>) -> Optimiser {
    change.map_or_else(|| settings.clone(), |change| settings.with(change))
}

/// The settings that change what a suite's questions or answers are: who is scored on it, and when, does not.
fn as_run(suite: &Suite) -> Suite {
    Suite { controls: true, in_training: false, ..suite.clone() }
}
