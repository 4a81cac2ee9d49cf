//! What is sent to an MLflow server, by a stand-in on the loopback. `tests/peers/mlflow_export.sh` asks a genuine one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{SPECS, run};
use phi_loopback::{Reply, Request, Server};
use phi_reports::{MlflowServer, ReportError, Store, export_mlflow};
use serde_json::{Value, json};

fn store() -> (Store, phi_reports::Run) {
    let mut store = Store::in_memory().unwrap();
    let whole = run(&SPECS[..1], 2, 20);
    store.save_run(&whole).unwrap();
    (store, whole)
}

fn endpoint(request: &Request) -> &str {
    let path = request.path.strip_prefix("/api/2.0/mlflow/").unwrap();
    path.split('?').next().unwrap()
}

/// A server that has seed 0 already and no experiment.
fn mlflow(request: &Request) -> Reply {
    match endpoint(request) {
        "experiments/get-by-name" => Reply::new(404, r#"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no"}"#),
        "experiments/create" => Reply::json(&json!({ "experiment_id": "7" })),
        "runs/search" => Reply::json(&json!({ "runs": [{
            "info": { "run_id": "x", "status": "FINISHED" },
            "data": { "tags": [{ "key": "phi_bench.arm_run", "value": "scratch seed 0" }] },
        }] })),
        "runs/create" => Reply::json(&json!({ "run": { "info": { "run_id": "abc" } } })),
        _ => Reply::json(&json!({})),
    }
}

fn target(server: &Server) -> MlflowServer {
    MlflowServer { url: server.url().to_owned(), experiment: "näme".to_owned(), token: Some("secret".to_owned()) }
}

#[test]
fn only_what_the_server_lacks_is_sent_and_names_are_those_that_mlflow_takes() {
    let server = Server::start(mlflow);
    let (store, whole) = store();
    let sent = export_mlflow(&store, &whole.key, &target(&server)).unwrap();
    assert_eq!((sent.run_ids, sent.n_known), (vec!["abc".to_owned()], 1));
    let requests = server.requests();
    assert!(requests.iter().all(|r| r.header("authorization") == Some("Bearer secret")));
    assert!(requests[0].path.ends_with("?experiment_name=n%C3%A4me"), "{}", requests[0].path);
    let order: Vec<&str> = requests.iter().map(endpoint).collect();
    let batches = ["runs/create", "runs/log-batch", "runs/log-batch", "runs/update"];
    assert_eq!(order[3..], batches, "{order:?}");
    let metrics = requests[5].json()["metrics"].as_array().unwrap().clone();
    let find = |key: &str| metrics.iter().filter(|m| m["key"] == key).collect::<Vec<&Value>>();
    let score = find("code_exercises/pass_at_1");
    assert_eq!(score[0]["value"].as_f64(), Some(whole.arms[1].scores[0].value));
    assert_eq!(score[0]["step"].as_u64(), Some(500), "alignment's 100 steps follow pretraining's 400");
    assert_eq!(find("val_loss/pretrain").len(), whole.arms[1].curve.len() - 1);
    assert_eq!(requests.last().unwrap().json()["status"], "FINISHED");
}

#[test]
fn a_server_that_refuses_is_quoted_and_one_that_is_not_there_is_told() {
    let (store, whole) = store();
    let cases: [(Reply, &str); 3] = [
        (
            Reply::new(400, r#"{"error_code":"INVALID_PARAMETER_VALUE","message":"Invalid name"}"#),
            "status 400: Invalid name",
        ),
        (Reply::new(200, "<html>a login page</html>"), "a login page"),
        (Reply::json(&json!({ "experiment": {} })), "names no experiment_id"),
    ];
    for (reply, word) in cases {
        let server = Server::start(move |_| reply.clone());
        let error = export_mlflow(&store, &whole.key, &target(&server)).unwrap_err();
        assert!(matches!(error, ReportError::Server { is_down: false, .. }), "{error}");
        assert!(error.to_string().contains(word) && error.to_string().contains(server.url()), "{word}: {error}");
    }
    let url = {
        let server = Server::start(mlflow);
        server.url().to_owned()
    };
    let gone = MlflowServer { url, experiment: "x".to_owned(), token: None };
    let error = export_mlflow(&store, &whole.key, &gone).unwrap_err();
    assert!(matches!(error, ReportError::Server { is_down: true, .. }), "{error}");
}
