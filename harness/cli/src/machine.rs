//! What this machine has: cores and disk.

use std::path::Path;

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Bytes that an ordinary user may still write where a path lies; none where the system doesn't tell.
pub fn free_disk_bytes(path: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(path).ok()?;
    space.f_bavail.checked_mul(space.f_frsize)
}

/// The processor's name, where Linux tells it.
pub fn processor() -> Option<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let (_, name) = cpu.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": "))?;
    Some(name.to_owned())
}
