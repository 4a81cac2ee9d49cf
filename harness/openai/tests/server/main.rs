//! The client and the served model, against a server on loopback that misbehaves on demand.
#![allow(clippy::unwrap_used)]

mod address;
mod fake;
mod faults;
mod generation;
mod limits;
mod scores;

use phi_http::Backoff;
use phi_loopback::Server;
use phi_openai::{Client, Encoder, Endpoint, ServedModel, ServerSettings};
use std::time::Duration;

/// Settings with little patience.
pub fn settings(endpoint: Endpoint) -> ServerSettings {
    let mut settings = ServerSettings::new(endpoint, "fake-model");
    settings.backoff = Backoff { attempts: 3, first_ms: 1, most_ms: 20 };
    settings.timeout = Duration::from_millis(500);
    settings
}

/// The model behind `completions`.
pub fn completions(server: &Server) -> ServedModel {
    ServedModel::new(Client::new(settings(Endpoint::completions(server.url()).unwrap())).unwrap())
}

/// The model behind `chat/completions`.
pub fn chat(server: &Server) -> ServedModel {
    ServedModel::new(Client::new(settings(Endpoint::chat(server.url()).unwrap())).unwrap())
}

/// A token a character; the prefix token is 0.
pub fn characters() -> Encoder {
    Encoder::new(0, |text| Ok(text.chars().map(u32::from).collect()))
}
