//! Labels by a model behind a server.

use super::{Figures, Label, is_wanted, skip_log};
use crate::commands::corpus::input_flags::tell_skipped;
use crate::count_bar::CountBar;
use crate::exit::Exit;
use crate::printer;
use phi_corpus::JsonLog;
use phi_corpus::documents::scores::{ScoreWriter, Scores, beside};
use phi_corpus::label::{HashSample, Labelled, ServedLabeller, USUAL_ANSWER};
use phi_corpus::teacher::{Forecast, Teacher};
use serde::Serialize;
use std::time::Instant;

/// A document that has no score, in INPUT.unlabelled.jsonl.
#[derive(Serialize)]
struct Unlabelled<'a> {
    id: &'a str,
    labeller: &'a str,
    reason: &'a str,
    reply: &'a str,
}

impl Label {
    pub(super) fn label_by_server(&self, teacher: &Teacher) -> anyhow::Result<Exit> {
        let start = Instant::now();
        let labeller = ServedLabeller::new(teacher, self.shown_kb << 10);
        let sample = self.sample()?;
        let forecast = self.forecast(teacher, &labeller, sample.as_ref())?;
        if self.teacher.is_dry() {
            if self.json {
                printer::json(&forecast);
            } else {
                printer::line(self.teacher.forecast(&forecast, teacher.budget()));
            }
            return Ok(Exit::Fine);
        }
        printer::note(self.teacher.forecast(&forecast, teacher.budget()));
        let name = labeller.name();
        let mut writer = ScoreWriter::open(&self.out(), &name)?;
        let earlier = writer.earlier_scores();
        let mut log = skip_log(self);
        let mut unlabelled = JsonLog::create(&beside(&self.input.stem(), "unlabelled.jsonl"))?;
        let mut figures = Figures { labeller: name.clone(), ..Figures::default() };
        let bar = CountBar::new();
        let reads = self.input.open()?.filter(|read| is_wanted(sample.as_ref(), read));
        let labelled = labeller.label_all(reads, &earlier, |result| {
            let (document, labelled) = match result {
                Ok(it) => it,
                Err(skip) => return log.add(skip),
            };
            figures.add(document);
            bar.set(figures.documents as usize, forecast.questions as usize);
            match labelled {
                Labelled::Earlier(score) => figures.add_score(score, true),
                Labelled::Scored(score) => {
                    figures.add_score(score.score, false);
                    writer.write(&score)?;
                }
                Labelled::Unusable { id, reason, reply } => {
                    figures.unusable += 1;
                    unlabelled.write(&Unlabelled { id: &id, labeller: &name, reason: &reason, reply: &reply })?;
                }
                Labelled::NoBudget => figures.beyond_budget += 1,
            }
            Ok(())
        });
        bar.finish();
        // What is scored is kept, whatever came then; the answers are, in any case.
        writer.flush()?;
        labelled?;
        let unlabelled = unlabelled.finish()?;
        figures.spending = Some(teacher.spending());
        figures.seconds = start.elapsed().as_secs_f64();
        tell_skipped(&log);
        if figures.unusable == 0 {
            let _ = std::fs::remove_file(&unlabelled);
        } else {
            printer::note(format!(
                "{} documents have no score, since the model's answers can't be used (listed in {})",
                figures.unusable,
                unlabelled.display()
            ));
        }
        self.report(&figures, start);
        if figures.beyond_budget > 0 {
            printer::note(format!(
                "the budget is spent: {} documents have no score; the same command with a larger --max-cost or \
                 --max-tokens-total goes on",
                figures.beyond_budget
            ));
            return Ok(Exit::No);
        }
        Ok(Exit::Fine)
    }

    /// What the job will cost; reads the corpus once through.
    fn forecast(
        &self,
        teacher: &Teacher,
        labeller: &ServedLabeller<'_>,
        sample: Option<&HashSample>,
    ) -> anyhow::Result<Forecast> {
        let out = self.out();
        let earlier = if out.exists() { Scores::load(&out)? } else { Scores::default() };
        let mut forecast = Forecast::default();
        self.each_document(|document| {
            if sample.is_some_and(|sample| !sample.holds(document)) {
                return;
            }
            let question = labeller.question(document);
            match earlier.of(document) {
                Some(_) => forecast.add_answered(teacher, &question),
                None => forecast.add(teacher, &question, USUAL_ANSWER),
            }
        })?;
        Ok(forecast)
    }
}
