//! A hub that misbehaves: each fault is one clear message.

use crate::{hub, model, settings, weights};
use phi_hub::{HubError, HubSettings, Repo, Token};
use phi_loopback::{FakeHub, Reply, Request, Server};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What comes of fetching the large file from a hub that answers some requests in its own way.
fn fetch(
    change: impl FnOnce(&mut HubSettings),
    first: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static,
) -> HubError {
    let cache = tempfile::tempdir().unwrap();
    let server = model().start(first);
    let mut settings = settings(&server, cache.path());
    change(&mut settings);
    let hub = hub(settings);
    let fetched = hub.snapshot(&Repo::model("org/tiny").unwrap()).and_then(|it| it.file("sub/weights.safetensors"));
    let error = fetched.unwrap_err();
    let complete = std::fs::read_dir(cache.path().join("models--org--tiny/blobs"));
    let complete = complete.into_iter().flatten().flatten().filter(|it| it.path().extension().is_none()).count();
    assert_eq!(complete, 0, "nothing half is taken for whole");
    error
}

fn says(error: &HubError, words: &[&str]) {
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "\"{word}\" is not in: {text}");
    }
}

/// A rule for the file's bytes.
fn on_bytes(
    reply: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Option<Reply> + Send + Sync {
    move |request| (request.method == "GET" && request.path.starts_with("/cdn/")).then(|| reply(request))
}

#[test]
fn what_the_hub_has_not_is_named() {
    let cache = tempfile::tempdir().unwrap();
    let server = model().start(|_| None);
    let hub = hub(settings(&server, cache.path()));
    says(&hub.snapshot(&Repo::model("org/tinny").unwrap()).unwrap_err(), &["model org/tinny", "404", "spelling"]);
    let missing = Repo::model("org/tiny@v9").unwrap();
    says(&hub.snapshot(&missing).unwrap_err(), &["org/tiny at v9", "404"]);
    let snapshot = hub.snapshot(&Repo::model("org/tiny").unwrap()).unwrap();
    says(&snapshot.file("model.safetensors").unwrap_err(), &["file model.safetensors", "org/tiny"]);
    assert!(matches!(snapshot.file("../../x").unwrap_err(), HubError::NotFound { .. }));
}

#[test]
fn a_gated_model_says_how_to_get_in() {
    let gate = |_: &Request| Some(Reply::new(403, "no").header("x-error-code", "GatedRepo"));
    says(&fetch(|_| {}, gate), &["403", "without a token", "gated", "HF_TOKEN"]);
    let with_token = |settings: &mut HubSettings| settings.token = Token::new("hf_secret");
    let error = fetch(with_token, |_| Some(Reply::new(401, "no")));
    says(&error, &["401", "HF_TOKEN is valid"]);
    assert!(!error.to_string().contains("hf_secret"));
}

#[test]
fn the_token_goes_to_the_hub_and_to_nobody_else() {
    let cache = tempfile::tempdir().unwrap();
    let store = Server::start(|request| {
        assert_eq!(request.header("authorization"), None);
        Reply::new(200, weights())
    });
    let elsewhere = format!("{}/blob", store.url());
    let server = model().start(move |request| {
        assert_eq!(request.header("authorization"), Some("Bearer hf_secret"));
        let is_get = request.method == "GET" && request.path.contains("/resolve/");
        is_get.then(|| Reply::new(302, "").header("location", &elsewhere))
    });
    let mut settings = settings(&server, cache.path());
    settings.token = Token::new("hf_secret");
    hub(settings).snapshot(&Repo::model("org/tiny").unwrap()).unwrap().file("sub/weights.safetensors").unwrap();
    assert_eq!(store.requests().len(), 1);
}

#[test]
fn a_file_that_always_breaks_off_is_told_by_its_bytes_and_kept() {
    let error = fetch(|_| {}, on_bytes(|_| Reply::new(200, weights()).cut_after(1000)));
    says(&error, &["breaks off after 1000 of 400000 bytes", "3 tries", "goes on from there"]);
}

#[test]
fn a_file_with_a_wrong_hash_is_thrown_away() {
    let error = fetch(|_| {}, on_bytes(|_| Reply::new(200, vec![0; weights().len()])));
    says(&error, &["hash", "thrown away", "HF_ENDPOINT"]);
    assert!(matches!(error, HubError::Checksum { .. }));
}

#[test]
fn a_file_that_is_too_long_is_refused() {
    let error = fetch(|_| {}, on_bytes(|_| Reply::new(200, vec![0; weights().len() + 5])));
    says(&error, &["more than the 400000 bytes"]);
}

#[test]
fn redirects_without_an_end_are_not_followed_for_ever() {
    let error = fetch(|_| {}, |request| Some(Reply::new(302, "").header("location", &format!("{}x", request.path))));
    says(&error, &["from one address to the next", "11 redirects"]);
    let error = fetch(|_| {}, |_| Some(Reply::new(302, "")));
    says(&error, &["a redirect that leads nowhere"]);
}

#[test]
fn a_silent_server_and_a_slow_one_are_given_up() {
    let begun = Instant::now();
    let error = fetch(|_| {}, |_| Some(Reply::new(200, "late").after(Duration::from_secs(2))));
    says(&error, &["no answer in time", "3 tries", "HF_ENDPOINT"]);
    let slow = |settings: &mut HubSettings| settings.slow_window = Duration::from_millis(100);
    let error = fetch(slow, on_bytes(|_| Reply::new(200, weights()).drip(Duration::from_millis(20))));
    says(&error, &["too slow"]);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_busy_server_is_tried_again_and_its_last_word_is_told() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let error = fetch(
        |_| {},
        move |_| {
            seen.fetch_add(1, Ordering::SeqCst);
            Some(Reply::new(503, "come back\nlater").header("retry-after", "0"))
        },
    );
    says(&error, &["status 503: come back later", "3 tries"]);
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[test]
fn an_answer_that_no_hub_would_give_is_named() {
    for (reply, word) in [
        (Reply::new(200, "<html>welcome</html>"), "<html>welcome"),
        (Reply::new(200, "{\"sha\": \"../../etc\"}"), "isn't a commit"),
        (
            Reply::new(
                200,
                format!("{{\"sha\": \"{}\", \"siblings\": [{{\"rfilename\": \"../x\"}}]}}", FakeHub::COMMIT),
            ),
            "\"../x\"",
        ),
        (Reply::new(418, "teapot"), "status 418: teapot"),
        (Reply::raw("SSH-2.0-OpenSSH_9.2\r\n"), "isn't HTTP"),
    ] {
        let error = fetch(|_| {}, move |request| request.path.starts_with("/api/").then(|| reply.clone()));
        says(&error, &[word]);
    }
    let error = fetch(
        |_| {},
        |request| {
            let is_head = request.method == "HEAD";
            is_head.then(|| Reply::new(200, "x").header("etag", "\"../../../evil\""))
        },
    );
    says(&error, &["isn't a hash"]);
}

#[test]
fn nobody_at_home_is_told_with_the_address() {
    let url = model().start(|_| None).url().to_owned();
    let error = fetch(|settings| settings.endpoint.clone_from(&url), |_| None);
    says(&error, &[&url, "nothing listens there"]);
    let error = fetch(|settings| settings.endpoint = "http://hub.invalid".to_owned(), |_| None);
    says(&error, &["hub.invalid"]);
}

#[test]
fn an_interrupt_ends_the_waiting() {
    let cache = tempfile::tempdir().unwrap();
    let server = model().start(|_| Some(Reply::new(503, "busy").header("retry-after", "60")));
    let mut settings = settings(&server, cache.path());
    settings.backoff.most_ms = 60_000;
    let flag = Arc::new(AtomicBool::new(false));
    let hub = hub(settings).with_interrupt(Arc::clone(&flag));
    let begun = Instant::now();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        flag.store(true, Ordering::Relaxed);
    });
    assert!(matches!(hub.snapshot(&Repo::model("org/tiny").unwrap()), Err(HubError::Interrupted)));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
