//! Answers that are kept: found by content, whole after a kill, the same to the byte.

#![allow(clippy::unwrap_used)]

use phi_suites::{
    CacheCounts, CacheError, CachedModel, Completion, LanguageModel, LogLikelihood, ModelError, Pair, Prompt, Sampling,
    StopReason,
};
use std::cell::Cell;
use std::io::Write;
use std::path::Path;

/// Counts what it is asked, and fails after so many answers.
struct Counting {
    hash: Option<&'static str>,
    asked: Cell<usize>,
    fails_after: usize,
}

impl Counting {
    fn new(hash: Option<&'static str>) -> Self {
        Self { hash, asked: Cell::new(0), fails_after: usize::MAX }
    }

    fn count(&self) -> Result<usize, ModelError> {
        if self.asked.get() == self.fails_after {
            return Err(ModelError::Interrupted);
        }
        self.asked.set(self.asked.get() + 1);
        Ok(self.asked.get())
    }
}

impl LanguageModel for Counting {
    fn name(&self) -> &str {
        "counting"
    }
    fn max_length(&self) -> usize {
        100
    }
    fn content_hash(&self) -> Option<String> {
        self.hash.map(str::to_owned)
    }
    fn loglikelihood(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        let answer = |pair: &Pair| {
            self.count()?;
            Ok(LogLikelihood { sum: -(pair.continuation.len() as f64) / 3.0 * 0.1, is_greedy: true })
        };
        pairs.iter().map(answer).collect()
    }
    fn loglikelihood_rolling(&self, texts: &[String]) -> Result<Vec<f64>, ModelError> {
        texts.iter().map(|text| self.count().map(|_| -(text.len() as f64) * 0.7)).collect()
    }
    fn generate(&self, prompts: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        let mut answers = Vec::new();
        self.generate_each(prompts, &mut |_, answer| answers.push(answer))?;
        Ok(answers)
    }
    fn generate_each(&self, prompts: &[Prompt], answered: &mut dyn FnMut(usize, Completion)) -> Result<(), ModelError> {
        for (i, prompt) in prompts.iter().enumerate() {
            self.count()?;
            let text = format!("{} é\n{:?}", prompt.text, prompt.sampling);
            answered(i, Completion { text, num_tokens: 3, stop_reason: StopReason::Length, truncated_tokens: 1 });
        }
        Ok(())
    }
}

fn prompts(range: std::ops::Range<usize>) -> Vec<Prompt> {
    let prompt = |i: usize| Prompt {
        text: format!("prompt {i}"),
        stop: vec!["\n".to_owned()],
        max_tokens: 10,
        sampling: Sampling::Greedy,
    };
    range.map(prompt).collect()
}

fn pairs(count: usize) -> Vec<Pair> {
    (0..count).map(|i| Pair { context: "c".to_owned(), continuation: "x".repeat(i + 1) }).collect()
}

fn only_file(folder: &Path) -> std::path::PathBuf {
    std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn an_answer_is_asked_for_once_and_read_back_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let model = Counting::new(Some("abc"));
    let first = CachedModel::new(&model, folder.path()).unwrap();
    let (likelihoods, completions) = (first.loglikelihood(&pairs(7)).unwrap(), first.generate(&prompts(0..5)).unwrap());
    let rolling = first.loglikelihood_rolling(&["abc".to_owned()]).unwrap();
    drop(first);
    let again = CachedModel::new(&model, folder.path()).unwrap();
    assert_eq!(again.loglikelihood(&pairs(7)).unwrap(), likelihoods);
    assert_eq!(again.generate(&prompts(0..5)).unwrap(), completions);
    assert_eq!(again.loglikelihood_rolling(&["abc".to_owned()]).unwrap(), rolling);
    assert_eq!((model.asked.get(), again.counts()), (13, CacheCounts { read: 13, asked: 0 }));
}

#[test]
fn nothing_is_found_by_a_name_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (Counting::new(Some("abc")), Counting::new(Some("abd")));
    CachedModel::new(&one, folder.path()).unwrap().generate(&prompts(0..2)).unwrap();
    CachedModel::new(&other, folder.path()).unwrap().generate(&prompts(0..2)).unwrap();
    assert_eq!(other.asked.get(), 2, "the same name with another content is another model");
    let unknown = Counting::new(None);
    let error = CachedModel::new(&unknown, folder.path()).err().unwrap();
    assert!(matches!(error, CacheError::NoIdentity { .. }) && error.to_string().contains("--no-cache"), "{error}");
}

#[test]
fn every_setting_of_a_request_counts() {
    let folder = tempfile::tempdir().unwrap();
    let model = Counting::new(Some("abc"));
    let cached = CachedModel::new(&model, folder.path()).unwrap();
    let base = prompts(0..1).remove(0);
    let nucleus = |seed| Sampling::Nucleus { temperature: 0.5, top_p: 1.0, seed };
    let variants = vec![
        base.clone(),
        Prompt { max_tokens: 11, ..base.clone() },
        Prompt { stop: Vec::new(), ..base.clone() },
        Prompt { sampling: nucleus(1), ..base.clone() },
        Prompt { sampling: nucleus(2), ..base.clone() },
        Prompt { text: "prompt 0 ".to_owned(), ..base },
    ];
    cached.generate(&variants).unwrap();
    cached.generate(&variants).unwrap();
    assert_eq!(model.asked.get(), 6);
    // The same request twice in one call is one.
    cached.generate(&[prompts(9..10), prompts(9..10)].concat()).unwrap();
    assert_eq!(model.asked.get(), 7);
}

#[test]
fn answers_before_a_fault_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let failing = Counting { fails_after: 4, ..Counting::new(Some("abc")) };
    let cached = CachedModel::new(&failing, folder.path()).unwrap();
    assert_eq!(cached.generate(&prompts(0..10)).unwrap_err(), ModelError::Interrupted);
    let model = Counting::new(Some("abc"));
    let gone_on = CachedModel::new(&model, folder.path()).unwrap().generate(&prompts(0..10)).unwrap();
    assert_eq!(model.asked.get(), 6);
    let unbroken = Counting::new(Some("other"));
    assert_eq!(gone_on, CachedModel::new(&unbroken, folder.path()).unwrap().generate(&prompts(0..10)).unwrap());
}

#[test]
fn a_line_cut_short_anywhere_spoils_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let model = Counting::new(Some("abc"));
    let expected = CachedModel::new(&model, folder.path()).unwrap().generate(&prompts(0..4)).unwrap();
    let whole = std::fs::read(only_file(folder.path())).unwrap();
    for cut in (0..whole.len()).step_by(7) {
        std::fs::write(only_file(folder.path()), &whole[..cut]).unwrap();
        let model = Counting::new(Some("abc"));
        let answers = CachedModel::new(&model, folder.path()).unwrap().generate(&prompts(0..4)).unwrap();
        assert_eq!(answers, expected, "cut at {cut}");
        // What was written behind the cut is read the next time.
        let model = Counting::new(Some("abc"));
        assert_eq!(CachedModel::new(&model, folder.path()).unwrap().generate(&prompts(0..4)).unwrap(), expected);
        assert_eq!(model.asked.get(), 0, "cut at {cut}");
    }
    let mut file = std::fs::OpenOptions::new().append(true).open(only_file(folder.path())).unwrap();
    file.write_all(b"\xff\xfe nonsense \x00\n{\"key\": 3}\n").unwrap();
    assert_eq!(CachedModel::new(&model, folder.path()).unwrap().generate(&prompts(0..4)).unwrap(), expected);
}

#[test]
fn two_writers_at_once_spoil_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for worker in 0..4usize {
            let path = folder.path();
            scope.spawn(move || {
                let model = Counting::new(Some("abc"));
                let cached = CachedModel::new(&model, path).unwrap();
                for i in 0..50 {
                    cached.generate(&prompts(worker * 50 + i..worker * 50 + i + 1)).unwrap();
                }
            });
        }
    });
    let model = Counting::new(Some("abc"));
    CachedModel::new(&model, folder.path()).unwrap().generate(&prompts(0..200)).unwrap();
    assert_eq!(model.asked.get(), 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = CachedModel::new(&Counting::new(Some("abc")), &file).err().unwrap().to_string();
    assert!(error.contains("file") && error.contains("--use-cache"), "{error}");
}
