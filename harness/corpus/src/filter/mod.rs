//! A classifier of documents, trained on the labels of some, that filters the rest (phi-1, section 2.1).
//!
//! Documents are embedded, a random forest (phi-1's choice) or gradient boosting predicts the label from 0 to 5, and
//! held-out labels say how well: see [`Quality`]. Everything is seeded, and no result depends on threads.

mod ablation;
mod classifier;
mod metrics;
mod quality;
mod trained;

pub use ablation::filtered_subset;
pub use classifier::{Classifier, Learner};
pub use metrics::{auc, spearman};
pub use quality::{CalibrationBin, CutQuality, Kept, LengthBin, Quality};

pub use trained::{Judged, TrainedFilter, TrainingOptions};

use crate::document::Document;

/// A labelled document, embedded.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// [`crate::embedding`]'s vector, or a model's.
    pub vector: Vec<f32>,
    /// From 0 to 5.
    pub label: f64,
    /// Bytes of its text.
    pub bytes: u64,
    /// Its tokens, or words and signs without a tokenizer.
    pub tokens: u64,
    /// [`Document::origin`].
    pub origin: String,
}

/// What a labelled document is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// To train on: 7 of 10.
    Train,
    /// To choose the threshold by: 1 of 10.
    Tune,
    /// To measure the quality by: 2 of 10.
    HeldOut,
}

impl Part {
    /// The part of a document: a function of its text alone (and of the seed), so that copies fall into the same one.
    pub fn of(document: &Document, seed: u64) -> Part {
        match crate::lexer::spread(crate::lexer::hash(document.content_hash().as_bytes()) ^ seed) % 10 {
            0..7 => Part::Train,
            7 => Part::Tune,
            _ => Part::HeldOut,
        }
    }
}

/// Which documents are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Keep {
    /// Those with a prediction of at least this.
    Threshold(f64),
    /// The best ones that make up this share of the bytes.
    ShareOfBytes(f64),
    /// Those with a prediction of at least what separates the labels at the cut best (F1).
    BestF1,
}

/// The threshold at which the best documents make up a share of the bytes: of predictions with the bytes of their documents.
pub fn threshold_of_share(mut documents: Vec<(f64, u64)>, share: f64) -> f64 {
    documents.sort_by(|a, b| b.0.total_cmp(&a.0));
    let wanted = share * documents.iter().map(|(_, bytes)| *bytes as f64).sum::<f64>();
    let mut kept = 0.0;
    for (prediction, bytes) in documents {
        kept += bytes as f64;
        if kept >= wanted {
            return prediction;
        }
    }
    f64::NEG_INFINITY
}

/// The threshold that `keep` means, chosen on predictions and labels that the classifier wasn't trained on.
/// `cut` is the label from which a document is good.
pub fn threshold(keep: Keep, tune: &[(f64, &Labelled)], cut: f64) -> f64 {
    let mut sorted: Vec<(f64, &Labelled)> = tune.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    match keep {
        Keep::Threshold(threshold) => threshold,
        Keep::ShareOfBytes(share) => {
            threshold_of_share(sorted.iter().map(|(prediction, it)| (*prediction, it.bytes)).collect(), share)
        }
        Keep::BestF1 => {
            let positives = sorted.iter().filter(|(_, it)| it.label >= cut).count() as f64;
            let (mut true_positives, mut best) = (0.0, (0.0, cut));
            for (i, (prediction, it)) in sorted.iter().enumerate() {
                true_positives += f64::from(u8::from(it.label >= cut));
                let f1 = 2.0 * true_positives / (positives + (i + 1) as f64);
                if f1 > best.0 {
                    best = (f1, *prediction);
                }
            }
            best.1
        }
    }
}
