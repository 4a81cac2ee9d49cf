//! What lies in the cache, and when the hub is asked.

use crate::{hub, model, settings, weights};
use phi_hub::{HubError, HubSettings, Repo};
use phi_loopback::{FakeHub, Reply};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn files_lie_where_the_hub_s_own_client_looks_for_them() {
    let cache = tempfile::tempdir().unwrap();
    let server = model().start(|_| None);
    let snapshot = hub(settings(&server, cache.path())).snapshot(&Repo::model("org/tiny").unwrap()).unwrap();
    assert_eq!(snapshot.files(), ["config.json", "sub/weights.safetensors"]);
    let path = snapshot.file("sub/weights.safetensors").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), weights());
    let root = cache.path().join("models--org--tiny");
    assert_eq!(path, root.join("snapshots").join(FakeHub::COMMIT).join("sub/weights.safetensors"));
    assert_eq!(std::fs::read_to_string(root.join("refs/main")).unwrap(), FakeHub::COMMIT);
    assert!(std::fs::read_link(&path).unwrap().starts_with("../../../blobs"));
    let blobs: Vec<_> = std::fs::read_dir(root.join("blobs")).unwrap().collect();
    assert_eq!(blobs.len(), 1, "no part is left");
}

#[test]
fn a_file_is_fetched_once_and_then_found_without_a_hub() {
    let cache = tempfile::tempdir().unwrap();
    let repo = Repo::model("org/tiny").unwrap();
    let offline = {
        let server = model().start(|_| None);
        let online = settings(&server, cache.path());
        let offline = HubSettings { offline: true, ..online.clone() };
        let error = hub(offline.clone()).snapshot(&repo).unwrap_err();
        assert!(matches!(error, HubError::Offline { .. }), "{error}");
        assert!(error.to_string().contains("HF_HUB_OFFLINE"));
        hub(online.clone()).snapshot(&repo).unwrap().file("config.json").unwrap();
        let asked = server.requests().len();
        let again = hub(online).snapshot(&repo).unwrap();
        again.file("config.json").unwrap();
        assert_eq!(server.requests().len(), asked + 1, "the commit is asked for again, the file isn't");
        offline
    };
    // The server is gone now.
    let snapshot = hub(HubSettings { offline: false, ..offline.clone() }).snapshot(&repo).unwrap();
    assert!(snapshot.is_from_cache());
    snapshot.file("config.json").unwrap();
    let snapshot = hub(offline).snapshot(&repo).unwrap();
    assert_eq!(snapshot.files(), ["config.json", "sub/weights.safetensors"], "a part isn't taken for the whole");
    let error = snapshot.file("sub/weights.safetensors").unwrap_err();
    assert!(matches!(error, HubError::Offline { .. }), "{error}");
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_was() {
    let cache = tempfile::tempdir().unwrap();
    let breaks = AtomicUsize::new(0);
    let ranges = std::sync::Arc::new(Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&ranges);
    let server = model().start(move |request| {
        if request.method != "GET" || !request.path.starts_with("/cdn/") {
            return None;
        }
        seen.lock().unwrap().push(request.header("range").map(str::to_owned));
        (breaks.fetch_add(1, Ordering::SeqCst) == 0).then(|| Reply::new(200, weights()).cut_after(150_000))
    });
    let snapshot = hub(settings(&server, cache.path())).snapshot(&Repo::model("org/tiny").unwrap()).unwrap();
    let path = snapshot.file("sub/weights.safetensors").unwrap();
    assert_eq!(std::fs::read(path).unwrap(), weights());
    let ranges = ranges.lock().unwrap();
    assert_eq!(ranges[0], None);
    assert_eq!(ranges[1].as_deref(), Some("bytes=150000-"));
    assert_eq!(ranges.len(), 2);
}

#[test]
fn a_server_that_knows_no_ranges_sends_the_whole_file_again() {
    let cache = tempfile::tempdir().unwrap();
    let breaks = AtomicUsize::new(0);
    let server = model().start(move |request| {
        let is_file = request.method == "GET" && request.path.starts_with("/cdn/");
        let first = is_file && breaks.fetch_add(1, Ordering::SeqCst) == 0;
        is_file.then(|| Reply::new(200, weights()).cut_after(if first { 1000 } else { usize::MAX }))
    });
    let snapshot = hub(settings(&server, cache.path())).snapshot(&Repo::model("org/tiny").unwrap()).unwrap();
    assert_eq!(std::fs::read(snapshot.file("sub/weights.safetensors").unwrap()).unwrap(), weights());
}

#[test]
fn an_old_part_that_is_damaged_is_fetched_anew() {
    let cache = tempfile::tempdir().unwrap();
    let server = model().start(|_| None);
    let snapshot = hub(settings(&server, cache.path())).snapshot(&Repo::model("org/tiny").unwrap()).unwrap();
    let whole = snapshot.file("sub/weights.safetensors").unwrap();
    let blob = std::fs::canonicalize(&whole).unwrap();
    std::fs::remove_file(&whole).unwrap();
    std::fs::remove_file(&blob).unwrap();
    std::fs::write(blob.with_extension("incomplete"), vec![7; 5000]).unwrap();
    assert_eq!(std::fs::read(snapshot.file("sub/weights.safetensors").unwrap()).unwrap(), weights());
}

#[test]
fn two_threads_fetch_a_file_once() {
    let cache = tempfile::tempdir().unwrap();
    let server = model().start(|_| None);
    let snapshot = hub(settings(&server, cache.path())).snapshot(&Repo::model("org/tiny").unwrap()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| snapshot.file("sub/weights.safetensors").unwrap());
        }
    });
    let fetched = server.requests().iter().filter(|r| r.method == "GET" && r.path.starts_with("/cdn/")).count();
    assert_eq!(fetched, 1);
}

#[test]
fn progress_ends_with_the_whole_file() {
    let cache = tempfile::tempdir().unwrap();
    let server = model().start(|_| None);
    let last = std::sync::Arc::new(Mutex::new(None));
    let seen = std::sync::Arc::clone(&last);
    let hub = hub(settings(&server, cache.path()))
        .with_progress(move |p| *seen.lock().unwrap() = Some((p.file.to_owned(), p.bytes, p.total)));
    hub.snapshot(&Repo::model("org/tiny").unwrap()).unwrap().file("sub/weights.safetensors").unwrap();
    let all = weights().len() as u64;
    assert_eq!(last.lock().unwrap().take(), Some(("sub/weights.safetensors".to_owned(), all, Some(all))));
}
