//! Forests and boosted trees that predict a label from a vector.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::xgboost::{XGRegressor, XGRegressorParameters};

use super::Labelled;
use crate::error::CorpusError;

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learner {
    /// The mean of trees that each see a sample of documents and dimensions (Breiman 2001), as in phi-1.
    RandomForest,
    /// Trees that each mend what those before got wrong (Friedman 2001).
    Boosting,
}

impl fmt::Display for Learner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Learner::RandomForest => "random-forest",
            Learner::Boosting => "boosting",
        })
    }
}

impl FromStr for Learner {
    type Err = String;

    fn from_str(text: &str) -> Result<Learner, String> {
        match text {
            "random-forest" => Ok(Learner::RandomForest),
            "boosting" => Ok(Learner::Boosting),
            _ => Err(format!("{text} is neither random-forest nor boosting")),
        }
    }
}

type Matrix = DenseMatrix<f32>;
type Forest = RandomForestRegressor<f32, f64, Matrix, Vec<f64>>;
type Boosted = XGRegressor<f32, f64, Matrix, Vec<f64>>;

/// Forests of a random forest: they are grown side by side, and their number is fixed so that threads change nothing.
const FORESTS: u64 = 8;
const TREES_OF_A_FOREST: usize = 16;
const BOOSTED_TREES: usize = 60;

/// A trained predictor of labels.
pub enum Classifier {
    /// A random forest, in parts.
    Forests(Vec<Forest>),
    /// Boosted trees.
    Boosted(Box<Boosted>),
}

impl Classifier {
    /// Trains on labelled documents.
    ///
    /// # Errors
    /// [`CorpusError::Classifier`] where there are fewer than two documents.
    pub fn train(learner: Learner, documents: &[&Labelled], seed: u64) -> Result<Classifier, CorpusError> {
        let failed = |error: smartcore::error::Failed| CorpusError::Classifier(error.to_string());
        if documents.len() < 2 {
            return Err(CorpusError::Classifier(format!("{} labels to train on; give more", documents.len())));
        }
        let values: Vec<f32> = documents.iter().flat_map(|it| it.vector.iter().copied()).collect();
        let x = Matrix::new(documents.len(), documents[0].vector.len(), values, false).map_err(failed)?;
        let y: Vec<f64> = documents.iter().map(|it| it.label).collect();
        match learner {
            Learner::RandomForest => {
                let grow = |number: u64| {
                    let parameters = RandomForestRegressorParameters::default()
                        .with_n_trees(TREES_OF_A_FOREST)
                        .with_max_depth(14)
                        .with_min_samples_leaf(2)
                        .with_seed(seed.wrapping_mul(FORESTS).wrapping_add(number));
                    Forest::fit(&x, &y, parameters).map_err(failed)
                };
                let forests = (0..FORESTS).into_par_iter().map(grow).collect::<Result<_, _>>()?;
                Ok(Classifier::Forests(forests))
            }
            Learner::Boosting => {
                let parameters = XGRegressorParameters::default()
                    .with_n_estimators(BOOSTED_TREES)
                    .with_max_depth(4)
                    .with_learning_rate(0.2)
                    .with_base_score(y.iter().sum::<f64>() / y.len() as f64)
                    .with_seed(seed);
                Boosted::fit(&x, &y, parameters).map(|it| Classifier::Boosted(Box::new(it))).map_err(failed)
            }
        }
    }

    /// The label that a vector's document would have, from 0 to 5.
    ///
    /// # Errors
    /// [`CorpusError::Classifier`] where the vector has another length than those trained on.
    pub fn predict(&self, vector: Vec<f32>) -> Result<f64, CorpusError> {
        let failed = |error: smartcore::error::Failed| CorpusError::Classifier(error.to_string());
        let x = Matrix::new(1, vector.len(), vector, false).map_err(failed)?;
        let predicted = match self {
            Classifier::Forests(forests) => {
                let mut sum = 0.0;
                for forest in forests {
                    sum += forest.predict(&x).map_err(failed)?.first().copied().unwrap_or(0.0);
                }
                sum / forests.len() as f64
            }
            Classifier::Boosted(boosted) => {
                f64::from(boosted.predict(&x).map_err(failed)?.first().copied().unwrap_or(0.0))
            }
        };
        Ok(predicted.clamp(0.0, 5.0))
    }
}
