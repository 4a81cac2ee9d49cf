//! A hub: requests with redirects, retries and a token, and what its statuses mean.

use crate::snapshot::Listing;
use crate::{HubError, HubSettings, Repo, Snapshot};
use phi_http::{Again, Answer, Fault, FaultKind, Http, excerpt, with_retries};
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How far a download is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file, as its repository names it.
    pub file: &'a str,
    /// Bytes that are here.
    pub bytes: u64,
    /// Bytes in all, where the hub says.
    pub total: Option<u64>,
}

type OnProgress = Arc<dyn Fn(&Progress<'_>) + Send + Sync>;

/// A hub and its cache. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    pub(crate) settings: Arc<HubSettings>,
    http: Http,
    progress: Option<OnProgress>,
    interrupt: Arc<AtomicBool>,
    /// What was learnt of each repository: a process sees one commit of it, however often it asks.
    pub(crate) known: Arc<Mutex<HashMap<Repo, Listing>>>,
    /// Nobody answered last time, so that patience would be wasted.
    is_gone: Arc<AtomicBool>,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Redirects that are followed; browsers stop at about twenty.
const MOST_REDIRECTS: usize = 10;
/// Bytes of an error's text that are read.
const MOST_ERROR_BYTES: u64 = 1 << 20;
/// Tries where there is no connection at all.
const MOST_TRIES_OF_NOBODY: u32 = 3;

/// An answer at the end of its redirects.
pub(crate) struct Reached {
    pub answer: Answer,
    /// The first header `X-Linked-ETag` on the way, or the last answer's `ETag`: the file's name among the blobs.
    pub etag: Option<String>,
    /// The first `X-Linked-Size` on the way, or the last answer's length.
    pub size: Option<u64>,
}

/// Why one try failed.
pub(crate) enum Tried {
    /// Another try may help.
    Passing { reason: String, wait: Option<Duration> },
    /// Nobody is there. A few tries bridge a short gap; more would only be waiting.
    NobodyThere { reason: String },
    /// It won't.
    Lasting(HubError),
}

impl From<HubError> for Tried {
    fn from(error: HubError) -> Self {
        Self::Lasting(error)
    }
}

impl Hub {
    /// A hub.
    ///
    /// # Errors
    /// [`HubError::Setting`] where `SSL_CERT_FILE` can't be used.
    pub fn new(settings: HubSettings) -> Result<Self, HubError> {
        let http = Http::new(&settings.http).map_err(|fault| HubError::Setting {
            variable: "SSL_CERT_FILE",
            value: settings.http.certificates.clone().unwrap_or_default().display().to_string(),
            reason: fault.reason,
        })?;
        Ok(Self {
            settings: Arc::new(settings),
            http,
            progress: None,
            interrupt: Arc::default(),
            known: Arc::default(),
            is_gone: Arc::default(),
        })
    }

    /// Calls a function now and then while a file comes.
    #[must_use]
    pub fn with_progress(mut self, progress: impl Fn(&Progress<'_>) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Stops with [`HubError::Interrupted`] soon after the flag is set.
    #[must_use]
    pub fn with_interrupt(mut self, interrupt: Arc<AtomicBool>) -> Self {
        self.interrupt = interrupt;
        self
    }

    /// What it goes by.
    #[must_use]
    pub fn settings(&self) -> &HubSettings {
        &self.settings
    }

    /// One commit of a repository: the newest of its revision when this hub (or a clone of it) first asked, or, where the
    /// hub can't be asked, the one that the cache has.
    ///
    /// # Errors
    /// The hub has no such repository or revision, doesn't give it, or can't be reached and the cache has none.
    pub fn snapshot(&self, repo: &Repo) -> Result<Snapshot, HubError> {
        Snapshot::open(self, repo)
    }

    pub(crate) fn report(&self, progress: &Progress<'_>) {
        if let Some(report) = &self.progress {
            report(progress);
        }
    }

    pub(crate) fn check_interrupt(&self) -> Result<(), HubError> {
        if self.interrupt.load(Ordering::Relaxed) { Err(HubError::Interrupted) } else { Ok(()) }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.settings.endpoint)
    }

    /// Tries until it succeeds or the settings' patience ends.
    pub(crate) fn patiently<T>(&self, url: &str, mut attempt: impl FnMut() -> Result<T, Tried>) -> Result<T, HubError> {
        let tries = Cell::new(0);
        let nobody = if self.is_gone.load(Ordering::Relaxed) { 1 } else { MOST_TRIES_OF_NOBODY };
        let judge = |tried: &Tried| match tried {
            Tried::Passing { wait, .. } => Again::After(*wait),
            Tried::NobodyThere { .. } if tries.get() < nobody => Again::After(None),
            Tried::NobodyThere { .. } | Tried::Lasting(_) => Again::Never,
        };
        let result = with_retries(&self.settings.backoff, &self.interrupt, judge, || {
            tries.set(tries.get() + 1);
            attempt()
        });
        self.check_interrupt()?;
        self.is_gone.store(matches!(result, Err(Tried::NobodyThere { .. })), Ordering::Relaxed);
        result.map_err(|tried| match tried {
            Tried::Lasting(error) => error,
            Tried::Passing { reason, .. } | Tried::NobodyThere { reason } => {
                HubError::Unreachable { url: url.to_owned(), reason, attempts: tries.get() }
            }
        })
    }

    /// One request, with its redirects. The token goes to the hub itself only.
    pub(crate) fn request(
        &self,
        method: Method,
        url: &str,
        what: &str,
        headers: &[(&str, &str)],
    ) -> Result<Reached, Tried> {
        let authorisation = self.settings.token.as_ref().map(|token| token.header());
        let (mut at, mut etag, mut size) = (url.to_owned(), None, None);
        for _ in 0..=MOST_REDIRECTS {
            self.check_interrupt()?;
            let mut all = vec![("accept-encoding", "identity")];
            all.extend_from_slice(headers);
            if let Some(authorisation) = authorisation.as_deref().filter(|_| origin(&at) == origin(url)) {
                all.push(("authorization", authorisation));
            }
            let answer = match method {
                Method::Get => self.http.get(&at, &all),
                Method::Head => self.http.head(&at, &all),
            };
            let answer = answer.map_err(|fault| self.tried(&at, fault))?;
            etag = etag.or_else(|| answer.header("x-linked-etag").map(str::to_owned));
            size = size.or_else(|| answer.header("x-linked-size").and_then(|size| size.parse().ok()));
            if matches!(answer.status(), 301 | 302 | 303 | 307 | 308) {
                // What is behind the redirect is a file store's matter; the name is known.
                if method == Method::Head && etag.is_some() && size.is_some() {
                    return Ok(Reached { answer, etag, size });
                }
                at = self.target(&at, &answer)?;
                continue;
            }
            if !(200..300).contains(&answer.status()) {
                return Err(self.refusal(&at, what, answer));
            }
            etag = etag.or_else(|| answer.header("etag").map(str::to_owned));
            size = size.or_else(|| answer.content_length());
            return Ok(Reached { answer, etag, size });
        }
        let (url, hops) = (url.to_owned(), MOST_REDIRECTS + 1);
        Err(HubError::Redirects { url, hops, last: at }.into())
    }

    fn target(&self, at: &str, answer: &Answer) -> Result<String, HubError> {
        let nonsense = |reason: String| HubError::Nonsense { url: at.to_owned(), reason };
        let location = answer.header("location").ok_or_else(|| nonsense("a redirect that leads nowhere".to_owned()))?;
        let target = if location.starts_with("http://") || location.starts_with("https://") {
            location.to_owned()
        } else if location.starts_with('/') && !location.starts_with("//") {
            format!("{}{location}", origin(at))
        } else {
            return Err(nonsense(format!("a redirect to {location:?}")));
        };
        if at.starts_with("https:") && target.starts_with("http:") {
            return Err(nonsense(format!("a redirect from https to {target}")));
        }
        Ok(target)
    }

    fn tried(&self, url: &str, fault: Fault) -> Tried {
        match fault.kind {
            FaultKind::NoConnection => Tried::NobodyThere { reason: fault.reason },
            FaultKind::Passing => Tried::Passing { reason: fault.reason, wait: None },
            FaultKind::Lasting => HubError::Nonsense { url: url.to_owned(), reason: fault.reason }.into(),
        }
    }

    /// What a status that isn't success means.
    fn refusal(&self, url: &str, what: &str, answer: Answer) -> Tried {
        let (status, wait) = (answer.status(), answer.retry_after());
        let code = answer.header("x-error-code").unwrap_or_default().to_owned();
        let (what, url) = (what.to_owned(), url.to_owned());
        match status {
            404 => HubError::NotFound { what, url }.into(),
            401 | 403 => {
                let anonymous = self.settings.token.is_none();
                let who = if anonymous { "somebody without a token" } else { "the owner of this token" };
                let remedy = match (code.as_str(), anonymous) {
                    ("GatedRepo", true) => "it is gated: accept its terms on its page, and set HF_TOKEN",
                    ("GatedRepo", false) => "it is gated: accept its terms on its page with the token's account",
                    (_, true) => "check its spelling; if it is private or gated, set HF_TOKEN",
                    (_, false) => "check its spelling, and that HF_TOKEN is valid and may read it",
                };
                HubError::Gated { what, who, url, status, remedy: remedy.to_owned() }.into()
            }
            _ => {
                let excerpt = excerpt(&answer.read(MOST_ERROR_BYTES).unwrap_or_default());
                if matches!(status, 408 | 429 | 500 | 502 | 503 | 504) {
                    Tried::Passing { reason: format!("status {status}: {excerpt}"), wait }
                } else {
                    HubError::Status { url, status, excerpt }.into()
                }
            }
        }
    }
}

/// The HTTP methods that a hub is read with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or(url, |end| &url[..host + end])
}
