//! The samples that the report carries: a bounded choice, the same questions for every arm.

use crate::{Result, Run};
use phi_suites::Sample;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Questions shown, over all tasks.
const MAX_QUESTIONS: usize = 60;
/// Answers shown of one question by one arm.
const MAX_RESPONSES: usize = 4;
/// Letters shown of one text.
const MAX_LETTERS: usize = 4_000;

#[derive(Serialize)]
struct Browser<'a> {
    arms: Vec<&'a str>,
    questions: Vec<Question>,
}

#[derive(Serialize)]
struct Question {
    task: String,
    key: String,
    group: String,
    prompt: String,
    target: String,
    answers: Vec<Answer>,
}

#[derive(Serialize)]
struct Answer {
    /// Index into `arms`.
    arm: usize,
    seed: u64,
    /// `passed`, `failed`, `right`, `wrong` ...
    verdict: String,
    responses: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_likelihood: Option<f64>,
}

/// The choice as JSON that may stand in a `<script>` element: no `<`, `>` or `&` is left in it.
pub(super) fn json(run: &Run) -> Result<String> {
    let mut arms: Vec<&str> = Vec::new();
    for arm in &run.arms {
        if !arms.contains(&arm.arm.as_str()) {
            arms.push(&arm.arm);
        }
    }
    let questions = collect(run, &arms);
    let chosen = choose(&questions);
    let text = serde_json::to_string(&Browser { questions: chosen.iter().map(|q| question(q)).collect(), arms })?;
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            _ => safe.push(c),
        }
    }
    Ok(safe)
}

/// One question with the answer of each arm at the arm's first seed: (arm's index, seed, sample).
type Answered<'a> = Vec<(usize, u64, &'a Sample)>;

fn collect<'a>(run: &'a Run, arms: &[&str]) -> Vec<Answered<'a>> {
    let mut questions: BTreeMap<(&str, usize, &str), Answered<'a>> = BTreeMap::new();
    for (index, arm) in arms.iter().enumerate() {
        let Some(first) = run.arms.iter().find(|a| a.arm == *arm) else { continue };
        for sample in &first.samples {
            questions.entry((&sample.task, sample.doc_id, &sample.key)).or_default().push((index, first.seed, sample));
        }
    }
    questions.into_values().collect()
}

/// Takes turns over task, group and outcome (all right, all wrong, the arms differ), so that each kind is seen.
fn choose<'q, 'a>(questions: &'q [Answered<'a>]) -> Vec<&'q Answered<'a>> {
    let mut strata: BTreeMap<(&str, &str, Outcome), VecDeque<usize>> = BTreeMap::new();
    for (i, answers) in questions.iter().enumerate() {
        let verdicts: BTreeSet<bool> = answers.iter().map(|(_, _, sample)| is_right(sample)).collect();
        let outcome = match (verdicts.contains(&true), verdicts.contains(&false)) {
            (true, true) => Outcome::Differ,
            (true, false) => Outcome::Right,
            _ => Outcome::Wrong,
        };
        let sample = answers[0].2;
        strata.entry((&sample.task, &sample.group, outcome)).or_default().push_back(i);
    }
    let mut chosen = BTreeSet::new();
    while chosen.len() < MAX_QUESTIONS && strata.values().any(|s| !s.is_empty()) {
        for stratum in strata.values_mut() {
            if chosen.len() < MAX_QUESTIONS
                && let Some(i) = stratum.pop_front()
            {
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

/// The first metric of the usual ones decides; for code it is the first program's verdict.
fn is_right(sample: &Sample) -> bool {
    if let Some(verdict) = sample.responses.first().and_then(|r| r.verdict.as_deref()) {
        return verdict == "passed";
    }
    const USUAL: [&str; 4] = ["pass@1", "acc", "exact_match", "acc_norm"];
    let usual = USUAL.iter().find_map(|name| {
        sample.metrics.iter().find(|(metric, _)| metric.as_str() == *name || metric.starts_with(&format!("{name},")))
    });
    usual.or_else(|| sample.metrics.iter().next()).is_some_and(|(_, value)| *value >= 0.5)
}

fn question(answers: &Answered<'_>) -> Question {
    let sample = answers[0].2;
    Question {
        task: sample.task.clone(),
        key: sample.key.clone(),
        group: sample.group.clone(),
        prompt: cut(&sample.prompt),
        target: cut(&sample.target),
        answers: answers.iter().map(|(arm, seed, sample)| answer(*arm, *seed, sample)).collect(),
    }
}

fn answer(arm: usize, seed: u64, sample: &Sample) -> Answer {
    let verdict = match sample.responses.first().and_then(|r| r.verdict.clone()) {
        Some(verdict) => verdict,
        None if is_right(sample) => "right".to_owned(),
        None => "wrong".to_owned(),
    };
    let responses = sample
        .responses
        .iter()
        .take(MAX_RESPONSES)
        .map(|r| Shown {
            text: cut(&r.text),
            verdict: r.verdict.clone(),
            detail: r.detail.as_deref().map(cut),
            log_likelihood: r.log_likelihood,
        })
        .collect();
    Answer { arm, seed, verdict, responses }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_LETTERS) {
        Some((end, _)) => format!("{}\n… (cut)", &text[..end]),
        None => text.to_owned(),
    }
}
