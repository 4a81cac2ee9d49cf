//! Waits, and what is made of answers.
#![allow(clippy::unwrap_used)]

use phi_http::{Backoff, FaultKind, Http, HttpSettings, excerpt, retry_after};
use phi_loopback::{Reply, Server};
use std::time::Duration;

#[test]
fn waits_double_up_to_the_most_and_never_undercut_the_server_s_wish() {
    let backoff = Backoff { attempts: 9, first_ms: 100, most_ms: 1000 };
    let waits = |jitter| (0..6).map(|i| backoff.wait(i, None, jitter).as_millis()).collect::<Vec<_>>();
    assert_eq!(waits(0.0), [50, 100, 200, 400, 500, 500]);
    assert_eq!(waits(0.5), [75, 150, 300, 600, 750, 750]);
    assert_eq!(backoff.wait(0, Some(Duration::from_millis(700)), 0.5), Duration::from_millis(700));
    assert_eq!(backoff.wait(0, Some(Duration::from_secs(3600)), 0.5), Duration::from_secs(1), "patience ends");
    assert_eq!(backoff.wait(u32::MAX, None, 0.0), Duration::from_millis(500));
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    assert_eq!(retry_after(" 1.5 "), Some(Duration::from_millis(1500)));
    assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
    assert!(retry_after("Fri, 31 Dec 9999 23:59:59 GMT").unwrap() > Duration::from_secs(1 << 30));
    for wrong in ["", "soon", "-1", "NaN", "1e300"] {
        assert_eq!(retry_after(wrong), None, "{wrong}");
    }
}

#[test]
fn an_excerpt_is_one_short_line() {
    assert_eq!(excerpt(b" <p>\n\tno\x1b[31m </p> "), "<p> no [31m </p>");
    assert_eq!(excerpt(b"\n"), "nothing");
    assert_eq!(excerpt(&"ü".repeat(5000).into_bytes()).chars().count(), 204);
    assert!(excerpt(&[0xff, b'a']).contains('a'));
}

#[test]
fn an_answer_larger_than_asked_for_is_refused() {
    let server = Server::start(|_| Reply::new(200, vec![b'x'; 1000]));
    let http = Http::new(&HttpSettings::default()).unwrap();
    assert_eq!(http.get(server.url(), &[]).unwrap().read(1000).unwrap().len(), 1000);
    let fault = http.get(server.url(), &[]).unwrap().read(999).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Lasting);
    assert!(fault.reason.contains("999"), "{fault}");
}

#[test]
fn certificates_that_are_none_are_named() {
    let file = std::env::temp_dir().join(format!("phi-http-{}.pem", std::process::id()));
    std::fs::write(&file, "not a certificate").unwrap();
    let fault = Http::new(&HttpSettings { certificates: Some(file.clone()), ..HttpSettings::default() }).unwrap_err();
    std::fs::remove_file(&file).unwrap();
    assert!(fault.reason.contains(&file.display().to_string()) && fault.reason.contains("SSL_CERT_FILE"), "{fault}");
    let fault = Http::new(&HttpSettings { certificates: Some(file), ..HttpSettings::default() }).unwrap_err();
    assert!(fault.reason.contains("No such file"), "{fault}");
}
