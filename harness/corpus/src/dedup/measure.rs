//! How well near-duplicates are found: edited copies are planted, and their true similarity is computed exactly.

use serde::Serialize;

use super::minhash::jaccard;
use super::{DedupOptions, Deduplicator};
use crate::document::Document;
use crate::grammar::Dice;
use crate::lexer::words;

/// Shares of words that are replaced in a planted copy, in turn.
const EDIT_RATES: &[f64] = &[0.0, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1];
/// Shorter documents are not copied: one edit changes all of them.
const MIN_WORDS: usize = 40;

/// What was found of what was planted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// Documents that a copy was planted of.
    pub planted: usize,
    /// Copies whose exact similarity to their original is at or above the threshold.
    pub true_duplicates: usize,
    /// Share of those that were found.
    pub recall: f64,
    /// Documents that were called duplicates, copies or not.
    pub found: usize,
    /// Share of those whose exact similarity to the document they are said to repeat is at or above the threshold.
    pub precision: f64,
    /// The copies by their exact similarity.
    pub by_similarity: Vec<MeasuredBin>,
}

/// Planted copies of about one similarity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredBin {
    /// Least exact similarity, included.
    pub from: f64,
    /// Copies.
    pub copies: usize,
    /// Those that were found.
    pub found: usize,
}

/// Plants a copy of every document of 40 words or more, in which between none and a tenth of the words are replaced by
/// others, and looks for duplicates in documents and copies together.
pub fn measure_dedup(documents: &[Document], options: DedupOptions, seed: u64) -> Measured {
    let mut dice = Dice::new(seed, "planted duplicates");
    let mut all: Vec<(Document, Option<usize>)> = documents.iter().map(|it| (it.clone(), None)).collect();
    for (number, document) in documents.iter().enumerate() {
        if words(&document.text).take(MIN_WORDS).count() == MIN_WORDS {
            let rate = EDIT_RATES[number % EDIT_RATES.len()];
            // Another file ending, so that the copies of rate 0 aren't the same to the byte.
            let text = format!("{}\n\n", edit(&document.text, rate, &mut dice));
            let id = format!("planted/{number}");
            all.push((Document { id, text, ..document.clone() }, Some(number)));
        }
    }
    let mut dedup = Deduplicator::new(options);
    let fingerprint = dedup.fingerprinter();
    let shingles: Vec<Vec<u64>> = all.iter().map(|(it, _)| dedup.minhash.shingles(&it.text)).collect();
    let by_id: std::collections::HashMap<&str, usize> =
        all.iter().enumerate().map(|(i, (it, _))| (it.id.as_str(), i)).collect();
    let mut bins: Vec<MeasuredBin> =
        (0..=10).map(|i| MeasuredBin { from: f64::from(i) / 10.0, copies: 0, found: 0 }).collect();
    let (mut planted, mut true_duplicates, mut recalled, mut found, mut right) = (0, 0, 0, 0, 0);
    for (i, (document, original)) in all.iter().enumerate() {
        let duplicate = dedup.add(&document.id, &fingerprint(document));
        if let Some(duplicate) = &duplicate {
            found += 1;
            let of = by_id.get(duplicate.of.as_str()).copied().unwrap_or(i);
            right += usize::from(jaccard(&shingles[i], &shingles[of]) >= options.threshold);
        }
        if let Some(original) = original {
            let similarity = jaccard(&shingles[i], &shingles[*original]);
            planted += 1;
            let is_found = usize::from(duplicate.is_some());
            let bin = &mut bins[(similarity * 10.0) as usize];
            bin.copies += 1;
            bin.found += is_found;
            if similarity >= options.threshold {
                true_duplicates += 1;
                recalled += is_found;
            }
        }
    }
    let share = |part: usize, whole: usize| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
    Measured {
        planted,
        true_duplicates,
        recall: share(recalled, true_duplicates),
        found,
        precision: share(right, found),
        by_similarity: bins.into_iter().filter(|bin| bin.copies > 0).collect(),
    }
}

/// Replaces words by others, each with a probability of `rate`.
fn edit(text: &str, rate: f64, dice: &mut Dice) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    for word in words(text) {
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        if dice.chance(rate) && word.is_ascii() {
            out.push_str(&text[rest..at]);
            out.push_str(&format!("other_{}", dice.below(1_000_000)));
            rest = at + word.len();
        }
    }
    out.push_str(&text[rest..]);
    out
}
