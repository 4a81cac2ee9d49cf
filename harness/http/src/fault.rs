//! Why no answer came.

/// A request without an answer: what kind of fault, and what the system says of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// One sentence.
    pub reason: String,
}

/// Kinds of fault, by whether waiting can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// There is no connection at all: no network, no such host, nothing listening. It may pass, but seldom soon.
    NoConnection,
    /// The connection breaks, or time runs out: another try may help.
    Passing,
    /// The address, the certificate or the answer is wrong: another try won't help.
    Lasting,
}

impl Fault {
    /// A fault that another try won't mend.
    pub fn lasting(reason: impl Into<String>) -> Self {
        Self { kind: FaultKind::Lasting, reason: reason.into() }
    }

    /// A fault before anything was sent.
    pub fn no_connection(reason: impl Into<String>) -> Self {
        Self { kind: FaultKind::NoConnection, reason: reason.into() }
    }

    /// A fault that may pass.
    pub fn passing(reason: impl Into<String>) -> Self {
        Self { kind: FaultKind::Passing, reason: reason.into() }
    }
}

impl From<ureq::Error> for Fault {
    fn from(error: ureq::Error) -> Self {
        use ureq::Error as E;
        match error {
            E::Io(error) => error.into(),
            E::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => Self::no_connection("no connection in time"),
            E::Timeout(of) => Self::passing(format!("no answer in time ({of})")),
            E::HostNotFound => Self::no_connection("the host's name can't be found"),
            E::ConnectionFailed => Self::no_connection("no connection"),
            E::Protocol(error) => Self::passing(format!("the answer isn't HTTP, or ends too early: {error}")),
            E::BodyExceedsLimit(limit) => Self::lasting(format!("the answer is larger than {limit} bytes")),
            E::BadUri(uri) => Self::lasting(format!("{uri} isn't an address")),
            other => Self::lasting(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as K;
        // `ureq` hands its own errors through readers wrapped in an I/O error.
        if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) {
            let inner = error.into_inner().and_then(|inner| inner.downcast::<ureq::Error>().ok());
            return inner.map_or_else(|| Self::passing("the connection broke"), |inner| Self::from(*inner));
        }
        match error.kind() {
            K::ConnectionRefused => Self::no_connection("nothing listens there (connection refused)"),
            K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown => Self::no_connection(error.to_string()),
            K::UnexpectedEof => Self::passing("the connection was closed in the middle of the answer"),
            K::TimedOut | K::WouldBlock => Self::passing("no answer in time"),
            K::InvalidData => Self::lasting(error.to_string()),
            _ => Self::passing(error.to_string()),
        }
    }
}

/// The beginning of an answer's text, on one line, for a message.
#[must_use]
pub fn excerpt(body: &[u8]) -> String {
    const CHARS: usize = 200;
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * CHARS)]);
    let printable: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = printable.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None if line.is_empty() => "nothing".to_owned(),
        None => line,
    }
}
