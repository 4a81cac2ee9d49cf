//! The flags that say how fast and how patiently a server is asked.

use crate::env;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use phi_openai::{Endpoint, ServerSettings};
use std::time::Duration;

/// How fast and how patiently a server is asked.
#[derive(Debug, Args)]
pub struct RequestFlags {
    /// Requests under way at once [default: 1].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    num_concurrent: Option<usize>,
    /// Requests a minute at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    requests_per_minute: Option<u32>,
    /// Tokens a minute at most, estimated at four characters each.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    tokens_per_minute: Option<u32>,
    /// Tries of a request that fails by the server's fault [default: 6].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    max_retries: Option<u32>,
    /// Ask chat servers to answer piece by piece, so that no proxy on the way cuts a long answer off.
    #[arg(long)]
    stream: bool,
    /// Seconds that an answer may take to begin, and between its pieces [default: 300].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: Option<u64>,
}

impl RequestFlags {
    /// Whether answers are to come piece by piece.
    pub fn stream(&self) -> bool {
        self.stream
    }

    /// The first of these flags that is given.
    pub fn given(&self) -> Option<&'static str> {
        let given = [
            ("--num-concurrent", self.num_concurrent.is_some()),
            ("--requests-per-minute", self.requests_per_minute.is_some()),
            ("--tokens-per-minute", self.tokens_per_minute.is_some()),
            ("--max-retries", self.max_retries.is_some()),
            ("--stream", self.stream),
            ("--timeout", self.timeout.is_some()),
        ];
        given.iter().find(|(_, is_given)| *is_given).map(|(flag, _)| *flag)
    }

    /// How a model of a server is asked; the key and the certificates come from the environment.
    pub fn settings(&self, endpoint: Endpoint, model: &str) -> ServerSettings {
        let mut settings = ServerSettings::new(endpoint, model);
        settings.api_key = env::openai_api_key();
        settings.certificates = env::certificates();
        settings.num_concurrent = self.num_concurrent.unwrap_or(settings.num_concurrent);
        settings.requests_per_minute = self.requests_per_minute;
        settings.tokens_per_minute = self.tokens_per_minute;
        settings.stream = self.stream;
        settings.backoff.attempts = self.max_retries.unwrap_or(settings.backoff.attempts);
        settings.timeout = self.timeout.map_or(settings.timeout, Duration::from_secs);
        settings
    }
}
