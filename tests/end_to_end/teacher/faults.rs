//! Servers that fail, lie and hang up.

use super::server::{Count, Does, completion, events, number_behind, score, serve};
use super::{corpus, expected, json, scores, taught};
use crate::support::refuses;
use phi_loopback::Reply;

#[test]
fn a_corpus_is_labelled_through_every_fault_of_a_server_and_no_answer_is_paid_for_twice() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    corpus(dir, 24);
    let count = Count::default();
    let server = serve(&count, |said, before, body| {
        assert_eq!(body["response_format"]["json_schema"]["name"], "educational_value");
        let whole = completion(&score(said), 9, 9).to_string();
        match (number_behind(said, "document-") % 8, before) {
            (0, 0) => Does::Fails(Reply::new(429, "slow down").header("retry-after", "0")),
            (1, 0) => Does::Fails(Reply::new(500, "oops").header("retry-after", "0")),
            (2, 0) => Does::Fails(Reply::new(200, "{\"choices\": [{\"mess")),
            (3, 0) => Does::Fails(Reply::new(200, whole).cut_after(40)),
            (4, 0) => Does::Fails(Reply::raw("")),
            (5, 0) => Does::Fails(Reply::json(&serde_json::json!({ "error": { "message": "overloaded" } }))),
            _ => Does::Says(score(said)),
        }
    });
    let label = || taught(dir, &server, &["label", "code.jsonl", "--num-concurrent", "4"]);
    let (figures, errors) = json(&mut label(), 0);
    assert_eq!(figures["spending"]["asked"], 24);
    assert!(errors.contains("24 questions"), "{errors}");
    assert_eq!(scores(dir), expected(24));
    assert_eq!((count.paid(), count.most_paid()), ((24, 24), 1));
    // Neither a second run nor one that has lost its scores asks anything.
    let requests = count.requests();
    assert_eq!(json(&mut label(), 0).0["earlier"], 24);
    std::fs::remove_file(dir.join("code.jsonl.scores.jsonl")).unwrap();
    let (figures, _) = json(&mut label(), 0);
    assert_eq!((&figures["spending"]["asked"], &figures["spending"]["kept"]), (&0.into(), &24.into()));
    assert_eq!((scores(dir), count.requests()), (expected(24), requests));
}

#[test]
fn answers_that_come_piece_by_piece_are_the_same_and_those_that_break_off_are_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    corpus(dir, 24);
    let count = Count::default();
    let server = serve(&count, |said, before, body| {
        assert_eq!(body["stream"], true);
        let whole = events(&completion(&score(said), 9, 9));
        let pieces: Vec<&str> = whole.split_inclusive("\n\n").collect();
        match (number_behind(said, "document-") % 6, before) {
            (0, 0) => Does::Fails(Reply::new(429, "slow down").header("retry-after", "0")),
            // A connection that is cut, one that ends too early, and an error in the middle.
            (1, 0) => Does::Fails(Reply::new(200, whole).cut_after(60)),
            (2, 0) => Does::Fails(Reply::new(200, pieces[..1].concat())),
            (3, 0) => Does::Fails(Reply::new(200, format!("{}data: {{\"error\": \"overloaded\"}}\n\n", pieces[0]))),
            _ => Does::Says(score(said)),
        }
    });
    let (figures, _) =
        json(&mut taught(dir, &server, &["label", "code.jsonl", "--stream", "--num-concurrent", "4"]), 0);
    assert_eq!((&figures["spending"]["asked"], &figures["spending"]["reckoned"]), (&24.into(), &0.into()));
    assert_eq!((scores(dir), count.paid(), count.most_paid()), (expected(24), (24, 24), 1));
    // The same answers asked for in one piece: they are kept already.
    let requests = count.requests();
    json(&mut taught(dir, &server, &["label", "code.jsonl"]), 0);
    assert_eq!(count.requests(), requests);
}

#[test]
fn replies_of_another_form_are_asked_for_again_then_listed_and_never_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    corpus(dir, 6);
    let count = Count::default();
    let server = serve(&count, |said, _, body| {
        let turns = body["messages"].as_array().unwrap().len();
        Does::Says(match (number_behind(said, "document-"), turns) {
            // Mends its ways when it is told what is wrong.
            (0, 2) => "I'd give it a 4.".to_owned(),
            (1, 2) => "{\"score\": 7, \"reason\": \"great\"}".to_owned(),
            (2, 2) => "{\"score\": \"3\", \"reason\": \"ok\"}".to_owned(),
            (3, _) => format!("Here you are:\n```json\n{}\n```", score(said)),
            // Never does.
            (4, _) => "{\"score\": 2.5, \"reason\": \"between\"}".to_owned(),
            _ => score(said),
        })
    });
    let label = || taught(dir, &server, &["label", "code.jsonl"]);
    let (figures, errors) = json(&mut label(), 0);
    assert!(errors.contains("1 documents have no score") && errors.contains("unlabelled.jsonl"), "{errors}");
    assert_eq!(figures["unusable"], 1);
    let listed = std::fs::read_to_string(dir.join("code.jsonl.unlabelled.jsonl")).unwrap();
    assert!(listed.contains("\"d4\"") && listed.contains("2.5") && listed.lines().count() == 1, "{listed}");
    let scored: Vec<_> = expected(6).into_iter().filter(|(id, _)| id != "d4").collect();
    assert_eq!(scores(dir), scored);
    // Six, one more for each of the first three, two more for the fifth; and none when the command is given again.
    assert_eq!(count.requests(), 11);
    json(&mut label(), 0);
    assert_eq!(count.requests(), 11);
}

#[test]
fn a_server_that_knows_no_schemas_is_asked_without() {
    let folder = tempfile::tempdir().unwrap();
    corpus(folder.path(), 5);
    let count = Count::default();
    let server = serve(&count, |said, _, body| match body.get("response_format") {
        Some(_) => Does::Fails(Reply::new(400, "unknown field response_format")),
        None => Does::Says(score(said)),
    });
    json(&mut taught(folder.path(), &server, &["label", "code.jsonl"]), 0);
    assert_eq!((scores(folder.path()), count.requests()), (expected(5), 6));
}

#[test]
fn what_a_server_refuses_for_one_document_is_listed_and_the_others_are_labelled() {
    let folder = tempfile::tempdir().unwrap();
    corpus(folder.path(), 5);
    let count = Count::default();
    let server = serve(&count, |said, _, _| match number_behind(said, "document-") {
        2 => Does::Fails(Reply::new(400, "content_filter")),
        _ => Does::Says(score(said)),
    });
    let (figures, _) = json(&mut taught(folder.path(), &server, &["label", "code.jsonl"]), 0);
    assert_eq!((&figures["unusable"], scores(folder.path()).len()), (&1.into(), 4));
    let listed = std::fs::read_to_string(folder.path().join("code.jsonl.unlabelled.jsonl")).unwrap();
    assert!(listed.contains("content_filter"), "{listed}");
}

#[test]
fn a_model_that_can_not_do_it_is_given_up_and_a_server_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    corpus(dir, 60);
    let count = Count::default();
    let server = serve(&count, |_, _, _| Does::Says("As a language model, I like code.".to_owned()));
    let mut command = taught(dir, &server, &["label", "code.jsonl", "--max-attempts", "1"]);
    refuses(&mut command, 4, &["none of the first 20 answers of fake-llm", "no JSON object"]);
    assert!(count.requests() < 30, "{}", count.requests());
    let keyless = serve(&count, |_, _, _| Does::Fails(Reply::new(401, "no key")));
    refuses(&mut taught(dir, &keyless, &["label", "code.jsonl"]), 4, &["status 401", "OPENAI_API_KEY"]);
    let mut command = taught(dir, &server, &["label", "code.jsonl"]);
    drop(server);
    refuses(command.args(["--max-retries", "1"]), 4, &["no answer from http://127.0.0.1"]);
}

#[test]
fn flags_that_say_nothing_without_a_server_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let label = |arguments: &[&str]| {
        let mut command = crate::support::phi_bench();
        command.current_dir(folder.path()).args(["corpus", "label", "@stdlib"]).args(arguments);
        command
    };
    refuses(&mut label(&["--num-concurrent", "4"]), 2, &["--num-concurrent", "--server"]);
    refuses(&mut label(&["--server", "http://x"]), 2, &["--model"]);
    refuses(&mut label(&["--server", "x", "--model", "m"]), 3, &["http://"]);
    refuses(&mut label(&["--server", "http://x", "--model", "m", "--max-cost", "5"]), 2, &["--price-in"]);
}
