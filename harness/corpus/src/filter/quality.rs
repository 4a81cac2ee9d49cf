//! How good a classifier is, on labels that it wasn't trained on.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Labelled, auc, spearman};

/// Held-out labels of one collection at the least, for an AUC of its own.
const LEAST_OF_AN_ORIGIN: usize = 30;

/// How well one cut of the labels is found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CutQuality {
    /// A document is good from this label on.
    pub cut: u8,
    /// Held-out documents that are.
    pub positives: usize,
    /// Area under the ROC curve; none where all are good or none is.
    pub auc: Option<f64>,
}

/// Predictions of about one value, and what the labels say of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Mean prediction.
    pub predicted: f64,
    /// Mean label.
    pub labelled: f64,
    /// Documents.
    pub documents: usize,
}

/// Documents of about one length, and what labels and predictions say of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LengthBin {
    /// Mean bytes.
    pub bytes: f64,
    /// Mean label.
    pub labelled: f64,
    /// Mean prediction.
    pub predicted: f64,
    /// Documents.
    pub documents: usize,
}

/// What is kept, as shares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Kept {
    /// Of the documents.
    pub documents: f64,
    /// Of the bytes.
    pub bytes: f64,
    /// Of the tokens; of words and signs without a tokenizer.
    pub tokens: f64,
}

impl Kept {
    /// From amounts kept and seen: documents, bytes, tokens.
    pub fn of(kept: [u64; 3], seen: [u64; 3]) -> Kept {
        let share = |i: usize| kept[i] as f64 / seen[i].max(1) as f64;
        Kept { documents: share(0), bytes: share(1), tokens: share(2) }
    }
}

/// The report on held-out labels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quality {
    /// Labels trained on.
    pub trained_on: usize,
    /// Held-out labels, which all that follows is measured by.
    pub held_out: usize,
    /// How many labels there are of 0, 1, ... 5, rounded.
    pub label_histogram: [usize; 6],
    /// How many predictions, rounded.
    pub prediction_histogram: [usize; 6],
    /// AUC at every cut.
    pub cuts: Vec<CutQuality>,
    /// The cut at which the threshold is judged.
    pub cut: f64,
    /// The prediction from which a document is kept.
    pub threshold: f64,
    /// Share of the kept documents that are good.
    pub precision: f64,
    /// Share of the good documents that are kept.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
    /// Predictions against labels, in ten bins of as many documents.
    pub calibration: Vec<CalibrationBin>,
    /// Spearman's correlation of predictions and labels.
    pub correlation_with_label: Option<f64>,
    /// Spearman's correlation of predictions and bytes. It lies above that of the labels even where length itself counts for
    /// nothing, since predictions lack the labels' noise.
    pub correlation_with_length: Option<f64>,
    /// Spearman's correlation of labels and bytes.
    pub label_correlation_with_length: Option<f64>,
    /// Spearman's correlation of errors (prediction minus label) and bytes: near 0, the classifier follows length only as far as
    /// its labels do.
    pub error_correlation_with_length: Option<f64>,
    /// Labels and predictions in five bins of as many documents, the shortest first.
    pub by_length: Vec<LengthBin>,
    /// AUC at the cut by collection, for those of 30 held-out labels or more.
    pub auc_by_origin: BTreeMap<String, f64>,
    /// The least of those.
    pub least_auc_of_an_origin: Option<f64>,
    /// What of the held-out documents is kept: what is to be expected of the corpus.
    pub predicted: Kept,
    /// What of the held-out documents their own labels would keep.
    pub by_labels: Kept,
}

impl Quality {
    /// Measures predictions of held-out documents.
    pub fn measure(held_out: &[(f64, &Labelled)], trained_on: usize, cut: f64, threshold: f64) -> Quality {
        let predictions: Vec<f64> = held_out.iter().map(|(prediction, _)| *prediction).collect();
        let labels: Vec<f64> = held_out.iter().map(|(_, it)| it.label).collect();
        let bytes: Vec<f64> = held_out.iter().map(|(_, it)| it.bytes as f64).collect();
        let errors: Vec<f64> = held_out.iter().map(|(prediction, it)| prediction - it.label).collect();
        let at = |cut: f64| labels.iter().map(|label| *label >= cut).collect::<Vec<bool>>();
        let cuts = (1..=5u8).map(|cut| {
            let positive = at(f64::from(cut));
            let positives = positive.iter().filter(|it| **it).count();
            CutQuality { cut, positives, auc: auc(&predictions, &positive) }
        });
        let count = |f: &dyn Fn(&(f64, &Labelled)) -> bool| held_out.iter().filter(|it| f(it)).count() as f64;
        let right = count(&|(prediction, it)| *prediction >= threshold && it.label >= cut);
        let kept = count(&|(prediction, _)| *prediction >= threshold);
        let good = count(&|(_, it)| it.label >= cut);
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let auc_by_origin = auc_by_origin(held_out, cut);
        Quality {
            trained_on,
            held_out: held_out.len(),
            label_histogram: histogram(&labels),
            prediction_histogram: histogram(&predictions),
            cuts: cuts.collect(),
            cut,
            threshold,
            precision: share(right, kept),
            recall: share(right, good),
            f1: share(2.0 * right, kept + good),
            calibration: calibration(held_out),
            correlation_with_label: spearman(&predictions, &labels),
            correlation_with_length: spearman(&predictions, &bytes),
            label_correlation_with_length: spearman(&labels, &bytes),
            error_correlation_with_length: spearman(&errors, &bytes),
            by_length: by_length(held_out),
            least_auc_of_an_origin: auc_by_origin.values().copied().min_by(f64::total_cmp),
            auc_by_origin,
            predicted: kept_where(held_out, |(prediction, _)| *prediction >= threshold),
            by_labels: kept_where(held_out, |(_, it)| it.label >= cut),
        }
    }
}

fn histogram(values: &[f64]) -> [usize; 6] {
    let mut counts = [0; 6];
    values.iter().for_each(|value| counts[value.round().clamp(0.0, 5.0) as usize] += 1);
    counts
}

fn calibration(held_out: &[(f64, &Labelled)]) -> Vec<CalibrationBin> {
    let bin = |bin: &[(f64, &Labelled)]| CalibrationBin {
        predicted: mean(bin, |it| it.0),
        labelled: mean(bin, |it| it.1.label),
        documents: bin.len(),
    };
    in_bins(held_out, 10, |it| it.0).iter().map(|it| bin(it)).collect()
}

fn by_length(held_out: &[(f64, &Labelled)]) -> Vec<LengthBin> {
    let bin = |bin: &[(f64, &Labelled)]| LengthBin {
        bytes: mean(bin, |it| it.1.bytes as f64),
        labelled: mean(bin, |it| it.1.label),
        predicted: mean(bin, |it| it.0),
        documents: bin.len(),
    };
    in_bins(held_out, 5, |it| it.1.bytes as f64).iter().map(|it| bin(it)).collect()
}

/// In so many bins of as many documents, by a value.
fn in_bins<'a>(
    held_out: &[(f64, &'a Labelled)],
    bins: usize,
    by: impl Fn(&(f64, &Labelled)) -> f64,
) -> Vec<Vec<(f64, &'a Labelled)>> {
    let mut sorted = held_out.to_vec();
    sorted.sort_by(|a, b| by(a).total_cmp(&by(b)));
    sorted.chunks(sorted.len().div_ceil(bins).max(1)).map(<[_]>::to_vec).collect()
}

fn mean(bin: &[(f64, &Labelled)], of: impl Fn(&(f64, &Labelled)) -> f64) -> f64 {
    bin.iter().map(of).sum::<f64>() / bin.len() as f64
}

fn auc_by_origin(held_out: &[(f64, &Labelled)], cut: f64) -> BTreeMap<String, f64> {
    let mut by_origin: BTreeMap<&str, (Vec<f64>, Vec<bool>)> = BTreeMap::new();
    for (prediction, it) in held_out {
        let (predictions, positive) = by_origin.entry(&it.origin).or_default();
        predictions.push(*prediction);
        positive.push(it.label >= cut);
    }
    let large = by_origin.into_iter().filter(|(_, (predictions, _))| predictions.len() >= LEAST_OF_AN_ORIGIN);
    large
        .filter_map(|(origin, (predictions, positive))| Some((origin.to_owned(), auc(&predictions, &positive)?)))
        .collect()
}

fn kept_where(held_out: &[(f64, &Labelled)], keeps: impl Fn(&(f64, &Labelled)) -> bool) -> Kept {
    let sum = |all: &mut dyn Iterator<Item = &(f64, &Labelled)>| {
        all.fold([0; 3], |sum: [u64; 3], (_, it)| [sum[0] + 1, sum[1] + it.bytes, sum[2] + it.tokens])
    };
    Kept::of(sum(&mut held_out.iter().filter(|it| keeps(it))), sum(&mut held_out.iter()))
}
