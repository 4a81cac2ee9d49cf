//! What a corpus holds, in numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tokenizers::Tokenizer;

use crate::check::CheckReport;
use crate::document::{Document, Kind};
use crate::error::CorpusError;
use crate::exercise::Exercise;
use crate::sources::Skipped;
use crate::tokenizer::encode;

/// Documents, bytes and tokens of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindStats {
    /// How many documents.
    pub documents: usize,
    /// Bytes of text.
    pub bytes: usize,
    /// Tokens, without end-of-text tokens.
    pub tokens: usize,
}

/// Everything counted about a corpus.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusStats {
    /// By kind of document.
    pub by_kind: BTreeMap<Kind, KindStats>,
    /// Exercises by concept.
    pub exercises_by_concept: BTreeMap<String, usize>,
    /// Exercises by difficulty.
    pub exercises_by_difficulty: BTreeMap<u8, usize>,
    /// Exercises thrown away since their solution fails.
    pub rejected_solution: usize,
    /// Exercises thrown away since their tests are too weak.
    pub rejected_weak_tests: usize,
    /// Training exercises longer than a row of tokens, which are left out.
    pub too_long: usize,
    /// What was passed over while reading sources.
    pub skipped: Skipped,
}

impl CorpusStats {
    /// Counts one document.
    ///
    /// # Errors
    /// [`CorpusError::Tokenizer`] where the tokenizer refuses the text.
    pub fn add_document(&mut self, document: &Document, tokenizer: &Tokenizer) -> Result<(), CorpusError> {
        self.add_text(document.kind, &document.text, tokenizer)
    }

    /// Counts one exercise, as the text that is trained on.
    ///
    /// # Errors
    /// [`CorpusError::Tokenizer`] where the tokenizer refuses the text.
    pub fn add_exercise(&mut self, exercise: &Exercise, tokenizer: &Tokenizer) -> Result<(), CorpusError> {
        *self.exercises_by_concept.entry(exercise.concept.clone()).or_default() += 1;
        *self.exercises_by_difficulty.entry(exercise.difficulty).or_default() += 1;
        self.add_text(Kind::Exercise, &exercise.training_text(), tokenizer)
    }

    /// Takes over what the check threw away.
    pub fn add_report(&mut self, report: &CheckReport) {
        self.rejected_solution += report.rejected_solution;
        self.rejected_weak_tests += report.rejected_weak_tests;
    }

    fn add_text(&mut self, kind: Kind, text: &str, tokenizer: &Tokenizer) -> Result<(), CorpusError> {
        let tokens = encode(tokenizer, text)?.len();
        let stats = self.by_kind.entry(kind).or_default();
        stats.documents += 1;
        stats.bytes += text.len();
        stats.tokens += tokens;
        Ok(())
    }
}
