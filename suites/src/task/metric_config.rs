//! Which metrics a task file asks for, and how they are put together.

use super::{Function, OutputType};
use serde::{Deserialize, Serialize};

/// One metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricConfig {
    /// Which.
    pub metric: Metric,
    /// How documents are put together; by default as the metric asks.
    #[serde(default)]
    pub aggregation: Option<Aggregation>,
    /// Whether a larger value is better; by default as the metric asks.
    #[serde(default)]
    pub higher_is_better: Option<bool>,
    /// `exact_match`: compare in lower case.
    #[serde(default)]
    pub ignore_case: bool,
    /// `exact_match`: compare without ASCII punctuation.
    #[serde(default)]
    pub ignore_punctuation: bool,
    /// `exact_match`: compare without ASCII digits.
    #[serde(default)]
    pub ignore_numbers: bool,
    /// `exact_match`: cut these patterns out of both sides first, in turn.
    #[serde(default)]
    pub regexes_to_ignore: Vec<String>,
    /// `exact_match` is Hugging Face's own in any case.
    #[serde(default)]
    pub hf_evaluate: bool,
}

impl MetricConfig {
    /// A metric with its own settings.
    #[must_use]
    pub fn new(metric: Metric) -> Self {
        Self {
            metric,
            aggregation: None,
            higher_is_better: None,
            ignore_case: false,
            ignore_punctuation: false,
            ignore_numbers: false,
            regexes_to_ignore: Vec::new(),
            hf_evaluate: false,
        }
    }

    /// How documents are put together.
    #[must_use]
    pub fn aggregation(&self) -> Aggregation {
        self.aggregation.unwrap_or_else(|| self.metric.aggregation())
    }

    /// Whether a larger value is better.
    #[must_use]
    pub fn higher_is_better(&self) -> bool {
        self.higher_is_better.unwrap_or_else(|| self.aggregation().higher_is_better())
    }
}

/// A metric by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "MetricName", into = "MetricName")]
pub enum Metric {
    /// The likeliest choice is the right one; without choices, the target is what the model says greedily.
    Acc,
    /// The likeliest choice per character is the right one.
    AccNorm,
    /// The likeliest choice per byte of UTF-8 is the right one.
    AccBytes,
    /// The choice that the question makes likelier than anything else is the right one.
    AccMutualInfo,
    /// The answer read out of the text equals the target; with choices, the right one is what the model says greedily.
    ExactMatch,
    /// F1 of the class 1 over documents, with choices.
    F1,
    /// Matthews' correlation between right and chosen class.
    Mcc,
    /// Squared distance between the choices' probabilities and the right answer.
    BrierScore,
    /// `exp` of the mean negative log-probability of the target.
    Perplexity,
    /// Perplexity of a text per word.
    WordPerplexity,
    /// Perplexity of a text per byte.
    BytePerplexity,
    /// Bits that the model needs for a byte of text.
    BitsPerByte,
    /// The program passes its tests: `pass@1` for the greedy one, `pass@k,sampled` for sampled ones.
    PassAtK,
    /// SQuAD v1.1's exact match.
    SquadExactMatch,
    /// SQuAD v1.1's F1 over words.
    SquadF1,
    /// The answers mean the same number, expression, interval or set: see [`crate::answers`].
    MathEquivalent,
    /// One that `process_results` gives.
    Named(String),
    /// A Python function.
    Function(Function),
}

/// How a metric stands in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum MetricName {
    Name(String),
    Function(Function),
}

/// Every metric that has a name of its own.
const NAMES: &[(Metric, &str)] = &[
    (Metric::Acc, "acc"),
    (Metric::AccNorm, "acc_norm"),
    (Metric::AccBytes, "acc_bytes"),
    (Metric::AccMutualInfo, "acc_mutual_info"),
    (Metric::ExactMatch, "exact_match"),
    (Metric::F1, "f1"),
    (Metric::Mcc, "mcc"),
    (Metric::BrierScore, "brier_score"),
    (Metric::Perplexity, "perplexity"),
    (Metric::WordPerplexity, "word_perplexity"),
    (Metric::BytePerplexity, "byte_perplexity"),
    (Metric::BitsPerByte, "bits_per_byte"),
    (Metric::PassAtK, "pass@k"),
    (Metric::SquadExactMatch, "squad_exact_match"),
    (Metric::SquadF1, "squad_f1"),
    (Metric::MathEquivalent, "math_equivalent"),
];

impl From<MetricName> for Metric {
    fn from(name: MetricName) -> Self {
        match name {
            MetricName::Function(function) => Self::Function(function),
            MetricName::Name(name) => {
                let known = NAMES.iter().find(|(_, known)| *known == name);
                known.map_or_else(|| Self::Named(name), |(metric, _)| metric.clone())
            }
        }
    }
}

impl From<Metric> for MetricName {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::Function(function) => Self::Function(function),
            other => Self::Name(other.key().to_owned()),
        }
    }
}

impl Metric {
    /// The name that stands in task files.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::Function(function) => &function.name,
            known => NAMES.iter().find(|(metric, _)| metric == known).map_or("", |(_, name)| name),
        }
    }

    /// The name that scores bear.
    #[must_use]
    pub fn score_name(&self) -> &str {
        match self {
            Self::SquadExactMatch => "exact_match",
            Self::SquadF1 => "f1",
            Self::PassAtK => "pass@1",
            other => other.key(),
        }
    }

    /// The names that there are, for messages.
    #[must_use]
    pub fn names() -> String {
        NAMES.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    }

    /// How documents are put together where the file doesn't say.
    fn aggregation(&self) -> Aggregation {
        match self {
            Self::F1 => Aggregation::F1,
            Self::Mcc => Aggregation::MatthewsCorrcoef,
            Self::BrierScore => Aggregation::BrierScore,
            Self::Perplexity => Aggregation::Perplexity,
            Self::WordPerplexity | Self::BytePerplexity => Aggregation::WeightedPerplexity,
            Self::BitsPerByte => Aggregation::BitsPerByte,
            _ => Aggregation::Mean,
        }
    }

    /// Whether it can be taken of this kind of answers.
    #[must_use]
    pub fn fits(&self, output: OutputType, is_code: bool) -> bool {
        use OutputType::{GenerateUntil, LogLikelihood, LogLikelihoodRolling, MultipleChoice};
        match self {
            Self::Acc => matches!(output, MultipleChoice | LogLikelihood),
            Self::AccNorm | Self::AccBytes | Self::AccMutualInfo | Self::F1 | Self::Mcc | Self::BrierScore => {
                output == MultipleChoice
            }
            Self::ExactMatch => output == MultipleChoice || (output == GenerateUntil && !is_code),
            Self::Perplexity => output == LogLikelihood,
            Self::WordPerplexity | Self::BytePerplexity | Self::BitsPerByte => output == LogLikelihoodRolling,
            Self::SquadExactMatch | Self::SquadF1 | Self::MathEquivalent => output == GenerateUntil && !is_code,
            Self::PassAtK => is_code,
            Self::Named(_) | Self::Function(_) => false,
        }
    }

    /// What lm-evaluation-harness measures where a file doesn't say.
    #[must_use]
    pub fn defaults(output: OutputType) -> Vec<MetricConfig> {
        let metrics: &[Metric] = match output {
            OutputType::MultipleChoice => &[Metric::Acc, Metric::AccNorm],
            OutputType::LogLikelihood => &[Metric::Perplexity, Metric::Acc],
            OutputType::LogLikelihoodRolling => &[Metric::WordPerplexity, Metric::BytePerplexity, Metric::BitsPerByte],
            OutputType::GenerateUntil => &[Metric::ExactMatch],
        };
        metrics.iter().cloned().map(MetricConfig::new).collect()
    }
}

/// How a metric's values over documents become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// The arithmetic mean.
    #[default]
    Mean,
    /// The arithmetic mean of what is a number.
    Nanmean,
    /// The upper one of the two in the middle, as lm-evaluation-harness takes it.
    Median,
    /// `exp` of the negative mean.
    Perplexity,
    /// `exp` of the negative sum over the sum of weights.
    WeightedPerplexity,
    /// The negative sum over the sum of weights, in bits.
    BitsPerByte,
    /// F1 of the class 1.
    F1,
    /// Matthews' correlation.
    MatthewsCorrcoef,
    /// The mean of squared distances.
    BrierScore,
}

impl Aggregation {
    /// Whether a larger value is better, where the file doesn't say.
    #[must_use]
    pub fn higher_is_better(self) -> bool {
        !matches!(self, Self::Perplexity | Self::WeightedPerplexity | Self::BitsPerByte | Self::BrierScore)
    }

    /// Whether it takes two numbers of each document: right and chosen class, or sum and weight.
    #[must_use]
    pub fn takes_pairs(self) -> bool {
        matches!(self, Self::WeightedPerplexity | Self::BitsPerByte | Self::F1 | Self::MatthewsCorrcoef)
    }
}
