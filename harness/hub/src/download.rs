//! One file from the hub into the cache: on from where an earlier try broke off, and checked.

use crate::cache::{RepoCache, make_parent};
use crate::checksum::Checksum;
use crate::hub::{Method, Progress, Reached, Tried};
use crate::{Hub, HubError};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

const CHUNK_BYTES: usize = 256 << 10;

/// Fetches a file; returns its name among the blobs.
pub(crate) fn fetch(hub: &Hub, cache: &RepoCache, url: &str, file: &str, what: &str) -> Result<String, HubError> {
    let Wanted { etag, size } = hub.patiently(url, || wanted(hub, url, what))?;
    let blob = cache.blob(&etag);
    if blob.is_file() {
        return Ok(etag);
    }
    make_parent(&blob)?;
    let _lock = cache.lock(&etag)?;
    if blob.is_file() {
        return Ok(etag);
    }
    let part = Part { hub, url, file, what, size, etag: &etag };
    let path = cache.incomplete(&etag);
    part.download(&path)?;
    std::fs::rename(&path, &blob).map_err(HubError::io("write", &blob))?;
    Ok(etag)
}

struct Wanted {
    etag: String,
    size: Option<u64>,
}

/// Asks what the file is called and how long it is.
fn wanted(hub: &Hub, url: &str, what: &str) -> Result<Wanted, Tried> {
    let Reached { etag, size, .. } = hub.request(Method::Head, url, what, &[])?;
    let etag = etag.unwrap_or_default();
    let etag = etag.trim_start_matches("W/").trim_matches('"');
    // It becomes a file's name.
    if etag.is_empty() || etag.len() > 200 || !etag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        let reason = format!("the entity tag {etag:?} isn't a hash");
        return Err(HubError::Nonsense { url: url.to_owned(), reason }.into());
    }
    Ok(Wanted { etag: etag.to_owned(), size })
}

/// A file on its way.
struct Part<'a> {
    hub: &'a Hub,
    url: &'a str,
    file: &'a str,
    what: &'a str,
    etag: &'a str,
    size: Option<u64>,
}

impl Part<'_> {
    fn download(&self, path: &Path) -> Result<(), HubError> {
        // Once, a wrong hash may be an old part's fault; a fresh file with a wrong hash is the server's.
        let resumed = path.metadata().is_ok_and(|it| it.len() > 0);
        match self.once(path) {
            Err(HubError::Checksum { .. }) if resumed => self.once(path),
            result => result,
        }
    }

    fn once(&self, path: &Path) -> Result<(), HubError> {
        let io = |error| HubError::io("write", path)(error);
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(path).map_err(io)?;
        loop {
            let before = file.metadata().map_err(io)?.len();
            let Err(error) = self.hub.patiently(self.url, || self.go_on(&mut file, path)) else { break };
            let got = file.metadata().map_err(io)?.len();
            match (error, self.size) {
                // A large file over a weak line: as long as it grows, it is worth another round.
                (HubError::Unreachable { .. }, _) if got >= before + self.hub.settings.slow_bytes => {}
                (HubError::Unreachable { url, reason, attempts }, Some(expected)) if got > 0 => {
                    return Err(HubError::Truncated { url, reason, attempts, got, expected });
                }
                (error, _) => return Err(error),
            }
        }
        file.sync_all().map_err(io)?;
        self.check(&mut file, path)
    }

    /// One try: asks for what isn't here yet, and appends it.
    fn go_on(&self, file: &mut File, path: &Path) -> Result<(), Tried> {
        let io = |error| Tried::from(HubError::io("write", path)(error));
        let mut have = file.seek(SeekFrom::End(0)).map_err(io)?;
        if self.size.is_some_and(|size| have > size) {
            file.set_len(0).and_then(|()| file.rewind()).map_err(io)?;
            have = 0;
        }
        if have > 0 && self.size == Some(have) {
            return Ok(());
        }
        let range = format!("bytes={have}-");
        let headers: &[(&str, &str)] = if have > 0 { &[("range", &range)] } else { &[] };
        let Reached { answer, .. } = self.hub.request(Method::Get, self.url, self.what, headers)?;
        let begins_at = format!("bytes {have}-");
        let goes_on = answer.status() == 206
            && answer.header("content-range").is_none_or(|range| range.trim().starts_with(&begins_at));
        if have > 0 && !goes_on {
            // The server doesn't know ranges: from the beginning.
            file.set_len(0).and_then(|()| file.rewind()).map_err(io)?;
            have = 0;
        }
        let end = self.size.or_else(|| answer.content_length().map(|length| have + length));
        self.copy(&mut answer.into_reader(), file, path, have, end)
    }

    fn copy(
        &self,
        from: &mut dyn Read,
        to: &mut File,
        path: &Path,
        mut have: u64,
        end: Option<u64>,
    ) -> Result<(), Tried> {
        let settings = &self.hub.settings;
        let (mut since, mut bytes_since) = (Instant::now(), 0);
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            self.hub.check_interrupt()?;
            let count = match from.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(Tried::Passing { reason: phi_http::Fault::from(error).reason, wait: None });
                }
            };
            if end.is_some_and(|end| have + count as u64 > end) {
                let reason = format!("it sends more than the {} bytes of {}", end.unwrap_or(0), self.file);
                return Err(HubError::Nonsense { url: self.url.to_owned(), reason }.into());
            }
            to.write_all(&chunk[..count]).map_err(HubError::io("write", path))?;
            have += count as u64;
            bytes_since += count as u64;
            self.hub.report(&Progress { file: self.file, bytes: have, total: end });
            if since.elapsed() >= settings.slow_window {
                if bytes_since < settings.slow_bytes && end.is_none_or(|end| have < end) {
                    let seconds = since.elapsed().as_secs_f64();
                    let reason = format!("too slow: {bytes_since} bytes in the last {seconds:.0} s");
                    return Err(Tried::Passing { reason, wait: None });
                }
                (since, bytes_since) = (Instant::now(), 0);
            }
        }
        if end.is_some_and(|end| have < end) {
            let reason = "the connection was closed in the middle of the answer".to_owned();
            return Err(Tried::Passing { reason, wait: None });
        }
        Ok(())
    }

    /// Compares the whole file with the hash that it is named by; a wrong one is thrown away.
    fn check(&self, file: &mut File, path: &Path) -> Result<(), HubError> {
        let read = |error| HubError::io("read", path)(error);
        let mut checksum = Checksum::new(self.etag, self.size);
        if matches!(checksum, Checksum::Unknown) {
            return Ok(());
        }
        file.rewind().map_err(read)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let count = file.read(&mut chunk).map_err(read)?;
            if count == 0 {
                break;
            }
            checksum.update(&chunk[..count]);
        }
        let got = checksum.finish().unwrap_or_default();
        if got == self.etag {
            return Ok(());
        }
        std::fs::remove_file(path).map_err(HubError::io("remove", path))?;
        Err(HubError::Checksum { url: self.url.to_owned(), expected: self.etag.to_owned(), got })
    }
}
