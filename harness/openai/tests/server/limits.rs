//! Concurrency and rate limits.

use crate::fake::echo;
use crate::settings;
use phi_loopback::Server;
use phi_openai::{Client, Endpoint, ServedModel};
use phi_suites::{LanguageModel, Pair};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn pairs(count: usize) -> Vec<Pair> {
    (0..count).map(|i| Pair { context: "one".to_owned(), continuation: format!(" {i}") }).collect()
}

#[test]
fn as_many_requests_as_asked_for_are_under_way_and_no_more() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let server = Server::start(move |request| {
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        now.fetch_sub(1, Ordering::SeqCst);
        echo(request)
    });
    let mut settings = settings(Endpoint::completions(server.url()).unwrap());
    settings.num_concurrent = 4;
    ServedModel::new(Client::new(settings).unwrap()).loglikelihood(&pairs(24)).unwrap();
    let most = most.load(Ordering::SeqCst);
    assert!((2..=4).contains(&most), "{most} at once");
}

#[test]
fn requests_and_tokens_a_minute_are_kept_to() {
    let server = Server::start(echo);
    let timed = |requests, tokens| {
        let mut settings = settings(Endpoint::completions(server.url()).unwrap());
        (settings.num_concurrent, settings.requests_per_minute, settings.tokens_per_minute) = (4, requests, tokens);
        let begun = Instant::now();
        ServedModel::new(Client::new(settings).unwrap()).loglikelihood(&pairs(6)).unwrap();
        begun.elapsed()
    };
    // Six requests, ten a second: half a second between the first and the last.
    assert!(timed(Some(600), None) >= Duration::from_millis(500));
    // Two tokens each, twenty a second.
    assert!(timed(None, Some(1200)) >= Duration::from_millis(500));
}
