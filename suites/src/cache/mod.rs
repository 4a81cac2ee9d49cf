//! Answers that are kept: a killed evaluation goes on where it was, and a repeated one is read.
//!
//! There is one file a model, named by the hash of the model's content ([`LanguageModel::content_hash`]), never by its name
//! alone. An answer is found by the SHA-256 of the request, which has the whole text and all that decides the answer: stop
//! strings, number of tokens, temperature, seed. So a changed task, model or setting is another request, and nothing stale is
//! ever read.

mod file;

use crate::{ChatMessage, Completion, LanguageModel, LogLikelihood, ModelError, ModelFacts, Pair, Prompt};
pub use file::AnswerFile;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// Why answers can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The model says nothing that tells it from others.
    #[error("answers of {model} can't be kept: nothing tells it from other models of that name; use --no-cache")]
    NoIdentity {
        /// Its name.
        model: String,
    },
    /// The file can't be read or written.
    #[error("can't keep answers in {}: {source}; mend that, name another folder by --use-cache, or use --no-cache", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// A model whose answers are kept in a file as soon as they are given, and read from there when they are asked for again.
pub struct CachedModel<'a> {
    model: &'a dyn LanguageModel,
    file: RefCell<AnswerFile>,
    counts: RefCell<CacheCounts>,
}

/// How many answers came from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CacheCounts {
    /// Read from the file.
    pub read: usize,
    /// Given by the model.
    pub asked: usize,
}

impl<'a> CachedModel<'a> {
    /// Keeps the answers of `model` in `folder`.
    ///
    /// # Errors
    /// [`CacheError::NoIdentity`] for a model that neither has a content hash nor describes itself; [`CacheError::File`] where
    /// the file can't be read or made.
    pub fn new(model: &'a dyn LanguageModel, folder: &Path) -> Result<Self, CacheError> {
        let described = || model.self_description().map(|described| format!("served {}", hash(described.as_bytes())));
        let identity = model.content_hash().or_else(described);
        let identity = identity.ok_or_else(|| CacheError::NoIdentity { model: model.name().to_owned() })?;
        let path = folder.join(format!("{}.jsonl", identity.replace([' ', '/', '\\', ':'], "-")));
        let file = AnswerFile::open(&path).map_err(|source| CacheError::File { path, source })?;
        Ok(Self { model, file: RefCell::new(file), counts: RefCell::default() })
    }

    /// How many answers came from where so far.
    #[must_use]
    pub fn counts(&self) -> CacheCounts {
        *self.counts.borrow()
    }

    /// Answers from the file; the others by `ask`, which hands on each as it comes, and then kept.
    fn answers<Q, A>(
        &self,
        kind: &str,
        requests: &[Q],
        ask: impl FnOnce(&[Q], &mut dyn FnMut(usize, A)) -> Result<(), ModelError>,
    ) -> Result<Vec<A>, ModelError>
    where
        Q: Serialize + Clone,
        A: Serialize + DeserializeOwned + Clone,
    {
        let keys: Vec<String> = requests.iter().map(|request| key(kind, request)).collect();
        let mut answers: Vec<Option<A>> = keys.iter().map(|key| self.file.borrow().get(key)).collect();
        // A request that comes twice is asked once.
        let mut missing: Vec<usize> = (0..requests.len()).filter(|&i| answers[i].is_none()).collect();
        let mut seen = std::collections::HashSet::new();
        missing.retain(|&i| seen.insert(&keys[i]));
        self.counts.borrow_mut().read += requests.len() - missing.len();
        if !missing.is_empty() {
            let asked: Vec<Q> = missing.iter().map(|&i| requests[i].clone()).collect();
            let mut failed = None;
            let mut keep = |index: usize, answer: A| {
                let Some(&at) = missing.get(index) else { return };
                if let Err(error) = self.file.borrow_mut().put(&keys[at], &answer) {
                    failed.get_or_insert(error);
                }
                self.counts.borrow_mut().asked += 1;
                answers[at] = Some(answer);
            };
            let given = ask(&asked, &mut keep);
            if let Some(source) = failed {
                let path = self.file.borrow().path().to_owned();
                return Err(ModelError::Model(CacheError::File { path, source }.to_string()));
            }
            given?;
        }
        let by_key: std::collections::HashMap<&String, A> =
            keys.iter().zip(&answers).filter_map(|(key, answer)| Some((key, answer.clone()?))).collect();
        // Fewer answers than requests are the caller's to complain of, as they are without a cache.
        Ok(keys.iter().filter_map(|key| by_key.get(key).cloned()).collect())
    }
}

impl LanguageModel for CachedModel<'_> {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn max_length(&self) -> usize {
        self.model.max_length()
    }

    fn content_hash(&self) -> Option<String> {
        self.model.content_hash()
    }

    fn self_description(&self) -> Option<String> {
        self.model.self_description()
    }

    fn facts(&self) -> ModelFacts {
        self.model.facts()
    }

    fn apply_chat_template(&self, messages: &[ChatMessage]) -> Result<String, ModelError> {
        self.model.apply_chat_template(messages)
    }

    fn loglikelihood(&self, pairs: &[Pair]) -> Result<Vec<LogLikelihood>, ModelError> {
        self.answers("loglikelihood", pairs, |pairs, answered| self.model.loglikelihood_each(pairs, answered))
    }

    fn overflow(&self, pairs: &[Pair]) -> Option<Vec<usize>> {
        self.model.overflow(pairs)
    }

    fn loglikelihood_rolling(&self, texts: &[String]) -> Result<Vec<f64>, ModelError> {
        self.answers("loglikelihood_rolling", texts, |texts, answered| {
            self.model.loglikelihood_rolling(texts)?.into_iter().enumerate().for_each(|(i, sum)| answered(i, sum));
            Ok(())
        })
    }

    fn generate(&self, prompts: &[Prompt]) -> Result<Vec<Completion>, ModelError> {
        self.answers("generate", prompts, |prompts, answered| self.model.generate_each(prompts, answered))
    }
}

/// What a request is found by.
fn key(kind: &str, request: &impl Serialize) -> String {
    let text = serde_json::to_string(&(kind, request)).expect("requests are plain JSON");
    hash(text.as_bytes())
}

fn hash(bytes: &[u8]) -> String {
    crate::request::hex(&Sha256::digest(bytes))
}
