//! How sure a score is, and whether a difference is one.
//!
//! Each file holds one method and says where it comes from. Nothing here knows of tasks or models: the input is numbers,
//! and the label of the cluster that each belongs to.
//!
//! | question | answer |
//! |---|---|
//! | how sure is the mean of these questions? | [`standard_error`], [`clustered_standard_error`] |
//! | an interval for a share of right answers | [`wilson`], [`jeffreys`], [`beta_binomial`] |
//! | an interval for a mean over questions that share clusters | [`cluster_t`], [`cluster_bootstrap`] |
//! | the same for any statistic of the questions | [`cluster_bootstrap_of`], [`harness_bootstrap_error`] |
//! | F1 and Matthews' correlation of classes | [`f1_of_class_one`], [`matthews_correlation`] |
//! | a sum over a sum, such as bits per byte | [`ratio`], [`ratio_uncertainty`] |
//! | perplexity of log-probabilities | [`perplexity`], [`perplexity_standard_error`] |
//! | how sure is the mean over tasks of different sizes? | [`pooled_standard_error`] |
//! | pass@k from n programs of which c pass | [`pass_at_k`] |
//! | is arm A better than arm B on the same questions? | [`paired`], [`mcnemar_exact`] |
//! | and over several seeds each? | [`crossed_paired`], [`crossed_comparison`] |
//! | and with several arms? | [`holm`] |
//! | what could have been seen at all? | [`minimum_detectable_effect`] |

mod beta;
mod bootstrap;
mod classes;
mod crossed;
mod harness_bootstrap;
mod holm;
mod mcnemar;
mod mean;
mod paired;
mod pass_at_k;
mod perplexity;
mod pooled;
mod power;
mod quantile;
mod ratio;
mod wilson;

pub use beta::{beta_binomial, jeffreys};
pub use bootstrap::{cluster_bootstrap, cluster_bootstrap_of};
pub use classes::{f1_of_class_one, matthews_correlation};
pub use crossed::{PairedComparison, crossed_comparison, crossed_paired};
pub use harness_bootstrap::harness_bootstrap_error;
pub use holm::holm;
pub use mcnemar::mcnemar_exact;
pub use mean::{cluster_count, cluster_t, clustered_standard_error, mean, standard_error};
pub use paired::{correlation, paired};
pub use pass_at_k::pass_at_k;
pub use perplexity::{perplexity, perplexity_standard_error};
pub use pooled::pooled_standard_error;
pub use power::minimum_detectable_effect;
pub use quantile::two_sided_p;
pub use ratio::{ratio, ratio_uncertainty};
pub use wilson::wilson;
