//! Labels by the embedded rubric.

use super::{Figures, Label, is_wanted, skip_log};
use crate::commands::corpus::input_flags::tell_skipped;
use crate::exit::Exit;
use phi_corpus::documents::scores::{Score, ScoreWriter};
use phi_corpus::documents::{Record, for_each};
use phi_corpus::label::{RUBRIC, rubric};
use std::time::Instant;

impl Label {
    pub(super) fn label_by_rubric(&self) -> anyhow::Result<Exit> {
        let start = Instant::now();
        let sample = self.sample()?;
        let reader = self.input.open()?;
        let mut log = skip_log(self);
        let mut writer = ScoreWriter::open(&self.out(), RUBRIC)?;
        let mut figures = Figures { labeller: RUBRIC.to_owned(), ..Figures::default() };
        let earlier = writer.earlier_scores();
        let work = |record: &Record| {
            let document = &record.document;
            let new = || {
                let labelled = rubric(&document.text);
                Score {
                    id: document.id.clone(),
                    hash: document.content_hash(),
                    labeller: RUBRIC.to_owned(),
                    score: f64::from(labelled.score),
                    reason: labelled.reason,
                }
            };
            earlier.of(document).ok_or_else(new)
        };
        for_each(reader.filter(|read| is_wanted(sample.as_ref(), read)), work, |result| {
            let (record, score) = match result {
                Ok(it) => it,
                Err(skip) => return log.add(&skip),
            };
            figures.add(&record.document);
            match score {
                Ok(earlier) => figures.add_score(earlier, true),
                Err(new) => {
                    figures.add_score(new.score, false);
                    writer.write(&new)?;
                }
            }
            Ok(())
        })?;
        writer.flush()?;
        figures.seconds = start.elapsed().as_secs_f64();
        tell_skipped(&log);
        self.report(&figures, start);
        Ok(Exit::Fine)
    }
}
