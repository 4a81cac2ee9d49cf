//! What the tests of this crate share: a model that answers from a closure, and the reference results where they are.

// Each test file uses some of it, and says on stderr what it leaves out.
#![allow(dead_code, clippy::print_stderr, clippy::unwrap_used)]

use phi_suites::{
    Completion, DataRoot, Grade, GradeResult, Grader, LanguageModel, LogLikelihood, ModelError, Pair, Program, Prompt,
    StopReason,
};
use std::cell::RefCell;
use std::path::PathBuf;

/// A model that answers from closures.
pub struct Stub<L, G> {
    pub max_length: usize,
    pub likelihood: L,
    pub completion: G,
}

impl<L: Fn(&Pair) -> f64, G: Fn(&Prompt) -> String> LanguageModel for Stub<L, G> {
    fn name(&self) -> &str {
        "stub"
    }

    fn max_length(&self) -> usize {
        self.max_length
    }

    fn loglikelihood(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        Ok(pairs.iter().map(|pair| LogLikelihood { sum: (self.likelihood)(pair), is_greedy: false }).collect())
    }

    fn loglikelihood_rolling(&self, _: &[String]) -> Result<Vec<f64>, ModelError> {
        Err(ModelError::Model("the stub has no rolling log-likelihoods".to_owned()))
    }

    fn generate(&self, prompts: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        let complete = |prompt: &Prompt| Completion {
            text: (self.completion)(prompt),
            num_tokens: 1,
            stop_reason: StopReason::StopString,
            truncated_tokens: usize::from(prompt.text.len() > self.max_length),
        };
        Ok(prompts.iter().map(complete).collect())
    }
}

/// A stub that only writes.
pub fn writer<G: Fn(&Prompt) -> String>(completion: G) -> Stub<fn(&Pair) -> f64, G> {
    Stub { max_length: 2048, likelihood: |_| 0.0, completion }
}

/// A model that gives the log-likelihoods of a reference run, request after request.
pub struct Replay(RefCell<std::vec::IntoIter<LogLikelihood>>);

impl Replay {
    /// Of a file in the reference's folder `all`.
    pub fn new(all: &serde_json::Value) -> Self {
        let flat = |key: &str| -> Vec<f64> {
            let documents = all[key].as_array().unwrap().iter();
            documents.flat_map(|document| document.as_array().unwrap()).map(|value| value.as_f64().unwrap()).collect()
        };
        let answers: Vec<LogLikelihood> = flat("loglikelihood")
            .into_iter()
            .zip(flat("is_greedy"))
            .map(|(sum, greedy)| LogLikelihood { sum, is_greedy: greedy == 1.0 })
            .collect();
        Self(RefCell::new(answers.into_iter()))
    }
}

impl LanguageModel for Replay {
    fn name(&self) -> &str {
        "replay"
    }

    fn max_length(&self) -> usize {
        1024
    }

    fn loglikelihood(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        Ok(self.0.borrow_mut().by_ref().take(pairs.len()).collect())
    }

    fn loglikelihood_rolling(&self, _: &[String]) -> Result<Vec<f64>, ModelError> {
        Err(ModelError::Model("the replay has no rolling log-likelihoods".to_owned()))
    }

    fn generate(&self, _: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        Err(ModelError::Model("the replay doesn't write".to_owned()))
    }
}

/// The task and the shots of a reference setting: `arc_easy.5shot`.
pub fn task_and_shots(setting: &str) -> (&str, usize) {
    let (task, shots) = setting.strip_suffix("shot").unwrap().split_once('.').unwrap();
    (task, shots.parse().unwrap())
}

/// A sandbox that goes by words in the solution: `fault`, `right`, and anything else is wrong.
pub struct WordGrader;

impl Grader for WordGrader {
    fn grade(&self, program: &Program) -> Grade {
        let (result, verdict) = match &program.solution {
            text if text.contains("fault") => (GradeResult::Fault, "fault"),
            text if text.contains("right") => (GradeResult::Passed, "passed"),
            _ => (GradeResult::Failed, "failed"),
        };
        Grade {
            result,
            verdict: verdict.to_owned(),
            detail: String::new(),
            exception: None,
            fuel_used: 1,
            peak_memory_bytes: 1,
            wall_ms: 0.0,
        }
    }
}

/// The folder of benchmark data, where the environment names one; says so where it doesn't.
pub fn data_root(test: &str) -> Option<DataRoot> {
    match std::env::var_os("PHI_BENCH_DATA") {
        Some(folder) => Some(DataRoot::new(Some(folder.into()))),
        None => {
            eprintln!("{test}: left out, PHI_BENCH_DATA isn't set");
            None
        }
    }
}

/// A file of lm-evaluation-harness's reference results, which lie beside the data.
pub fn oracle(test: &str, file: &str) -> Option<serde_json::Value> {
    let folder = PathBuf::from(std::env::var_os("PHI_BENCH_DATA")?);
    let path = folder.join("../oracle").join(file);
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("{test}: left out, there is no {}", path.display());
        return None;
    };
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut text).unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    Some(serde_json::from_str(&text).unwrap())
}
