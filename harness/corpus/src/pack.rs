//! Tokens in rows of equal length, ready for training.

use crate::grammar::Dice;

/// Rows of `seq_len + 1` tokens: inputs are the first `seq_len`, targets the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedTokens {
    pub(crate) seq_len: usize,
    /// `[num_rows, seq_len + 1]`, row after row.
    pub(crate) tokens: Vec<u32>,
    /// `[num_rows, seq_len]`: whether a target counts. `None` where all do.
    pub(crate) mask: Option<Vec<u8>>,
}

impl PackedTokens {
    /// Targets a row.
    pub fn seq_len(&self) -> usize {
        self.seq_len
    }

    /// How many rows there are.
    pub fn num_rows(&self) -> usize {
        self.tokens.len() / (self.seq_len + 1)
    }

    /// How many targets count towards the loss.
    pub fn num_targets(&self) -> usize {
        match &self.mask {
            Some(mask) => mask.iter().filter(|counts| **counts != 0).count(),
            None => self.num_rows() * self.seq_len,
        }
    }

    /// Row `i`: `seq_len + 1` tokens.
    pub fn row(&self, i: usize) -> &[u32] {
        &self.tokens[i * (self.seq_len + 1)..][..self.seq_len + 1]
    }

    /// For each of row `i`'s `seq_len` targets whether it counts (1) or not (0); `None` where all count.
    pub fn mask(&self, i: usize) -> Option<&[u8]> {
        self.mask.as_ref().map(|mask| &mask[i * self.seq_len..][..self.seq_len])
    }

    /// Takes a random share of the rows out for validation, at least one where there are two or more: `(train, validation)`.
    pub fn split_validation(&self, share: f64, seed: u64) -> (Self, Self) {
        let n = self.num_rows();
        let mut order: Vec<usize> = (0..n).collect();
        Dice::new(seed, "validation rows").shuffle(&mut order);
        let wanted = ((n as f64 * share.clamp(0.0, 1.0)).round() as usize).max(usize::from(n > 1 && share > 0.0));
        let (validation, train) = order.split_at_mut(wanted.min(n));
        validation.sort_unstable();
        train.sort_unstable();
        (self.select(train), self.select(validation))
    }

    /// The given rows in the given order.
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            seq_len: self.seq_len,
            tokens: rows.iter().flat_map(|i| self.row(*i).iter().copied()).collect(),
            mask: self
                .mask
                .is_some()
                .then(|| rows.iter().flat_map(|i| self.mask(*i).unwrap_or_default().iter().copied()).collect()),
        }
    }
}

/// Joins documents, each followed by `end_of_text`, and cuts the stream into rows that overlap by one token, so that
/// every token but the first is a target once. What doesn't fill the last row is dropped.
pub fn pack(documents: impl IntoIterator<Item = Vec<u32>>, end_of_text: u32, seq_len: usize) -> PackedTokens {
    let mut stream = vec![];
    for document in documents {
        stream.extend(document);
        stream.push(end_of_text);
    }
    let num_rows = stream.len().saturating_sub(1) / seq_len.max(1);
    let mut tokens = Vec::with_capacity(num_rows * (seq_len + 1));
    for row in 0..num_rows {
        tokens.extend_from_slice(&stream[row * seq_len..=(row + 1) * seq_len]);
    }
    PackedTokens { seq_len, tokens, mask: None }
}

/// An exercise as tokens, cut at the boundary between prompt and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedExercise {
    /// Signature and docstring.
    pub prompt: Vec<u32>,
    /// The solution.
    pub body: Vec<u32>,
}

/// Which tokens of an exercise count towards the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LossOn {
    /// Every token.
    #[default]
    PromptAndBody,
    /// The solution and the end of text behind it.
    Body,
}

/// Packed exercises, and how many were longer than a row and had to be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedExercises {
    /// The rows, with a mask.
    pub rows: PackedTokens,
    /// Exercises that no row can hold.
    pub num_too_long: usize,
}

/// Packs whole exercises into rows: an exercise begins a new row when the current one can't hold it. Each is followed by
/// `end_of_text`, which counts towards the loss; the padding, of the same token, doesn't.
pub fn pack_exercises(
    exercises: impl IntoIterator<Item = EncodedExercise>,
    end_of_text: u32,
    seq_len: usize,
    loss_on: LossOn,
) -> PackedExercises {
    let width = seq_len + 1;
    let (mut tokens, mut mask): (Vec<u32>, Vec<u8>) = (vec![], vec![]);
    let (mut row, mut counts): (Vec<u32>, Vec<u8>) = (vec![], vec![]);
    let mut num_too_long = 0;
    let mut close = |row: &mut Vec<u32>, counts: &mut Vec<u8>| {
        if !row.is_empty() {
            row.resize(width, end_of_text);
            counts.resize(width, 0);
            tokens.append(row);
            // Token j is the target of place j - 1; a row's first token is nobody's target.
            mask.extend(counts.drain(..).skip(1));
        }
    };
    for exercise in exercises {
        let len = exercise.prompt.len() + exercise.body.len() + 1;
        if len > width {
            num_too_long += 1;
            continue;
        }
        if row.len() + len > width {
            close(&mut row, &mut counts);
        }
        let prompt_counts = u8::from(loss_on == LossOn::PromptAndBody);
        counts.extend(std::iter::repeat_n(prompt_counts, exercise.prompt.len()));
        counts.extend(std::iter::repeat_n(1, exercise.body.len() + 1));
        row.extend(exercise.prompt);
        row.extend(exercise.body);
        row.push(end_of_text);
    }
    close(&mut row, &mut counts);
    PackedExercises { rows: PackedTokens { seq_len, tokens, mask: Some(mask) }, num_too_long }
}
