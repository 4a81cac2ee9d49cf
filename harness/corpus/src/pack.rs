//! Tokens in rows of equal length, ready for training.

use phi_model::PackedTokens;

/// Joins documents, each followed by `end_of_text`, and cuts the stream into rows that overlap by one token, so that
/// every token but the first is a target once. What doesn't fill the last row is dropped.
pub fn pack(documents: impl IntoIterator<Item = Vec<u32>>, end_of_text: u32, seq_len: usize) -> PackedTokens {
    let mut rows = PackedTokens::new(seq_len);
    let mut stream = vec![];
    for document in documents {
        stream.extend(document);
        stream.push(end_of_text);
        let full = stream.len().saturating_sub(1) / seq_len;
        for row in 0..full {
            rows.push(&stream[row * seq_len..=(row + 1) * seq_len], |_| true, |_| false);
        }
        stream.drain(..full * seq_len);
    }
    rows
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
    /// Every token but the first.
    #[default]
    PromptAndBody,
    /// The solution and the end of text behind it.
    Body,
}

/// Packed exercises, and how many were longer than a row and had to be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedExercises {
    /// The rows.
    pub rows: PackedTokens,
    /// Exercises that no row can hold.
    pub num_too_long: usize,
}

/// A row that is being filled.
#[derive(Default)]
struct Row {
    tokens: Vec<u32>,
    counts: Vec<bool>,
    starts: Vec<bool>,
}

/// Packs whole exercises into rows: an exercise begins a new row when the current one can't hold it. Each is a sequence
/// of its own, which doesn't see those before it, as a prompt stands alone when a model is scored. Each is followed by
/// `end_of_text`, which counts towards the loss; the padding, of the same token, doesn't.
pub fn pack_exercises(
    exercises: impl IntoIterator<Item = EncodedExercise>,
    end_of_text: u32,
    seq_len: usize,
    loss_on: LossOn,
) -> PackedExercises {
    let width = seq_len + 1;
    let mut rows = PackedTokens::new(seq_len);
    let mut num_too_long = 0;
    let mut row = Row::default();
    let mut close = |row: &mut Row| {
        let Row { mut tokens, mut counts, mut starts } = std::mem::take(row);
        if !tokens.is_empty() {
            starts.resize(width, false);
            if let Some(first_padding) = starts.get_mut(tokens.len()) {
                *first_padding = true;
            }
            tokens.resize(width, end_of_text);
            counts.resize(width, false);
            // Token j is the target of place j - 1; a row's first token is nobody's target.
            rows.push(&tokens, |i| counts[i + 1], |i| starts[i]);
        }
    };
    for exercise in exercises {
        let len = exercise.prompt.len() + exercise.body.len() + 1;
        if len > width {
            num_too_long += 1;
            continue;
        }
        if row.tokens.len() + len > width {
            close(&mut row);
        }
        let prompt_counts = loss_on == LossOn::PromptAndBody;
        row.starts.extend((0..len).map(|i| i == 0));
        row.counts.extend((0..len).map(|i| i > 0 && (prompt_counts || i >= exercise.prompt.len())));
        row.tokens.extend(exercise.prompt);
        row.tokens.extend(exercise.body);
        row.tokens.push(end_of_text);
    }
    close(&mut row);
    PackedExercises { rows, num_too_long }
}
