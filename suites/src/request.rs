//! What a model is asked, in the form that lm-evaluation-harness's digests cover.

use crate::Pair;
use crate::python::dumps;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// One request as a task states it, before options of a run change anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "request")]
pub enum Request {
    /// The log-probability of a continuation is asked for.
    LogLikelihood(Pair),
    /// A completion is asked for.
    Generate {
        /// What the model is given.
        prompt: String,
        /// The task's `generation_kwargs`.
        arguments: Map<String, Value>,
    },
    /// The log-probability of a whole text is asked for.
    Rolling {
        /// The text.
        text: String,
    },
}

impl Request {
    /// lm-evaluation-harness's form: `[prompt, continuation]`, `[prompt, generation_kwargs]` or `[text]`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::LogLikelihood(pair) => json!([pair.context, pair.continuation]),
            Self::Generate { prompt, arguments } => json!([prompt, arguments]),
            Self::Rolling { text } => json!([text]),
        }
    }
}

/// The sha256, in hex, of Python's `json.dumps(requests, sort_keys=True)`.
#[must_use]
pub fn request_digest(requests: &[Request]) -> String {
    let requests = Value::Array(requests.iter().map(Request::to_json).collect());
    hex(&Sha256::digest(dumps(&requests).as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
