//! One line of a samples file: a question under one filter.

use phi_suites::{Response, Sample};
use serde_json::{Map, Value};

/// What a line holds.
pub(super) struct Row {
    /// Position of the question in its split.
    pub(super) doc_id: usize,
    /// Metric names as this project writes them (`acc`; `exact_match,strict-match` under a filter), with their values.
    pub(super) metrics: Vec<(String, f64)>,
    fields: Map<String, Value>,
}

impl Row {
    /// # Errors
    /// What did not fit.
    pub(super) fn parse(line: &[u8]) -> Result<Self, String> {
        let fields: Map<String, Value> = serde_json::from_slice(line).map_err(|e| e.to_string())?;
        let doc_id = fields
            .get("doc_id")
            .and_then(Value::as_u64)
            .ok_or_else(|| "there is no `doc_id`, a whole number".to_owned())? as usize;
        let names =
            fields.get("metrics").and_then(Value::as_array).ok_or_else(|| "there is no list `metrics`".to_owned())?;
        let filter = fields.get("filter").and_then(Value::as_str).unwrap_or("none");
        let mut metrics = Vec::new();
        for name in names {
            let name = name.as_str().ok_or_else(|| format!("the metric {name} is no name"))?;
            if let Some(value) = fields.get(name).and_then(number) {
                metrics.push((metric_name(name, filter), value));
            }
        }
        Ok(Self { doc_id, metrics, fields })
    }

    /// The sample without its texts.
    pub(super) fn bare(&self, task: &str) -> Sample {
        let own = self.fields.get("phi_bench");
        let own = |name: &str| own.and_then(|o| o.get(name)).and_then(Value::as_str).map(str::to_owned);
        // With the document's hash, since other data under the same numbers are other questions.
        let hash: String = self.text("doc_hash").chars().take(8).collect();
        let key = own("key").unwrap_or_else(|| match hash.as_str() {
            "" => self.doc_id.to_string(),
            hash => format!("{}-{hash}", self.doc_id),
        });
        Sample {
            task: task.to_owned(),
            doc_id: self.doc_id,
            cluster: own("cluster").unwrap_or_else(|| key.clone()),
            group: own("group").unwrap_or_default(),
            key,
            prompt: String::new(),
            target: String::new(),
            responses: Vec::new(),
            metrics: std::collections::BTreeMap::new(),
            pairs: std::collections::BTreeMap::new(),
        }
    }

    /// Gives a sample this line's texts.
    pub(super) fn add_texts(&self, sample: &mut Sample) {
        let arguments: Vec<(String, String)> = match self.fields.get("arguments") {
            Some(Value::Object(all)) => all.values().map(|a| (text(a.get("arg_0")), text(a.get("arg_1")))).collect(),
            Some(Value::Array(all)) => all.iter().map(|a| (text(a.get(0)), text(a.get(1)))).collect(),
            _ => Vec::new(),
        };
        sample.prompt = arguments.first().map(|(prompt, _)| prompt.clone()).unwrap_or_default();
        sample.target = self.text("target");
        let resps = self.fields.get("resps").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        sample.responses = resps
            .iter()
            .enumerate()
            .flat_map(|(i, answers)| {
                let continuation = arguments.get(i).map_or("", |(_, continuation)| continuation);
                answers.as_array().map_or(&[][..], Vec::as_slice).iter().map(|a| response(a, continuation))
            })
            .collect();
    }

    fn text(&self, name: &str) -> String {
        text(self.fields.get(name))
    }
}

/// `acc,none` is `acc` here; other filters stay behind the comma.
pub(super) fn metric_name(name: &str, filter: &str) -> String {
    if filter == "none" { name.to_owned() } else { format!("{name},{filter}") }
}

/// A number, or a truth; also as text, in which lm-eval writes log-probabilities.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A completion (`"text"`), or a continuation's log-probability and whether it is the greedy one (`["-0.1", "False"]`).
fn response(answer: &Value, continuation: &str) -> Response {
    let mut response =
        Response { text: String::new(), log_likelihood: None, is_greedy: None, verdict: None, detail: None };
    match answer.as_array().map(Vec::as_slice) {
        Some([log_likelihood, is_greedy]) => {
            response.text = continuation.to_owned();
            response.log_likelihood = number(log_likelihood);
            response.is_greedy = match is_greedy {
                Value::Bool(greedy) => Some(*greedy),
                other => other.as_str().map(|s| s == "True"),
            };
        }
        _ => response.text = text(Some(answer)),
    }
    response
}
