//! A run sent to an MLflow tracking server through its REST API 2.0 (<https://mlflow.org/docs/latest/rest-api.html>).
//!
//! Every arm and seed is an MLflow run, with its losses and scores as metrics, and tags that say which run of ours it is. Those
//! that the server has whole already are left out, so an export that broke off can be made again.

use crate::store::phase_name;
use crate::{ArmRun, ReportError, Result, Run, Store};
use phi_http::{Fault, Http, HttpSettings, excerpt};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Metrics of one request, as the API allows.
const METRICS_A_BATCH: usize = 1000;
/// Letters of a parameter's or a tag's value, as the API allows (older servers: 500).
const LONGEST_VALUE: usize = 500;
/// An answer longer than this is none of the API's.
const LONGEST_ANSWER: u64 = 64 << 20;

/// Where to send a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MlflowServer {
    /// The server's address: `http://127.0.0.1:5000`.
    pub url: String,
    /// The experiment's name; it is made if need be.
    pub experiment: String,
    /// A bearer token, for a server that asks for one.
    pub token: Option<String>,
}

/// What [`export_mlflow`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    /// MLflow's ids of the runs that were made.
    pub run_ids: Vec<String>,
    /// Arms and seeds that the server had already.
    pub n_known: usize,
}

/// Sends a run: an MLflow run an arm and seed.
///
/// # Errors
/// [`ReportError::NoSuchRun`]; [`ReportError::Server`] with the server's own words.
pub fn export_mlflow(store: &Store, key: &str, server: &MlflowServer) -> Result<Sent> {
    let run = store.load_without_samples(key)?;
    let client = Client::new(server)?;
    let experiment = client.experiment(&server.experiment)?;
    let known = client.known(&experiment, &run.key)?;
    let mut sent = Sent::default();
    for arm in &run.arms {
        if known.contains(&name(arm)) {
            sent.n_known += 1;
        } else {
            sent.run_ids.push(client.send(&experiment, &run, arm)?);
        }
    }
    Ok(sent)
}

struct Client<'a> {
    http: Http,
    server: &'a MlflowServer,
}

impl<'a> Client<'a> {
    fn new(server: &'a MlflowServer) -> Result<Self> {
        let http = Http::new(&HttpSettings::default()).map_err(|fault| broken(server, &fault))?;
        Ok(Self { http, server })
    }

    /// The experiment's id.
    fn experiment(&self, name: &str) -> Result<String> {
        let wanted = format!("experiments/get-by-name?experiment_name={}", percent(name));
        let found = self.ask(&wanted, None)?;
        let id = match found {
            Some(found) => found["experiment"]["experiment_id"].clone(),
            None => self.must("experiments/create", &json!({ "name": name }))?["experiment_id"].clone(),
        };
        text(&id).ok_or_else(|| self.odd("experiments", "it names no experiment_id"))
    }

    /// Names of the arms and seeds of a run that the server has whole.
    fn known(&self, experiment: &str, key: &str) -> Result<BTreeSet<String>> {
        let mut known = BTreeSet::new();
        let mut page = Value::Null;
        loop {
            let wanted = json!({
                "experiment_ids": [experiment],
                "filter": format!("tags.`phi_bench.run` = '{}' and attributes.status = 'FINISHED'", key.replace('\'', "")),
                "max_results": 1000,
                "page_token": page,
            });
            let found = self.must("runs/search", &wanted)?;
            for run in found["runs"].as_array().into_iter().flatten() {
                let tags = run["data"]["tags"].as_array().into_iter().flatten();
                let names = tags.filter(|tag| tag["key"] == "phi_bench.arm_run").filter_map(|tag| text(&tag["value"]));
                known.extend(names);
            }
            page = found["next_page_token"].clone();
            if page.as_str().is_none_or(str::is_empty) {
                return Ok(known);
            }
        }
    }

    /// Makes and ends a run; its id.
    fn send(&self, experiment: &str, run: &Run, arm: &ArmRun) -> Result<String> {
        let start_ms = run.started_unix_s * 1000;
        let tag = |(key, value): (&str, &str)| json!({ "key": key, "value": cut(value) });
        let name = name(arm);
        let tags = [
            ("phi_bench.run", run.key.as_str()),
            ("phi_bench.name", run.name.as_str()),
            ("phi_bench.arm_run", name.as_str()),
            ("mlflow.note.content", run.question.as_str()),
        ];
        let made = self.must(
            "runs/create",
            &json!({
                "experiment_id": experiment, "run_name": format!("{} {name}", run.name), "start_time": start_ms,
                "tags": tags.map(tag),
            }),
        )?;
        let id = text(&made["run"]["info"]["run_id"]).ok_or_else(|| self.odd("runs/create", "it names no run_id"))?;
        self.must("runs/log-batch", &json!({ "run_id": id, "params": params(run, arm) }))?;
        for batch in metrics(arm, start_ms).chunks(METRICS_A_BATCH) {
            self.must("runs/log-batch", &json!({ "run_id": id, "metrics": batch }))?;
        }
        let end_ms = start_ms + (arm.train_s.max(0.0) * 1000.0) as u64;
        self.must("runs/update", &json!({ "run_id": id, "status": "FINISHED", "end_time": end_ms }))?;
        Ok(id)
    }

    fn must(&self, path: &str, body: &Value) -> Result<Value> {
        self.ask(path, Some(body))?.ok_or_else(|| self.odd(path, "it knows no such thing"))
    }

    /// An endpoint's answer; `None` where it says that there is no such thing.
    fn ask(&self, path: &str, body: Option<&Value>) -> Result<Option<Value>> {
        let url = format!("{}/api/2.0/mlflow/{path}", self.server.url.trim_end_matches('/'));
        let bearer = self.server.token.as_ref().map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> = bearer.iter().map(|value| ("authorization", value.as_str())).collect();
        let answer = match body {
            Some(body) => self.http.post_json(&url, &headers, body),
            None => self.http.get(&url, &headers),
        };
        let answer = answer.map_err(|fault| broken(self.server, &fault))?;
        let status = answer.status();
        let bytes = answer.read(LONGEST_ANSWER).map_err(|fault| broken(self.server, &fault))?;
        let parsed: Option<Value> = serde_json::from_slice(&bytes).ok();
        match (status, parsed) {
            (200, Some(value)) => Ok(Some(value)),
            (404, Some(value)) if value["error_code"] == "RESOURCE_DOES_NOT_EXIST" => Ok(None),
            (_, Some(value)) if value["message"].is_string() => {
                Err(self.odd(path, &format!("status {status}: {}", cut(value["message"].as_str().unwrap_or_default()))))
            }
            _ => Err(self.odd(path, &format!("status {status}: {}", excerpt(&bytes)))),
        }
    }

    fn odd(&self, path: &str, detail: &str) -> ReportError {
        ReportError::Server { url: self.server.url.clone(), detail: format!("{path}: {detail}"), is_down: false }
    }
}

fn broken(server: &MlflowServer, fault: &Fault) -> ReportError {
    ReportError::Server { url: server.url.clone(), detail: fault.to_string(), is_down: true }
}

fn name(arm: &ArmRun) -> String {
    format!("{} seed {}", arm.arm, arm.seed)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// So much of a text as a value may have.
fn cut(text: &str) -> String {
    text.chars().take(LONGEST_VALUE).collect()
}

fn params(run: &Run, arm: &ArmRun) -> Vec<Value> {
    let own = [
        ("arm", arm.arm.clone()),
        ("seed", arm.seed.to_string()),
        ("params", arm.params.to_string()),
        ("inherited_flops", arm.inherited_flops.to_string()),
        ("pretrain_flops", arm.pretrain_flops.to_string()),
        ("align_flops", arm.align_flops.to_string()),
    ];
    let own = own.into_iter().map(|(key, value)| (key.to_owned(), value));
    let facts = run.environment.iter().map(|(key, value)| (format!("environment.{key}"), value.clone()));
    const MOST: usize = 100;
    own.chain(facts).take(MOST).map(|(key, value)| json!({ "key": allowed(&key), "value": cut(&value) })).collect()
}

/// Losses by step, steps of alignment after those of pretraining, and scores at the last one.
fn metrics(arm: &ArmRun, timestamp: u64) -> Vec<Value> {
    let metric = |key: &str, value: f64, step: u64| {
        value.is_finite().then(|| json!({ "key": allowed(key), "value": value, "timestamp": timestamp, "step": step }))
    };
    let mut all = Vec::new();
    let mut last = 0;
    for (step, point) in super::steps(arm) {
        last = step;
        for (name, loss) in [("train_loss", point.train_loss), ("val_loss", point.val_loss)] {
            all.extend(loss.and_then(|loss| metric(&format!("{name}/{}", phase_name(point.phase)), loss, step)));
        }
    }
    all.extend(
        super::score_steps(arm)
            .into_iter()
            .filter_map(|(step, p)| metric(&format!("in_training/{}/{}", p.task, p.metric), p.value, step)),
    );
    all.extend(arm.scores.iter().filter_map(|s| metric(&format!("{}/{}", s.task, s.metric), s.value, last)));
    all.extend(metric("train_seconds", arm.train_s, last));
    all.extend(arm.latency_ms_per_token.and_then(|v| metric("latency_ms_per_token", v, last)));
    all.extend(arm.peak_memory_bytes.and_then(|v| metric("peak_memory_bytes", v as f64, last)));
    all
}

/// A name of the letters that MLflow takes: `pass@1` is `pass_at_1`.
fn allowed(name: &str) -> String {
    let name = name.replace('@', "_at_");
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "_-. /".contains(c) { c } else { '_' }).take(250).collect()
}

/// For a query string (RFC 3986).
fn percent(text: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}
