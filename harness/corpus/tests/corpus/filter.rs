//! The classifier: it learns, its figures are right, and nothing depends on threads.

use phi_corpus::documents::scores::{Score, ScoreWriter, Scores};
use phi_corpus::documents::{Input, ReadOptions, Reader};
use phi_corpus::embedding::Embedder;
use phi_corpus::filter::{Keep, Learner, TrainedFilter, TrainingOptions, auc, filtered_subset, spearman};
use phi_corpus::label::rubric;
use phi_corpus::{CorpusError, stdlib_sources};
use proptest::prelude::*;

const OPTIONS: TrainingOptions =
    TrainingOptions { learner: Learner::RandomForest, keep: Keep::BestF1, cut: 4.0, max_labels: 10_000, seed: 3 };

/// Scores of the standard library: by the rubric, or by whether a document speaks of classes.
fn scores(folder: &std::path::Path, of: impl Fn(&str) -> f64) -> Scores {
    let path = folder.join("stdlib.scores.jsonl");
    let mut writer = ScoreWriter::open(&path, "test").unwrap();
    for document in stdlib_sources().unwrap() {
        let (id, hash) = (document.id.clone(), document.content_hash());
        let score = Score { id, hash, labeller: "test".into(), score: of(&document.text), reason: String::new() };
        writer.write(&score).unwrap();
    }
    writer.flush().unwrap();
    Scores::load(&path).unwrap()
}

fn train(scores: &Scores, options: TrainingOptions) -> Result<TrainedFilter, CorpusError> {
    let reader = Reader::open(&Input::Stdlib, ReadOptions::default()).unwrap();
    TrainedFilter::train(reader, "@stdlib", scores, None, Embedder::HashedNgrams, options)
}

#[test]
fn what_words_give_away_is_learnt_by_both_learners() {
    let folder = tempfile::tempdir().unwrap();
    let scores = scores(folder.path(), |text| if text.matches("class ").count() > 3 { 5.0 } else { 1.0 });
    for learner in [Learner::RandomForest, Learner::Boosting] {
        let quality = train(&scores, TrainingOptions { learner, ..OPTIONS }).unwrap().quality;
        let area = quality.cuts[3].auc.unwrap();
        assert!(area > 0.85, "{learner}: {area}");
        assert!(quality.held_out > 60, "{learner}: {quality:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_filter_on_one_thread_and_on_three() {
    let folder = tempfile::tempdir().unwrap();
    let scores = scores(folder.path(), |text| rubric(text).points);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| train(&scores, OPTIONS).unwrap().quality)
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn scores_of_other_documents_and_too_few_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.scores.jsonl");
    let mut writer = ScoreWriter::open(&path, "test").unwrap();
    let foreign =
        Score { id: "x".into(), hash: "0".repeat(32), labeller: "test".into(), score: 1.0, reason: String::new() };
    writer.write(&foreign).unwrap();
    writer.flush().unwrap();
    assert!(matches!(train(&Scores::load(&path).unwrap(), OPTIONS), Err(CorpusError::ForeignScores { scores: 1, .. })));
    let document = &stdlib_sources().unwrap()[0];
    writer.write(&Score { id: document.id.clone(), hash: document.content_hash(), ..foreign }).unwrap();
    writer.flush().unwrap();
    assert!(matches!(train(&Scores::load(&path).unwrap(), OPTIONS), Err(CorpusError::Classifier(_))));
}

#[test]
fn a_filtered_subset_holds_the_best_documents_of_its_share() {
    let documents = stdlib_sources().unwrap();
    let bytes = |documents: &[phi_corpus::Document]| documents.iter().map(|it| it.text.len()).sum::<usize>() as f64;
    let labels: Vec<(usize, f64)> =
        (0..documents.len()).step_by(2).map(|i| (i, rubric(&documents[i].text).points)).collect();
    let kept = filtered_subset(&documents, &labels, 0.25, 0).unwrap();
    let share = bytes(&kept) / bytes(&documents);
    assert!(share <= 0.25 && share > 0.24, "{share}");
    // Of the documents without a label, too, better ones are kept.
    let unlabelled: Vec<phi_corpus::Document> = documents.iter().skip(1).step_by(2).cloned().collect();
    let kept_unlabelled: Vec<phi_corpus::Document> =
        kept.iter().filter(|it| unlabelled.contains(it)).cloned().collect();
    let mean = |documents: &[phi_corpus::Document]| {
        documents.iter().map(|it| rubric(&it.text).points).sum::<f64>() / documents.len() as f64
    };
    assert!(mean(&kept) > mean(&documents) + 0.3, "{} of {}", mean(&kept), mean(&documents));
    assert!(mean(&kept_unlabelled) > mean(&unlabelled) + 0.1, "{} of {}", mean(&kept_unlabelled), mean(&unlabelled));
    assert_eq!(kept, filtered_subset(&documents, &labels, 0.25, 0).unwrap());
}

/// The definition: over all pairs of a positive and a negative.
fn auc_by_definition(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let (mut sum, mut pairs) = (0.0, 0.0);
    for (a, _) in scores.iter().zip(positive).filter(|(_, is)| **is) {
        for (b, _) in scores.iter().zip(positive).filter(|(_, is)| !**is) {
            pairs += 1.0;
            sum += if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            };
        }
    }
    (pairs > 0.0).then(|| sum / pairs)
}

proptest! {
    #[test]
    fn auc_is_its_definition(values in prop::collection::vec((0u8..6, any::<bool>()), 0..40)) {
        let scores: Vec<f64> = values.iter().map(|(value, _)| f64::from(*value)).collect();
        let positive: Vec<bool> = values.iter().map(|(_, is)| *is).collect();
        match (auc(&scores, &positive), auc_by_definition(&scores, &positive)) {
            (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-12),
            (a, b) => prop_assert_eq!(a, b),
        }
    }
}

#[test]
fn rank_correlation_sees_order_only() {
    let a = [1.0, 2.0, 3.0, 4.0];
    assert!((spearman(&a, &[1.0, 10.0, 100.0, 1000.0]).unwrap() - 1.0).abs() < 1e-12);
    assert!((spearman(&a, &[4.0, 3.0, 2.0, 1.0]).unwrap() + 1.0).abs() < 1e-12);
    assert_eq!(spearman(&a, &[1.0; 4]), None);
}
