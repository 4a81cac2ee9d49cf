//! Killed in the middle of a job.

use super::server::{Count, Does, score, serve};
use super::{corpus, expected, json, scores, taught};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Starts a job, kills it when the server has had so many requests, and returns how many it had had by then.
pub fn kill_at(mut job: Command, count: &Count, requests: usize) -> usize {
    let mut child = job.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while count.requests() < requests {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    count.requests()
}

/// The same command, to be started by hand.
pub fn by_hand(command: &assert_cmd::Command, folder: &std::path::Path) -> Command {
    let mut by_hand = Command::new(command.get_program());
    by_hand.args(command.get_args()).current_dir(folder);
    by_hand
}

#[test]
fn killed_in_the_middle_a_labelling_goes_on_and_pays_only_what_was_under_way_again() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    corpus(dir, 60);
    let count = Count::default();
    let server = serve(&count, |said, _, _| {
        std::thread::sleep(Duration::from_millis(8));
        Does::Says(score(said))
    });
    let label = || taught(dir, &server, &["label", "code.jsonl", "--num-concurrent", "2"]);
    for requests in [20, 40] {
        let had = kill_at(by_hand(&label(), dir), &count, requests);
        assert!(had < 60, "killed too late");
    }
    json(&mut label(), 0);
    assert_eq!((scores(dir), count.paid().0), (expected(60), 60));
    // Of what was under way, two at once, at each of two kills, the answers are lost; nothing else.
    assert!(count.requests() <= 60 + 4, "{} requests", count.requests());
}
