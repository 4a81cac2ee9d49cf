//! One request.

use crate::{Fault, retry_after};
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;
use ureq::http;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// How long to wait, and whom to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// For a connection.
    pub connect: Duration,
    /// For the first byte of an answer.
    pub first_byte: Duration,
    /// For the next bytes of an answer.
    pub stall: Duration,
    /// A file of PEM certificates to trust in place of Mozilla's (the environment variable `SSL_CERT_FILE`).
    pub certificates: Option<PathBuf>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            certificates: None,
        }
    }
}

/// A client: connections are kept and used again, by several threads if need be. Proxies are taken from `HTTPS_PROXY`,
/// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
#[derive(Debug, Clone)]
pub struct Http {
    agent: ureq::Agent,
}

/// What a server said; a status of any kind.
pub struct Answer {
    response: http::Response<ureq::Body>,
}

impl Http {
    /// A client.
    ///
    /// # Errors
    /// The file of certificates can't be read, or holds none.
    pub fn new(settings: &HttpSettings) -> Result<Self, Fault> {
        let mut tls = TlsConfig::builder();
        if let Some(path) = &settings.certificates {
            let fault = |reason: String| Fault::lasting(format!("certificates in {}: {reason}", path.display()));
            let pem = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
            let certificates: Vec<_> = parse_pem(&pem)
                .filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect();
            if certificates.is_empty() {
                return Err(fault("there are none; SSL_CERT_FILE must name a PEM file".to_owned()));
            }
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates));
        }
        let config = ureq::Agent::config_builder()
            .tls_config(tls.build())
            .user_agent(concat!("phi-bench/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(settings.connect))
            .timeout_recv_response(Some(settings.first_byte))
            .timeout_per_read(Some(settings.stall))
            .build();
        Ok(Self { agent: config.new_agent() })
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// No answer came.
    pub fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.run("GET", url, headers, &[])
    }

    /// Asks for a page's headers.
    ///
    /// # Errors
    /// No answer came.
    pub fn head(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.run("HEAD", url, headers, &[])
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// No answer came.
    pub fn post_json(&self, url: &str, headers: &[(&str, &str)], json: &serde_json::Value) -> Result<Answer, Fault> {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.run("POST", url, &all, json.to_string().as_bytes())
    }

    fn run(&self, method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, Fault> {
        let mut request = http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bad = |error: http::Error| Fault::lasting(format!("{url} can't be asked for: {error}"));
        let response = if method == "POST" {
            self.agent.run(request.body(body).map_err(bad)?)?
        } else {
            self.agent.run(request.body(()).map_err(bad)?)?
        };
        Ok(Answer { response })
    }
}

impl Answer {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header's text, if there is such a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The length that the server promises.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.header("content-length").and_then(|text| text.parse().ok())
    }

    /// The wait that the server asks for.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after").and_then(retry_after)
    }

    /// The body, read as it comes.
    pub fn into_reader(self) -> impl Read {
        self.response.into_body().into_reader()
    }

    /// The whole body.
    ///
    /// # Errors
    /// The connection breaks, or the body has more than `most` bytes.
    pub fn read(self, most: u64) -> Result<Vec<u8>, Fault> {
        let promised = self.content_length();
        let body = self.response.into_body().into_with_config().limit(most).read_to_vec()?;
        if promised.is_some_and(|length| body.len() as u64 != length) {
            return Err(Fault::passing("the connection was closed in the middle of the answer"));
        }
        Ok(body)
    }
}
