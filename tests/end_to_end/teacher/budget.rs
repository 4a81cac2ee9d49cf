//! What a job may cost.

use super::server::{Count, Does, score, serve};
use super::{corpus, expected, json, scores, taught};

#[test]
fn a_forecast_asks_nothing_and_a_budget_is_kept_over_all_runs_of_a_job() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    corpus(dir, 40);
    let count = Count::default();
    let server = serve(&count, |said, _, _| Does::Says(score(said)));
    let prices = ["--price-in", "2", "--price-out", "6"];
    let label = |more: &[&str]| {
        let mut command = taught(dir, &server, &["label", "code.jsonl", "--num-concurrent", "3"]);
        command.args(more);
        command
    };
    let (forecast, _) = json(label(&["--dry-run"]).args(prices), 0);
    assert_eq!((&forecast["questions"], count.requests()), (&40.into(), 0));
    let (prompt, answer) = (forecast["prompt_tokens"].as_f64().unwrap(), forecast["answer_tokens"].as_f64().unwrap());
    assert!((forecast["cost"].as_f64().unwrap() - (2.0 * prompt + 6.0 * answer) / 1e6).abs() < 1e-12, "{forecast}");

    let third = (count_of_all(&forecast) / 3).to_string();
    let (part, errors) = json(&mut label(&["--max-tokens-total", &third]), 1);
    assert!(errors.contains("beyond the budget") && errors.contains("the budget is spent"), "{errors}");
    let (scored, left) = (scores(dir).len(), part["beyond_budget"].as_u64().unwrap() as usize);
    assert!(scored > 5 && left > 5 && scored + left == 40, "{part}");
    assert!(count.tokens() <= third.parse().unwrap(), "{} of {third}", count.tokens());
    // The same command has nothing left to spend.
    let requests = count.requests();
    json(&mut label(&["--max-tokens-total", &third]), 1);
    assert_eq!(count.requests(), requests);

    // In money: what was paid before counts too.
    let cost = forecast["cost"].as_f64().unwrap() * 0.45;
    json(label(&["--max-cost", &cost.to_string()]).args(prices), 1);
    let more = scores(dir).len();
    assert!(more > scored && more < 40, "{more}");
    let (rest, _) = json(&mut label(&["--max-tokens-total", "1000000"]), 0);
    assert_eq!((rest["beyond_budget"].as_u64(), count.most_paid()), (Some(0), 1));
    let mut all = scores(dir);
    all.sort_by_key(|(id, _)| id[1..].parse::<usize>().unwrap());
    assert_eq!(all, expected(40));
    // What the tool says it spent is what the server charged.
    let told = |name: &str| rest["spending"][name].as_u64().unwrap();
    assert_eq!(told("earlier_tokens") + told("prompt_tokens") + told("answer_tokens"), count.tokens());
}

fn count_of_all(forecast: &serde_json::Value) -> u64 {
    forecast["prompt_tokens"].as_u64().unwrap() + forecast["answer_tokens"].as_u64().unwrap()
}

#[test]
fn a_sample_is_labelled_and_a_larger_one_goes_on_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    corpus(dir, 30);
    let count = Count::default();
    let server = serve(&count, |said, _, _| Does::Says(score(said)));
    let (figures, _) = json(&mut taught(dir, &server, &["label", "code.jsonl", "--sample", "7"]), 0);
    assert_eq!((&figures["documents"], count.requests()), (&7.into(), 7));
    let small = scores(dir);
    json(&mut taught(dir, &server, &["label", "code.jsonl", "--sample", "12"]), 0);
    assert_eq!(count.requests(), 12);
    assert_eq!((scores(dir).len(), &scores(dir)[..7]), (12, &small[..]));
}
