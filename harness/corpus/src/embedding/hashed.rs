//! Without a model: hashed counts of its words, their pairs, and the shape of its lines.

use crate::lexer::{hash, spread, words};

/// Length of a vector.
pub const DIMENSIONS: usize = 512;

/// The embedding of a text, of length 1: the logarithm of each bucket's count plus one, scaled. Texts of the same words
/// are near each other whatever their length.
pub fn hashed_ngrams(text: &str) -> Vec<f32> {
    let mut counts = [0u32; DIMENSIONS];
    let mut count = |hash: u64| counts[(hash % DIMENSIONS as u64) as usize] += 1;
    let mut before = 0;
    for line in text.lines() {
        let content = line.trim_start();
        if content.is_empty() {
            continue;
        }
        let indent = (line.len() - content.len()).min(40) / 4;
        count(spread(0x696e_6465_6e74 + indent as u64));
        for word in words(content) {
            let word = hash(word);
            count(word);
            count(spread(before ^ word.rotate_left(17)));
            before = word;
        }
    }
    let mut vector: Vec<f32> = counts.iter().map(|count| (*count as f32).ln_1p()).collect();
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|x| *x /= norm);
    }
    vector
}

/// The cosine of two vectors of length 1.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    // Sixteen sums at a time, which the compiler keeps in vector registers; one sum could not be reordered.
    const LANES: usize = 16;
    let mut sums = [0.0f32; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for (sum, (x, y)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f32>()
}
