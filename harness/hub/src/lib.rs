//! Files of models and data sets on a Hugging Face hub.
//!
//! A [`Hub`] fetches a repository's files into the hub's own cache (`$HF_HOME/hub`, with its `blobs`, `refs` and
//! `snapshots`), so that what `huggingface_hub` and `transformers` fetched is found, and they find what this fetched.
//!
//! - A [`Snapshot`] is one commit of a repository: all files that are read through it belong together, even where the
//!   branch moves meanwhile.
//! - A download that breaks off goes on where it was, at once or in the next run. Its SHA-256 (or git's hash) is checked
//!   before it gets its name; two processes don't fetch the same file at once.
//! - A server that is busy, slow or gone is tried again with growing waits. What it says in the end is one [`HubError`].
//! - A [`DatasetSplit`] finds the files of a data set's split, as the library `datasets` does.
//! - Without the hub (`HF_HUB_OFFLINE`, or nobody answers) the cache is read.
//!
//! The crate `hf-hub` was looked at first. Its blocking client checks no checksums, knows no offline mode, waits for ever
//! on a silent server, and lists no blobs; and it brings its own progress bars. So this is a client of our own, small, on
//! `ureq`.
//!
//! ```no_run
//! use phi_hub::{Hub, HubSettings, Repo};
//!
//! # fn main() -> Result<(), phi_hub::HubError> {
//! let settings = HubSettings::from_variables(&|name| std::env::var(name).ok())?;
//! let snapshot = Hub::new(settings)?.snapshot(&Repo::model("microsoft/phi-1")?)?;
//! let config = snapshot.file("config.json")?;
//! # Ok(())
//! # }
//! ```

mod api;
mod cache;
mod checksum;
mod dataset;
mod download;
mod error;
mod hub;
mod model_files;
mod repo;
mod settings;
mod snapshot;

pub use dataset::{DatasetError, DatasetSplit};
pub use error::HubError;
pub use hub::{Hub, Progress};
pub use repo::{Repo, RepoKind};
pub use settings::{HubSettings, Token};
pub use snapshot::Snapshot;
