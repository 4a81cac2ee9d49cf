//! The filtered part of a corpus, for an ablation that compares it with the whole.

use rayon::prelude::*;

use super::{Classifier, Labelled, Learner};
use crate::document::Document;
use crate::embedding::hashed_ngrams;
use crate::error::CorpusError;

/// The best documents that make up `share` of the bytes, in their order, as a random forest on hashed n-grams sees them
/// that was trained on `labels`: the scores of documents by their place, such as a sample that was labelled. Ties go to the
/// document that comes first.
///
/// # Errors
/// [`CorpusError::Classifier`] where there are fewer than two labels.
pub fn filtered_subset(
    documents: &[Document],
    labels: &[(usize, f64)],
    share: f64,
    seed: u64,
) -> Result<Vec<Document>, CorpusError> {
    let labelled: Vec<Labelled> = labels
        .iter()
        .filter_map(|(place, label)| {
            let document = documents.get(*place)?;
            Some(Labelled {
                vector: hashed_ngrams(&document.text),
                label: *label,
                bytes: document.text.len() as u64,
                tokens: 0,
                origin: String::new(),
            })
        })
        .collect();
    let classifier = Classifier::train(Learner::RandomForest, &labelled.iter().collect::<Vec<_>>(), seed)?;
    let predict = |document: &Document| classifier.predict(hashed_ngrams(&document.text));
    let scores: Vec<f64> = documents.par_iter().map(predict).collect::<Result<_, _>>()?;
    let mut order: Vec<usize> = (0..documents.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    let wanted = share.clamp(0.0, 1.0) * documents.iter().map(|it| it.text.len() as f64).sum::<f64>();
    let mut kept = vec![];
    let mut bytes = 0.0;
    for place in order {
        let more = documents[place].text.len() as f64;
        if bytes + more <= wanted {
            bytes += more;
            kept.push(place);
        }
    }
    kept.sort_unstable();
    Ok(kept.into_iter().map(|place| documents[place].clone()).collect())
}
