//! A job: texts are asked for, several at once, read, checked and kept, until there are enough.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::{Brief, PROMPTS, exercise_of, exercise_question, textbook_of, textbook_question};
use crate::check::{Checked, Judge, check_all};
use crate::crowd::crowd;
use crate::dedup::{DedupOptions, Deduplicator};
use crate::document::Document;
use crate::error::CorpusError;
use crate::exercise::Exercise;
use crate::synth::exercises::as_document;
use crate::synth::{Diversity, DiversityMeter};
use crate::teacher::{Answer, Forecast, Question, Teacher, TeacherError};

/// What a job goes by.
pub struct ServedJob<'a> {
    /// Who writes.
    pub teacher: &'a Teacher,
    /// Seed of what is asked for.
    pub seed: u64,
    /// What texts may be about; at least one.
    pub topics: Vec<String>,
    /// Pieces of a corpus to build on; none if empty.
    pub seeds: Vec<String>,
    /// What counts as nearly the same.
    pub near: DedupOptions,
    /// Programs at once in the sandbox.
    pub threads: usize,
    /// Ends the job soon after it is set.
    pub stop: &'a AtomicBool,
}

/// Why there are fewer texts than wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfinished {
    /// The budget is spent.
    Budget,
    /// Four times as many as wanted were asked for, and too few can be used.
    TooManyRejected,
}

/// What a job made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServedReport {
    /// The model and the prompts.
    pub writer: String,
    /// Texts kept.
    pub kept: usize,
    /// Texts asked for.
    pub asked: u64,
    /// What was thrown away, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Why there are fewer than wanted, if there are.
    pub unfinished: Option<Unfinished>,
    /// Of what is kept.
    pub diversity: Diversity,
}

/// Asked for at a time at most.
const CHUNK: u64 = 256;
/// Of so many times as many texts as wanted one in each must be of use.
const MOST_TRIES: u64 = 4;

/// What is put together while a job goes on.
struct Tally {
    report: BTreeMap<&'static str, u64>,
    near: Deduplicator,
    meter: DiversityMeter,
    kept: usize,
}

impl Tally {
    fn reject(&mut self, reason: &'static str) {
        *self.report.entry(reason).or_default() += 1;
    }

    /// Keeps a text, unless it nearly repeats an earlier one.
    fn keep(&mut self, document: &Document, topic: &str) -> bool {
        let fingerprint = self.near.fingerprinter()(document);
        let is_new = self.near.add(&document.id, &fingerprint).is_none();
        if is_new {
            self.meter.add(document, topic);
            self.kept += 1;
        } else {
            self.reject("near_duplicate");
        }
        is_new
    }
}

impl ServedJob<'_> {
    /// What so many exercises and textbook passages cost, if all can be used.
    pub fn forecast(&self, exercises: u64, textbooks: u64) -> Forecast {
        let mut forecast = Forecast::default();
        for number in 0..exercises {
            let question = exercise_question(&self.brief("exercise", number));
            forecast.add(self.teacher, &question, super::USUAL_EXERCISE);
        }
        for number in 0..textbooks {
            let question = textbook_question(&self.brief("textbook", number));
            forecast.add(self.teacher, &question, super::USUAL_TEXTBOOK);
        }
        forecast
    }

    /// Makes exercises whose solution passes its tests in the sandbox, and whose tests no trivial wrong answer passes.
    /// `progress` is told how many are kept.
    ///
    /// # Errors
    /// The teacher's but for a spent budget, the sandbox's, and `take`'s.
    pub fn exercises(
        &self,
        wanted: usize,
        judge: &dyn Judge,
        progress: &dyn Fn(usize, usize),
        take: &mut dyn FnMut(&Exercise) -> Result<(), CorpusError>,
    ) -> Result<ServedReport, CorpusError> {
        self.run("exercise", wanted, exercise_question, exercise_of, progress, |batch, tally| {
            let (briefs, exercises): (Vec<Brief>, Vec<Exercise>) = batch.into_iter().unzip();
            let checked = check_all(&exercises, judge, self.threads, &|_| {})?;
            for ((brief, exercise), checked) in briefs.iter().zip(&exercises).zip(&checked) {
                match checked {
                    Checked::BadSolution(_) => tally.reject("bad_solution"),
                    Checked::WeakTests(_) => tally.reject("weak_tests"),
                    Checked::Kept if tally.keep(&as_document(exercise), &brief.topic) => take(exercise)?,
                    Checked::Kept => {}
                }
            }
            Ok(())
        })
    }

    /// Makes textbook passages.
    ///
    /// # Errors
    /// The teacher's but for a spent budget, and `take`'s.
    pub fn textbooks(
        &self,
        wanted: usize,
        progress: &dyn Fn(usize, usize),
        take: &mut dyn FnMut(&Document) -> Result<(), CorpusError>,
    ) -> Result<ServedReport, CorpusError> {
        let model = self.teacher.model();
        let read = |brief: &Brief, reply: &phi_openai::Generated| textbook_of(brief, model, reply);
        self.run("textbook", wanted, textbook_question, read, progress, |batch, tally| {
            for (brief, document) in batch {
                if tally.keep(&document, &brief.topic) {
                    take(&document)?;
                }
            }
            Ok(())
        })
    }

    fn brief(&self, kind: &str, number: u64) -> Brief {
        Brief::draw(self.seed, kind, number, &self.topics, &self.seeds)
    }

    /// Asks for texts of a kind, chunk by chunk, until enough are kept by `check`.
    fn run<T: Send>(
        &self,
        kind: &str,
        wanted: usize,
        question: impl Fn(&Brief) -> Question + Sync,
        read: impl Fn(&Brief, &phi_openai::Generated) -> Result<T, String> + Sync,
        progress: &dyn Fn(usize, usize),
        mut check: impl FnMut(Vec<(Brief, T)>, &mut Tally) -> Result<(), CorpusError>,
    ) -> Result<ServedReport, CorpusError> {
        let mut tally = Tally {
            report: BTreeMap::new(),
            near: Deduplicator::new(self.near),
            meter: DiversityMeter::new(self.topics.len()),
            kept: 0,
        };
        let (mut asked, mut unfinished) = (0, None);
        let most = wanted as u64 * MOST_TRIES + 20;
        while tally.kept < wanted && unfinished.is_none() {
            // Never more at once than are still wanted: what is asked for is paid for.
            let chunk = CHUNK.min((wanted - tally.kept) as u64).min(most - asked);
            let work = |number: &u64| {
                if self.stop.load(Ordering::Relaxed) {
                    return Err(CorpusError::Interrupted);
                }
                let brief = self.brief(kind, *number);
                match self.teacher.ask(&question(&brief), |reply| read(&brief, reply)) {
                    Ok(answer) => Ok(Some((brief, answer))),
                    Err(TeacherError::BudgetSpent) => Ok(None),
                    Err(error) => Err(error.into()),
                }
            };
            let mut batch = vec![];
            crowd(asked..asked + chunk, self.teacher.num_concurrent(), work, |_, answer| {
                match answer? {
                    Some((brief, Answer::Of(text))) => batch.push((brief, text)),
                    Some((_, Answer::Unusable { .. })) => tally.reject("not_as_asked"),
                    None => unfinished = Some(Unfinished::Budget),
                }
                Ok::<_, CorpusError>(())
            })?;
            check(batch, &mut tally)?;
            asked += chunk;
            if asked == most && tally.kept < wanted && unfinished.is_none() {
                unfinished = Some(Unfinished::TooManyRejected);
            }
            progress(tally.kept, wanted);
        }
        let writer = format!("{} by prompts {PROMPTS}", self.teacher.model());
        let diversity = tally.meter.measure();
        Ok(ServedReport { writer, kept: tally.kept, asked, rejected: tally.report, unfinished, diversity })
    }
}
