//! The hub's client, against a hub on loopback that misbehaves on demand.
#![allow(clippy::unwrap_used)]

mod cache;
mod datasets;
mod faults;
mod models;
mod names;

use phi_http::Backoff;
use phi_hub::{Hub, HubSettings};
use phi_loopback::{FakeHub, Server};
use std::path::Path;
use std::time::Duration;

/// Settings for a server and a cache, with little patience.
pub fn settings(server: &Server, cache: &Path) -> HubSettings {
    let mut settings = HubSettings::new(cache.to_owned());
    server.url().clone_into(&mut settings.endpoint);
    settings.backoff = Backoff { attempts: 3, first_ms: 1, most_ms: 20 };
    settings.http.first_byte = Duration::from_millis(300);
    settings.http.stall = Duration::from_millis(300);
    settings
}

/// A hub with a model of a small file and a large one.
pub fn model() -> FakeHub {
    FakeHub::default().with("org/tiny", "config.json", "{\"model_type\": \"phi\"}").with(
        "org/tiny",
        "sub/weights.safetensors",
        weights(),
    )
}

/// The large file.
pub fn weights() -> Vec<u8> {
    (0..100_000u32).flat_map(u32::to_le_bytes).collect()
}

/// A hub of these settings.
pub fn hub(settings: HubSettings) -> Hub {
    Hub::new(settings).unwrap()
}
