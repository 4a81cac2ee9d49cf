//! From a stream with labels to a classifier with its report.

use std::sync::{PoisonError, RwLock};

use tokenizers::Tokenizer;

use super::{Classifier, Keep, Labelled, Learner, Part, Quality, threshold};
use crate::document::Document;
use crate::documents::scores::Scores;
use crate::documents::{Read, Record, for_each};
use crate::embedding::Embedder;
use crate::error::CorpusError;
use crate::lexer::words;
use crate::tokenizer::encode;

/// How a classifier is trained and used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainingOptions {
    /// What is trained.
    pub learner: Learner,
    /// Which documents are kept.
    pub keep: Keep,
    /// A document is good from this label on.
    pub cut: f64,
    /// Labels to use at most: those whose documents have the smallest hashes.
    pub max_labels: usize,
    /// Seed of the split and of the trees.
    pub seed: u64,
}

/// A classifier, what is kept by it, and how good it is.
pub struct TrainedFilter {
    embedder: Embedder,
    classifier: Classifier,
    threshold: f64,
    /// The held-out labels with their predictions, without their vectors.
    held_out: Vec<(f64, Labelled)>,
    cut: f64,
    /// On held-out labels.
    pub quality: Quality,
}

/// What a filter thinks of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The label that it would have, from 0 to 5.
    pub prediction: f64,
    /// Whether it is kept.
    pub is_kept: bool,
    /// Its tokens; words and signs without a tokenizer.
    pub tokens: u64,
}

impl TrainedFilter {
    /// Trains on the documents of a stream that have a score.
    ///
    /// # Errors
    /// The stream's; [`CorpusError::ForeignScores`] where no score belongs to a document; [`CorpusError::Classifier`]
    /// where there are too few labels to train on and to measure by.
    pub fn train(
        reads: impl Iterator<Item = Result<Read, CorpusError>> + Send,
        input: &str,
        scores: &Scores,
        tokenizer: Option<&Tokenizer>,
        embedder: Embedder,
        options: TrainingOptions,
    ) -> Result<TrainedFilter, CorpusError> {
        let mut labelled: Vec<(String, Part, Labelled)> = vec![];
        // Documents of larger hashes than this are of no more use, and needn't be embedded.
        let largest = RwLock::new(None::<String>);
        let work = |record: &Record| {
            let document = &record.document;
            let hash = document.content_hash();
            if largest.read().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|largest| hash > *largest) {
                return None;
            }
            scores.of(document).map(|label| {
                let labelled = Labelled {
                    vector: embedder.embed(&document.text)?,
                    label,
                    bytes: document.text.len() as u64,
                    tokens: tokens(document, tokenizer)?,
                    origin: document.origin().to_owned(),
                };
                Ok::<_, CorpusError>((hash, Part::of(document, options.seed), labelled))
            })
        };
        for_each(reads, work, |result| {
            if let Ok((_, Some(one))) = result {
                labelled.push(one?);
                // Half of them go now and then, so that memory stays flat.
                if labelled.len() >= 2 * options.max_labels {
                    keep_smallest(&mut labelled, options.max_labels);
                    let last = labelled.last().map(|(hash, ..)| hash.clone());
                    *largest.write().unwrap_or_else(PoisonError::into_inner) = last;
                }
            }
            Ok(())
        })?;
        if labelled.is_empty() {
            return Err(scores.foreign(input));
        }
        keep_smallest(&mut labelled, options.max_labels);
        let part = |wanted: Part| -> Vec<&Labelled> {
            labelled.iter().filter(|(_, part, _)| *part == wanted).map(|(_, _, it)| it).collect()
        };
        let (train, tune, held_out) = (part(Part::Train), part(Part::Tune), part(Part::HeldOut));
        if tune.is_empty() || held_out.len() < 2 {
            return Err(CorpusError::Classifier(format!(
                "{} labels are too few to train on and to measure by; give a hundred or more",
                labelled.len()
            )));
        }
        let classifier = Classifier::train(options.learner, &train, options.seed)?;
        let tune = with_predictions(&classifier, tune)?;
        let held_out = with_predictions(&classifier, held_out)?;
        let threshold = threshold(options.keep, &tune, options.cut);
        let quality = Quality::measure(&held_out, train.len(), options.cut, threshold);
        let held_out = held_out.iter().map(|(p, it)| (*p, Labelled { vector: vec![], ..(*it).clone() })).collect();
        Ok(TrainedFilter { embedder, classifier, threshold, held_out, cut: options.cut, quality })
    }

    /// Keeps the documents of a prediction of at least this from now on, and measures the quality there. A share of a corpus
    /// is met by the corpus' own predictions ([`super::threshold_of_share`]); few labels only come near it.
    pub fn set_threshold(&mut self, threshold: f64) {
        let held_out: Vec<(f64, &Labelled)> = self.held_out.iter().map(|(p, it)| (*p, it)).collect();
        self.quality = Quality::measure(&held_out, self.quality.trained_on, self.cut, threshold);
        self.threshold = threshold;
    }

    /// Judges a document.
    ///
    /// # Errors
    /// The tokenizer's.
    pub fn judge(&self, document: &Document, tokenizer: Option<&Tokenizer>) -> Result<Judged, CorpusError> {
        let prediction = self.classifier.predict(self.embedder.embed(&document.text)?)?;
        let tokens = tokens(document, tokenizer)?;
        Ok(Judged { prediction, is_kept: prediction >= self.threshold, tokens })
    }
}

fn with_predictions<'a>(
    classifier: &Classifier,
    documents: Vec<&'a Labelled>,
) -> Result<Vec<(f64, &'a Labelled)>, CorpusError> {
    documents.into_iter().map(|it| Ok((classifier.predict(it.vector.clone())?, it))).collect()
}

/// Keeps those with the smallest hashes, in the order of hashes: a sample that depends on the texts alone.
fn keep_smallest(labelled: &mut Vec<(String, Part, Labelled)>, most: usize) {
    labelled.sort_by(|a, b| a.0.cmp(&b.0));
    labelled.truncate(most);
}

fn tokens(document: &Document, tokenizer: Option<&Tokenizer>) -> Result<u64, CorpusError> {
    Ok(match tokenizer {
        Some(tokenizer) => encode(tokenizer, &document.text)?.len() as u64,
        None => words(&document.text).count() as u64,
    })
}
