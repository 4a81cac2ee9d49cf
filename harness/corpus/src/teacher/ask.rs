//! A question and its answer.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use phi_openai::{Client, Generated, OpenAiError};
use phi_suites::AnswerFile;

use super::ledger::{Admission, Ledger, Tokens};
use super::question::tokens;
use super::{Budget, Question, Spending, TeacherError};

/// What became of a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<T> {
    /// What was asked for.
    Of(T),
    /// Nothing that can be used, after all attempts.
    Unusable {
        /// What is wrong with the last reply.
        reason: String,
        /// The last reply; empty where there is none.
        reply: String,
    },
}

/// How a teacher is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TeacherOptions {
    /// What the job may cost.
    pub budget: Budget,
    /// How often a question is put whose answer is of no use.
    pub attempts: u32,
}

/// A model behind a server, whose answers are kept in a file as soon as they come; several threads may ask at once.
pub struct Teacher {
    client: Client,
    options: TeacherOptions,
    path: PathBuf,
    state: Mutex<State>,
    /// Something ended: an answer came, or a reservation was given back.
    ended: Condvar,
    /// Whether the server is still asked for answers of a schema.
    uses_schemas: AtomicBool,
    usable: AtomicU64,
    unusable: AtomicU64,
}

struct State {
    answers: AnswerFile,
    ledger: Ledger,
    /// Keys of questions that are under way.
    under_way: HashSet<String>,
    /// Keys of answers that the ledger knows.
    counted: HashSet<String>,
}

/// So many first answers of no use are enough.
const ENOUGH_OF_NO_USE: u64 = 20;

/// One reply, or why there is none to this question, though there may be to others.
type Reply = Result<Generated, Refused>;

/// The server says no to a question, or answers with nonsense.
struct Refused {
    reason: String,
    /// Whether asking again is of use.
    may_pass: bool,
}

impl fmt::Debug for Teacher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teacher").field("client", &self.client).field("path", &self.path).finish_non_exhaustive()
    }
}

impl Teacher {
    /// A teacher whose answers are kept in a file of `folder` that bears its model's name. Nothing is asked yet.
    ///
    /// # Errors
    /// [`TeacherError::Cache`] where the file can't be read or made.
    pub fn new(client: Client, folder: &Path, options: TeacherOptions) -> Result<Teacher, TeacherError> {
        let model = &client.settings().model;
        let name: String = model.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        let hash = blake3::hash(model.as_bytes()).to_hex();
        let path = folder.join(format!("{}-{}.jsonl", &name[..name.len().min(80)], &hash[..8]));
        let answers = AnswerFile::open(&path).map_err(|source| TeacherError::Cache { path: path.clone(), source })?;
        let ledger = Ledger::new(options.budget);
        let state = State { answers, ledger, under_way: HashSet::new(), counted: HashSet::new() };
        Ok(Teacher {
            client,
            options,
            path,
            state: Mutex::new(state),
            ended: Condvar::new(),
            uses_schemas: AtomicBool::new(true),
            usable: AtomicU64::new(0),
            unusable: AtomicU64::new(0),
        })
    }

    /// The model's name, as the server knows it.
    pub fn model(&self) -> &str {
        &self.client.settings().model
    }

    /// Questions that may be under way at once.
    pub fn num_concurrent(&self) -> usize {
        self.client.settings().num_concurrent
    }

    /// Where answers are kept.
    pub fn answers_path(&self) -> &Path {
        &self.path
    }

    /// What the job may cost.
    pub fn budget(&self) -> &Budget {
        &self.options.budget
    }

    /// What the job has cost so far.
    pub fn spending(&self) -> Spending {
        self.lock().ledger.spending()
    }

    /// Puts a question until `read` makes something of a reply, at most as often as the options say. A reply of no use is
    /// shown to the model again, with what `read` says is wrong. Each reply is kept, so that the same question never costs
    /// twice, and counted once a job.
    ///
    /// # Errors
    /// The budget is spent, the server fails, or none of its first answers is of use.
    pub fn ask<T>(
        &self,
        question: &Question,
        read: impl Fn(&Generated) -> Result<T, String>,
    ) -> Result<Answer<T>, TeacherError> {
        let mut next = question.clone();
        let (mut reason, mut last) = (String::new(), String::new());
        for attempt in 1..=self.options.attempts.max(1) {
            match self.reply(&next)? {
                Err(refused) => {
                    reason = refused.reason;
                    if !refused.may_pass {
                        break;
                    }
                }
                Ok(reply) => match read(&reply) {
                    Ok(answer) => {
                        self.usable.fetch_add(1, Ordering::Relaxed);
                        return Ok(Answer::Of(answer));
                    }
                    Err(wrong) => {
                        (reason, last) = (wrong, reply.text);
                        next = question.again(attempt, &last, &reason);
                    }
                },
            }
        }
        let tried = self.unusable.fetch_add(1, Ordering::Relaxed) + 1;
        if tried >= ENOUGH_OF_NO_USE && self.usable.load(Ordering::Relaxed) == 0 {
            return Err(TeacherError::Unusable { model: self.model().to_owned(), tried, reason });
        }
        Ok(Answer::Unusable { reason, reply: last })
    }

    /// The tokens that the first reply to a question took, where it is kept; they count as spent from now on.
    pub(super) fn paid_for(&self, question: &Question) -> Option<Tokens> {
        let key = question.key(self.model());
        let mut state = self.lock();
        let reply: Generated = state.answers.get(&key)?;
        let (taken, _) = taken(question, &reply);
        if state.counted.insert(key) {
            state.ledger.count_earlier(taken);
        }
        Some(taken)
    }

    /// One reply: kept, or asked for.
    fn reply(&self, question: &Question) -> Result<Reply, TeacherError> {
        let key = question.key(self.model());
        let reckoned = question.reckoned();
        let mut state = self.lock();
        let reserved = loop {
            if let Some(reply) = state.answers.get::<Generated>(&key) {
                if state.counted.insert(key) {
                    state.ledger.count_earlier(taken(question, &reply).0);
                }
                return Ok(Ok(reply));
            }
            // The same question is under way: its answer will do.
            if !state.under_way.contains(&key) {
                match state.ledger.admit(reckoned) {
                    Admission::Granted(reserved) => break reserved,
                    Admission::Later => {}
                    Admission::Spent => return Err(TeacherError::BudgetSpent),
                }
            }
            state = self.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        state.under_way.insert(key.clone());
        drop(state);
        let answered = self.send(question);
        let mut state = self.lock();
        state.under_way.remove(&key);
        let result = match answered {
            Ok(Ok(reply)) => {
                let (taken, is_told) = taken(question, &reply);
                state.ledger.settle(reserved, reckoned, Some(taken), is_told);
                let kept = state.answers.put(&key, &reply);
                state.counted.insert(key);
                kept.map(|()| Ok(reply)).map_err(|source| TeacherError::Cache { path: self.path.clone(), source })
            }
            other => {
                state.ledger.settle(reserved, reckoned, None, true);
                other.map_err(TeacherError::Server)
            }
        };
        drop(state);
        self.ended.notify_all();
        result
    }

    /// Asks the server. What it says no to, or answers with nonsense, is a matter of this question; the rest is an error.
    fn send(&self, question: &Question) -> Result<Reply, OpenAiError> {
        let plain = || {
            let how = phi_openai::Generate { schema: None, ..question.how.clone() };
            self.client.chat(&question.messages, &how)
        };
        let with_schema = question.how.schema.is_some() && self.uses_schemas.load(Ordering::Relaxed);
        let answered = match with_schema {
            false => plain(),
            true => match self.client.chat(&question.messages, &question.how) {
                // A server that knows no schemas says so in one way or another; a question that is at fault fails again.
                Err(OpenAiError::Status { status: 400 | 404 | 415 | 422 | 501, .. }) => {
                    let answered = plain();
                    if answered.is_ok() {
                        self.uses_schemas.store(false, Ordering::Relaxed);
                    }
                    answered
                }
                answered => answered,
            },
        };
        match answered {
            Ok(reply) => Ok(Ok(reply)),
            Err(error @ OpenAiError::Status { status: 400 | 413 | 422, .. }) => {
                Ok(Err(Refused { reason: error.to_string(), may_pass: false }))
            }
            Err(error @ OpenAiError::Nonsense { .. }) => Ok(Err(Refused { reason: error.to_string(), may_pass: true })),
            Err(error) => Err(error),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tokens that a reply took, and whether the server told.
fn taken(question: &Question, reply: &Generated) -> (Tokens, bool) {
    let is_told = reply.prompt_tokens.is_some() && reply.tokens.is_some();
    let prompt = reply.prompt_tokens.map_or_else(|| question.reckoned().prompt, |tokens| tokens as u64);
    let answer = reply.tokens.map_or_else(|| tokens(&reply.text), |tokens| tokens as u64);
    (Tokens { prompt, answer }, is_told)
}
