//! The hash that the hub names a file by: SHA-256 of a large file (LFS), git's blob hash of a small one.

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Hashes a file as its name in the cache says.
pub(crate) enum Checksum {
    Sha256(Sha256),
    Git(Sha1),
    /// The server names files in a way of its own; nothing can be checked.
    Unknown,
}

impl Checksum {
    /// For a file of this entity tag and size.
    pub fn new(etag: &str, size: Option<u64>) -> Self {
        let is_hex = etag.bytes().all(|b| b.is_ascii_hexdigit());
        match (etag.len(), size) {
            (64, _) if is_hex => Self::Sha256(Sha256::new()),
            (40, Some(size)) if is_hex => Self::Git(Sha1::new().chain_update(format!("blob {size}\0"))),
            _ => Self::Unknown,
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Git(hash) => hash.update(bytes),
            Self::Unknown => {}
        }
    }

    /// The hash in hexadecimal, if there is one.
    pub fn finish(self) -> Option<String> {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect();
        match self {
            Self::Sha256(hash) => Some(hex(&hash.finalize())),
            Self::Git(hash) => Some(hex(&hash.finalize())),
            Self::Unknown => None,
        }
    }
}
