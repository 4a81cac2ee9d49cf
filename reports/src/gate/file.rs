//! The baseline file: lines of JSON that people can read and git can merge.
//!
//! ```text
//! {"phi_bench_baseline":2}
//!
//! {"arm":"phi","task":"arc_easy","metric":"acc","value":0.5,"stderr":0.35,"n":2,"higher_is_better":true,"seeds":[0],"run":"61ab..."}
//! ["0-5f2ce0a1",1]
//! ["1-77d0b3c9",0]
//! ```
//!
//! A score's line is followed by a line a question: its key, and its value at each seed (`null` where a seed has none).
//! Scores and questions are sorted, and nothing in the file changes but what changed in a score, so that branches that
//! changed different scores merge. An empty line keeps the blocks apart: git takes changes in lines that touch for one.

use super::score::BaselineScore;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Version of the layout.
const VERSION: u64 = 2;
/// The first line's field.
const MARK: &str = "phi_bench_baseline";
/// How far a value may lie from the mean of its questions, which are rounded to 12 decimals.
const ROUNDING: f64 = 1e-9;

/// A score's line.
#[derive(Serialize, Deserialize)]
struct Head {
    arm: String,
    task: String,
    metric: String,
    value: f64,
    stderr: Option<f64>,
    n: usize,
    higher_is_better: bool,
    seeds: Vec<u64>,
    run: String,
}

/// The layout before this one: a document whose scores hold their questions.
#[derive(Deserialize)]
struct Version1 {
    schema: u64,
    run: String,
    scores: Vec<Score1>,
}

#[derive(Deserialize)]
struct Score1 {
    arm: String,
    task: String,
    metric: String,
    higher_is_better: bool,
    value: f64,
    stderr: f64,
    n: usize,
    seeds: Vec<u64>,
    questions: BTreeMap<String, Vec<Option<f64>>>,
}

/// The text of these scores.
pub(super) fn write(scores: &[BaselineScore]) -> serde_json::Result<String> {
    let mut sorted: Vec<&BaselineScore> = scores.iter().collect();
    sorted.sort_by_key(|s| s.name());
    let mut out = format!("{{\"{MARK}\":{VERSION}}}\n");
    for score in sorted {
        let head = Head {
            arm: score.arm.clone(),
            task: score.task.clone(),
            metric: score.metric.clone(),
            value: score.value,
            stderr: score.stderr,
            n: score.n,
            higher_is_better: score.higher_is_better,
            seeds: score.seeds.clone(),
            run: score.run.clone(),
        };
        out.push('\n');
        out.push_str(&serde_json::to_string(&head)?);
        out.push('\n');
        for (question, values) in &score.questions {
            let mut line = vec![Value::from(question.as_str())];
            line.extend(values.iter().map(|value| short(*value)));
            out.push_str(&serde_json::to_string(&line)?);
            out.push('\n');
        }
    }
    Ok(out)
}

/// `1` for `1.0`: most values are right or wrong.
fn short(value: Option<f64>) -> Value {
    match value {
        Some(v) if v.fract() == 0.0 && v.abs() < 1e9 => Value::from(v as i64),
        value => Value::from(value),
    }
}

/// The scores of this text, sorted.
///
/// # Errors
/// What did not fit, with its line.
pub(super) fn read(text: &str) -> Result<Vec<BaselineScore>, String> {
    let first = text.lines().next().unwrap_or_default();
    let mut scores = match serde_json::from_str::<Value>(first) {
        Ok(head) if head.get(MARK).is_some() => read_lines(text, &head[MARK])?,
        _ if text.starts_with('{') && text.contains("\"schema\"") => read_version_1(text)?,
        _ if text.lines().any(is_conflict) => return Err(conflict(text)),
        _ => return Err(format!("line 1: it doesn't begin with {{\"{MARK}\":{VERSION}}}")),
    };
    scores.sort_by(|a, b| a.name().cmp(&b.name()));
    if let Some(pair) = scores.windows(2).find(|pair| pair[0].name() == pair[1].name()) {
        let (arm, task, metric) = pair[0].name();
        return Err(format!("it holds the score {arm} {task} {metric} twice"));
    }
    Ok(scores)
}

fn read_lines(text: &str, version: &Value) -> Result<Vec<BaselineScore>, String> {
    if *version != VERSION {
        return Err(format!("line 1: it has version {version}, and this program knows versions up to {VERSION}"));
    }
    let mut scores: Vec<BaselineScore> = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1).map(|(i, line)| (i + 1, line.trim())) {
        let fault = |detail: String| format!("line {number}: {detail}");
        match line.chars().next() {
            None => {}
            Some('{') => {
                let head: Head = serde_json::from_str(line).map_err(|e| fault(e.to_string()))?;
                scores.push(of_head(head));
            }
            Some('[') => {
                let score = scores.last_mut().ok_or_else(|| fault("a question before any score".to_owned()))?;
                add_question(score, line).map_err(fault)?;
            }
            Some(_) if is_conflict(line) => return Err(conflict(text)),
            Some(_) => return Err(fault("neither a score nor a question".to_owned())),
        }
    }
    scores.iter().try_for_each(fits)?;
    Ok(scores)
}

fn of_head(head: Head) -> BaselineScore {
    BaselineScore {
        run: head.run,
        arm: head.arm,
        task: head.task,
        metric: head.metric,
        higher_is_better: head.higher_is_better,
        value: head.value,
        stderr: head.stderr,
        n: head.n,
        seeds: head.seeds,
        questions: BTreeMap::new(),
    }
}

fn add_question(score: &mut BaselineScore, line: &str) -> Result<(), String> {
    let cells: Vec<Value> = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let Some((Value::String(key), values)) = cells.split_first() else {
        return Err("a question begins with its key, a string".to_owned());
    };
    if values.len() != score.seeds.len() {
        return Err(format!("{} values for {} seeds", values.len(), score.seeds.len()));
    }
    let number = |cell: &Value| match cell {
        Value::Null => Ok(None),
        cell => cell.as_f64().map(Some).ok_or_else(|| format!("{cell} is no number")),
    };
    let values = values.iter().map(number).collect::<Result<Vec<_>, _>>()?;
    match score.questions.insert(key.clone(), values) {
        None => Ok(()),
        Some(_) => Err(format!("the question {key:?} stands twice")),
    }
}

/// A merge may have mixed two branches' questions of one score: its value then isn't theirs.
fn fits(score: &BaselineScore) -> Result<(), String> {
    let Some(value) = score.value_of_questions() else { return Ok(()) };
    let (arm, task, metric) = score.name();
    let tolerance = ROUNDING * value.abs().max(1.0);
    if (value - score.value).abs() > tolerance || score.n != score.questions.len() {
        return Err(format!(
            "the score {arm} {task} {metric} says {} over {} questions, but its questions give {value} over {}",
            score.value,
            score.n,
            score.questions.len()
        ));
    }
    let seeds: BTreeSet<u64> = score.seeds.iter().copied().collect();
    if seeds.len() != score.seeds.len() {
        return Err(format!("the score {arm} {task} {metric} has a seed twice"));
    }
    Ok(())
}

fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark))
}

fn conflict(text: &str) -> String {
    let number = text.lines().position(is_conflict).map_or(1, |i| i + 1);
    format!("line {number}: an unresolved conflict of git's: both branches changed this score")
}

fn read_version_1(text: &str) -> Result<Vec<BaselineScore>, String> {
    let old: Version1 = serde_json::from_str(text).map_err(|e| e.to_string())?;
    if old.schema != 1 {
        return Err(format!("it has version {}, and this program knows versions up to {VERSION}", old.schema));
    }
    let of = |s: Score1| {
        let mut score = BaselineScore {
            run: old.run.clone(),
            arm: s.arm,
            task: s.task,
            metric: s.metric,
            higher_is_better: s.higher_is_better,
            value: s.value,
            stderr: Some(s.stderr),
            n: s.n,
            seeds: s.seeds,
            questions: s.questions,
        };
        // Version 1 kept a perplexity's mean log-probability.
        score.value = score.value_of_questions().unwrap_or(score.value);
        score
    };
    Ok(old.scores.into_iter().map(of).collect())
}
