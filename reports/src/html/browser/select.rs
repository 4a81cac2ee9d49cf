//! Which questions a page carries when not all have room, and whether an answer is right.

use super::Answered;
use phi_suites::Sample;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// As many questions as have room for at most so many answers. Takes turns over task, group and outcome (all right, all
/// wrong, the sources differ), so that each kind is seen.
pub(super) fn choose<'q, 'a>(questions: &'q [Answered<'a>], max_answers: usize) -> Vec<&'q Answered<'a>> {
    if questions.iter().map(Vec::len).sum::<usize>() <= max_answers {
        return questions.iter().collect();
    }
    let mut strata: BTreeMap<(&str, &str, Outcome), VecDeque<usize>> = BTreeMap::new();
    for (i, answers) in questions.iter().enumerate() {
        let sample = answers[0].1;
        strata.entry((&sample.task, &sample.group, Outcome::of(answers))).or_default().push_back(i);
    }
    let mut room = max_answers;
    let mut chosen = BTreeSet::new();
    while room > 0 && strata.values().any(|s| !s.is_empty()) {
        for stratum in strata.values_mut() {
            if let Some(i) = stratum.pop_front() {
                let answers = questions[i].len();
                if answers > room {
                    room = 0;
                    break;
                }
                room -= answers;
                chosen.insert(i);
            }
        }
    }
    chosen.into_iter().map(|i| &questions[i]).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Differ,
    Right,
    Wrong,
}

impl Outcome {
    fn of(answers: &Answered<'_>) -> Self {
        let verdicts: BTreeSet<bool> = answers.iter().map(|(_, sample)| is_right(sample)).collect();
        match (verdicts.contains(&true), verdicts.contains(&false)) {
            (true, true) => Self::Differ,
            (true, false) => Self::Right,
            _ => Self::Wrong,
        }
    }
}

/// Metrics that say whether an answer is right, the one that counts first.
pub(crate) const USUAL_METRICS: [&str; 5] = ["pass@1", "acc", "exact_match", "acc_norm", "em"];

/// The first metric of the usual ones decides; for code it is the first program's verdict.
pub(super) fn is_right(sample: &Sample) -> bool {
    if let Some(verdict) = sample.responses.first().and_then(|r| r.verdict.as_deref()) {
        return verdict == "passed";
    }
    let usual = USUAL_METRICS
        .iter()
        .find_map(|name| sample.metrics.iter().find(|(metric, _)| metric.split(',').next() == Some(*name)));
    usual.or_else(|| sample.metrics.iter().next()).is_some_and(|(_, value)| *value >= 0.5)
}

/// `passed`, `failed` ... of the first program; `right` or `wrong` where no program was run.
pub(super) fn verdict(sample: &Sample) -> &str {
    match sample.responses.first().and_then(|r| r.verdict.as_deref()) {
        Some(verdict) => verdict,
        None if is_right(sample) => "right",
        None => "wrong",
    }
}
