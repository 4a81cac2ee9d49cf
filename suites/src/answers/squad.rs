//! SQuAD v1.1's metrics.
//!
//! Source: the official `evaluate-v1.1.py` (Rajpurkar et al. 2016, arXiv 1606.05250): lower case, without ASCII punctuation,
//! without the articles a, an, the, white space made single; the best over the right answers counts.

use std::collections::HashMap;

/// Whether the prediction is one of the right answers in normal form.
#[must_use]
pub fn squad_exact_match(prediction: &str, answers: &[String]) -> f64 {
    let prediction = words(prediction);
    f64::from(u8::from(answers.iter().any(|answer| words(answer) == prediction)))
}

/// The best F1 over words in common with a right answer.
#[must_use]
pub fn squad_f1(prediction: &str, answers: &[String]) -> f64 {
    let prediction = words(prediction);
    answers.iter().map(|answer| f1(&prediction, &words(answer))).fold(0.0, f64::max)
}

fn f1(prediction: &[String], answer: &[String]) -> f64 {
    let mut left: HashMap<&String, usize> = HashMap::new();
    for word in answer {
        *left.entry(word).or_default() += 1;
    }
    let mut common = 0;
    for word in prediction {
        if let Some(count) = left.get_mut(word).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    if common == 0 {
        return 0.0;
    }
    let precision = f64::from(common) / prediction.len() as f64;
    let recall = f64::from(common) / answer.len() as f64;
    2.0 * precision * recall / (precision + recall)
}

fn words(text: &str) -> Vec<String> {
    let mut text = text.to_lowercase();
    text.retain(|c| !c.is_ascii_punctuation());
    // What is left of letters and digits between other characters is a word to Python's `\b` too.
    let mut out = String::new();
    for piece in text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_') {
        let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        out.push_str(if matches!(word, "a" | "an" | "the") { " " } else { word });
        out.push_str(&piece[word.len()..]);
    }
    out.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{squad_exact_match, squad_f1};

    /// Python: `exact_match_score` and `f1_score` of `evaluate-v1.1.py`.
    #[test]
    fn scores_equal_the_official_script() {
        let answers = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let of = |prediction: &str, texts: &[&str]| {
            (squad_exact_match(prediction, &answers(texts)), squad_f1(prediction, &answers(texts)))
        };
        assert_eq!(of("The Denver Broncos.", &["Denver Broncos"]), (1.0, 1.0));
        assert_eq!(of("an  U.S. team", &["US team"]), (1.0, 1.0));
        assert_eq!(of("Broncos", &["Denver Broncos", "Panthers"]), (0.0, 2.0 / 3.0));
        assert_eq!(of("the the cat cat", &["cat"]), (0.0, 2.0 / 3.0));
        assert_eq!(of("", &["cat"]), (0.0, 0.0));
        assert_eq!(of("theatre", &["atre"]), (0.0, 0.0));
        assert_eq!(of("24–10", &["24–10"]), (1.0, 1.0));
    }
}
